//! The local CA: the command `ca`, and what other programs accept.

use std::{fs, net::IpAddr, path::Path, time::SystemTime};

use chapbook::tls::{AuthorityFolder, Hosts, trust_files};
use rustls::pki_types::CertificateDer;
use tempfile::TempDir;

use crate::harness::{Program, chapbook, page, run, skipped, write};

/// The command, with this folder as the state of the user.
fn ca(state: &Path, arguments: &str) -> Program {
    let program = chapbook().arg("ca").args(arguments.split(' ')).cwd(state);
    program.env("XDG_STATE_HOME", state)
}

fn state() -> TempDir {
    tempfile::tempdir().expect("there is space")
}

fn openssl(folder: &Path, arguments: &[&str]) -> Option<String> {
    let ran = Program::new("openssl").args(arguments).cwd(folder).run_if_installed();
    if ran.is_none() && Program::new("openssl").arg("version").run_if_installed().is_none() {
        skipped("openssl is not installed");
    }
    ran
}

#[test]
fn the_ca_is_made_exported_and_forgotten() {
    let state = state();
    let path = state.path().join("chapbook/ca");
    let missing = ca(state.path(), "path").run().failed(1);
    assert!(missing.contains("there is no local CA yet; `chapbook ca export` makes"), "{missing}");
    let nothing = ca(state.path(), "forget").run().succeeded();
    assert_eq!(nothing, "there is no local CA; nothing was removed\n");

    let exported = ca(state.path(), "export").run();
    assert_eq!(exported.stderr, format!("chapbook: made a local CA in `{}`\n", path.display()));
    let pem = fs::read_to_string(path.join("ca.pem")).expect("it was made");
    assert_eq!(exported.stdout, pem);
    let found = ca(state.path(), "path").run().succeeded();
    assert_eq!(found, format!("{}\n", path.join("ca.pem").display()));

    let removed = ca(state.path(), "forget").run().succeeded();
    let [first, second] = removed.lines().collect::<Vec<_>>()[..] else { panic!("{removed}") };
    assert_eq!(first, format!("removed `{}`", path.display()));
    assert!(second.starts_with("remove \"Chapbook CA of "), "{second}");
    assert!(!path.exists());
}

#[test]
fn each_form_of_the_certificate_has_its_extension() {
    let state = state();
    let is_form = |name: &str, bytes: &[u8]| match name.rsplit('.').next() {
        Some("pem" | "crt") => bytes.starts_with(b"-----BEGIN CERTIFICATE-----\n"),
        Some("cer" | "DER") => bytes.starts_with(&[0x30, 0x82]),
        _ => bytes.starts_with(b"<?xml ") && bytes.ends_with(b"</plist>\n"),
    };
    for name in ["a.pem", "a.crt", "a.cer", "a.DER", "a.mobileconfig"] {
        let arguments = format!("export -o {name}");
        let shown = ca(state.path(), &arguments).run().succeeded();
        assert!(shown.starts_with(&format!("{name}: Chapbook CA of ")), "{shown}");
        let written = fs::read(state.path().join(name)).expect("it is written");
        assert!(is_form(name, &written), "{name}");
        let again = ca(state.path(), &arguments).run().failed(1);
        let expected = format!("chapbook: `{name}` already exists; use --force to overwrite it\n");
        assert_eq!(again, expected);
        ca(state.path(), &format!("{arguments} --force")).run().succeeded();
    }
    if let Some(shown) =
        openssl(state.path(), &["x509", "-in", "a.crt", "-noout", "-fingerprint", "-sha256"])
    {
        let ours = ca(state.path(), "export -o a.pem --force").run().succeeded();
        let ours: Vec<&str> = ours.lines().skip(2).map(str::trim).collect();
        assert!(shown.trim_end().ends_with(&ours.join(":")), "{shown}{ours:?}");
    }
}

#[test]
fn mistakes_have_a_message_with_what_to_do() {
    let rows = [
        ("export -o ca", 2, "let its name end with .pem, "),
        ("path -o a.pem", 2, "--output is for `export` only; "),
        ("path --force", 2, "--output <FILE>"),
        ("show", 2, "[possible values: path, export, forget]"),
        ("export -o gone/a.pem", 1, "cannot write `gone/a.pem`: "),
    ];
    for (arguments, status, expected) in rows {
        let state = state();
        let message = ca(state.path(), arguments).run().failed(status);
        assert!(message.contains(expected), "{arguments}: {message}");
    }
    let state = state();
    let file = state.path().join("file");
    fs::write(&file, "").expect("there is space");
    let message = ca(&file, "export").cwd(state.path()).run().failed(1);
    assert!(message.contains("cannot keep the local CA in `"), "{message}");
    let message = chapbook().args(["ca", "path"]).without_env("XDG_STATE_HOME");
    let message = message.without_env("HOME").without_env("USERPROFILE").run().failed(1);
    assert!(message.contains("set HOME to your home folder"), "{message}");
    ca(state.path(), "export").run().succeeded();
    fs::write(state.path().join("chapbook/ca/key.pem"), "x").expect("it is ours");
    let message = ca(state.path(), "path").run().failed(1);
    assert!(message.contains("its description is damaged; remove it with `"), "{message}");
    ca(state.path(), "forget").run().succeeded();
}

#[test]
fn the_page_for_phones_has_no_mistake() {
    let state = state();
    let folder = AuthorityFolder::in_state(state.path());
    let authority = folder.in_memory(Some("nas1.lan"), SystemTime::now()).expect("it can sign");
    let site = state.path().join("site");
    write(&site, "index.html", page("Hello"));
    for file in trust_files(&authority, "/", true) {
        let path = file.key.trim_start_matches('/');
        let extension = if path.ends_with("/ca") { ".html" } else { "" };
        write(&site, &format!("{path}{extension}"), &file.content);
    }
    let report = run(["check", &site.display().to_string()]).succeeded();
    assert!(report.ends_with("3 links checked, 0 errors, 0 warnings\n"), "{report}");
}

#[test]
fn a_ca_that_no_server_uses_is_not_exported() {
    let (first, second) = (state(), state());
    let key = |state: &TempDir| state.path().join("chapbook/ca/key.pem");
    let read = |state: &TempDir| fs::read_to_string(key(state)).expect("it was made");
    for state in [&first, &second] {
        ca(state.path(), "export").run().succeeded();
    }
    let (own, other) = (read(&first), read(&second));
    let certificate = |text: &str| text.rfind("-----BEGIN ").unwrap_or_default();
    let mixed = own[..certificate(&own)].to_owned() + &other[certificate(&other)..];
    fs::write(key(&first), mixed).expect("it is ours");
    for arguments in ["export", "export -o a.cer", "path"] {
        let message = ca(first.path(), arguments).run().failed(1);
        assert!(message.contains("its files do not belong together; remove it"), "{message}");
    }
    assert!(!first.path().join("a.cer").exists());
}

/// What the program accepts, beside webpki: OpenSSL with its strict checks.
#[test]
fn openssl_accepts_an_issued_certificate_and_refuses_names_outside_the_constraints() {
    let state = state();
    let folder = AuthorityFolder::in_state(state.path());
    let now = SystemTime::now();
    let (authority, _) = folder.load_or_create(Some("nas1.lan"), now).expect("there is space");
    let address = |text: &str| -> IpAddr { text.parse().expect("it is an address") };
    let addresses = ["192.168.1.5", "8.8.8.8", "fd00::1"].map(address);
    let names = ["demo.localhost"];
    let hosts = Hosts { addresses: &addresses, host_name: Some("nas1.lan"), names: &names };
    let leaf = folder.issue(&authority, hosts, now).expect("it is consistent");
    let der: &CertificateDer<'_> = leaf.certified.cert.first().expect("there is a certificate");
    fs::write(state.path().join("leaf.der"), der).expect("there is space");
    let to_pem = ["x509", "-inform", "der", "-in", "leaf.der", "-out", "leaf.pem"];
    if openssl(state.path(), &to_pem).is_none() {
        return;
    }
    let ca_path = folder.certificate_file(&authority).expect("it is written");
    let ca_path = ca_path.display().to_string();
    let rows = [
        ("-verify_ip", "192.168.1.5", true),
        ("-verify_ip", "127.0.0.1", true),
        ("-verify_ip", "::1", true),
        ("-verify_ip", "fd00::1", true),
        ("-verify_ip", "8.8.8.8", false),
        ("-verify_hostname", "localhost", true),
        ("-verify_hostname", "demo.localhost", true),
        ("-verify_hostname", "nas1.local", true),
        ("-verify_hostname", "nas1.lan", true),
        ("-verify_hostname", "example.com", false),
    ];
    for (kind, name, expected) in rows {
        let arguments =
            ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", &ca_path, kind, name];
        let arguments: Vec<&str> = arguments.into_iter().chain(["leaf.pem"]).collect();
        assert_eq!(openssl(state.path(), &arguments).is_some(), expected, "{name}");
    }
    other_names_are_refused(state.path(), &ca_path, &folder);
}

/// Signs certificates for other names with the key of the CA, as a thief of the key could.
fn other_names_are_refused(folder: &Path, ca_path: &str, kept: &AuthorityFolder) {
    let key = kept.path().join("key.pem").display().to_string();
    let rows = [
        ("IP:10.0.0.7", "/O=x", true),
        ("DNS:nas1.lan", "/O=x", true),
        ("DNS:example.com", "/O=x", false),
        ("DNS:localhost,DNS:example.com", "/O=x", false),
        ("IP:8.8.8.8", "/O=x", false),
        ("IP:100.64.0.1", "/O=x", false),
    ];
    for (names, subject, expected) in rows {
        let extension = format!("subjectAltName={names}");
        let made = openssl(
            folder,
            &[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                "other.key",
                "-out",
                "other.pem",
                "-subj",
                subject,
                "-CA",
                ca_path,
                "-CAkey",
                &key,
                "-addext",
                &extension,
                "-addext",
                "basicConstraints=critical,CA:FALSE",
            ],
        );
        assert!(made.is_some(), "openssl signs");
        let verified = openssl(folder, &["verify", "-CAfile", ca_path, "other.pem"]).is_some();
        assert_eq!(verified, expected, "{names}");
    }
}
