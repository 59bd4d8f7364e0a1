//! Numbers per content coding in JSON: an object with the tokens of all codings as its keys.

use chapbook_format::ByCoding;
use serde::{Serialize, Serializer};

/// For `#[serde(serialize_with)]`.
pub(super) fn serialize<T: Serialize, S: Serializer>(
    values: &ByCoding<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(coding, value)| (coding.token(), value)))
}
