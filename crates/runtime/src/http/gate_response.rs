//! Responses of a server with a gate: redirects to HTTPS, and files of the server itself.

use chapbook_format::PathFields;

use super::{
    context::Context,
    error_response::ErrorResponse,
    fields::Name,
    gate::{Gate, WellKnownFile},
    head::RequestHead,
    method::Method,
    response::{RequestRedirect, Response, StaticResponse},
    target::Target,
};
use crate::site::IDENTITY_KEY;

/// The response to a request that does not pass the gate.
pub(super) fn respond_at_gate<'a, 's>(
    gate: &'s Gate,
    head: &RequestHead<'a>,
    cx: &Context<'_, 's>,
) -> Option<Response<'a, 's>> {
    let Target::Path { path, query, .. } = head.target else { return None };
    if let Some(file) = gate.files.iter().find(|file| file.key.as_bytes() == path) {
        return Some(Response::Static(respond_with_file(file, head.method)));
    }
    if gate.requires_tls && !cx.is_secure && !is_exempt(head, path, cx) {
        return Some(to_https(head, path, query));
    }
    let secret = gate.secret.as_ref()?;
    if let Some(query) = secret.split_query(query) {
        let redirect = RequestRedirect::WithCookie { secret, path, query, is_secure: cx.is_secure };
        return Some(Response::Redirect(redirect));
    }
    let is_known = head.fields.values_of("cookie").any(|cookies| secret.is_in_cookies(cookies));
    (!is_known).then_some(Response::Static(StaticResponse::SecretNeeded))
}

fn respond_with_file(file: &WellKnownFile, method: Method) -> StaticResponse<'_> {
    match method {
        Method::Get | Method::Head => StaticResponse::WellKnown(file),
        Method::Options => StaticResponse::Options { fields: PathFields::DEFAULT.text },
        Method::Unknown => StaticResponse::Error(ErrorResponse::UnknownMethod),
        Method::NotAllowed | Method::Connect => {
            StaticResponse::Error(ErrorResponse::MethodNotAllowed)
        }
    }
}

/// Whether a request over plain HTTP is served without TLS: it comes from a browser on this
/// machine, or from a program that looks for the server at a port.
fn is_exempt(head: &RequestHead<'_>, path: &[u8], cx: &Context<'_, '_>) -> bool {
    let host = head.fields.only(Name::Host);
    cx.is_client_local && (path == IDENTITY_KEY || host.is_some_and(is_localhost))
}

/// The redirect to the same URL over TLS. A client of HTTP/1.0 need not send the host.
fn to_https<'a, 's>(head: &RequestHead<'a>, path: &'a [u8], query: &'a [u8]) -> Response<'a, 's> {
    match head.fields.only(Name::Host) {
        Some(host) => Response::Redirect(RequestRedirect::ToHttps { host, path, query }),
        None => Response::Static(StaticResponse::Error(ErrorResponse::MisdirectedRequest)),
    }
}

/// Whether a host, which may have a port, is `localhost` or below it (RFC 6761 section 6.3).
fn is_localhost(host: &[u8]) -> bool {
    const NAME: &[u8] = b"localhost";
    let end = host.iter().position(|&byte| byte == b':').unwrap_or(host.len());
    let name = host[..end].strip_suffix(b".").unwrap_or(&host[..end]);
    let Some(before) = name.len().checked_sub(NAME.len()) else { return false };
    name[before..].eq_ignore_ascii_case(NAME) && (before == 0 || name[before - 1] == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_has_a_port_and_names_below_it() {
        let rows: &[(&str, bool)] = &[
            ("localhost", true),
            ("LocalHost:8080", true),
            ("localhost.", true),
            ("demo.localhost:20000", true),
            ("localhost.example", false),
            ("notlocalhost", false),
            ("127.0.0.1", false),
            ("[::1]:80", false),
            ("", false),
        ];
        for (host, expected) in rows {
            assert_eq!(is_localhost(host.as_bytes()), *expected, "{host}");
        }
    }
}
