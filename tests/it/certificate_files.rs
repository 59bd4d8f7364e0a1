//! Certificates and keys that OpenSSL made, as `--tls-cert` and `--tls-key` read them.

use std::{path::Path, time::SystemTime};

use chapbook::tls::{CertificateFiles, TlsConfig};

use crate::harness::{Program, skipped};

/// How a key is made, and what is wrong with it.
const KEYS: [(&str, Option<&str>); 15] = [
    ("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048", None),
    ("genrsa -traditional 2048", None),
    ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", None),
    ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384", None),
    ("ecparam -name prime256v1 -genkey", None),
    ("ecparam -name secp384r1 -genkey -noout", None),
    ("genpkey -algorithm ED25519", None),
    ("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024", Some("not supported; ")),
    ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1", Some("not supported; ")),
    ("genpkey -algorithm ED448", Some("not supported; ")),
    ("genrsa -aes128 -passout pass:x 2048", Some("is encrypted; ")),
    ("genrsa -aes128 -passout pass:x -traditional 2048", Some("is encrypted; ")),
    ("ecparam -name prime256v1 -genkey -outform DER", Some("it is in DER and not in PEM; ")),
    ("genpkey -algorithm RSA -outform DER", Some("it is in DER and not in PEM; ")),
    ("ecparam -name prime256v1", Some("it has no private key; ")),
];

fn openssl(folder: &Path, arguments: &str) -> bool {
    let program = Program::new("openssl").args(arguments.split(' ')).cwd(folder);
    program.run_if_installed().is_some()
}

/// What is wrong with the files `cert` and `key`.
fn problem(folder: &Path) -> Option<String> {
    let (certificate, key) = (folder.join("cert"), folder.join("key"));
    match CertificateFiles::read(&certificate, &key, SystemTime::now()) {
        Ok(files) => TlsConfig::new(files.certified).err().map(|it| it.to_string()),
        Err(error) => Some(error.to_string()),
    }
}

#[test]
fn each_kind_of_key_is_read_or_has_a_message() {
    let folder = tempfile::tempdir().expect("there is space");
    if !openssl(folder.path(), "version") {
        return skipped("openssl is not installed");
    }
    for (command, expected) in KEYS {
        let made = command.replacen(' ', " -out key ", 1);
        assert!(openssl(folder.path(), &made), "{command}");
        let form = if command.contains("DER") { "DER" } else { "PEM" };
        let request = "req -x509 -days 30 -subj /CN=a.example -passin pass:x -out cert -key key";
        let has_certificate = openssl(folder.path(), &format!("{request} -keyform {form}"));
        assert!(has_certificate || expected.is_some(), "{command}");
        let problem = problem(folder.path());
        assert_eq!(problem.is_some(), expected.is_some(), "{command}: {problem:?}");
        if let (Some(problem), Some(expected)) = (problem, expected) {
            assert!(problem.contains(expected), "{command}: {problem}");
        }
    }
}

#[test]
fn certificates_of_an_old_version_and_archives_have_a_message() {
    let folder = tempfile::tempdir().expect("there is space");
    let make = |commands: &[&str]| commands.iter().all(|it| openssl(folder.path(), it));
    let key = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key";
    if !make(&[key, "req -new -key key -subj /CN=a -out request"]) {
        return skipped("openssl is not installed");
    }
    assert!(make(&["x509 -req -in request -signkey key -days 30 -out cert"]));
    let old = problem(folder.path()).expect("it has version 1");
    assert!(old.contains("an old version of X.509 without extensions"), "{old}");
    assert!(make(&["req -x509 -key key -subj /CN=a -days 30 -out pem"]));
    assert!(make(&["pkcs12 -export -in pem -inkey key -passout pass:x -out cert"]));
    let archive = problem(folder.path()).expect("it is an archive");
    assert!(archive.contains("convert it with `openssl pkcs12 -nodes "), "{archive}");
    assert!(make(&["x509 -in pem -outform der -out cert"]));
    let der = problem(folder.path()).expect("it is DER");
    assert!(der.contains("convert it with `openssl x509 -inform der "), "{der}");
}
