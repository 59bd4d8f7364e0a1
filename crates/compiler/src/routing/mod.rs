//! Routing: which path leads to which file or redirect, and the answers that follow from it.

pub(crate) mod plan;
pub(crate) mod routes;
