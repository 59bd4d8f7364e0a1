//! This file owns what stands before a payload in an executable: how to get back the executable
//! that the site was packed into, so that another site takes the place of the first.
//!
//! ```text
//! u32 length of the lead, u32 length of the head, u64 length of the base, u64 cut, u64 gap,
//! SHA-256 of all else; the head: the first bytes of the base; what the format needs
//! ```
//!
//! The base is its head, then what stands in the packed file behind the head and before the cut,
//! then what stands behind the gap.

use crate::digest::{Hash, Hasher};

/// The name of the section that holds a packed site.
pub const SECTION: &str = "chapbook";

/// The length of the fixed part in bytes.
pub const FIXED: usize = 64;
/// Where the hash stands.
const HASH_AT: usize = 32;

/// How to get the base back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaseInfo<'a> {
    /// The first bytes of the base.
    pub head: &'a [u8],
    /// The length of the base in bytes.
    pub length: u64,
    /// Where in the packed file something was put in.
    pub cut: u64,
    /// How many bytes were put in.
    pub gap: u64,
}

/// The payload behind the lead of a section; `None` where the lead is damaged.
#[must_use]
pub fn payload(section: &[u8]) -> Option<&[u8]> {
    let length = u32::from_le_bytes(*section.first_chunk()?);
    let (lead, payload) = section.split_at_checked(usize::try_from(length).ok()?)?;
    let hash: &Hash = lead.get(HASH_AT..FIXED)?.try_into().ok()?;
    (seal(lead) == *hash).then_some(payload)
}

fn seal(lead: &[u8]) -> Hash {
    let mut hasher = Hasher::default();
    hasher.update(&lead[..HASH_AT.min(lead.len())]);
    hasher.update(lead.get(FIXED..).unwrap_or_default());
    hasher.finish()
}

impl<'a> BaseInfo<'a> {
    /// The lead of a section, with `extra` behind the head.
    pub fn lead(&self, extra: &[u8]) -> Vec<u8> {
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        let mut lead = Vec::with_capacity(FIXED + self.head.len() + extra.len());
        lead.extend(number(FIXED + self.head.len() + extra.len()));
        lead.extend(number(self.head.len()));
        for it in [self.length, self.cut, self.gap] {
            lead.extend(it.to_le_bytes());
        }
        lead.extend([0; 32]);
        lead.extend(self.head);
        lead.extend(extra);
        let hash = seal(&lead);
        lead[HASH_AT..FIXED].copy_from_slice(&hash);
        lead
    }

    /// What the lead of a section says; `None` where it is damaged.
    pub fn read(section: &'a [u8]) -> Option<Self> {
        payload(section)?;
        let number = |at: usize| Some(u64::from_le_bytes(*section.get(at..)?.first_chunk()?));
        let head_length = u32::from_le_bytes(*section.get(4..)?.first_chunk()?);
        let head_end = FIXED.checked_add(usize::try_from(head_length).ok()?)?;
        let head = section.get(FIXED..head_end)?;
        Some(Self { head, length: number(8)?, cut: number(16)?, gap: number(24)? })
    }

    /// The base of a packed file; `None` where this is not its origin.
    pub fn restore(&self, packed: &[u8]) -> Option<Vec<u8>> {
        let at = |number: u64| usize::try_from(number).ok();
        let (length, cut) = (at(self.length)?, at(self.cut)?);
        let behind = packed.get(at(self.cut.checked_add(self.gap)?)?..)?;
        let mut base = Vec::with_capacity(length.min(packed.len()));
        base.extend(self.head);
        base.extend(packed.get(self.head.len()..cut)?);
        base.extend(behind.get(..length.checked_sub(base.len())?)?);
        Some(base)
    }
}

/// Writes where something was put in, which is known only after it was.
pub fn set_cut(section: &mut [u8], cut: u64, gap: u64) -> Option<()> {
    let length = u32::from_le_bytes(*section.first_chunk()?);
    let lead = section.get_mut(..usize::try_from(length).ok()?)?;
    lead.get_mut(16..24)?.copy_from_slice(&cut.to_le_bytes());
    lead.get_mut(24..HASH_AT)?.copy_from_slice(&gap.to_le_bytes());
    let hash = seal(lead);
    lead.get_mut(HASH_AT..FIXED)?.copy_from_slice(&hash);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_its_head_and_what_is_around_the_gap() {
        let base = b"HEADbodytail";
        let packed = b"headbody[put in]tail and more";
        let origin = BaseInfo { head: b"HEAD", length: 12, cut: 8, gap: 8 };
        let mut section = origin.lead(b"extra");
        section.extend(b"payload");
        assert_eq!(BaseInfo::read(&section), Some(origin));
        assert_eq!(payload(&section), Some(&b"payload"[..]));
        assert_eq!(origin.restore(packed).as_deref(), Some(&base[..]));
        set_cut(&mut section, 9, 10).unwrap();
        assert_eq!(BaseInfo::read(&section), Some(BaseInfo { cut: 9, gap: 10, ..origin }));
    }

    #[test]
    fn a_damaged_lead_is_none_and_nothing_panics() {
        let origin = BaseInfo { head: b"HEAD", length: u64::MAX, cut: u64::MAX, gap: u64::MAX };
        let lead = origin.lead(b"extra");
        assert_eq!(origin.restore(b"short"), None);
        for at in 0..lead.len() {
            let mut flipped = lead.clone();
            flipped[at] ^= 1;
            assert_eq!(payload(&flipped), None, "{at}");
            assert_eq!(BaseInfo::read(&lead[..at]), None, "{at}");
        }
    }
}
