//! Starting the executable and talking to it, so that a test is only data.

mod client;
#[cfg(unix)]
mod crowd;
#[cfg(target_os = "linux")]
mod process;
mod server;
mod site_folder;

pub(crate) use chapbook_oracle::{
    conversation::{at_the_start, talk_to, talk_whole, talk_with},
    numbers::Numbers,
    response::{self, Response, parse_all},
};

#[cfg(unix)]
pub(crate) use self::crowd::{Member, alone, connections, eventually, noise, pass, serve_noise};
#[cfg(target_os = "linux")]
pub(crate) use self::process::Process;
pub(crate) use self::{
    client::Client,
    server::{Server, chapbook, site_file},
    site_folder::{page, site_folder, write},
};
