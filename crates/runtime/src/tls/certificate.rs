//! A certificate of the user and its private key, from PEM files.

use std::{
    fs::File,
    io::Read,
    net::IpAddr,
    path::Path,
    time::{Duration, SystemTime},
};

use rustls::{
    crypto::ring::sign::any_supported_type,
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName, UnixTime,
        pem::{PemObject, SectionKind},
    },
    sign::CertifiedKey,
};
use webpki::{EndEntityCert, Error, KeyUsage};

use super::{
    certificate_error::{CertificateError, Problem},
    validity::{DAY, Validity, date, seconds},
};

/// Maximum length of a file: a chain with large keys has a few kB, and a device may have no end.
const FILE_MAX: u64 = 1 << 20;
/// How many days before its end a certificate needs a warning.
const DAYS_OF_WARNING: u64 = 14;

/// A certificate, the intermediate ones after it, and its private key.
#[derive(Debug)]
pub struct CertificateFiles {
    /// The certificates, that of the server first, and its private key.
    pub certified: CertifiedKey,
    validity: Validity,
}

impl CertificateFiles {
    /// Reads both files, which may be the same one.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or is of another kind, if the key does not belong to the
    /// certificate, or if the certificate is not valid now or not for servers.
    pub fn read(certificate: &Path, key: &Path, now: SystemTime) -> Result<Self, CertificateError> {
        let certificate = read(certificate).map_err(Problem::of_certificate)?;
        let chain = certificates(&certificate).map_err(Problem::of_certificate)?;
        let key = read(key).map_err(Problem::of_key)?;
        let key = private_key(&key).map_err(Problem::of_key)?;
        let validity = validity_at(&chain, now).map_err(Problem::of_certificate)?;
        check_usage(&chain, validity).map_err(Problem::of_certificate)?;
        Ok(Self { certified: certified(chain, &key)?, validity })
    }

    /// The DNS names that the certificate is for, some with an asterisk in place of a label.
    #[must_use]
    pub fn dns_names(&self) -> Vec<String> {
        let names = self.first().map(|it| it.valid_dns_names().map(str::to_owned).collect());
        names.unwrap_or_default()
    }

    /// Whether the certificate is for an address.
    #[must_use]
    pub fn has_address(&self, address: IpAddr) -> bool {
        let name = ServerName::from(address);
        self.first().is_some_and(|it| it.verify_is_valid_for_subject_name(&name).is_ok())
    }

    fn first(&self) -> Option<EndEntityCert<'_>> {
        EndEntityCert::try_from(self.certified.end_entity_cert().ok()?).ok()
    }

    /// The date of the end of the certificate, if that is near.
    #[must_use]
    pub fn near_end(&self, now: SystemTime) -> Option<String> {
        let warned_from = self.validity.not_after.saturating_sub(DAYS_OF_WARNING * DAY);
        (seconds(now) >= warned_from).then(|| date(self.validity.not_after))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Problem::Unreadable)?;
    file.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(Problem::Unreadable)?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(Problem::TooLarge);
    }
    // Editors of Windows may have put a byte order mark before the first line.
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    if contains(text, "-----BEGIN ") {
        return Ok(text.to_vec());
    }
    Err(match text {
        // A sequence (X.690) with its length in two bytes, and for PKCS#12 the version 3.
        [0x30, 0x82, _, _, 0x02, 0x01, 0x03, ..] => Problem::Pkcs12,
        [0x30, 0x81 | 0x82, ..] | [0x30, 0x20..=0x7F, 0x02, 0x01, ..] => Problem::Der,
        _ => Problem::NotPem,
    })
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|it| it == text.as_bytes())
}

/// The parts of a PEM file, without those of unknown kinds.
fn sections(pem: &[u8]) -> Result<Vec<(SectionKind, Vec<u8>)>, Problem> {
    let sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(pem);
    sections.collect::<Result<_, _>>().map_err(|error| Problem::Damaged(error.to_string()))
}

fn is_key(kind: SectionKind) -> bool {
    matches!(kind, SectionKind::PrivateKey | SectionKind::EcPrivateKey | SectionKind::RsaPrivateKey)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let has_encrypted_key = has_encrypted_key(pem);
    let sections = match sections(pem) {
        Err(_) if has_encrypted_key => return Err(Problem::NoCertificate { has_key: true }),
        sections => sections?,
    };
    let has_key = has_encrypted_key || sections.iter().any(|(kind, _)| is_key(*kind));
    let of_kind = sections.into_iter().filter(|(kind, _)| *kind == SectionKind::Certificate);
    let chain: Vec<CertificateDer<'_>> = of_kind.map(|(_, der)| der.into()).collect();
    if chain.is_empty() { Err(Problem::NoCertificate { has_key }) } else { Ok(chain) }
}

/// The first private key. An EC key may follow the parameters of its curve.
fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, Problem> {
    if has_encrypted_key(pem) {
        return Err(Problem::EncryptedKey);
    }
    let sections = sections(pem)?;
    let has_certificate = sections.iter().any(|(kind, _)| *kind == SectionKind::Certificate);
    let key = sections.into_iter().find_map(|(kind, der)| PrivateKeyDer::from_pem(kind, der));
    if key.is_none() && contains(pem, "PRIVATE KEY-----") {
        // A kind of its own, as of DSA and of SSH.
        return Err(Problem::UnsupportedKey);
    }
    key.ok_or(Problem::NoKey { has_certificate })
}

/// Whether there is an encrypted key, in PKCS#8 or in the former form of OpenSSL.
fn has_encrypted_key(pem: &[u8]) -> bool {
    contains(pem, "-----BEGIN ENCRYPTED PRIVATE KEY") || contains(pem, "Proc-Type: 4,ENCRYPTED")
}

/// The validity of the first certificate, which must include the time.
fn validity_at(chain: &[CertificateDer<'_>], now: SystemTime) -> Result<Validity, Problem> {
    let invalid = |error| match error {
        Error::UnsupportedCertVersion => {
            Problem::Invalid("an old version of X.509 without extensions".to_owned())
        }
        error => Problem::Invalid(error.to_string()),
    };
    let first = chain.first().ok_or(Problem::NoCertificate { has_key: false })?;
    let validity = Validity::of(first).map_err(invalid)?;
    let now = seconds(now);
    let today = date(now);
    if now > validity.not_after {
        return Err(Problem::Expired { on: date(validity.not_after), today });
    }
    if now < validity.not_before {
        return Err(Problem::NotValidYet { from: date(validity.not_before), today });
    }
    Ok(validity)
}

/// Checks that the first certificate is for servers, as far as it says for what it is.
fn check_usage(chain: &[CertificateDer<'_>], validity: Validity) -> Result<(), Problem> {
    let first = chain.first().ok_or(Problem::NoCertificate { has_key: false })?;
    let first = EndEntityCert::try_from(first).map_err(|it| Problem::Invalid(it.to_string()))?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(validity.not_after));
    let usage = KeyUsage::server_auth();
    match first.verify_for_usage(&[], &[], &[], time, usage, None, None) {
        Err(Error::RequiredEkuNotFoundContext(_)) => Err(Problem::NotForServers),
        // No root is known here, which is checked last.
        _ => Ok(()),
    }
}

/// The certificates with the key, which must be that of the first one.
fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: &PrivateKeyDer<'static>,
) -> Result<CertifiedKey, CertificateError> {
    let signing_key = any_supported_type(key).map_err(|_| Problem::UnsupportedKey.of_key())?;
    let is_its_key = |certificate: &CertificateDer<'static>| {
        let pair = CertifiedKey::new(vec![certificate.clone()], signing_key.clone());
        pair.keys_match().is_ok()
    };
    match chain.iter().position(is_its_key) {
        Some(0) => Ok(CertifiedKey::new(chain, signing_key)),
        Some(_) => Err(Problem::NotFirst.of_certificate()),
        None => Err(Problem::OtherKey.of_key()),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair};
    use time::OffsetDateTime;

    use super::*;
    use crate::tls::{
        certificate_error::CertificateFile::{self, Certificate, Key},
        pem::pem,
    };

    const FIRST_DAY: u64 = 20_000;

    fn at(day: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(day * DAY)
    }

    /// A certificate for a hundred days, and its key, in DER.
    fn pair() -> (Vec<u8>, Vec<u8>) {
        pair_for(&[])
    }

    /// The same with this extended key usage.
    fn pair_for(usages: &[ExtendedKeyUsagePurpose]) -> (Vec<u8>, Vec<u8>) {
        let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        let day = |number: u64| {
            OffsetDateTime::from_unix_timestamp(i64::try_from(number * DAY).unwrap()).unwrap()
        };
        (params.not_before, params.not_after) = (day(FIRST_DAY), day(FIRST_DAY + 100));
        params.extended_key_usages = usages.to_vec();
        let key = KeyPair::generate().unwrap();
        (params.self_signed(&key).unwrap().der().to_vec(), key.serialize_der())
    }

    /// Reads two files with these contents at a day. Returns what is wrong with which file.
    fn problem(certificate: &[u8], key: &[u8], day: u64) -> Option<(CertificateFile, String)> {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| -> PathBuf {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        let (certificate, key) = (file("cert", certificate), file("key", key));
        let result = CertificateFiles::read(&certificate, &key, at(day));
        result.err().map(|error| (error.file, error.to_string()))
    }

    #[test]
    fn each_problem_of_a_file_has_a_message_with_what_to_do() {
        type Row<'a> = (&'a [u8], &'a [u8], u64, Option<(CertificateFile, &'a str)>);
        let ((der, key_der), (other_der, other_key_der)) = (pair(), pair());
        let (certificate, key) = (pem("CERTIFICATE", &der), pem("PRIVATE KEY", &key_der));
        let both = certificate.clone() + &key;
        let with_mark = format!("\u{feff}{certificate}");
        let crlf = certificate.replace('\n', "\r\n");
        let chain = certificate.clone() + &pem("CERTIFICATE", &other_der);
        let upside_down = pem("CERTIFICATE", &other_der) + &certificate;
        let other_key = pem("PRIVATE KEY", &other_key_der);
        let damaged = certificate.replacen("MII", "M#I", 1);
        let cut = &certificate[..certificate.len() - 30];
        let encrypted = pem("ENCRYPTED PRIVATE KEY", b"abc");
        let old_encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\
                             DEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        let ssh = pem("OPENSSH PRIVATE KEY", b"abc");
        let garbage = pem("CERTIFICATE", b"abc");
        let p12 = [0x30, 0x82, 1, 0, 2, 1, 3, 0];
        let large = vec![b'a'; usize::try_from(FILE_MAX).unwrap() + 1];
        let day = FIRST_DAY + 1;
        let rows: &[Row<'_>] = &[
            (certificate.as_bytes(), key.as_bytes(), day, None),
            (both.as_bytes(), both.as_bytes(), day, None),
            (with_mark.as_bytes(), key.as_bytes(), day, None),
            (crlf.as_bytes(), key.as_bytes(), day, None),
            (chain.as_bytes(), key.as_bytes(), day, None),
            (certificate.as_bytes(), key.as_bytes(), FIRST_DAY, None),
            (b"", key.as_bytes(), day, Some((Certificate, "it is not a PEM file; "))),
            (&large, key.as_bytes(), day, Some((Certificate, "it is too large for a certi"))),
            (&der, key.as_bytes(), day, Some((Certificate, "with `openssl x509 -inform der"))),
            (&p12, key.as_bytes(), day, Some((Certificate, "it is a PKCS#12 archive and"))),
            (damaged.as_bytes(), key.as_bytes(), day, Some((Certificate, "its PEM is damaged"))),
            (cut.as_bytes(), key.as_bytes(), day, Some((Certificate, "its PEM is damaged"))),
            (garbage.as_bytes(), key.as_bytes(), day, Some((Certificate, "is not valid ("))),
            (key.as_bytes(), certificate.as_bytes(), day, Some((Certificate, "be swapped"))),
            (encrypted.as_bytes(), b"", day, Some((Certificate, "be swapped"))),
            (old_encrypted.as_bytes(), b"", day, Some((Certificate, "be swapped"))),
            (ssh.as_bytes(), b"", day, Some((Certificate, "it has no certificate; "))),
            (certificate.as_bytes(), chain.as_bytes(), day, Some((Key, "may be swapped"))),
            (certificate.as_bytes(), &key_der, day, Some((Key, "openssl pkey -inform der"))),
            (certificate.as_bytes(), encrypted.as_bytes(), day, Some((Key, "is encrypted; "))),
            (certificate.as_bytes(), old_encrypted.as_bytes(), day, Some((Key, "is encrypted; "))),
            (certificate.as_bytes(), ssh.as_bytes(), day, Some((Key, "is not supported; "))),
            (certificate.as_bytes(), b"-----BEGIN X", day, Some((Key, "its PEM is damaged"))),
            (certificate.as_bytes(), other_key.as_bytes(), day, Some((Key, "to another cert"))),
            (upside_down.as_bytes(), key.as_bytes(), day, Some((Certificate, "to the top"))),
            (
                certificate.as_bytes(),
                key.as_bytes(),
                FIRST_DAY + 101,
                Some((Certificate, "expired on 2025-01-12; ")),
            ),
            (
                certificate.as_bytes(),
                key.as_bytes(),
                FIRST_DAY - 1,
                Some((Certificate, "valid from 2024-10-04 on, and today is 2024-10-03")),
            ),
        ];
        for (number, (certificate, key, day, expected)) in rows.iter().enumerate() {
            let problem = problem(certificate, key, *day);
            assert_eq!(problem.is_some(), expected.is_some(), "{number}: {problem:?}");
            if let (Some((file, message)), Some((of, part))) = (problem, expected) {
                assert!(file == *of && message.contains(part), "{number}: {message}");
                assert!(message.contains("; ") && !message.contains('\n'), "{number}: {message}");
            }
        }
    }

    #[test]
    fn a_certificate_for_clients_only_is_refused() {
        use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};

        let rows: &[(&[ExtendedKeyUsagePurpose], bool)] = &[
            (&[], true),
            (&[ServerAuth], true),
            (&[ClientAuth, ServerAuth], true),
            (&[ClientAuth], false),
        ];
        for (usages, expected) in rows {
            let (der, key) = pair_for(usages);
            let (der, key) = (pem("CERTIFICATE", &der), pem("PRIVATE KEY", &key));
            let problem = problem(der.as_bytes(), key.as_bytes(), FIRST_DAY + 1);
            assert_eq!(problem.is_none(), *expected, "{problem:?}");
            if let Some((file, message)) = problem {
                assert!(file == Certificate && message.contains("lacks serverAuth"), "{message}");
            }
        }
    }

    #[test]
    fn a_missing_file_is_reported_and_a_near_end_is_a_warning() {
        let (der, key_der) = pair();
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("c"), folder.path().join("k"));
        fs::write(&certificate, pem("CERTIFICATE", &der)).unwrap();
        let error = CertificateFiles::read(&certificate, &key, at(FIRST_DAY)).unwrap_err();
        assert_eq!(error.file, Key);
        assert!(error.to_string().ends_with("; check its path and its permissions"));
        fs::write(&key, pem("PRIVATE KEY", &key_der)).unwrap();
        let files = CertificateFiles::read(&certificate, &key, at(FIRST_DAY)).unwrap();
        assert_eq!(files.dns_names(), ["a.example"]);
        assert!(!files.has_address(IpAddr::from([10, 0, 0, 1])));
        let rows = [(85, None), (86, Some("2025-01-12")), (100, Some("2025-01-12"))];
        for (day, expected) in rows {
            assert_eq!(files.near_end(at(FIRST_DAY + day)).as_deref(), expected, "{day}");
        }
    }
}
