//! Serving over HTTPS: the options, their mistakes, and what a client with the local CA sees.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::harness::{Program, Server, chapbook, listening_on, skipped};

/// A folder for the state of the user, with a certificate `c` and its key `k` if OpenSSL is
/// installed.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("there is space");
    let made = openssl(
        folder.path(),
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k -out c -days 30 \
         -subj /CN=a -addext subjectAltName=IP:127.0.0.1",
    );
    if !made {
        skipped("openssl is not installed");
    }
    folder
}

fn openssl(folder: &Path, arguments: &str) -> bool {
    let program = Program::new("openssl").args(arguments.split_whitespace()).cwd(folder);
    program.run_if_installed().is_some()
}

/// A server with this state, on any port.
fn serve(folder: &Path, arguments: &str) -> Program {
    let program = chapbook().args(["--port", "0"]).args(arguments.split_whitespace()).cwd(folder);
    program.env("XDG_STATE_HOME", folder)
}

/// The status and the target of a redirect, with this CA; `None` if curl refuses the certificate.
fn curl(folder: &Path, ca: &str, url: &str) -> Option<String> {
    let program = Program::new("curl").args(["-sS", "-o", "out", "--cacert", ca]).cwd(folder);
    program.args(["-w", "%{http_code} %{redirect_url}", url]).run_if_installed()
}

fn has_curl() -> bool {
    let is_installed = Program::new("curl").arg("--version").run_if_installed().is_some();
    if !is_installed {
        skipped("curl is not installed");
    }
    is_installed
}

#[test]
fn a_client_with_the_local_ca_is_served_and_others_are_redirected() {
    let folder = folder();
    let Server { mut process, address } = serve(folder.path(), "--https").serve();
    let warning = process.stderr_line();
    assert!(warning.contains("only other machines need --https; add --lan"), "{warning}");
    if has_curl() {
        let ca = "chapbook/ca/ca.pem";
        let port = address.port();
        let get = |url: &str| curl(folder.path(), ca, &url.replace("PORT", &port.to_string()));
        let redirect = format!("308 https://127.0.0.1:{port}/book?a=1");
        assert_eq!(get("https://127.0.0.1:PORT/book").as_deref(), Some("200 "));
        assert_eq!(get("https://localhost:PORT/").as_deref(), Some("200 "));
        assert_eq!(get("http://localhost:PORT/").as_deref(), Some("200 "));
        assert_eq!(get("http://127.0.0.1:PORT/book?a=1"), Some(redirect));
        for path in ["ca", "ca.cer", "ca.mobileconfig"] {
            let url = format!("http://127.0.0.1:PORT/.well-known/chapbook/{path}");
            assert_eq!(get(&url).as_deref(), Some("200 "), "{path}");
        }
        let other = curl(folder.path(), "c", &format!("https://127.0.0.1:{port}/"));
        assert_eq!(other, None);
    }
    let state = fs::read(folder.path().join("chapbook/ca/ca.pem")).expect("it is kept");
    drop(process.kill());
    let again = serve(folder.path(), "--https").serve();
    assert_eq!(fs::read(folder.path().join("chapbook/ca/ca.pem")).expect("it is kept"), state);
    drop(again);
}

#[test]
fn a_certificate_of_the_user_is_served() {
    let folder = folder();
    if !folder.path().join("c").exists() {
        return;
    }
    let by_option = serve(folder.path(), "--tls-cert c --tls-key k");
    let by_variable =
        serve(folder.path(), "").env("CHAPBOOK_TLS_CERT", "c").env("CHAPBOOK_TLS_KEY", "k");
    for program in [by_option, by_variable] {
        let server = program.serve();
        if has_curl() {
            let url = format!("https://{}/", server.address);
            assert_eq!(curl(folder.path(), "c", &url).as_deref(), Some("200 "));
        }
        assert!(!folder.path().join("chapbook").exists(), "no CA is made");
        assert_eq!(server.process.terminate().stderr, "");
    }
}

#[test]
fn every_url_for_programs_is_one_of_https() {
    let folder = folder();
    let mut process = serve(folder.path(), "--https --lan").spawn();
    let first = process.stdout_line();
    assert!(first.starts_with("Listening on https://"), "{first}");
    assert!(listening_on(&first).is_some(), "{first}");
    let output = process.terminate();
    let rest = output.stdout.lines().filter(|it| it.starts_with("Listening"));
    assert!(rest.into_iter().all(|it| it.starts_with("Listening on https://")), "{output:?}");
}

#[test]
fn mistakes_have_one_line_and_what_to_do() {
    let folder = folder();
    if !folder.path().join("c").exists() {
        return;
    }
    assert!(openssl(
        folder.path(),
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out o"
    ));
    assert!(openssl(folder.path(), "x509 -in c -outform der -out der"));
    assert!(openssl(folder.path(), "req -x509 -key o -subj /CN=a -days 3 -out soon"));
    let rows = [
        ("--https --tls-cert c --tls-key k", 2, "--https (or CHAPBOOK_HTTPS) makes a"),
        ("--tls-cert c", 2, "--tls-cert needs --tls-key"),
        ("--tls-key k", 2, "--tls-key needs --tls-cert"),
        ("--tls-cert gone --tls-key k", 1, "cannot use `gone` of --tls-cert: "),
        ("--tls-cert . --tls-key k", 1, "cannot use `.` of --tls-cert: "),
        ("--tls-cert c --tls-key gone", 1, "cannot use `gone` of --tls-key: "),
        ("--tls-cert k --tls-key c", 1, "cannot use `k` of --tls-cert: it has a private key and"),
        ("--tls-cert der --tls-key k", 1, "cannot use `der` of --tls-cert: it is in DER"),
        ("--tls-cert c --tls-key o", 1, "cannot use `o` of --tls-key: the private key belongs to"),
    ];
    for (arguments, status, expected) in rows {
        let message = serve(folder.path(), arguments).run().failed(status);
        assert!(message.contains(expected), "{arguments}: {message}");
        assert!(status == 2 || message.lines().count() == 1, "{arguments}: {message}");
    }
    let by_variable = serve(folder.path(), "--tls-key k").env("CHAPBOOK_TLS_CERT", "gone");
    let message = by_variable.run().failed(1);
    assert!(message.contains("cannot use `gone` of CHAPBOOK_TLS_CERT: "), "{message}");
    let mut soon = serve(folder.path(), "--tls-cert soon --tls-key o").serve();
    let warning = soon.process.stderr_line();
    assert!(warning.starts_with("chapbook: the certificate `soon` expires on 20"), "{warning}");
}

#[test]
fn the_urls_are_those_of_the_certificate() {
    let folder = folder();
    let rows = [
        ("DNS:*.a.example,DNS:localhost", "", None),
        ("DNS:localhost", "--lan", Some("the certificate is for `localhost`; other names ")),
        ("DNS:*.a.example", "", Some("the certificate is for `*.a.example`; other names ")),
        ("email:a@a.example", "", Some("none of the addresses and no DNS name, ")),
    ];
    for (names, option, expected) in rows {
        let made =
            format!("req -x509 -key k -subj /CN=a -days 30 -out n -addext subjectAltName={names}");
        if !openssl(folder.path(), &made) {
            return;
        }
        let arguments = format!("--tls-cert n --tls-key k {option}");
        let stderr = serve(folder.path(), &arguments).serve().process.terminate().stderr;
        assert_eq!(stderr.lines().count(), usize::from(expected.is_some()), "{stderr}");
        assert!(stderr.contains(expected.unwrap_or_default()), "{stderr}");
    }
    let mut process = serve(folder.path(), "--tls-cert n --tls-key k --lan").spawn();
    assert!(process.stdout_line().starts_with("Listening on https://127.0.0.1:"));
}

#[test]
fn a_ca_that_cannot_be_used_or_kept_has_a_message() {
    let folder = folder();
    drop(serve(folder.path(), "--https").serve());
    fs::write(folder.path().join("chapbook/ca/key.pem"), "{}").expect("it is ours");
    let message = serve(folder.path(), "--https").run().failed(1);
    assert!(message.contains("its description is damaged; remove it with `chapbook "), "{message}");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("there is space");
    // The second one cannot even be looked up, like one in the home folder of another user.
    for state in [file, folder.path().join("x".repeat(300))] {
        let mut server = serve(folder.path(), "--https").env("XDG_STATE_HOME", &state).serve();
        let _about_lan = server.process.stderr_line();
        let warning = server.process.stderr_line();
        assert!(warning.contains("devices have to trust a new CA after each start"), "{warning}");
    }
    let homeless = serve(folder.path(), "--https --lan").without_env("XDG_STATE_HOME");
    let mut server = homeless.without_env("HOME").without_env("USERPROFILE").serve();
    let warning = server.process.stderr_line();
    assert!(warning.contains("there is no home folder; devices have to trust"), "{warning}");
}
