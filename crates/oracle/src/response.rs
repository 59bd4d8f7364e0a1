//! Parsing responses. A response that violates the grammar of RFC 9112 is a panic.

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The fields in order, names in lower case.
    pub fields: Vec<(String, String)>,
    /// The content.
    pub content: Vec<u8>,
}

impl Response {
    /// The value of a field that can occur only once.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(it, _)| it == name);
        let (_, value) = values.next()?;
        assert!(values.next().is_none(), "{name} occurs twice: {self:?}");
        Some(value)
    }
}

/// The first response in `bytes` and its length; `None` if it is incomplete.
pub fn parse(bytes: &[u8], is_head: bool) -> Option<(Response, usize)> {
    let head_end = bytes.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..head_end]).expect("heads are ASCII here");
    let mut lines = head.split("\r\n");
    let status = status(lines.next().unwrap_or_default());
    let fields: Vec<(String, String)> = lines.map(field).collect();
    let mut response = Response { status, fields, content: Vec::new() };
    let start = head_end + 4;
    assert!(response.field("transfer-encoding").is_none(), "the length is always known: {head}");
    let length = response.field("content-length").map(|it| it.parse::<usize>().expect("a number"));
    let has_content = !is_head && !matches!(status, 100..=199 | 204 | 304);
    if !has_content {
        assert!(!matches!(status, 100..=199 | 204) || length.is_none(), "{head}");
        return Some((response, start));
    }
    let end = start + length.expect("a response with content has a length");
    response.content = bytes.get(start..end)?.to_vec();
    Some((response, end))
}

/// All responses in `bytes`. `heads` are the indices of those to HEAD.
///
/// # Errors
///
/// If the last one is incomplete.
pub fn parse_all(mut bytes: &[u8], heads: &[usize]) -> Result<Vec<Response>, String> {
    let mut responses: Vec<Response> = Vec::new();
    let mut finals = 0;
    while !bytes.is_empty() {
        let Some((response, length)) = parse(bytes, heads.contains(&finals)) else {
            return Err(format!("incomplete: {}", bytes.escape_ascii()));
        };
        finals += usize::from(response.status >= 200);
        responses.push(response);
        bytes = &bytes[length..];
    }
    Ok(responses)
}

fn status(line: &str) -> u16 {
    let rest = line.strip_prefix("HTTP/1.1 ").unwrap_or_else(|| panic!("status line `{line}`"));
    let (code, reason) = rest.split_once(' ').expect("a code and a reason");
    assert!(!reason.is_empty() && reason.chars().all(|it| it == ' ' || it.is_ascii_graphic()));
    assert_eq!(code.len(), 3, "status line `{line}`");
    code.parse().expect("a number")
}

fn field(line: &str) -> (String, String) {
    let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("field line `{line}`"));
    let is_token = |it: u8| it.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&it);
    assert!(!name.is_empty() && name.bytes().all(is_token), "`{line}`");
    assert_eq!(value.trim(), value, "`{line}`");
    assert!(value.bytes().all(|it| matches!(it, b'\t' | b' '..=b'~')), "`{line}`");
    (name.to_ascii_lowercase(), value.to_owned())
}
