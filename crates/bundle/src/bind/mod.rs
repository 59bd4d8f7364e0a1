//! From a judged folder to its answers, one file per step. This file owns the last one: every
//! content read again, coded and put under its heads.

pub(crate) mod coding;
pub(crate) mod fingerprint;
pub(crate) mod head;
pub(crate) mod media_type;
pub(crate) mod plan;
pub(crate) mod represent;
pub(crate) mod route;

use self::{
    coding::Coder,
    plan::Plan,
    represent::{Common, represent},
};
use crate::{
    diagnostic::Diagnostic,
    model::{Bundle, NotFoundPage, Resource},
    parallel,
    source::{Source, Stamp},
};

/// What else there is to know for the answers.
#[derive(Debug)]
pub(crate) struct Circumstances {
    /// When the site was made, in seconds since 1970, if its author says so.
    pub(crate) last_modified: Option<u64>,
    /// What makes the codings.
    pub(crate) coder: Coder,
}

/// Makes the answers of a plan, or says which files are not what they were when they were judged.
pub(crate) fn bind(
    source: &Source,
    plan: Plan,
    stamps: &[Option<Stamp>],
    circumstances: &Circumstances,
) -> Result<Bundle, Vec<Diagnostic>> {
    let common = Common::new(circumstances.last_modified);
    // Coding is nearly all of the work of a build, so that each file is coded once, for all of the
    // answers that it is in.
    let represented = parallel::map(&plan.answers, |(): &mut (), _, answers| {
        let file = &source.files[answers.file];
        let Some(stamp) = stamps.get(answers.file).copied().flatten() else {
            return Err(Box::new(source.unbound(&file.path, "could not be read")));
        };
        let bytes = source.read_again(file, stamp);
        let bytes = bytes.map_err(|error| Box::new(source.unreadable(&file.path, &error)))?;
        Ok(represent(file, bytes, &answers.variants, &common, &circumstances.coder))
    });
    let mut resources: Vec<Resource> = Vec::new();
    let mut diagnostics = Vec::new();
    for answer in represented {
        match answer {
            Ok(variants) => resources.extend(variants),
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    Ok(Bundle {
        resources,
        routes: plan.routes,
        patterns: plan.patterns,
        not_found: plan
            .not_found
            .into_iter()
            .map(|(folder, resource)| NotFoundPage { folder, resource })
            .collect(),
        last_modified: common.last_modified_seconds,
        omitted: source.omitted,
    })
}
