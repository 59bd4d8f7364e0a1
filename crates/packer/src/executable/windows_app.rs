//! Resources that say what a Windows executable is: its icon, its version and its manifest.

use super::pe_resources::ResourceTree;
use crate::app::{Icon, version_numbers};

// Types of resources, as in <winuser.h>.
const RT_ICON: u16 = 3;
const RT_GROUP_ICON: u16 = 14;
const RT_VERSION: u16 = 16;
const RT_MANIFEST: u16 = 24;

/// The application runs with the rights of its user, in UTF-8, with paths of any length and on
/// displays of any resolution. If no shell starts it, it gets no console, whatever its subsystem;
/// versions before Windows 11 24H2 ignore this.
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
<trustInfo xmlns="urn:schemas-microsoft-com:asm.v3"><security><requestedPrivileges>
<requestedExecutionLevel level="asInvoker" uiAccess="false"/>
</requestedPrivileges></security></trustInfo>
<compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1"><application>
<supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/>
</application></compatibility>
<application xmlns="urn:schemas-microsoft-com:asm.v3"><windowsSettings>
<activeCodePage xmlns="http://schemas.microsoft.com/SMI/2019/WindowsSettings">UTF-8</activeCodePage>
<longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
<dpiAwareness
xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">PerMonitorV2</dpiAwareness>
<consoleAllocationPolicy
xmlns="http://schemas.microsoft.com/SMI/2024/WindowsSettings">detached</consoleAllocationPolicy>
</windowsSettings></application></assembly>
"#;

/// Maximum number of characters of a text: the lengths in a version have 16 bits.
const TEXT_MAX: usize = 1000;

/// What a Windows executable says about itself.
#[derive(Debug, Clone, Copy)]
pub struct WindowsApp<'a> {
    /// The name of the app.
    pub name: &'a str,
    /// What it is.
    pub description: Option<&'a str>,
    /// Its version, which should begin with up to four numbers.
    pub version: Option<&'a str>,
    /// The name of its file.
    pub file_name: &'a str,
    /// Its icon; by default that of the base, or else the one of sites without an icon.
    pub icon: Option<&'a Icon>,
    /// Whether it is a program for the console. A shell waits for such a program, and before
    /// Windows 11 24H2 a double click opens a console.
    pub has_console: bool,
}

impl WindowsApp<'_> {
    /// The section with the resources of a base and these, at this address in memory.
    pub(super) fn resources(&self, base: ResourceTree, address: u64) -> Vec<u8> {
        let mut tree = base;
        if self.icon.is_some() || !tree.has(RT_GROUP_ICON) {
            tree.remove(RT_ICON);
            tree.remove(RT_GROUP_ICON);
            let fallback = self.icon.is_none().then(Icon::fallback);
            if let Some(icon) = self.icon.or(fallback.as_ref()) {
                add_icon(icon, &mut tree);
            }
        }
        tree.remove(RT_VERSION);
        tree.remove(RT_MANIFEST);
        tree.add(RT_VERSION, 1, self.version_info());
        tree.add(RT_MANIFEST, 1, MANIFEST.into());
        tree.to_bytes(address)
    }

    /// `VS_VERSIONINFO`, in Unicode and for all languages.
    fn version_info(&self) -> Vec<u8> {
        let numbers = version_numbers(self.version.unwrap_or_default());
        let numbers_text = numbers.map(|it| it.to_string()).join(".");
        let version = self.version.unwrap_or(&numbers_text);
        let strings = [
            ("Comments", self.description),
            ("FileDescription", Some(self.name)),
            ("FileVersion", Some(version)),
            ("OriginalFilename", Some(self.file_name)),
            ("ProductName", Some(self.name)),
            ("ProductVersion", Some(version)),
        ];
        let strings = strings.into_iter().filter_map(|(key, text)| {
            let text: Vec<u16> = text?
                .chars()
                .take(TEXT_MAX)
                .collect::<String>()
                .encode_utf16()
                .chain([0])
                .collect();
            let value: Vec<u8> = text.iter().flat_map(|it| it.to_le_bytes()).collect();
            Some(node(key, text.len(), true, &value, &[]))
        });
        let strings: Vec<_> = strings.collect();
        // The language 0 with the code page 1200 (UTF-16).
        let table = node("000004b0", 0, true, &[], &strings);
        let translation = node("Translation", 4, false, &[0, 0, 0xB0, 0x04], &[]);
        let children = [
            node("StringFileInfo", 0, true, &[], &[table]),
            node("VarFileInfo", 0, true, &[], &[translation]),
        ];
        let fixed = fixed_file_info(numbers);
        node("VS_VERSION_INFO", fixed.len(), false, &fixed, &children)
    }
}

fn add_icon(icon: &Icon, tree: &mut ResourceTree) {
    let pictures = icon.for_windows();
    let count = u16::try_from(pictures.len()).unwrap_or(0);
    let mut group = [0, 1, count].map(u16::to_le_bytes).concat();
    for (picture, number) in pictures.into_iter().zip(1..) {
        // 256 is 0.
        let side = u8::try_from(picture.size).unwrap_or(0);
        group.extend([side, side, 0, 0, 1, 0, 32, 0]);
        group.extend(u32::try_from(picture.data.len()).unwrap_or(u32::MAX).to_le_bytes());
        group.extend(u16::to_le_bytes(number));
        tree.add(RT_ICON, number, picture.data);
    }
    tree.add(RT_GROUP_ICON, 1, group);
}

/// `VS_FIXEDFILEINFO` of an application for Windows NT.
fn fixed_file_info([major, minor, build, private]: [u16; 4]) -> Vec<u8> {
    let version =
        [u32::from(major) << 16 | u32::from(minor), u32::from(build) << 16 | u32::from(private)];
    let start = [0xFEEF_04BD, 0x1_0000].into_iter().chain(version).chain(version);
    let fields = start.chain([0x3F, 0, 0x4_0004, 1, 0, 0, 0]);
    fields.flat_map(u32::to_le_bytes).collect()
}

/// A node of the version: its length, that of its value (in characters if it is a text), the kind,
/// the key, the value and the children, each aligned to 4 bytes.
fn node(key: &str, length: usize, is_text: bool, value: &[u8], children: &[Vec<u8>]) -> Vec<u8> {
    let number = |number: usize| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes();
    let mut node = [[0; 2], number(length), number(is_text.into())].concat();
    node.extend(key.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
    for part in std::iter::once(value).chain(children.iter().map(Vec::as_slice)) {
        if !part.is_empty() {
            node.resize(node.len().next_multiple_of(4), 0);
            node.extend(part);
        }
    }
    let length = number(node.len());
    node[..2].copy_from_slice(&length);
    node
}
