//! Whether files are in the content coding that `Content-Encoding` in `_headers` names.

use std::{
    collections::BTreeMap,
    io::{self, BufReader, Read},
};

use chapbook_format::ContentCoding;

use super::first_read::{Precompressed, ReadAhead};
use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    render::{
        decoded::DecodedForm,
        precompressed::{self, DecodeError},
        sample::{ContentSampler, SHORT_MAX},
    },
    routing::{plan::Plan, routes::Routes},
    rules::{
        Pattern,
        headers::{CONTENT_ENCODING, Headers, content_coding},
    },
    site_file::SiteFile,
    site_folder::{FileVersion, SiteFolder, SourceFile},
};

/// Decodes every file with the field. Reports the first file of each rule that is not in the
/// content coding, and the number of others: a rule with `*` may apply to all files. Returns what
/// files decode to, by index, if that is to be packed.
pub(super) fn lint(
    folder: &SiteFolder,
    routes: &Routes,
    headers: &Headers,
    plan: &Plan,
    read_ahead: Option<ReadAhead<'_>>,
) -> (Vec<Diagnostic>, BTreeMap<usize, Precompressed>) {
    let mut precompressed = BTreeMap::new();
    let mut wrong: BTreeMap<usize, Vec<(&str, &str, DecodeError)>> = BTreeMap::new();
    for planned in &plan.files {
        let file = &folder.files[planned.file];
        let fields = planned.variants.iter().flat_map(|it| &it.fields);
        let values = fields.filter(|it| it.is(CONTENT_ENCODING)).map(|it| it.value.as_str());
        let mut values: Vec<&str> = values.collect();
        values.sort_unstable();
        values.dedup();
        let is_svgz = values.is_empty() && file.extension() == "svgz";
        // A short one is decoded in memory when it is rendered.
        if is_svgz
            && file.length > SHORT_MAX
            && read_ahead.is_some()
            && let Ok(Ok(Some(read))) = read(folder, file, ContentCoding::Gzip, read_ahead)
        {
            precompressed.insert(planned.file, read);
        }
        for value in values {
            let Some(coding) = content_coding(value) else { continue };
            // An unreadable file is reported when it is linted.
            match read(folder, file, coding, read_ahead) {
                Ok(Err(error)) => {
                    let rule = rule(headers, routes.key_of(file), value);
                    wrong.entry(rule).or_default().push((&file.path, value, error));
                }
                Ok(Ok(Some(read))) => drop(precompressed.insert(planned.file, read)),
                Ok(Ok(None)) | Err(_) => {}
            }
        }
    }
    let text = headers.text();
    let diagnostic = |(rule, files): (usize, Vec<(&str, &str, DecodeError)>)| {
        let (path, value, error) = files.first()?;
        let span = headers.rules.get(rule)?.content_encoding.clone()?;
        let others = match files.len() {
            1 => String::new(),
            count => format!(" (the first of {count} files)"),
        };
        let (message, help) = message(path, value, *error);
        Some(text.diagnostic(Lint::InvalidHeader, span, message + &others, help))
    };
    (wrong.into_iter().filter_map(diagnostic).collect(), precompressed)
}

/// Decodes a file. Returns the result if it is to be packed.
fn read(
    folder: &SiteFolder,
    file: &SourceFile,
    coding: ContentCoding,
    read_ahead: Option<ReadAhead<'_>>,
) -> io::Result<Result<Option<Precompressed>, DecodeError>> {
    let (open, version) = folder.open(file)?;
    folder.add_first_read(file);
    let Some(ReadAhead { spill_file }) = read_ahead else {
        let length_max = precompressed::decoded_max(version.length);
        let decoded =
            precompressed::decode(coding, &mut BufReader::new(open), length_max, &mut io::sink());
        return decoded.map(|result| result.map(|()| None));
    };
    let sampler = ContentSampler::default();
    let mut from = BufReader::new(SampledReader { file: open, sampler });
    Ok(DecodedForm::of(coding, &mut from, version.length, spill_file)?.map(|decoded| {
        // A file that decodes was read to its end.
        let SampledReader { file, sampler } = from.into_inner();
        let is_unchanged = file.metadata().is_ok_and(|it| FileVersion::of(&it) == version);
        is_unchanged.then(|| Precompressed { version, sampled: sampler.finish(), decoded })
    }))
}

/// Takes a sample of what is read.
struct SampledReader {
    file: SiteFile,
    sampler: ContentSampler,
}

impl Read for SampledReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.sampler.update(&buffer[..count]);
        Ok(count)
    }
}

/// The rule that gives a file this content coding: the last one for its own path, or one for a path
/// that serves it, such as a fallback.
fn rule(headers: &Headers, key: String, value: &str) -> usize {
    let own = Pattern::Exact(key);
    let has_value = |index: &usize| {
        headers.rules[*index].fields.iter().any(|it| it.is(CONTENT_ENCODING) && it.value == value)
    };
    let rules = || (0..headers.rules.len()).filter(has_value);
    let of_path = rules().rfind(|index| headers.rules[*index].path.covers(&own));
    of_path.or_else(|| rules().next()).unwrap_or_default()
}

fn message(path: &str, value: &str, error: DecodeError) -> (String, String) {
    const REMOVE: &str = "remove the field; files are compressed when the site is compiled";
    match error {
        DecodeError::Invalid => {
            let message = format!("`{path}` is not complete data in the content coding `{value}`");
            (message, REMOVE.to_owned())
        }
        DecodeError::Trailing => {
            let message = format!("`{path}` has more data after the end of its `{value}` data");
            (message, "compress it again, in one piece: browsers ignore the rest".to_owned())
        }
        DecodeError::TooLong(limit) => {
            let message = format!("`{path}` is longer than {limit} bytes when it is decoded");
            (message, "remove the field, and decode the file in a script".to_owned())
        }
    }
}
