//! A site as an app: in a window of its own, at an origin of its own, and ended with its window.

mod arguments;
mod browser_process;
mod browsers;
mod click;
mod data_folder;
mod default_browser;
mod idle;
mod launch;
mod notice;
mod origin;
mod profile_lock;
mod running_site;
mod window;

pub(super) use self::{
    arguments::WindowArguments,
    click::is_started_by_click,
    launch::{Launch, Place},
    notice::Notice,
    origin::{host as origin_host, url as origin_url},
};
