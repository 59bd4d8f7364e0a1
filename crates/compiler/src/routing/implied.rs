//! Rules that follow from options and file names: redirects to the mount, and the fallback of a
//! single-page application.

use super::{options::RouteOptions, routes::Routes};
use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    rules::{
        Pattern,
        redirects::{Destination, Redirect, RuleStatus},
    },
    site_folder::SiteFolder,
};

/// The page that is a fallback because of its name. Surge introduced it, and several
/// frameworks write it.
const PAGE: &str = "200.html";
/// The page of an application without one.
const HOME: &str = "index.html";

impl Routes {
    /// Adds the implied rules after all others. Fails if the page of the fallback is missing.
    pub(crate) fn add_implied(
        &mut self,
        folder: &SiteFolder,
        options: &RouteOptions,
    ) -> Result<(), Box<Diagnostic>> {
        self.add_redirects_to_mount();
        let exists = |path: &str| folder.files.iter().any(|file| file.path == path);
        let page = match options.is_single_page {
            // The home page of a site with both was rendered for `/` only.
            _ if exists(PAGE) => PAGE,
            true if exists(HOME) => HOME,
            // Otherwise the missing home page is reported.
            true if self.find(self.mount.key()).is_some() => {
                return Err(Box::new(missing(folder)));
            }
            true => return Ok(()),
            false => return Ok(()),
        };
        let pattern = Pattern::Below(self.mount.key().to_owned());
        let to = self.mount.prefixed(page);
        self.add_last(implied(pattern, to, RuleStatus::Rewrite));
        Ok(())
    }

    /// Adds redirects from the folders above the mount, where a person who types the host name
    /// arrives. They are temporary, because another site may be served there later.
    fn add_redirects_to_mount(&mut self) {
        let mount = self.mount.clone();
        for key in mount.keys_above() {
            let is_mount = mount.key().strip_suffix('/') == Some(key);
            let status = RuleStatus::Redirect(if is_mount { 308 } else { 302 });
            self.add_last(implied(Pattern::Exact(key.to_owned()), mount.url_path(), status));
        }
    }
}

fn implied(from: Pattern, to: String, status: RuleStatus) -> Redirect {
    let to = Destination::Fixed(to);
    Redirect { from, from_span: 0..0, to, to_span: 0..0, status, is_implied: true }
}

fn missing(folder: &SiteFolder) -> Diagnostic {
    let message = format!("cannot use `--spa`: the site has no `{HOME}`");
    let help = format!("add an `{HOME}`, or leave the option out");
    Diagnostic::of_file(Lint::EmptySite, folder.name(), message, help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        parse::Text,
        routing::routes::{Resolution, RouteEntry},
        rules::redirects,
    };

    /// The routes of these files and lines, and whether the page of the fallback is missing.
    fn routes(paths: &[&str], lines: &str, options: &RouteOptions) -> (Routes, bool) {
        let folder = SiteFolder::of_paths(paths);
        let (mut routes, _) = Routes::of_files(&folder, &options.mount);
        let text = Text::new("site/_redirects".to_owned(), lines.as_bytes());
        let (redirects, _) = redirects::parse(&text);
        routes.add(&folder, redirects, &text);
        let added = routes.add_implied(&folder, options);
        (routes, added.is_err())
    }

    fn options(mount: &str, is_single_page: bool) -> RouteOptions {
        RouteOptions { mount: mount.parse().unwrap(), is_single_page }
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
            let (routes, is_missing) = routes(paths, lines, &options("/", *is_single_page));
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
        assert!(routes(&["a.html"], "/ /a", &options("/", true)).1);
        assert!(!routes(&["a.html"], "/ /a", &options("/", false)).1);
    }

    #[test]
    fn the_folders_above_a_mount_redirect_to_it_unless_a_rule_does() {
        let paths = ["a.html", "index.html"];
        let lines = "/group/ /group/project/a 302\n/group/project/old /group/project/a";
        let (routes, _) = routes(&paths, lines, &options("/group/project/", true));
        let not_found = |key: &str| Resolution::NotFound(key.to_owned());
        let rows = [
            ("/", Resolution::File(1)),
            ("/group", Resolution::File(1)),
            ("/group/", Resolution::File(0)),
            ("/group/project", Resolution::FolderSlash(1)),
            ("/group/project/", Resolution::File(1)),
            ("/group/project/a", Resolution::File(0)),
            ("/group/project/a/", Resolution::File(0)),
            ("/group/project/index", Resolution::File(1)),
            ("/group/project/old", Resolution::File(0)),
            ("/group/project/any/v1.2", Resolution::File(1)),
            ("/group/project/any.js", not_found("/group/project/any.js")),
            ("/group/a", not_found("/group/a")),
            ("/a", not_found("/a")),
        ];
        for (key, expected) in rows {
            assert_eq!(routes.resolve(key), expected, "{key}");
        }
    }

    #[test]
    fn a_mount_without_a_home_page_redirects_to_its_slash() {
        let (routes, _) = routes(&["a.html"], "/repo/ /repo/a 302", &options("/repo/", false));
        assert_eq!(routes.resolve("/repo"), Resolution::File(0));
        let RouteEntry::Redirect(rule) = routes.exact["/repo"] else { panic!("no rule") };
        assert_eq!(routes.redirects[rule].status, RuleStatus::Redirect(308));
    }
}
