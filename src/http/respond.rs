//! The response to a request: method, route, coding, preconditions and range, in this order.

use chapbook_format::path::{self, DecodeError};

use super::{
    answer::{Answer, Response},
    coding,
    condition::{self, Outcome, Validators},
    error_response::ErrorResponse,
    fields::Name,
    head::{Expectation, RequestHead},
    method::Method,
    range::{self, Wanted},
    target::Target,
};
use crate::{
    limits::REQUEST_LINE_MAX,
    site::{Content, Readiness, Resource, Route, Site},
};

/// The response to a request.
pub(super) fn respond<'a>(head: &RequestHead<'a>, site: Site) -> Response<'a> {
    if head.expectation == Expectation::Unknown {
        return Response::Answer(Answer::Refused(ErrorResponse::ExpectationFailed));
    }
    Response::Answer(match (head.method, head.target) {
        (Method::Unknown, _) => Answer::Refused(ErrorResponse::UnknownMethod),
        (Method::NotAllowed | Method::Connect, _) => {
            Answer::Refused(ErrorResponse::MethodNotAllowed)
        }
        (Method::Options, Target::Server) => Answer::Options,
        (Method::Get | Method::Head | Method::Options, Target::Path(path)) => {
            return respond_to_path(head, path, site);
        }
        (_, Target::Server | Target::Host) => Answer::Refused(ErrorResponse::BadRequest),
    })
}

fn respond_to_path<'a>(head: &RequestHead<'_>, path: &'a [u8], site: Site) -> Response<'a> {
    // Fast path: most paths have nothing encoded, and then the buffer is not even touched.
    if !path.contains(&b'%') {
        return respond_to_key(head, path, path, site);
    }
    let mut buffer = [0; REQUEST_LINE_MAX];
    match path::key(path, &mut buffer) {
        Ok(key) => respond_to_key(head, key, path, site),
        Err(DecodeError::Malformed) => Response::Answer(Answer::Refused(ErrorResponse::BadRequest)),
        Err(DecodeError::EncodedSlash) => not_found(head, path, site),
    }
}

/// The response to a request for `key`; `path` is the same as the client sent it.
fn respond_to_key<'a>(
    head: &RequestHead<'_>,
    key: &[u8],
    path: &'a [u8],
    site: Site,
) -> Response<'a> {
    let (route, prefix_length) = match site.find(key) {
        Some(route) => (route, 0),
        None => match site.find_below(key) {
            Some(found) => found,
            None => return not_found(head, key, site),
        },
    };
    Response::Answer(match (route, head.method) {
        (Route::Damaged, _) => Answer::Refused(ErrorResponse::Damaged),
        (_, Method::Options) => Answer::Options,
        (Route::Redirect(redirect), _) => Answer::Redirect(redirect),
        (Route::SplatRedirect { status, before, after }, _) => {
            let rest = path::path_after(path, prefix_length);
            return Response::SplatRedirect { status, before, after, rest };
        }
        (Route::Resource(resource), _) => return respond_with(head, resource, site),
    })
}

/// The not-found page. Preconditions and ranges do not apply to it (RFC 9110 section 13.2.1), only
/// the coding is negotiated; if no coding is acceptable, the page is sent unencoded, because a 404
/// matters more than a 406.
fn not_found<'a>(head: &RequestHead<'_>, key: &[u8], site: Site) -> Response<'a> {
    let resource = match site.not_found(key) {
        Some(Route::Resource(resource)) => resource,
        Some(_) => return Response::Answer(Answer::Refused(ErrorResponse::Damaged)),
        None => return Response::Answer(Answer::Refused(ErrorResponse::NotFound)),
    };
    match &resource.get(coding::choose(resource, &head.fields).unwrap_or(0)) {
        Some(representation) => {
            verified(&representation.content, || Answer::Complete(*representation))
        }
        None => Response::Answer(Answer::Refused(ErrorResponse::NotFound)),
    }
}

/// An answer with content, if the content is verified.
fn verified<'a>(content: &Content, answer: impl FnOnce() -> Answer) -> Response<'a> {
    match content.readiness() {
        Readiness::Sound => Response::Answer(answer()),
        Readiness::Damaged => Response::Answer(Answer::Refused(ErrorResponse::Damaged)),
        Readiness::Unchecked => match content.unverified() {
            Some(content) => Response::Wait(content),
            None => Response::Answer(Answer::Refused(ErrorResponse::Damaged)),
        },
    }
}

fn respond_with<'a>(head: &RequestHead<'_>, resource: Resource, site: Site) -> Response<'a> {
    let varies = resource.len() > 1;
    let refused = |error| {
        Response::Answer(if varies {
            Answer::RefusedVarying(error)
        } else {
            Answer::Refused(error)
        })
    };
    let Some(index) = coding::choose(resource, &head.fields) else {
        return refused(ErrorResponse::NotAcceptable);
    };
    let Some(representation) = &resource.get(index) else {
        return refused(ErrorResponse::Damaged);
    };
    let content = &representation.content;
    let complete = || Answer::Complete(*representation);
    // Fast path: no conditional or Range fields.
    if !condition::is_set(&head.fields) && !head.fields.has(Name::Range) {
        return verified(content, complete);
    }
    let (entity_tag, last_modified) = (representation.entity_tag, site.info().last_modified);
    let validators = Validators { entity_tag, last_modified };
    match condition::evaluate(&head.fields, validators) {
        Outcome::Failed => return refused(ErrorResponse::PreconditionFailed),
        Outcome::NotModified => return Response::Answer(Answer::NotModified(*representation)),
        Outcome::Proceed => {}
    }
    // RFC 9110 section 14.2: Range is defined for GET only.
    if head.method != Method::Get {
        return verified(content, complete);
    }
    let length = content.bytes().len() as u64;
    match range::wanted(&head.fields, length) {
        Wanted::Whole => verified(content, complete),
        // Section 14.2: Range is ignored if If-Range does not match.
        _ if !condition::if_range(&head.fields, validators) => verified(content, complete),
        Wanted::Part { first, last } => {
            verified(content, || Answer::Part { representation: *representation, first, last })
        }
        Wanted::Unsatisfiable => Response::Answer(Answer::Unsatisfiable { length, varies }),
    }
}
