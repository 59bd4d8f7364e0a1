//! Zip archives. The central directory decides, as in every common program.

use std::fs::File;

use flate2::read::DeflateDecoder;
use rawzip::{
    CompressionMethod, Error, ErrorKind, FileReader, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ZipArchive,
    ZipFileHeaderRecord,
};

use super::{
    counted::Counted,
    destination::{Destination, damaged, unreadable},
    entry_path::EntryPath,
    error::{EntryProblem, Problem},
    limits::{Budget, PATH_MAX},
};
use crate::progress::{Progress, Step};

/// The type of a file in its mode, as in `stat`.
const TYPE_MASK: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;

/// Unpacks an archive.
pub(super) fn unpack(
    file: File,
    to: &mut Destination<'_>,
    progress: &Progress,
) -> Result<(), Problem> {
    let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(problem)?;
    let bytes = check(&archive, &mut buffer, to.budget())?;
    progress.report(Step::Unpacking { bytes });
    let mut entries = archive.entries(&mut buffer);
    while let Some(entry) = entries.next_entry().map_err(problem)? {
        let path = EntryPath::new(entry.file_path().as_bytes())?;
        if !path.is_metadata() {
            unpack_entry(&archive, &entry, path, to, progress)?;
        }
    }
    Ok(())
}

/// Checks what the directory says before anything is written. Returns the length of all files.
fn check(
    archive: &ZipArchive<FileReader>,
    buffer: &mut [u8],
    budget: &Budget,
) -> Result<u64, Problem> {
    let mut entries = archive.entries(buffer);
    let (mut count, mut bytes) = (0, 0_u64);
    while let Some(entry) = entries.next_entry().map_err(problem)? {
        count += 1;
        budget.check_entries(count)?;
        bytes = bytes.saturating_add(entry.uncompressed_size_hint());
        let path = EntryPath::new(entry.file_path().as_bytes())?;
        if let Some(found) = unsupported(&entry) {
            return Err(path.problem(found));
        }
    }
    if count != archive.entries_hint() {
        return Err(damaged("its directory has another number of entries"));
    }
    budget.check_bytes(bytes)?;
    Ok(bytes)
}

/// Why an entry cannot be unpacked.
fn unsupported(entry: &ZipFileHeaderRecord<'_>) -> Option<EntryProblem> {
    let method = entry.compression_method();
    if entry.flags().is_encrypted() || method == CompressionMethod::AES {
        return Some(EntryProblem::Encrypted);
    }
    if !matches!(method, CompressionMethod::STORE | CompressionMethod::DEFLATE) {
        let name = method.name().map_or_else(|| method.as_u16().to_string(), str::to_lowercase);
        return Some(EntryProblem::Unsupported(format!("is compressed with method {name}")));
    }
    // Some programs give folders the mode of a file, which `mode` adds to that of a folder.
    if entry.is_dir() {
        return None;
    }
    let kind = entry.mode().value() & TYPE_MASK;
    let is_special = ![0, FOLDER, REGULAR].contains(&kind) && !entry.mode().is_symlink();
    is_special.then_some(EntryProblem::Special)
}

fn unpack_entry(
    archive: &ZipArchive<FileReader>,
    entry: &ZipFileHeaderRecord<'_>,
    path: EntryPath,
    to: &mut Destination<'_>,
    progress: &Progress,
) -> Result<(), Problem> {
    if entry.is_dir() || entry.mode().value() & TYPE_MASK == FOLDER {
        return to.add_folder(&path);
    }
    let stored = archive.get_entry(entry.wayfinder()).map_err(problem)?;
    let length = entry.uncompressed_size_hint();
    let is_stored = entry.compression_method() == CompressionMethod::STORE;
    let content: &mut dyn std::io::Read = if is_stored {
        &mut stored.verifying_reader(stored.reader())
    } else {
        &mut stored.verifying_reader(DeflateDecoder::new(stored.reader()))
    };
    let mut content = Counted::new(content, progress);
    if entry.mode().is_symlink() {
        let target = read_target(&path, length, &mut content)?;
        return to.add_link(path, &target);
    }
    to.add_file(&path, length, &mut content)
}

/// The target of a symbolic link, which is its content.
fn read_target(
    path: &EntryPath,
    length: u64,
    content: &mut dyn std::io::Read,
) -> Result<Vec<u8>, Problem> {
    if length > PATH_MAX as u64 {
        return Err(path.problem(EntryProblem::LinkOut));
    }
    let mut target = Vec::new();
    content.read_to_end(&mut target).map_err(unreadable)?;
    Ok(target)
}

fn problem(error: Error) -> Problem {
    match error.into_kind() {
        ErrorKind::IO(error) => unreadable(error),
        kind => damaged(&kind.to_string()),
    }
}
