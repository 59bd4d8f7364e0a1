//! The local CA, and the certificates that it issues.

use std::{net::IpAddr, sync::Arc, time::SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SanType,
};
use rustls::{
    pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime},
    sign::CertifiedKey,
};
use serde::{Deserialize, Serialize};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::{
    authority_problem::AuthorityProblem,
    fingerprint::Fingerprint,
    leaf::{Hosts, Leaf, LeftOut},
    leaf_key::LeafKey,
    own_signature::OwnSignature,
    permitted::{OwnHostName, is_permitted_address, local_name, name_constraints, own_host_name},
    validity::{DAY, Validity, at, date, seconds},
};

/// Days that the CA is valid. There is no maximum for a root that is installed by hand.
const AUTHORITY_DAYS: u64 = 3652;
/// Days that an issued certificate is valid: within the limit of 398 days for public ones, so that
/// no client can have a lower one, and within what scanners accept.
const LEAF_DAYS: u64 = 366;
/// Days that a certificate is valid before it is made: a machine without a network may be slow.
const BACKDATED_DAYS: u64 = 1;
/// Maximum length of the host name in the name of the CA, which has at most 64 characters (RFC 5280
/// appendix A.1).
const HOST_SHOWN_MAX: usize = 39;

/// A CA with its private key.
pub struct Authority {
    certificate: CertificateDer<'static>,
    key: KeyPair,
    facts: Facts,
    fingerprint: Fingerprint,
    validity: Validity,
}

/// What is needed to issue certificates besides the certificate of the CA and its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    /// The common name of the CA, its only name.
    name: String,
    /// The host name that its constraints permit.
    host_name: Option<String>,
}

impl Authority {
    /// Makes a CA for a machine with this host name.
    pub(super) fn generate(
        host_name: Option<&str>,
        now: SystemTime,
    ) -> Result<Self, AuthorityProblem> {
        let key = KeyPair::generate().map_err(AuthorityProblem::Failed)?;
        let of_key = Fingerprint::of(&key.subject_public_key_info()).prefix();
        let is_plain = |it: &char| it.is_ascii_alphanumeric() || "-._".contains(*it);
        let shown = host_name.unwrap_or("this-machine").chars().filter(is_plain);
        let shown: String = shown.take(HOST_SHOWN_MAX).collect();
        let name = format!("Chapbook CA of {shown}, {of_key}");
        let facts =
            Facts { name, host_name: host_name.and_then(|it| own_host_name(it).permitted()) };
        let mut params = facts.params();
        let (from, to) = (seconds(now).saturating_sub(BACKDATED_DAYS * DAY), AUTHORITY_DAYS * DAY);
        (params.not_before, params.not_after) = (at(from), at(from + to));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // Otherwise the key could also sign mail and programs.
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.name_constraints = Some(name_constraints(facts.host_name.as_deref()));
        let certificate = params.self_signed(&key).map_err(AuthorityProblem::Failed)?;
        Self::restore(certificate.into(), key, facts)
    }

    /// The CA that these parts belong to.
    pub(super) fn restore(
        certificate: CertificateDer<'static>,
        key: KeyPair,
        facts: Facts,
    ) -> Result<Self, AuthorityProblem> {
        let validity = Validity::of(&certificate).map_err(|_| AuthorityProblem::Inconsistent)?;
        let fingerprint = Fingerprint::of(&certificate);
        Ok(Self { certificate, key, facts, fingerprint, validity })
    }

    /// Issues a certificate, and checks that a client would accept it.
    pub(super) fn issue_checked(
        &self,
        hosts: Hosts<'_>,
        now: SystemTime,
    ) -> Result<Leaf, AuthorityProblem> {
        if seconds(now) > self.validity.not_after {
            return Err(AuthorityProblem::Expired(date(self.validity.not_after)));
        }
        if seconds(now) < self.validity.not_before {
            let (from, today) = (date(self.validity.not_before), date(seconds(now)));
            return Err(AuthorityProblem::NotValidYet { from, today });
        }
        let leaf = self.issue(hosts, now).map_err(AuthorityProblem::Failed)?;
        let certificate = leaf.certified.end_entity_cert();
        self.verify(certificate.map_err(|_| AuthorityProblem::Inconsistent)?, now)?;
        Ok(leaf)
    }

    fn issue(&self, hosts: Hosts<'_>, now: SystemTime) -> Result<Leaf, rcgen::Error> {
        let (names, left_out) = self.subject_alt_names(hosts)?;
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        // Some clients check a common name against the constraints, and an address is not a name.
        params.distinguished_name = DistinguishedName::new();
        params.subject_alt_names = names;
        let from = seconds(now).saturating_sub(BACKDATED_DAYS * DAY);
        let from = from.max(self.validity.not_before);
        let to = (from + LEAF_DAYS * DAY).min(self.validity.not_after);
        (params.not_before, params.not_after) = (at(from), at(to));
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let issuer = Issuer::new(self.facts.params(), &self.key);
        let certificate = params.signed_by(&key, &issuer)?;
        let key = Arc::new(LeafKey::new(key));
        Ok(Leaf { certified: CertifiedKey::new(vec![certificate.into()], key), left_out })
    }

    /// The names of a certificate, and what is left out.
    fn subject_alt_names(
        &self,
        hosts: Hosts<'_>,
    ) -> Result<(Vec<SanType>, Vec<LeftOut>), rcgen::Error> {
        const LOOPBACK: [IpAddr; 2] =
            [IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), IpAddr::V6(std::net::Ipv6Addr::LOCALHOST)];
        let (permitted, other): (Vec<IpAddr>, Vec<IpAddr>) =
            hosts.addresses.iter().copied().partition(|it| is_permitted_address(*it));
        let mut left_out: Vec<LeftOut> = other.into_iter().map(LeftOut::Address).collect();
        let local = hosts.host_name.and_then(local_name);
        let mut names: Vec<String> = vec!["localhost".to_owned()];
        names.extend(hosts.names.iter().map(|it| (*it).to_owned()).chain(local));
        match hosts.host_name.map_or(OwnHostName::None, own_host_name) {
            OwnHostName::Permitted(name) if self.host_name() == Some(&name) => names.push(name),
            OwnHostName::Permitted(name) => left_out.push(LeftOut::HostName(name)),
            OwnHostName::Public(name) => left_out.push(LeftOut::PublicHostName(name)),
            OwnHostName::TopLevel(name) => left_out.push(LeftOut::TopLevelHostName(name)),
            OwnHostName::None => {}
        }
        let addresses = LOOPBACK.into_iter().chain(permitted).map(SanType::IpAddress);
        let names = names.into_iter().map(|it| Ok(SanType::DnsName(it.try_into()?)));
        let mut unique = Vec::new();
        for name in addresses.map(Ok).chain(names) {
            let name = name?;
            if !unique.contains(&name) {
                unique.push(name);
            }
        }
        Ok((unique, left_out))
    }

    /// Checks a certificate that `key` has signed, as a client that has the CA.
    fn verify(&self, leaf: &CertificateDer<'_>, now: SystemTime) -> Result<(), AuthorityProblem> {
        let inconsistent = |_| AuthorityProblem::Inconsistent;
        let anchor = anchor_from_trusted_cert(&self.certificate).map_err(inconsistent)?;
        if anchor.name_constraints.is_none() {
            return Err(AuthorityProblem::Unconstrained);
        }
        let leaf = EndEntityCert::try_from(leaf).map_err(inconsistent)?;
        let own: &dyn SignatureVerificationAlgorithm =
            &OwnSignature { public_key: self.key.public_key_raw() };
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds(now)));
        let (anchors, usage) = (&[anchor], KeyUsage::server_auth());
        let verified = leaf.verify_for_usage(&[own], anchors, &[], time, usage, None, None);
        verified.map(|_| ()).map_err(inconsistent)
    }

    /// The certificate in DER.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The name that devices show for the CA.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.facts.name
    }

    /// The host name that it may certify.
    pub(super) fn host_name(&self) -> Option<&str> {
        self.facts.host_name.as_deref()
    }

    /// The fingerprint of the certificate.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The date of the end of the CA, if issued certificates already end with it.
    #[must_use]
    pub fn near_end(&self, now: SystemTime) -> Option<String> {
        let is_near = seconds(now) + LEAF_DAYS * DAY > self.validity.not_after;
        is_near.then(|| date(self.validity.not_after))
    }

    pub(super) fn key(&self) -> &KeyPair {
        &self.key
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }
}

impl std::fmt::Debug for Authority {
    /// Without the private key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("facts", &self.facts).finish_non_exhaustive()
    }
}

impl Facts {
    /// Parameters with the name of the CA.
    fn params(&self) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, self.name.as_str());
        params
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::tls::TlsConfig;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(20_000 * DAY)
    }

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// Names of a certificate as text.
    fn shown(names: &[SanType]) -> Vec<String> {
        let name = |it: &SanType| match it {
            SanType::DnsName(name) => name.as_str().to_owned(),
            SanType::IpAddress(ip) => ip.to_string(),
            other => format!("{other:?}"),
        };
        names.iter().map(name).collect()
    }

    #[test]
    fn an_issued_certificate_has_what_the_constraints_permit_and_clients_accept_it() {
        type Row<'a> = (&'a [&'a str], &'a str, &'a [&'a str], &'a [&'a str], usize);
        let authority = Authority::generate(Some("Laptop-7"), now()).unwrap();
        assert!(authority.name().starts_with("Chapbook CA of Laptop-7, "), "{}", authority.name());
        let rows: &[Row<'_>] = &[
            (&[], "laptop-7", &[], &["laptop-7.local", "laptop-7"], 0),
            (&["10.0.0.2", "fd00::1"], "dev", &[], &["10.0.0.2", "fd00::1", "dev.local"], 1),
            (&["127.0.0.1", "8.8.8.8", "100.64.0.1"], "a.example", &[], &["a.local"], 3),
            (&["2001:db8::1"], "", &["demo.localhost"], &["demo.localhost"], 1),
        ];
        for (ips, host_name, names, expected, left_out) in rows {
            let addresses = addresses(ips);
            let hosts = Hosts { addresses: &addresses, host_name: Some(host_name), names };
            let leaf = authority.issue_checked(hosts, now()).unwrap();
            assert_eq!(leaf.left_out.len(), *left_out, "{:?}", leaf.left_out);
            let (found, _) = authority.subject_alt_names(hosts).unwrap();
            let mut found = shown(&found);
            found.retain(|it| !["127.0.0.1", "::1", "localhost"].contains(&it.as_str()));
            assert_eq!(found, *expected);
            assert!(TlsConfig::new(leaf.certified).is_ok(), "{ips:?}");
        }
    }

    #[test]
    fn clients_reject_certificates_with_other_names() {
        let authority = Authority::generate(Some("nas1.lan"), now()).unwrap();
        let rows = [
            ("127.0.0.1", true),
            ("192.168.0.7", true),
            ("fe80::1", true),
            ("8.8.8.8", false),
            ("100.64.0.1", false),
            ("2001:db8::1", false),
            ("localhost", true),
            ("demo.localhost", true),
            ("a.local", true),
            ("nas1.lan", true),
            ("a.nas1.lan", true),
            ("nas2.lan", false),
            ("lan", false),
            ("example.com", false),
            ("notlocal", false),
        ];
        for (name, expected) in rows {
            let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
            params.distinguished_name = DistinguishedName::new();
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            let issuer = Issuer::new(authority.facts.params(), &authority.key);
            let leaf = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
            assert_eq!(authority.verify(leaf.der(), now()).is_ok(), expected, "{name}");
        }
    }

    #[test]
    fn certificates_are_backdated_and_end_with_the_authority_at_the_latest() {
        let authority = Authority::generate(None, now()).unwrap();
        let validity = |days: u64| {
            let time = now() + Duration::from_secs(days * DAY);
            let leaf = authority.issue_checked(Hosts::default(), time).unwrap();
            Validity::of(&leaf.certified.cert[0]).unwrap()
        };
        let end = 19_999 + AUTHORITY_DAYS;
        let days = |from: u64, to: u64| Validity { not_before: from * DAY, not_after: to * DAY };
        assert_eq!(authority.validity, days(19_999, end));
        assert_eq!(validity(0), days(19_999, 19_999 + LEAF_DAYS));
        assert_eq!(validity(AUTHORITY_DAYS - 9), days(end - 9, end));
        let near_end = |days: u64| authority.near_end(now() + Duration::from_secs(days * DAY));
        assert_eq!(near_end(AUTHORITY_DAYS - LEAF_DAYS - 1), None);
        assert_eq!(near_end(AUTHORITY_DAYS - LEAF_DAYS).as_deref(), Some("2034-10-03"));
        let late = now() + Duration::from_secs(AUTHORITY_DAYS * DAY);
        let problem = authority.issue_checked(Hosts::default(), late).unwrap_err();
        assert!(matches!(problem, AuthorityProblem::Expired(date) if date == "2034-10-03"));
        let early = now() - Duration::from_secs(DAY);
        let leaf = authority.issue_checked(Hosts::default(), early).unwrap();
        assert_eq!(
            Validity::of(&leaf.certified.cert[0]).unwrap(),
            days(19_999, 19_999 + LEAF_DAYS)
        );
        let early = early - Duration::from_secs(1);
        let problem = authority.issue_checked(Hosts::default(), early).unwrap_err();
        assert!(matches!(
            problem,
            AuthorityProblem::NotValidYet { from, today }
                if (&*from, &*today) == ("2024-10-03", "2024-10-02")
        ));
    }

    #[test]
    fn parts_that_do_not_belong_together_are_noticed() {
        let generate = || Authority::generate(Some("a-1"), now()).unwrap();
        let (first, second) = (generate(), generate());
        let mut other_name = first.facts.clone();
        other_name.name.push('x');
        let mut other_host = first.facts.clone();
        other_host.host_name = Some("b-1".to_owned());
        let key = |of: &Authority| KeyPair::try_from(of.key.serialized_der()).unwrap();
        let rows = [
            (key(&first), first.facts.clone(), "a-1", true),
            (key(&second), first.facts.clone(), "a-1", false),
            (key(&first), other_name, "a-1", false),
            (key(&first), other_host, "b-1", false),
        ];
        for (key, facts, host_name, expected) in rows {
            let restored = Authority::restore(first.certificate.clone(), key, facts).unwrap();
            let hosts = Hosts { host_name: Some(host_name), ..Hosts::default() };
            assert_eq!(restored.issue_checked(hosts, now()).is_ok(), expected);
        }
    }
}
