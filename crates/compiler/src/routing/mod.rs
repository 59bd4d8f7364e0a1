//! Routing: the file or redirect at each path, and the plan of responses that follows from it.

mod implied;
mod mount;
mod options;
pub(crate) mod other_paths;
pub(crate) mod plan;
pub(crate) mod routes;

pub use self::{
    mount::{Mount, MountError},
    options::RouteOptions,
};
