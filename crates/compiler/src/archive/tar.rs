//! Tar archives, plain or compressed with gzip.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufReader, Cursor, Read},
    rc::Rc,
};

use ::tar::{Archive, Entry, EntryType};
use flate2::bufread::MultiGzDecoder;

use super::{
    counted::Counted,
    destination::{Destination, unreadable},
    entry_path::EntryPath,
    error::{EntryProblem, Problem},
    format::{TAR_HEADER, is_tar_end, is_tar_header},
    limits::{TAR_HEADERS_MAX, TAR_PADDING_MAX},
};
use crate::progress::{Progress, Step};

/// Unpacks an archive.
pub(super) fn unpack(
    file: File,
    to: &mut Destination<'_>,
    progress: &Progress,
) -> Result<(), Problem> {
    unpack_stream(counted(file, progress)?, to)
}

/// Unpacks a compressed archive.
pub(super) fn unpack_gzip(
    file: File,
    to: &mut Destination<'_>,
    progress: &Progress,
) -> Result<(), Problem> {
    let mut decoder = MultiGzDecoder::new(counted(file, progress)?);
    let mut start = Vec::with_capacity(TAR_HEADER);
    let read = decoder.by_ref().take(TAR_HEADER as u64).read_to_end(&mut start);
    read.map_err(unreadable)?;
    if !is_tar_header(&start) && !is_tar_end(&start) {
        return Err(Problem::NotTar);
    }
    unpack_stream(Cursor::new(start).chain(decoder), to)
}

/// A reader whose progress is that within the file.
fn counted(file: File, progress: &Progress) -> Result<BufReader<Counted<'_, File>>, Problem> {
    let bytes = file.metadata().map_err(Problem::Unreadable)?.len();
    progress.report(Step::Unpacking { bytes });
    Ok(BufReader::with_capacity(64 << 10, Counted::new(file, progress)))
}

fn unpack_stream(stream: impl Read, to: &mut Destination<'_>) -> Result<(), Problem> {
    let allowance = Rc::new(Cell::new(0));
    let mut archive = Archive::new(Limited { stream, allowance: Rc::clone(&allowance) });
    let mut entries = archive.entries().map_err(unreadable)?;
    loop {
        // The next headers are read into memory.
        allowance.set(TAR_HEADERS_MAX);
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(unreadable)?;
        // Content is counted where it is written.
        allowance.set(u64::MAX);
        unpack_entry(&mut entry, to)?;
    }
    // The checksum of gzip is at its end.
    allowance.set(TAR_PADDING_MAX);
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(unreadable)?;
    Ok(())
}

fn unpack_entry(entry: &mut Entry<'_, impl Read>, to: &mut Destination<'_>) -> Result<(), Problem> {
    let kind = entry.header().entry_type();
    // Attributes of all that follow, such as the commit of `git archive`, and the name of a tape.
    if kind == EntryType::XGlobalHeader || kind.as_byte() == b'V' {
        return to.discard(entry);
    }
    let bytes = entry.path_bytes().into_owned();
    let path = EntryPath::new(&bytes)?;
    if is_sparse(entry).map_err(unreadable)? {
        let form = "is stored as a sparse file".to_owned();
        return Err(path.problem(EntryProblem::Unsupported(form)));
    }
    let target = entry.link_name_bytes().map(std::borrow::Cow::into_owned).unwrap_or_default();
    match kind {
        EntryType::Directory => to.add_folder(&path),
        // The oldest format has no type for folders.
        EntryType::Regular if bytes.ends_with(b"/") => to.add_folder(&path),
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            let length = entry.size();
            to.add_file(&path, length, entry)
        }
        EntryType::Symlink => to.add_link(path, &target),
        EntryType::Link => to.add_hard_link(&path, &target),
        EntryType::Block | EntryType::Char | EntryType::Fifo => {
            Err(path.problem(EntryProblem::Special))
        }
        other => {
            let form = format!("has the type `{}`", other.as_byte().escape_ascii());
            Err(path.problem(EntryProblem::Unsupported(form)))
        }
    }
}

/// Whether extended attributes say that the content is a list of pieces.
fn is_sparse(entry: &mut Entry<'_, impl Read>) -> io::Result<bool> {
    let Some(mut attributes) = entry.pax_extensions()? else { return Ok(false) };
    // Values of attributes may be binary, which the parser does not expect.
    Ok(attributes.any(|it| it.is_ok_and(|it| it.key_bytes().starts_with(b"GNU.sparse."))))
}

/// A stream of which no more than the allowance can be read, until it is renewed.
#[derive(Debug)]
struct Limited<R> {
    stream: R,
    allowance: Rc<Cell<u64>>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        let rest = self.allowance.get().checked_sub(count as u64);
        let rest = rest.ok_or_else(|| io::Error::other("the description of an entry is too long"));
        self.allowance.set(rest?);
        Ok(count)
    }
}
