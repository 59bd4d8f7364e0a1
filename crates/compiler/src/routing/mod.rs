//! Routing: the file or redirect at each path, and the plan of responses that follows from it.

pub(crate) mod other_paths;
pub(crate) mod plan;
pub(crate) mod routes;
