//! Starting the executable and talking to it, so that a test is only data.

mod client;
mod server;
mod site_folder;

pub(crate) use chapbook_oracle::{
    conversation::{at_the_start, talk_to, talk_whole, talk_with},
    numbers::Numbers,
    response::{self, Response, parse_all},
};

pub(crate) use self::{
    client::Client,
    server::{Server, chapbook, site_file},
    site_folder::{page, site_folder, write},
};
