//! Folder of the local CA: created complete or not at all, and readable for its user only.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use rcgen::KeyPair;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject};

use super::{
    authority::Authority,
    authority_error::AuthorityError,
    authority_files::{
        CERTIFICATE, FOLDER, KEY, TEMPORARY, is_missing, remove, remove_abandoned, remove_temporary,
    },
    authority_problem::AuthorityProblem,
    leaf::{Hosts, Leaf},
    pem::pem,
    private_file::{
        Access, NotRead, create_private_file, folder_access, read_private_file, sync_file,
        sync_folder,
    },
};

const BEGIN: &[u8] = b"-----BEGIN ";

/// The folder of the CA of a user, which may not exist yet.
#[derive(Debug, Clone)]
pub struct AuthorityFolder {
    parent: PathBuf,
    path: PathBuf,
}

impl AuthorityFolder {
    /// The folder for the CA in the state folder of the program.
    #[must_use]
    pub fn in_state(parent: &Path) -> Self {
        Self { parent: parent.to_owned(), path: parent.join(FOLDER) }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file with the certificate of this CA, which is written again if it was changed.
    ///
    /// # Errors
    ///
    /// If it has to be written and cannot be.
    pub fn certificate_file(&self, authority: &Authority) -> Result<PathBuf, AuthorityError> {
        let path = self.path.join(CERTIFICATE);
        let certificate = pem("CERTIFICATE", authority.certificate());
        if fs::read(&path).is_ok_and(|it| it == certificate.as_bytes()) {
            return Ok(path);
        }
        let written = fs::write(&path, certificate);
        written.map_err(|it| AuthorityError::NotKept(path.clone(), it)).map(|()| path)
    }

    /// The CA, if there is one.
    ///
    /// # Errors
    ///
    /// If its files cannot be read, are damaged, or can be read by other users.
    pub fn load(&self) -> Result<Option<Authority>, AuthorityError> {
        match self.exists() {
            Ok(true) => self.restore().map(Some),
            Ok(false) => Ok(None),
            Err(error) => Err(AuthorityError::Unreadable(self.path.clone(), error)),
        }
    }

    fn exists(&self) -> io::Result<bool> {
        match fs::symlink_metadata(&self.path) {
            Err(error) if is_missing(&error) => Ok(false),
            metadata => metadata.map(|_| true),
        }
    }

    /// The CA in the folder, which exists.
    fn restore(&self) -> Result<Authority, AuthorityError> {
        // Writing to one of the folders suffices to replace the key.
        for path in [&self.parent, &self.path] {
            if let Some(access) = folder_access(path) {
                return Err(AuthorityError::not_private(path.clone(), access));
            }
        }
        let bytes = self.read_key()?;
        let begin = bytes.windows(BEGIN.len()).position(|it| it == BEGIN);
        let (facts, pem) = bytes.split_at(begin.unwrap_or_default());
        let facts = serde_json::from_slice(facts);
        let facts = facts.map_err(|_| self.damaged("its description is damaged"))?;
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem).ok();
        let key = key.and_then(|it| KeyPair::try_from(it.secret_pkcs8_der()).ok());
        let key = key.ok_or_else(|| self.damaged("its key is damaged"))?;
        let certificate = CertificateDer::from_pem_slice(pem)
            .map_err(|_| self.damaged("its certificate is damaged"))?;
        Authority::restore(certificate, key, facts).map_err(|it| self.error(it))
    }

    /// The CA, which is made if there is none; and whether it was made.
    ///
    /// # Errors
    ///
    /// As for [`AuthorityFolder::load`], or [`AuthorityError::NotKept`] if the folder cannot be
    /// looked up or written.
    pub fn load_or_create(
        &self,
        host_name: Option<&str>,
        now: SystemTime,
    ) -> Result<(Authority, bool), AuthorityError> {
        let not_kept = |error| AuthorityError::NotKept(self.path.clone(), error);
        if self.exists().map_err(not_kept)? {
            return Ok((self.restore()?, false));
        }
        if let Some(access @ Access::Mode(_)) = folder_access(&self.parent) {
            return Err(AuthorityError::not_private(self.parent.clone(), access));
        }
        let authority = Authority::generate(host_name, now).map_err(|it| self.error(it))?;
        match self.keep(&authority) {
            Ok(()) => Ok((authority, true)),
            // Another process may have made one at the same time.
            Err(error) => match self.load()? {
                Some(other) => Ok((other, false)),
                None => Err(not_kept(error)),
            },
        }
    }

    /// Waits until a new CA is on the disk: devices may trust it soon, so it must not be lost with
    /// the power.
    pub fn sync(&self) {
        sync_file(&self.path.join(KEY));
        sync_folder(&self.path);
        sync_folder(&self.parent);
    }

    /// A CA that is not kept.
    ///
    /// # Errors
    ///
    /// If there are no random numbers.
    pub fn in_memory(
        &self,
        host_name: Option<&str>,
        now: SystemTime,
    ) -> Result<Authority, AuthorityError> {
        Authority::generate(host_name, now).map_err(|it| self.error(it))
    }

    /// A certificate for these hosts by the CA of this folder.
    ///
    /// # Errors
    ///
    /// If the parts of the CA do not belong together, or it has expired.
    pub fn issue(
        &self,
        authority: &Authority,
        hosts: Hosts<'_>,
        now: SystemTime,
    ) -> Result<Leaf, AuthorityError> {
        authority.issue_checked(hosts, now).map_err(|it| self.error(it))
    }

    /// Removes the CA. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// If a file cannot be removed, or the folder has others.
    pub fn forget(&self) -> Result<bool, AuthorityError> {
        let (removed, left) = (remove(&self.path), remove_temporary(&self.parent));
        Ok(removed? | left?)
    }

    /// Writes a CA under a temporary name and renames its folder, which fails if there is one.
    fn keep(&self, authority: &Authority) -> io::Result<()> {
        remove_abandoned(&self.parent);
        let mut folder = tempfile::Builder::new();
        folder.prefix(TEMPORARY);
        #[cfg(unix)]
        folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = folder.tempdir_in(&self.parent)?;
        let certificate = pem("CERTIFICATE", authority.certificate());
        let key = pem("PRIVATE KEY", authority.key().serialized_der());
        let all = serde_json::to_string(authority.facts())? + "\n" + &key + &certificate;
        create_private_file(&folder.path().join(CERTIFICATE), &certificate)?;
        create_private_file(&folder.path().join(KEY), &all)?;
        fs::rename(folder.path(), &self.path)?;
        // The temporary name is gone, and is not to be removed.
        let _ = folder.keep();
        Ok(())
    }

    fn read_key(&self) -> Result<Vec<u8>, AuthorityError> {
        let path = self.path.join(KEY);
        read_private_file(&path).map_err(|problem| match problem {
            NotRead::NotPrivate(access) => AuthorityError::not_private(path, access),
            NotRead::Failed(error) if is_missing(&error) => self.damaged("a file is missing"),
            NotRead::Failed(error) => AuthorityError::Unreadable(path, error),
        })
    }

    fn damaged(&self, reason: &'static str) -> AuthorityError {
        AuthorityError::Damaged(self.path.clone(), reason)
    }

    fn error(&self, problem: AuthorityProblem) -> AuthorityError {
        match problem {
            AuthorityProblem::Inconsistent => self.damaged("its files do not belong together"),
            AuthorityProblem::Unconstrained => self.damaged("its certificate permits any name"),
            AuthorityProblem::Expired(date) => AuthorityError::Expired(date),
            AuthorityProblem::NotValidYet { from, today } => {
                AuthorityError::NotValidYet { from, today }
            }
            AuthorityProblem::Failed(error) => AuthorityError::Failed(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Barrier, thread};

    use super::{super::authority_files::names, *};

    fn now() -> SystemTime {
        SystemTime::now()
    }

    fn folder() -> (tempfile::TempDir, AuthorityFolder) {
        let parent = tempfile::tempdir().unwrap();
        let folder = AuthorityFolder::in_state(parent.path());
        (parent, folder)
    }

    #[test]
    fn a_kept_authority_is_loaded_as_it_was_made_until_it_is_forgotten() {
        let (parent, folder) = folder();
        assert!(folder.load().unwrap().is_none());
        let (made, is_new) = folder.load_or_create(Some("a-1"), now()).unwrap();
        assert!(is_new);
        let (loaded, is_new) = folder.load_or_create(Some("b-1"), now()).unwrap();
        assert!(!is_new);
        assert_eq!(loaded.facts(), made.facts());
        assert_eq!(loaded.certificate(), made.certificate());
        assert!(folder.issue(&loaded, Hosts::default(), now()).is_ok());
        assert_eq!(names(parent.path()), ["ca"]);
        assert_eq!(names(folder.path()), ["ca.pem", "key.pem"]);
        assert!(folder.forget().unwrap());
        assert!(!folder.forget().unwrap());
        assert!(names(parent.path()).is_empty());
    }

    #[test]
    fn two_starts_at_once_end_with_one_authority() {
        let (parent, folder) = folder();
        let barrier = Barrier::new(8);
        let made: Vec<_> = thread::scope(|scope| {
            let start = || {
                barrier.wait();
                let (authority, is_new) = folder.load_or_create(Some("a-1"), now()).unwrap();
                (authority.fingerprint(), is_new)
            };
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert_eq!(made.iter().filter(|(_, is_new)| *is_new).count(), 1);
        assert!(made.iter().all(|(fingerprint, _)| *fingerprint == made[0].0));
        assert_eq!(names(parent.path()), ["ca"]);
    }

    #[test]
    fn a_damaged_folder_has_a_message_and_can_be_forgotten() {
        let rows = [
            ("-----BEGIN CERT", "-----BEGIN X", "its certificate is damaged; "),
            ("-----BEGIN PRIV", "-----BEGIN X", "its key is damaged; "),
            ("PRIVATE KEY-----\nM", "PRIVATE KEY-----\nX", "its key is damaged; "),
            ("{\"name\"", "{\"a\"", "its description is damaged; "),
            ("-----BEGIN ", "", "its description is damaged; "),
            ("", "", "a file is missing; "),
        ];
        for (from, to, expected) in rows {
            let (_parent, folder) = folder();
            folder.load_or_create(None, now()).unwrap();
            let path = folder.path().join(KEY);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{text}");
            if from.is_empty() {
                fs::remove_file(path).unwrap();
            } else {
                fs::write(path, text.replace(from, to)).unwrap();
            }
            let error = folder.load().unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("ca forget"), "{error}");
            assert!(folder.forget().unwrap());
        }
    }

    #[test]
    fn the_copy_of_the_certificate_is_restored() {
        let (_parent, folder) = folder();
        let (authority, _) = folder.load_or_create(None, now()).unwrap();
        let path = folder.certificate_file(&authority).unwrap();
        let copy = fs::read(&path).unwrap();
        for damaged in [None, Some("x")] {
            match damaged {
                None => fs::remove_file(&path).unwrap(),
                Some(text) => fs::write(&path, text).unwrap(),
            }
            let (authority, is_new) = folder.load_or_create(None, now()).unwrap();
            assert!(!is_new);
            assert_eq!(folder.certificate_file(&authority).unwrap(), path);
            assert_eq!(fs::read(&path).unwrap(), copy);
        }
    }

    #[test]
    fn files_of_another_authority_are_noticed_when_it_issues() {
        let ((_first, folder_1), (_second, folder_2)) = (folder(), folder());
        folder_1.load_or_create(None, now()).unwrap();
        folder_2.load_or_create(None, now()).unwrap();
        let parts = |folder: &AuthorityFolder| {
            let text = fs::read_to_string(folder.path().join(KEY)).unwrap();
            let key = text.find("-----BEGIN ").unwrap();
            let certificate = text.rfind("-----BEGIN ").unwrap();
            [&text[..key], &text[key..certificate], &text[certificate..]].map(str::to_owned)
        };
        let (own, other) = (parts(&folder_1), parts(&folder_2));
        for (row, part) in other.into_iter().enumerate() {
            let mut mixed = own.clone();
            mixed[row] = part;
            fs::write(folder_1.path().join(KEY), mixed.concat()).unwrap();
            let (authority, _) = folder_1.load_or_create(None, now()).unwrap();
            let error = folder_1.issue(&authority, Hosts::default(), now()).unwrap_err();
            assert!(error.to_string().contains("its files do not belong together; "), "{error}");
        }
    }

    #[test]
    fn forgetting_also_removes_what_an_interrupted_start_left() {
        let (parent, folder) = folder();
        let left = parent.path().join(".ca-abc");
        fs::create_dir(&left).unwrap();
        fs::write(left.join(KEY), "x").unwrap();
        folder.load_or_create(None, now()).unwrap();
        assert_eq!(names(parent.path()), [".ca-abc", "ca"]);
        assert!(folder.forget().unwrap());
        assert!(names(parent.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;

        let (parent, folder) = folder();
        folder.load_or_create(None, now()).unwrap();
        let key = folder.path().join(KEY);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(folder.path()), mode(&key)), (0o700, 0o600));
        let rows = [
            (0o600, 0o700, 0o700, None),
            (0o600, 0o755, 0o755, None),
            (0o640, 0o700, 0o700, Some("ca/key.pem` (mode 640)")),
            (0o600, 0o770, 0o700, Some("ca` (mode 770)")),
            (0o600, 0o700, 0o702, Some("` (mode 702)")),
        ];
        for (key_mode, folder_mode, parent_mode, expected) in rows {
            let modes =
                [(&*key, key_mode), (folder.path(), folder_mode), (parent.path(), parent_mode)];
            for (path, mode) in modes {
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            }
            let error = folder.load().err().map(|it| it.to_string());
            assert_eq!(error.is_some(), expected.is_some(), "{error:?}");
            if let (Some(error), Some(expected)) = (error, expected) {
                assert!(error.contains(expected) && error.contains("chmod go"), "{error}");
            }
        }
    }

    #[test]
    fn a_folder_that_cannot_be_created_is_an_error_of_its_own() {
        let folder = AuthorityFolder::in_state(Path::new("/nonexistent/state"));
        let error = folder.load_or_create(None, now()).unwrap_err();
        assert!(matches!(error, AuthorityError::NotKept(..)), "{error}");
        let authority = folder.in_memory(None, now()).unwrap();
        assert!(folder.issue(&authority, Hosts::default(), now()).is_ok());
    }
}
