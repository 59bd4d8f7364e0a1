//! Groups of diagnostics with one cause: the same severity, code and message.

use std::collections::{HashMap, hash_map::Entry};

use chapbook_compiler::{Diagnostic, Lint, Severity};

use crate::cli::output::count;

/// The diagnostics of one cause.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The diagnostic at the first place.
    pub(super) first: &'a Diagnostic,
    /// Those at the other places.
    pub(super) others: Vec<&'a Diagnostic>,
}

/// Groups of a report, and what exceeds the bounds.
#[derive(Debug, Default)]
pub(super) struct Groups<'a> {
    /// Errors first, then by the first place.
    pub(super) groups: Vec<Group<'a>>,
    /// The number of diagnostics of each code that are in no group.
    pub(super) omitted: HashMap<(Severity, Lint), usize>,
}

/// Maximum number of places that are listed after the first one.
const LISTED_MAX: usize = 10;
/// Maximum number of groups of one code in the same files that are all drawn.
const ALIKE_MAX: usize = 5;
/// Number of groups that are drawn if there are more.
const DRAWN_OF_LONG_RUN: usize = 3;
/// Maximum number of groups of one code.
const GROUPS_OF_CODE_MAX: usize = 200;
/// Maximum number of groups of a report. Pages of one generator have few causes in common; more
/// means that the input is not a site.
const GROUPS_MAX: usize = 2000;

impl<'a> Groups<'a> {
    /// Groups diagnostics in their order.
    pub(super) fn new(diagnostics: &'a [Diagnostic]) -> Self {
        let mut groups = Self::default();
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            groups.add(diagnostics.iter().filter(|it| it.severity == severity));
        }
        groups
    }

    /// Adds diagnostics of one severity.
    fn add(&mut self, diagnostics: impl Iterator<Item = &'a Diagnostic>) {
        let mut indices: HashMap<(Lint, &str), usize> = HashMap::new();
        let mut counts: HashMap<Lint, usize> = HashMap::new();
        for diagnostic in diagnostics {
            match indices.entry((diagnostic.code, &diagnostic.message)) {
                Entry::Occupied(index) => self.groups[*index.get()].others.push(diagnostic),
                Entry::Vacant(vacant) => {
                    let count = counts.entry(diagnostic.code).or_default();
                    if *count == GROUPS_OF_CODE_MAX || self.groups.len() == GROUPS_MAX {
                        let key = (diagnostic.severity, diagnostic.code);
                        *self.omitted.entry(key).or_default() += 1;
                        continue;
                    }
                    *count += 1;
                    vacant.insert(self.groups.len());
                    self.groups.push(Group { first: diagnostic, others: Vec::new() });
                }
            }
        }
    }

    /// Whether any place is neither drawn nor listed.
    pub(super) fn is_incomplete(&self) -> bool {
        let is_cut = |group: &Group<'_>| group.others.len() > LISTED_MAX;
        !self.omitted.is_empty()
            || self.groups.iter().any(is_cut)
            || self.runs().any(|(_, brief)| !brief.is_empty())
    }

    /// Runs of groups of one code in the same files, such as the links of a menu: those to draw,
    /// and those of a long run that need neither their source line nor their places.
    pub(super) fn runs(&self) -> impl Iterator<Item = (&[Group<'a>], &[Group<'a>])> {
        self.groups.chunk_by(Group::is_alike).map(|run| {
            let drawn = if run.len() > ALIKE_MAX { DRAWN_OF_LONG_RUN } else { run.len() };
            run.split_at(drawn)
        })
    }
}

impl Group<'_> {
    /// Whether another group has the same severity and code in the same several files.
    fn is_alike(&self, other: &Self) -> bool {
        let key = |it: &Self| (it.first.severity, it.first.code);
        !self.others.is_empty() && key(self) == key(other) && self.files().eq(other.files())
    }

    /// The files of the places. Places in one file follow each other.
    fn files(&self) -> impl Iterator<Item = &str> {
        let places = std::iter::once(self.first).chain(self.others.iter().copied());
        let mut before = "";
        places.map(|it| &*it.file).filter(move |file| std::mem::replace(&mut before, file) != *file)
    }

    /// The number of places after the first one, for a group whose places are not listed.
    pub(super) fn other_places_alike(&self) -> String {
        format!("{} in the same files", count(self.others.len(), "place"))
    }

    /// The places after the first one, in lines of at most `columns` unless a place is longer. If
    /// there are too many, two lines name some of them, each in another file, and the number of the
    /// others.
    pub(super) fn other_places(&self, columns: usize) -> Option<String> {
        const LINES_OF_CUT_LIST: usize = 2;
        let total = self.others.len();
        let is_cut = total > LISTED_MAX;
        let mut listed = self.others.clone();
        if is_cut {
            listed.retain(|it| it.file != self.first.file);
            listed.dedup_by(|a, b| a.file == b.file);
        }
        let mut places: Vec<String> = listed.iter().take(LISTED_MAX).map(|it| place(it)).collect();
        loop {
            let lines = wrapped(&items(&places, total - places.len()), columns);
            if !is_cut || lines.len() <= LINES_OF_CUT_LIST || places.len() <= 1 {
                return (!lines.is_empty()).then(|| lines.join("\n"));
            }
            places.pop();
        }
    }
}

fn place(diagnostic: &Diagnostic) -> String {
    let Diagnostic { file, position, .. } = diagnostic;
    format!("{file}:{}:{}", position.line, position.column)
}

/// The parts of an enumeration, which lines do not split.
fn items(places: &[String], unlisted: usize) -> Vec<String> {
    let comma = |index| if index + 1 < places.len() { "," } else { "" };
    let listed = places.iter().enumerate().map(|(index, it)| format!("{it}{}", comma(index)));
    let and = if places.is_empty() { "" } else { "and " };
    let more = (unlisted > 0).then(|| format!("{and}{}", count(unlisted, "more place")));
    listed.chain(more).collect()
}

/// Joins items with spaces, in lines of at most `columns` unless an item is longer.
fn wrapped(items: &[String], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + item.chars().count() <= columns => {
                line.push(' ');
                line.push_str(item);
            }
            _ => lines.push(item.clone()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostics(code: Lint, messages: impl IntoIterator<Item = String>) -> Vec<Diagnostic> {
        let diagnostic = |(at, message): (usize, String)| {
            Diagnostic::of_file(code, format!("dist/{at}.html"), message, "fix it")
        };
        messages.into_iter().enumerate().map(diagnostic).collect()
    }

    #[test]
    fn diagnostics_with_one_severity_code_and_message_are_one_group() {
        let mut all = diagnostics(Lint::MissingLang, ["a", "a", "b"].map(str::to_owned));
        all.extend(diagnostics(Lint::BrokenLink, ["b", "a", "b", "b"].map(str::to_owned)));
        all.push(all[3].clone().as_warning());
        let groups = Groups::new(&all);
        let shown = groups.groups.iter().map(|group| {
            let Diagnostic { severity, code, message, .. } = group.first;
            format!("{severity} {code} {message} {}", 1 + group.others.len())
        });
        let expected = [
            "error broken-link b 3",
            "error broken-link a 1",
            "warning missing-lang a 2",
            "warning missing-lang b 1",
            "warning broken-link b 1",
        ];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
        assert!(!groups.is_incomplete());
    }

    #[test]
    fn other_places_are_listed_in_lines() {
        let rows = [
            (1, 80, None),
            (2, 80, Some("dist/1.html:1:1")),
            (3, 80, Some("dist/1.html:1:1, dist/2.html:1:1")),
            (5, 40, Some("dist/1.html:1:1, dist/2.html:1:1,\ndist/3.html:1:1, dist/4.html:1:1")),
            (4, 10, Some("dist/1.html:1:1,\ndist/2.html:1:1,\ndist/3.html:1:1")),
            (
                300,
                40,
                Some("dist/1.html:1:1, dist/2.html:1:1,\ndist/3.html:1:1 and 296 more places"),
            ),
            (300, 10, Some("dist/1.html:1:1\nand 298 more places")),
        ];
        for (places, columns, expected) in rows {
            let all = diagnostics(Lint::BrokenLink, vec!["a".to_owned(); places]);
            let groups = Groups::new(&all);
            let shown = groups.groups[0].other_places(columns);
            assert_eq!(shown.as_deref(), expected, "{places} places, {columns} columns");
        }
        let all = diagnostics(Lint::BrokenLink, vec!["a".to_owned(); 12]);
        let shown = Groups::new(&all).groups[0].other_places(300).unwrap_or_default();
        assert!(shown.ends_with("dist/10.html:1:1 and 1 more place"), "{shown}");
    }

    #[test]
    fn a_cut_list_names_each_file_once() {
        let rows: &[(&[usize], &str)] = &[
            (&[4], "dist/0.html:1:1, dist/0.html:1:1, dist/0.html:1:1"),
            (&[21], "20 more places"),
            (&[1, 6, 6], "dist/1.html:1:1, dist/2.html:1:1 and 10 more places"),
        ];
        for (counts, expected) in rows {
            let of_file = |(file, count): (usize, &usize)| {
                let file = format!("dist/{file}.html");
                vec![Diagnostic::of_file(Lint::BrokenLink, file, "", ""); *count]
            };
            let all: Vec<Diagnostic> = counts.iter().enumerate().flat_map(of_file).collect();
            let shown = Groups::new(&all).groups[0].other_places(300);
            assert_eq!(shown.as_deref(), Some(*expected), "{counts:?}");
        }
    }

    #[test]
    fn a_long_run_of_groups_in_the_same_files_is_brief_after_the_first() {
        let rows = [(ALIKE_MAX, 3, 0), (12, 3, 9), (12, 1, 0)];
        for (links, pages, expected) in rows {
            let pages = (0..pages).flat_map(|page| {
                let of_page = move |link| (format!("dist/{page}.html"), format!("message {link}"));
                (0..links).map(of_page)
            });
            let diagnostic =
                |(file, message)| Diagnostic::of_file(Lint::BrokenLink, file, message, "fix it");
            let all: Vec<Diagnostic> = pages.map(diagnostic).collect();
            let groups = Groups::new(&all);
            let brief: usize = groups.runs().map(|(_, brief)| brief.len()).sum();
            assert_eq!(brief, expected, "{links} links");
            assert_eq!(groups.is_incomplete(), expected > 0);
        }
        let other_files = diagnostics(Lint::BrokenLink, (0..12).map(|it| format!("{}", it / 2)));
        assert!(!Groups::new(&other_files).is_incomplete());
    }

    #[test]
    fn the_number_of_groups_is_limited_per_code_and_in_all() {
        let messages = |count: usize| (0..count).map(|it| format!("message {it}"));
        let all = diagnostics(Lint::BrokenLink, messages(GROUPS_OF_CODE_MAX + 7));
        let groups = Groups::new(&all);
        assert_eq!(groups.groups.len(), GROUPS_OF_CODE_MAX);
        assert_eq!(groups.omitted.values().copied().collect::<Vec<_>>(), [7]);
        assert!(groups.is_incomplete());
        let codes = Lint::ALL.iter().copied();
        let all: Vec<_> =
            codes.flat_map(|it| diagnostics(it, messages(GROUPS_OF_CODE_MAX))).collect();
        let groups = Groups::new(&all);
        assert_eq!(groups.groups.len(), GROUPS_MAX);
        assert_eq!(groups.omitted.values().sum::<usize>(), all.len() - GROUPS_MAX);
    }
}
