//! Routing: which file or redirect responds at each path, and the responses that follow from it.

pub(crate) mod plan;
pub(crate) mod routes;
