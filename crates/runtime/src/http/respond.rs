//! Response to a request: method, route, coding, preconditions and range, in this order.

use chapbook_format::{
    PathFields,
    path::{self, DecodeError},
};

use super::{
    coding,
    condition::{self, Outcome, Validators},
    context::Context,
    error_response::ErrorResponse,
    fields::Name,
    head::{Expectation, RequestHead},
    method::Method,
    range::{self, RequestedRange},
    response::{PathErrorDetails, RequestRedirect, Response, StaticResponse},
    target::Target,
};
use crate::{
    limits::REQUEST_LINE_MAX,
    site::{Content, IDENTITY_KEY, RedirectHead, Resource, Route, Site},
};

/// The response to a request with this head.
pub(super) fn respond<'a, 's>(head: &RequestHead<'a>, cx: &Context<'_, 's>) -> Response<'a, 's> {
    let site = *cx.site;
    if head.expectation == Expectation::Unknown {
        return Response::Static(StaticResponse::Error(ErrorResponse::ExpectationFailed));
    }
    Response::Static(match (head.method, head.target) {
        (Method::Unknown, _) => StaticResponse::Error(ErrorResponse::UnknownMethod),
        (Method::NotAllowed | Method::Connect, target) => method_not_allowed(target, site),
        (Method::Options, Target::Server) => {
            StaticResponse::Options { fields: PathFields::DEFAULT.text }
        }
        (Method::Get | Method::Head | Method::Options, Target::Path { path, is_encoded, .. }) => {
            return if is_encoded {
                respond_to_encoded_path(head, path, site, cx.is_client_local)
            } else {
                respond_to_key(head, path, path, site, cx.is_client_local)
            };
        }
        (_, Target::Server | Target::Authority) => StaticResponse::Error(ErrorResponse::BadRequest),
    })
}

/// The response to a request for a path that contains a `%`. Most do not, and then this buffer is
/// not initialized.
fn respond_to_encoded_path<'a, 's>(
    head: &RequestHead<'a>,
    path: &'a [u8],
    site: Site<'s>,
    is_client_local: bool,
) -> Response<'a, 's> {
    let mut buffer = [0; REQUEST_LINE_MAX];
    match path::key(path, &mut buffer) {
        Ok(key) => respond_to_key(head, key, path, site, is_client_local),
        Err(DecodeError::Malformed) => {
            Response::Static(StaticResponse::Error(ErrorResponse::BadRequest))
        }
        Err(DecodeError::EncodedSlash) => not_found(head, path, site),
    }
}

/// The response to a request for a key; `path` is the path as the client sent it.
fn respond_to_key<'a, 's>(
    head: &RequestHead<'a>,
    key: &[u8],
    path: &'a [u8],
    site: Site<'s>,
    is_client_local: bool,
) -> Response<'a, 's> {
    let (route, prefix_length) = match site.find(key) {
        Some(route) => (route, 0),
        None if key == IDENTITY_KEY && is_client_local && head.method != Method::Options => {
            return Response::Static(StaticResponse::Identity(site.identity_json()));
        }
        None => match site.find_below(key) {
            Some(found) => found,
            None => return not_found(head, key, site),
        },
    };
    Response::Static(match (route, head.method) {
        (Route::Damaged, _) => StaticResponse::Error(ErrorResponse::Damaged),
        (_, Method::Options) => StaticResponse::Options { fields: site.path_fields(key).text },
        (Route::Redirect(redirect), _) => {
            return respond_with_redirect(redirect, path, prefix_length, head.target.query());
        }
        (Route::Resource(resource), _) => return respond_with(head, key, resource, site),
    })
}

/// 405 with the fields of the path, whether or not there is a route.
fn method_not_allowed<'s>(target: Target<'_>, site: Site<'s>) -> StaticResponse<'s> {
    let error = ErrorResponse::MethodNotAllowed;
    let Target::Path { path, .. } = target else { return StaticResponse::Error(error) };
    let mut buffer = [0; REQUEST_LINE_MAX];
    match path::key(path, &mut buffer) {
        Ok(key) => {
            let fields = site.path_fields(key).for_errors();
            StaticResponse::PathError { error, details: PathErrorDetails { fields, varies: false } }
        }
        Err(_) => StaticResponse::Error(error),
    }
}

/// A redirect, with the parts of the target that its location contains.
fn respond_with_redirect<'a, 's>(
    head: RedirectHead<'s>,
    path: &'a [u8],
    prefix_length: usize,
    query: &'a [u8],
) -> Response<'a, 's> {
    let query = if head.query_at.is_some() { query } else { b"" };
    match head.splat_at {
        // Fast path: most requests have no query.
        None if query.is_empty() => Response::Static(StaticResponse::Redirect(head)),
        None => Response::Redirect(RequestRedirect::Rule { head, rest: b"", query }),
        Some(_) => {
            let rest = path::path_after(path, prefix_length);
            Response::Redirect(RequestRedirect::Rule { head, rest, query })
        }
    }
}

/// The response to a request for a key without a route. OPTIONS succeeds if the author gives the
/// path fields: a script of another origin may read the 404 only after a preflight with an ok
/// status (Fetch, "CORS-preflight fetch").
fn not_found<'a, 's>(head: &RequestHead<'_>, key: &[u8], site: Site<'s>) -> Response<'a, 's> {
    match site.author_fields(key) {
        Some(fields) if head.method == Method::Options => {
            Response::Static(StaticResponse::Options { fields: fields.text })
        }
        fields => {
            let fields = fields.unwrap_or(PathFields::DEFAULT).for_errors();
            not_found_page(head, key, fields, site)
        }
    }
}

/// The not-found page for a key, or a 404 without a page. Only the coding is negotiated:
/// preconditions and ranges do not apply (RFC 9110 section 13.2.1). If no coding is acceptable, the
/// page is sent unencoded, because a 404 is more useful than a 406.
fn not_found_page<'a, 's>(
    head: &RequestHead<'_>,
    key: &[u8],
    fields: &'s [u8],
    site: Site<'s>,
) -> Response<'a, 's> {
    let resource = match site.not_found(key) {
        Some(Route::Resource(resource)) => resource,
        Some(_) => return Response::Static(StaticResponse::Error(ErrorResponse::Damaged)),
        None => {
            let details = PathErrorDetails { fields, varies: false };
            let error = ErrorResponse::NotFound;
            return Response::Static(StaticResponse::PathError { error, details });
        }
    };
    match resource.get(coding::choose(resource, &head.fields).unwrap_or(0)) {
        Some(page) => if_intact(&page.content, || StaticResponse::NotFound { page, fields }),
        None => Response::Static(StaticResponse::Error(ErrorResponse::Damaged)),
    }
}

/// A response with content, if the beginning of the content is intact.
fn if_intact<'a, 's>(
    content: &Content<'s>,
    response: impl FnOnce() -> StaticResponse<'s>,
) -> Response<'a, 's> {
    if_part_intact(content, 0, usize::MAX, response)
}

/// A response with a part of a content, if the beginning of the part is intact.
fn if_part_intact<'a, 's>(
    content: &Content<'s>,
    start: usize,
    end: usize,
    response: impl FnOnce() -> StaticResponse<'s>,
) -> Response<'a, 's> {
    Response::Static(if content.is_intact_at(start, end) {
        response()
    } else {
        StaticResponse::Error(ErrorResponse::Damaged)
    })
}

/// The response with a resource to GET or HEAD.
fn respond_with<'a, 's>(
    head: &RequestHead<'_>,
    key: &[u8],
    resource: Resource<'s>,
    site: Site<'s>,
) -> Response<'a, 's> {
    let details = || {
        let fields = site.path_fields(key).for_errors();
        PathErrorDetails { fields, varies: resource.len() > 1 }
    };
    let error = |error| Response::Static(StaticResponse::PathError { error, details: details() });
    let Some(index) = coding::choose(resource, &head.fields) else {
        return error(ErrorResponse::NotAcceptable);
    };
    let Some(representation) = &resource.get(index) else {
        return error(ErrorResponse::Damaged);
    };
    let content = &representation.content;
    let complete = || StaticResponse::Complete(*representation);
    // Fast path: no conditional or Range fields.
    if !condition::is_conditional(&head.fields) && !head.fields.has(Name::Range) {
        return if_intact(content, complete);
    }
    let (entity_tag, last_modified) = (representation.head.entity_tag(), site.info().last_modified);
    let validators = Validators { entity_tag, last_modified };
    match condition::evaluate(&head.fields, validators) {
        Outcome::Failed => return error(ErrorResponse::PreconditionFailed),
        Outcome::NotModified => {
            return Response::Static(StaticResponse::NotModified(*representation));
        }
        Outcome::Proceed => {}
    }
    // RFC 9110 section 14.2: Range is defined for GET only.
    if head.method != Method::Get {
        return if_intact(content, complete);
    }
    let length = content.len() as u64;
    match range::requested(&head.fields, length) {
        RequestedRange::Complete => if_intact(content, complete),
        // Section 14.2: Range is ignored if If-Range does not match.
        _ if !condition::if_range(&head.fields, validators) => if_intact(content, complete),
        RequestedRange::Part { first, last } => {
            let [start, end] = [first, last].map(|it| usize::try_from(it).unwrap_or(usize::MAX));
            let representation = *representation;
            let part = || StaticResponse::Part { representation, first, last };
            if_part_intact(content, start, end.saturating_add(1), part)
        }
        RequestedRange::Unsatisfiable => {
            Response::Static(StaticResponse::Unsatisfiable { length, details: details() })
        }
    }
}
