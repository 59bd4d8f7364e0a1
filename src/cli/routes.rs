//! `chapbook routes`: routes of a site, as a table or as JSON.

use std::fmt::Write as _;

use chapbook_format::{ContentCoding, path};
use clap::Args;
use serde::Serialize;

use super::{authoring::FolderArgument, failure::Failure, output::print_line};
use crate::site::{Listed, MatchKind, Resource, Route};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    folder: FolderArgument,
    /// Print JSON lines: one for each route
    #[arg(long)]
    json: bool,
}

pub(super) const EXAMPLES: &str = "\
A route that ends in `*` answers every path below it that no other route does.
Sizes are in bytes; `-` means that no such representation exists.";

/// Prints the list.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let site = arguments.folder.compile_as_packed()?;
    let rows: Vec<Row> = site.routes().into_iter().map(Row::of).collect();
    if arguments.json {
        // Strings and numbers always serialize.
        let line = |row| serde_json::to_string(row).unwrap_or_default();
        print_line(rows.iter().map(line).collect::<Vec<_>>().join("\n"));
    } else {
        print_line(table(&rows));
    }
    Ok(())
}

/// A line of the list.
#[derive(Debug, Serialize)]
struct Row {
    route: String,
    status: u16,
    media_type: Option<String>,
    cache_control: Option<String>,
    location: Option<String>,
    sizes: Option<Sizes>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Sizes {
    identity: usize,
    gzip: Option<usize>,
    br: Option<usize>,
}

impl Row {
    fn of(listed: Listed) -> Self {
        let Listed { match_kind, key, route } = listed;
        let star = if match_kind == MatchKind::Exact { "" } else { "*" };
        let route_text = format!("{}{star}", path::encode(&String::from_utf8_lossy(key)));
        let (head, sizes) = match route {
            Route::Resource(resource) => {
                let head = resource.representations().next().map(|it| it.head().whole());
                (head.unwrap_or_default().to_vec(), Some(sizes(resource)))
            }
            Route::Redirect(head) => (head.to_vec(), None),
            Route::SplatRedirect { before, after } => ([before, b":splat", after].concat(), None),
            Route::Damaged => (b"HTTP/1.1 500 ".to_vec(), None),
        };
        let head = String::from_utf8_lossy(&head);
        let field = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            let found = lines.find(|(it, _)| it.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_owned())
        };
        Self {
            route: route_text,
            status: head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(500),
            media_type: field("Content-Type"),
            cache_control: field("Cache-Control"),
            location: field("Location"),
            sizes,
        }
    }

    /// The cells of the table; an absent value is a dash.
    fn cells(&self) -> [String; 7] {
        let text = |it: &Option<String>| it.clone().unwrap_or_else(|| "-".to_owned());
        let number = |it: Option<usize>| it.map_or_else(|| "-".to_owned(), |it| it.to_string());
        let to = self.location.as_ref().map(|it| format!("to {it}"));
        [
            self.route.clone(),
            self.status.to_string(),
            number(self.sizes.map(|it| it.identity)),
            number(self.sizes.and_then(|it| it.gzip)),
            number(self.sizes.and_then(|it| it.br)),
            text(&to.or_else(|| self.media_type.clone())),
            text(&self.cache_control),
        ]
    }
}

fn sizes(resource: Resource) -> Sizes {
    let mut sizes = Sizes::default();
    for it in resource.representations() {
        let length = it.content().len();
        match it.coding() {
            ContentCoding::Identity => sizes.identity = length,
            ContentCoding::Gzip => sizes.gzip = Some(length),
            ContentCoding::Brotli => sizes.br = Some(length),
        }
    }
    sizes
}

/// Aligned columns, each as wide as its widest cell; numbers are aligned to the right.
fn table(rows: &[Row]) -> String {
    let names = ["ROUTE", "STATUS", "IDENTITY", "GZIP", "BR", "CONTENT", "CACHING"];
    let all = std::iter::once(names.map(str::to_owned)).chain(rows.iter().map(Row::cells));
    let all: Vec<[String; 7]> = all.collect();
    let width = |column: usize| all.iter().map(|it| it[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3, 4, 5, 6].map(width);
    let mut text = String::new();
    for [route, status, identity, gzip, br, content, caching] in &all {
        let [w0, w1, w2, w3, w4, w5, _] = widths;
        // Writing into a String cannot fail.
        let _ = writeln!(
            text,
            "{route:w0$}  {status:>w1$}  {identity:>w2$}  {gzip:>w3$}  {br:>w4$}  {content:w5$}  \
             {caching}"
        );
    }
    text.trim_end().to_owned()
}
