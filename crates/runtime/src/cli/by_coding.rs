//! JSON form of values by content coding: an object whose keys are the tokens of the codings.

use chapbook_format::ByCoding;
use serde::{Serialize, Serializer};

/// For `#[serde(serialize_with)]`.
pub(super) fn serialize<T: Serialize, S: Serializer>(
    values: &ByCoding<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(coding, value)| (coding.token(), value)))
}
