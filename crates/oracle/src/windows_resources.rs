//! The resources of a Windows executable, read from its bytes as Microsoft documents them ("PE
//! Format", and "Version Information" of the menus and other resources).

/// A resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its type, name and language: numbers, or names.
    pub path: [String; 3],
    /// Its data; `None` if it is not within the file.
    pub data: Option<Vec<u8>>,
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    u16::from_le_bytes([bytes[at], bytes[at + 1]]).into()
}

fn u32_at(bytes: &[u8], at: usize) -> usize {
    u16_at(bytes, at) | u16_at(bytes, at + 2) << 16
}

/// The position of the optional header.
fn optional_header(image: &[u8]) -> usize {
    u32_at(image, 0x3C) + 24
}

/// The subsystem: 2 is a program without a console of its own, and 3 one with a console.
pub fn subsystem(image: &[u8]) -> usize {
    u16_at(image, optional_header(image) + 68)
}

/// The bytes in memory from an address on, up to the end of their section in the file.
fn bytes_at(image: &[u8], address: usize) -> Option<&[u8]> {
    let optional = optional_header(image);
    let table = optional + u16_at(image, optional - 4);
    (0..u16_at(image, optional - 18)).map(|number| table + number * 40).find_map(|row| {
        let (start, length) = (u32_at(image, row + 12), u32_at(image, row + 16));
        let at = u32_at(image, row + 20);
        let offset = address.checked_sub(start).filter(|offset| *offset < length)?;
        image.get(at + offset..at + length)
    })
}

/// All resources of an executable, in the order of its tree.
pub fn resources(image: &[u8]) -> Vec<Resource> {
    let optional = optional_header(image);
    let directories = optional + if u16_at(image, optional) == 0x20B { 112 } else { 96 };
    let address = u32_at(image, directories + 2 * 8);
    let tree = bytes_at(image, address).expect("the resources are in a section");
    let mut found = Vec::new();
    for (kind, at) in entries(tree, 0) {
        for (name, at) in entries(tree, below(at)) {
            for (language, leaf) in entries(tree, below(at)) {
                let (address, length) = (u32_at(tree, leaf), u32_at(tree, leaf + 4));
                let data = bytes_at(image, address).and_then(|bytes| bytes.get(..length));
                let path = [kind.clone(), name.clone(), language];
                found.push(Resource { path, data: data.map(<[u8]>::to_vec) });
            }
        }
    }
    found
}

fn below(at: usize) -> usize {
    assert!(at & 0x8000_0000 != 0, "an entry of the first two levels is a directory");
    at & 0x7FFF_FFFF
}

/// The entries of a directory, which must be sorted: the loader searches in them.
fn entries(tree: &[u8], at: usize) -> Vec<(String, usize)> {
    let (named, numbered) = (u16_at(tree, at + 12), u16_at(tree, at + 14));
    let entry = |number: usize| {
        let at = at + 16 + number * 8;
        let id = u32_at(tree, at);
        assert_eq!(id & 0x8000_0000 != 0, number < named, "names come first");
        let id = if number < named {
            let at = id & 0x7FFF_FFFF;
            let units = (0..u16_at(tree, at)).map(|unit| u16_at(tree, at + 2 + unit * 2));
            let units: Vec<u16> = units.map(|it| u16::try_from(it).unwrap_or(0)).collect();
            String::from_utf16_lossy(&units)
        } else {
            id.to_string()
        };
        (id, u32_at(tree, at + 4))
    };
    let entries: Vec<_> = (0..named + numbered).map(entry).collect();
    let numbers = entries[named..].iter().map(|(id, _)| id.parse::<usize>());
    assert!(numbers.map(Result::unwrap_or_default).is_sorted(), "numbers are sorted");
    entries
}

/// The keys and texts of a version, with those of its nodes, in document order.
pub fn version_texts(version: &[u8]) -> Vec<(String, String)> {
    let (length, value_length) = (u16_at(version, 0), u16_at(version, 2));
    let is_text = u16_at(version, 4) == 1;
    let units = |at: usize| {
        let units = (at..length - 1).step_by(2).map(|at| u16_at(version, at));
        units.take_while(|it| *it != 0).map(|it| u16::try_from(it).unwrap_or(0)).collect::<Vec<_>>()
    };
    let key = units(6);
    let value_at = (6 + key.len() * 2 + 2).next_multiple_of(4);
    let value = if is_text && value_length > 0 { units(value_at) } else { Vec::new() };
    let in_bytes = if is_text { value_length * 2 } else { value_length };
    if is_text && value_length > 0 {
        assert_eq!(value.len() + 1, value_length, "the length of a text includes its end");
    }
    let mut texts = vec![(String::from_utf16_lossy(&key), String::from_utf16_lossy(&value))];
    let mut at = (value_at + in_bytes).next_multiple_of(4);
    while at < length {
        texts.extend(version_texts(&version[at..length]));
        at = (at + u16_at(version, at)).next_multiple_of(4);
    }
    texts
}
