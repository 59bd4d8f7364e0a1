//! Secret link of `serve`: who does not have it gets no page of the site.

use std::net::SocketAddr;

use clap::Args;

use super::{boolean::boolean, failure::Failure, help};
use crate::http::Secret;

#[derive(Debug, Args)]
pub(super) struct SecretArguments {
    /// With --lan: only those who have the printed link get the site
    #[arg(
        long,
        env = "CHAPBOOK_SECRET",
        hide_env = true,
        help_heading = help::TUNING,
        value_parser = boolean
    )]
    secret: bool,
}

impl SecretArguments {
    /// Whether there is a secret.
    pub(super) fn is_requested(&self) -> bool {
        self.secret
    }

    /// Checks which options are combined. Not declared as conflicts to clap, which would treat
    /// `CHAPBOOK_SECRET=0` as `--secret`.
    pub(super) fn check(&self, is_quiet: bool, is_opened: bool) -> Result<(), Failure> {
        let problem = match (self.secret, is_quiet, is_opened) {
            (true, true, _) => {
                "--quiet (or CHAPBOOK_QUIET) hides the link that --secret (or CHAPBOOK_SECRET) \
                 makes; remove one"
            }
            (true, false, true) => {
                "--open (or CHAPBOOK_OPEN) would show the link of --secret (or CHAPBOOK_SECRET) to \
                 all users of this machine, as an argument of the browser; remove --open, and open \
                 the link by hand"
            }
            _ => return Ok(()),
        };
        Err(Failure::usage(problem))
    }

    /// A new secret, if one is requested. `shared` are the addresses for other machines, and
    /// `is_inherited` whether the sockets are from socket activation, which excludes `--lan`.
    pub(super) fn make(
        &self,
        shared: Option<&[SocketAddr]>,
        is_app: bool,
        is_inherited: bool,
    ) -> Result<Option<Secret>, Failure> {
        match (self.secret, shared) {
            (false, _) => return Ok(None),
            (true, None) => {
                let advice = if is_inherited {
                    "let the socket unit listen on an address of the network"
                } else {
                    "add --lan"
                };
                return Err(Failure::usage(format_args!(
                    "--secret (or CHAPBOOK_SECRET) is about other machines, and none can connect; \
                     {advice}"
                )));
            }
            (true, Some(_)) if is_app => {
                return Err(Failure::usage(
                    "--secret (or CHAPBOOK_SECRET) cannot be combined with --app and --kiosk, \
                     whose window does not have the link; remove one",
                ));
            }
            (true, Some(_)) => {}
        }
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| {
            Failure::error(format_args!(
                "cannot make a secret link: {error}; start without --secret"
            ))
        })?;
        Ok(Some(Secret::new(random)))
    }
}
