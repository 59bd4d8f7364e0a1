//! This file owns the way of a bundle into the process that compiled it. What is served lives as
//! long as the process, so that it is leaked: nothing on the way of a request counts references.

use std::collections::HashMap;

use chapbook_bundle::{Bundle, Head as BundledHead, Route as BundledRoute};

use super::{
    Content, Head, NotFoundPage, PatternRoute, Place, Representation, Resource, Route, Routes, Site,
};

/// A site that answers as the bundle says.
pub(super) fn site(bundle: Bundle) -> Site {
    let resources = bundle.resources.into_iter().map(|resource| {
        let representations = resource.representations.into_iter().map(|it| Representation {
            coding: it.coding,
            content: Content(Place::Memory(Box::leak(Box::new(it.content)))),
            entity_tag: it.entity_tag.leak(),
            head: head(it.head),
        });
        Resource { representations: representations.collect::<Vec<_>>().leak() }
    });
    let resources: &'static [Resource] = resources.collect::<Vec<_>>().leak();
    let routes: HashMap<&'static [u8], Route> = bundle
        .routes
        .into_iter()
        .map(|(key, it)| (&*key.into_bytes().leak(), route(it, resources)))
        .collect();
    let patterns = bundle.patterns.into_iter().map(|it| PatternRoute {
        prefix: it.prefix.into_bytes().leak(),
        route: route(it.route, resources),
    });
    let not_found = bundle.not_found.into_iter().map(|page| NotFoundPage {
        folder: page.folder.into_bytes().leak(),
        resource: &resources[page.resource],
    });
    Site {
        routes: Routes::Loaded(Box::leak(Box::new(routes))),
        patterns: patterns.collect::<Vec<_>>().leak(),
        not_found: not_found.collect::<Vec<_>>().leak(),
        last_modified: bundle.last_modified,
    }
}

fn route(route: BundledRoute, resources: &'static [Resource]) -> Route {
    match route {
        BundledRoute::Resource(index) => Route::Resource(&resources[index]),
        BundledRoute::Redirect(head) => Route::Redirect(head.leak()),
        BundledRoute::RedirectAround { before, after } => {
            Route::RedirectAround { before: before.leak(), after: after.leak() }
        }
    }
}

fn head(head: BundledHead) -> Head {
    let BundledHead { text, content_fields_at, lasting_fields_at } = head;
    Head { text: text.leak(), content_fields_at, lasting_fields_at }
}
