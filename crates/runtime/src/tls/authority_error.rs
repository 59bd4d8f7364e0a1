//! Why the local CA cannot be used, and what to do.

use std::{error::Error, fmt, io, path::PathBuf};

use super::private_file::Access;

/// Why the folder of the local CA, or the CA in it, cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The folder cannot be created or written.
    NotKept(PathBuf, io::Error),
    /// A file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// A file is not what was written.
    Damaged(PathBuf, &'static str),
    /// Other users can read the key, or replace it; with the permissions.
    NotPrivate(PathBuf, u32),
    /// A file or a folder belongs to another user, with this number.
    OtherOwner(PathBuf, u32),
    /// The validity has ended, on a date.
    Expired(String),
    /// The validity begins on a date in the future.
    NotValidYet {
        /// The date of its begin.
        from: String,
        /// Today by the clock of this machine.
        today: String,
    },
    /// A file cannot be removed.
    NotRemoved(PathBuf, io::Error),
    /// The folder has files that are not those of a CA.
    OtherFiles(PathBuf),
    /// Nothing can be signed.
    Failed(String),
}

impl AuthorityError {
    /// The error if other users have this access to a path.
    pub(super) fn not_private(path: PathBuf, access: Access) -> Self {
        match access {
            Access::Mode(mode) => Self::NotPrivate(path, mode),
            Access::Owner(user) => Self::OtherOwner(path, user),
        }
    }
}

impl fmt::Display for AuthorityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotKept(path, error) => {
                write!(f, "cannot keep the local CA in `{}`: {error}", path.display())
            }
            Self::Unreadable(path, error) => write!(
                f,
                "cannot read the local CA `{}`: {error}; check the owner and the permissions of \
                 its folder",
                path.display()
            ),
            Self::Damaged(path, reason) => write!(
                f,
                "cannot use the local CA in `{}`: {reason}; remove it with `chapbook ca forget`, \
                 and install the new one on your devices",
                path.display()
            ),
            Self::NotPrivate(path, mode) => write!(
                f,
                "cannot use the local CA: other users have access to `{}` (mode {mode:o}); if \
                 none of them has used it, run `chmod go= '{}'`, else `chapbook ca forget`",
                path.display(),
                path.display()
            ),
            Self::OtherOwner(path, user) => write!(
                f,
                "cannot use the local CA: `{}` belongs to another user (number {user}); run this \
                 as that user, or set HOME to your own home folder",
                path.display()
            ),
            Self::Expired(date) => write!(
                f,
                "cannot use the local CA: it expired on {date}; remove it with `chapbook ca \
                 forget`, and install the new one on your devices"
            ),
            Self::NotValidYet { from, today } => write!(
                f,
                "cannot use the local CA: it is valid from {from} on, and today is {today} by the \
                 clock of this machine; set the clock, or run `chapbook ca forget` if the CA was \
                 made while the clock was wrong"
            ),
            Self::NotRemoved(path, error) => write!(
                f,
                "cannot remove `{}`: {error}; check the owner and the permissions of its folder",
                path.display()
            ),
            Self::OtherFiles(path) => write!(
                f,
                "the local CA is removed, but `{}` has other files; remove the folder yourself",
                path.display()
            ),
            Self::Failed(reason) => write!(
                f,
                "cannot make a certificate: {reason}; use one of your own with --tls-cert"
            ),
        }
    }
}

impl Error for AuthorityError {}
