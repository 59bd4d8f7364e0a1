//! Parsers: what the files of a site refer to and define, one module per language.

pub(crate) mod css;
pub(crate) mod encoding;
pub(crate) mod feed;
pub(crate) mod history;
pub(crate) mod html;
pub(crate) mod js;
pub(crate) mod json;
pub(crate) mod manifest;
pub(crate) mod reference;
mod text;

use self::text::{BYTE_ORDER_MARK, character};
pub(crate) use self::text::{Span, Text, readable};
