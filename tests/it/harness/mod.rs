//! Starting the executable and talking to it, so that a test is only data.

mod client;
mod core;
mod response;
mod server;
mod site_folder;

pub(crate) use self::{
    client::Client,
    core::{at_the_start, talk_to, talk_whole, talk_with},
    response::{Response, parse_all},
    server::{Server, chapbook, site_file},
    site_folder::{page, site_folder, write},
};
