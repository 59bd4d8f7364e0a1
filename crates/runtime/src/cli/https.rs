//! HTTPS of `serve`: the certificate of the user, or one of the local CA.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    thread,
    time::SystemTime,
};

use clap::Args;

use super::{
    boolean::boolean,
    ca,
    failure::Failure,
    help, home,
    listened::Listened,
    local_name::host_name,
    secure_urls::{SecureUrls, TrustPage},
    variable,
    welcome::reachable,
};
use crate::{
    http::Gate,
    tls::{
        Authority, AuthorityError, AuthorityFolder, CertificateError, CertificateFile,
        CertificateFiles, Hosts, LeftOut, TRUST_PATH, TlsConfig, trust_files,
    },
};

#[derive(Debug, Args)]
pub(super) struct HttpsArguments {
    /// Serve over HTTPS, with a certificate by a local CA
    #[arg(long, env = "CHAPBOOK_HTTPS", hide_env = true, value_parser = boolean)]
    https: bool,
    /// Serve over HTTPS, with this certificate chain (PEM)
    #[arg(long, value_name = "FILE", env = "CHAPBOOK_TLS_CERT", hide_env = true)]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", env = "CHAPBOOK_TLS_KEY", hide_env = true)]
    tls_key: Option<PathBuf>,
}

/// What a server needs for HTTPS.
#[derive(Debug)]
pub(super) struct Https {
    pub(super) config: TlsConfig,
    pub(super) gate: Gate,
    pub(super) urls: SecureUrls,
    /// Warnings for the user.
    pub(super) warnings: Vec<String>,
    /// Addresses for which clients reject the certificate.
    left_out: Vec<IpAddr>,
}

impl Https {
    /// Puts the addresses that the certificate has before the others.
    pub(super) fn rank(&self, addresses: &mut [SocketAddr]) {
        addresses.sort_by_key(|it| self.left_out.contains(&it.ip()));
    }
}

impl HttpsArguments {
    /// Checks which options are combined. Not declared as conflicts to clap, which would treat
    /// `CHAPBOOK_HTTPS=0` as `--https`.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let problem = match (self.https, &self.tls_cert, &self.tls_key) {
            (_, None, None) | (false, Some(_), Some(_)) => return Ok(()),
            (true, ..) => {
                "--https (or CHAPBOOK_HTTPS) makes a certificate, and cannot be combined with \
                 --tls-cert and --tls-key (or their variables); remove one"
            }
            (false, Some(_), None) => {
                "--tls-cert needs --tls-key, the private key of the certificate; if one file has \
                 both, name it twice"
            }
            (false, None, Some(_)) => "--tls-key needs --tls-cert, the certificate of the key",
        };
        Err(Failure::usage(problem))
    }

    /// Whether the server uses HTTPS.
    pub(super) fn is_requested(&self) -> bool {
        self.https || self.tls_cert.is_some()
    }

    /// What a server at these addresses needs; `None` without HTTPS.
    pub(super) fn prepare(&self, listened: &Listened<'_>) -> Result<Option<Https>, Failure> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => with_files(certificate, key, listened).map(Some),
            _ if self.https => with_local_ca(listened).map(Some),
            _ => Ok(None),
        }
    }
}

fn with_files(certificate: &Path, key: &Path, listened: &Listened<'_>) -> Result<Https, Failure> {
    let now = ca::now()?;
    let unusable = |error| unusable(certificate, key, &error);
    let files = CertificateFiles::read(certificate, key, now).map_err(unusable)?;
    let near_end = files.near_end(now).map(|date| {
        format!("the certificate `{}` expires on {date}; renew it", certificate.display())
    });
    let shared = listened.shared.filter(|it| !it.is_empty());
    let addresses = shared.unwrap_or(std::slice::from_ref(&listened.address)).iter();
    let (certified, left_out): (Vec<IpAddr>, Vec<IpAddr>) =
        addresses.map(|it| reachable(*it).ip()).partition(|it| files.has_address(*it));
    let names = if certified.is_empty() { files.dns_names() } else { Vec::new() };
    let name = names.iter().find(|it| is_in_url(it, listened.shared.is_some())).cloned();
    let is_for_others = certified.is_empty() && name.is_none();
    let other_names = is_for_others.then(|| other_names(&names));
    Ok(Https {
        config: TlsConfig::new(files.certified)?,
        gate: Gate { requires_tls: true, ..Gate::default() },
        urls: SecureUrls { trust: None, name },
        warnings: near_end.into_iter().chain(other_names).collect(),
        left_out,
    })
}

/// Whether a DNS name of a certificate can be in the URL for this machine, or for others.
fn is_in_url(name: &str, is_for_others: bool) -> bool {
    let is_local = name == "localhost" || name.ends_with(".localhost");
    !(name.starts_with("*.") || is_for_others && is_local)
}

/// The warning about a certificate for these names, none of which is in a URL.
fn other_names(names: &[String]) -> String {
    match names.first() {
        Some(name) => {
            format!("the certificate is for `{name}`; other names give a warning in browsers")
        }
        None => "the certificate has none of the addresses and no DNS name, so browsers show a \
                 warning; get one with a name"
            .to_owned(),
    }
}

/// The failure to use a file of the user.
fn unusable(certificate: &Path, key: &Path, error: &CertificateError) -> Failure {
    let (option, path) = match error.file {
        CertificateFile::Certificate => ("tls-cert", certificate),
        CertificateFile::Key => ("tls-key", key),
    };
    let origin = variable::source(option, None).unwrap_or_else(|| format!("--{option}"));
    Failure::error(format_args!("cannot use `{}` of {origin}: {error}", path.display()))
}

fn with_local_ca(listened: &Listened<'_>) -> Result<Https, Failure> {
    let now = ca::now()?;
    let host_name = host_name();
    let mut warnings = Vec::new();
    if listened.shared.is_none() {
        let needless = "browsers treat http://localhost as secure, so only other machines need \
                        --https; add --lan to share the site with them";
        warnings.push(needless.to_owned());
    }
    let parent = home::state_folder();
    let folder = AuthorityFolder::in_state(parent.as_deref().unwrap_or(Path::new("")));
    let (authority, kept) = local_ca(&folder, parent.as_deref(), host_name.as_deref(), now)
        .map_err(|it| ca::failure(&it))?;
    let is_kept = kept.is_ok();
    warnings.extend(kept.err());
    let addresses: Vec<IpAddr> =
        listened.shared.unwrap_or_default().iter().map(SocketAddr::ip).collect();
    let names: Vec<&str> = listened.origin.into_iter().collect();
    let hosts = Hosts { addresses: &addresses, host_name: host_name.as_deref(), names: &names };
    let leaf = folder.issue(&authority, hosts, now).map_err(|it| ca::failure(&it))?;
    // Only other machines need these names.
    if listened.shared.is_some() {
        warnings.extend(leaf.left_out.iter().map(warning));
    }
    let left_out = leaf.left_out.iter().filter_map(|it| match it {
        LeftOut::Address(address) => Some(*address),
        LeftOut::HostName(_) | LeftOut::PublicHostName(_) | LeftOut::TopLevelHostName(_) => None,
    });
    let left_out = left_out.collect();
    warnings.extend(authority.near_end(now).as_deref().map(near_end));
    let files = trust_files(&authority, listened.home, is_kept);
    let fingerprint = authority.fingerprint().lines();
    Ok(Https {
        config: TlsConfig::new(leaf.certified)?,
        gate: Gate { requires_tls: true, files, secret: None },
        urls: SecureUrls { trust: Some(TrustPage { path: TRUST_PATH, fingerprint }), name: None },
        warnings,
        left_out,
    })
}

/// The local CA, and whether it is kept: otherwise with a warning. `parent` is the folder above its
/// own, if there is a home.
fn local_ca(
    folder: &AuthorityFolder,
    parent: Option<&Path>,
    host_name: Option<&str>,
    now: SystemTime,
) -> Result<(Authority, Result<(), String>), AuthorityError> {
    let reason = match parent {
        None => "there is no home folder".to_owned(),
        Some(parent) => {
            // If this fails, what follows reports it, unless the CA exists already.
            let _ = home::create_private(parent);
            match folder.load_or_create(host_name, now) {
                Ok((authority, is_new)) => {
                    if is_new {
                        sync_beside(folder);
                    }
                    return Ok((authority, Ok(())));
                }
                Err(error @ AuthorityError::NotKept(..)) => error.to_string(),
                Err(error) => return Err(error),
            }
        }
    };
    let warning = format!(
        "{reason}; devices have to trust a new CA after each start, unless HOME is a folder that \
         can be written"
    );
    Ok((folder.in_memory(host_name, now)?, Err(warning)))
}

/// Writes a new CA to the disk while the server starts: a disk can take longer than all of that.
fn sync_beside(folder: &AuthorityFolder) {
    let folder = folder.clone();
    // Without a thread, the system writes it a little later.
    let _ = thread::Builder::new().spawn(move || folder.sync());
}

/// The warning about what the certificate does not have.
fn warning(left_out: &LeftOut) -> String {
    let message = match left_out {
        LeftOut::Address(address) => format!(
            "{address} is not in the certificate, because the local CA certifies private addresses \
             only; use --tls-cert for it"
        ),
        LeftOut::HostName(name) => format!(
            "the host name `{name}` is not in the certificate, because the local CA was made for \
             another one; to change that, run `chapbook ca forget` and install the new CA on your \
             devices"
        ),
        LeftOut::PublicHostName(name) => format!(
            "the host name `{name}` is not in the certificate, because it may be that of a public \
             site; use --tls-cert for it"
        ),
        LeftOut::TopLevelHostName(name) => format!(
            "the host name `{name}` is not in the certificate, because it may be a top-level \
             domain; use an address or `{name}.local`"
        ),
    };
    help::with_own_name(&message)
}

fn near_end(date: &str) -> String {
    help::with_own_name(&format!(
        "the local CA ends on {date}; run `chapbook ca forget`, and install the new one on your \
         devices"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_combinations_are_wrong_usage() {
        let file = || Some(PathBuf::from("a.pem"));
        let rows = [
            (false, None, None, None),
            (true, None, None, None),
            (false, file(), file(), None),
            (true, file(), file(), Some("remove one")),
            (true, file(), None, Some("remove one")),
            (true, None, file(), Some("remove one")),
            (false, file(), None, Some("name it twice")),
            (false, None, file(), Some("needs --tls-cert")),
        ];
        for (https, tls_cert, tls_key, expected) in rows {
            let arguments = HttpsArguments { https, tls_cert, tls_key };
            match (arguments.check(), expected) {
                (Ok(()), None) => {}
                (Err(Failure::Usage(problem)), Some(part)) if problem.contains(part) => {}
                (result, _) => panic!("{arguments:?}: {result:?}"),
            }
        }
    }
}
