//! URLs that a script may load when it runs: those on another host, and the files of the site that
//! are scripts or style sheets because of them. Whether they are loaded is not certain, so a URL
//! that leads nowhere is not reported.

use super::{
    address::{Address, BaseUrl},
    context::LintContext,
    links::{Referrer, ResolvedReferences},
    wrong_type,
};
use crate::{
    lints::Lint,
    parse::reference::{Purpose, Reference},
    routing::routes::Resolution,
};

/// Lints the URLs of a file that a script may load.
pub(crate) fn lint(
    cx: LintContext<'_>,
    referrer: &Referrer<'_>,
    references: &[Reference],
    resolved: &mut ResolvedReferences,
) {
    for reference in references {
        let Purpose::MayLoad(loaded_as) = reference.purpose else { continue };
        match referrer.base.resolve(&reference.url) {
            Address::OtherHost => {
                let url = &reference.url;
                let message = format!("`{url}` is on another host, and a script may load it");
                let help = "copy the file into the site and change the URL: the site must work \
                            without a network; ignore this if the script never loads it";
                let span = reference.span.clone();
                let diagnostic =
                    referrer.text.diagnostic(Lint::PerhapsExternal, span, message, help);
                resolved.diagnostics.push(diagnostic);
            }
            Address::OnSite { key, .. } => {
                if let Resolution::File(target) = cx.routes.resolve(&key) {
                    resolved.loads.push((target, loaded_as));
                    let wrong =
                        wrong_type::lint(cx, referrer.text, reference, &key, target, loaded_as);
                    resolved.diagnostics.extend(wrong);
                }
            }
            Address::Undecodable(_) | Address::OtherScheme | Address::Malformed => {}
        }
    }
}

/// The file that a script may load from a URL.
pub(crate) fn target(cx: LintContext<'_>, base: &BaseUrl, url: &str) -> Option<usize> {
    let Address::OnSite { key, .. } = base.resolve(url) else { return None };
    match cx.routes.resolve(&key) {
        Resolution::File(target) => Some(target),
        _ => None,
    }
}
