//! Fallback of a single-page application: the page for all navigations without a route.

use super::{options::RouteOptions, routes::Routes};
use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    rules::{
        Pattern,
        redirects::{Destination, Redirect, RuleStatus},
    },
    walk::SiteFolder,
};

/// The page that is a fallback because of its name. Surge introduced it, and several
/// frameworks write it.
const PAGE: &str = "200.html";
/// The page of an application without one.
const HOME: &str = "index.html";

impl Routes {
    /// Adds the fallback of the site, if it has one, after all rules. Fails if its page is missing.
    pub(crate) fn add_fallback(
        &mut self,
        folder: &SiteFolder,
        options: &RouteOptions,
    ) -> Result<(), Box<Diagnostic>> {
        let exists = |path: &str| folder.files.iter().any(|file| file.path == path);
        let page = match options.is_single_page {
            // The home page of a site with both was rendered for `/` only.
            _ if exists(PAGE) => PAGE,
            true if exists(HOME) => HOME,
            true => return Err(Box::new(missing(folder))),
            false => return Ok(()),
        };
        self.add_last(Redirect {
            from: Pattern::Below("/".to_owned()),
            from_span: 0..0,
            to: Destination::Fixed(format!("/{page}")),
            to_span: 0..0,
            status: RuleStatus::Rewrite,
            is_implied: true,
        });
        Ok(())
    }
}

fn missing(folder: &SiteFolder) -> Diagnostic {
    let message = format!("nothing can be served for `--spa`: the site has no `{HOME}`");
    let help = format!("add an `{HOME}`, or leave the option out");
    Diagnostic::of_file(Lint::EmptySite, folder.display(HOME), message, help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse::Text, routing::routes::Resolution, rules::redirects, walk::SourceFile};

    /// The routes of these files and lines, and whether the page of the fallback is missing.
    fn routes(paths: &[&str], lines: &str, is_single_page: bool) -> (Routes, bool) {
        let mut folder = SiteFolder::at("site".as_ref());
        folder.files = paths.iter().map(|path| SourceFile { path: (*path).to_owned() }).collect();
        let (mut routes, _) = Routes::of_files(&folder);
        let text = Text::new("site/_redirects".to_owned(), lines.as_bytes());
        let (redirects, _) = redirects::parse(&text);
        routes.add(&folder, redirects, &text);
        let added = routes.add_fallback(&folder, &RouteOptions { is_single_page });
        (routes, added.is_err())
    }

    #[test]
    fn a_fallback_answers_the_navigations_that_nothing_else_does() {
        type Row<'a> = (&'a [&'a str], &'a str, bool, &'a str, Option<usize>);
        let rows: &[Row<'_>] = &[
            (&["index.html"], "", false, "/x", None),
            (&["index.html"], "", true, "/x", Some(0)),
            (&["index.html"], "", true, "/x/v1.2", Some(0)),
            (&["index.html"], "", true, "/x.js", None),
            (&["200.html", "index.html"], "", false, "/x", Some(0)),
            (&["200.html", "index.html"], "", true, "/x", Some(0)),
            (&["200.html", "index.html"], "", false, "/", Some(1)),
            (&["200.html"], "", false, "/", Some(0)),
            (&["a/200.html"], "", false, "/a/x", None),
            (&["a.html", "index.html"], "/app/* /a.html 200", true, "/app/x", Some(0)),
            (&["a.html", "index.html"], "/app/* /a.html 200", true, "/x", Some(1)),
            (&["a.html", "index.html"], "/* /a.html 200", true, "/x", Some(0)),
        ];
        for (paths, lines, is_single_page, key, expected) in rows {
            let (routes, is_missing) = routes(paths, lines, *is_single_page);
            assert!(!is_missing, "{paths:?}");
            let file = match routes.resolve(key) {
                Resolution::File(file) => Some(file),
                _ => None,
            };
            assert_eq!(file, *expected, "{paths:?} {lines} {key}");
        }
    }

    #[test]
    fn a_single_page_application_needs_its_page() {
        assert!(routes(&["a.html"], "/ /a", true).1);
        assert!(!routes(&["a.html"], "/ /a", false).1);
    }
}
