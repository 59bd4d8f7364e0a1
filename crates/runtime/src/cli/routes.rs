//! `chapbook routes`: routes of a site, as a table or as JSON.

use std::fmt::Write as _;

use chapbook_format::{ByCoding, ContentCoding, path};
use clap::Args;
use serde::Serialize;

use super::{authoring::FolderArgument, by_coding, failure::Failure, output::print_line};
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
Examples:
  chapbook routes         list the routes of the packed site
  chapbook routes dist    list those of the folder `dist` as it would be packed";
pub(super) const NOTES: &str = "\
A route that ends in `*` answers paths below it that no other route does.
Sizes are in bytes; `-` means that no such representation exists.";

/// Prints the routes.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let site = arguments.folder.compile_as_packed()?;
    let rows: Vec<RouteRow> = site.routes().into_iter().map(RouteRow::new).collect();
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
struct RouteRow {
    route: String,
    status: u16,
    media_type: Option<String>,
    cache_control: Option<String>,
    location: Option<String>,
    sizes: Option<Sizes>,
}

/// The length of the content in each coding, in bytes; `None` if the resource does not have it.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(transparent)]
struct Sizes(#[serde(serialize_with = "by_coding::serialize")] ByCoding<Option<usize>>);

impl RouteRow {
    fn new(listed: Listed<'_>) -> Self {
        let Listed { match_kind, key, route } = listed;
        let suffix = if match_kind == MatchKind::Exact { "" } else { "*" };
        let route_text = format!("{}{suffix}", path::encode(&String::from_utf8_lossy(key)));
        let (status, head, sizes) = match route {
            Route::Resource(resource) => {
                let head = resource.representations().next().map(|it| it.head.shared);
                let (status, text) = head.map_or((500, &b""[..]), |it| (it.status, it.text));
                (status, text.to_vec(), Some(sizes(resource)))
            }
            Route::Redirect(head) => {
                let [shared, before, between, after] = head.parts();
                let splat = if head.splat_at.is_some() { &b":splat"[..] } else { b"" };
                (head.shared.status, [shared, before, splat, between, after].concat(), None)
            }
            Route::Damaged => (500, Vec::new(), None),
        };
        let head = String::from_utf8_lossy(&head);
        let field = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_owned())
        };
        Self {
            route: route_text,
            status,
            media_type: field("Content-Type"),
            cache_control: field("Cache-Control"),
            location: field("Location"),
            sizes,
        }
    }

    /// The cells of the table; an absent value is a dash.
    fn cells(&self) -> Vec<String> {
        let text = |it: &Option<String>| it.clone().unwrap_or_else(|| "-".to_owned());
        let number = |it: Option<usize>| it.map_or_else(|| "-".to_owned(), |it| it.to_string());
        let to = self.location.as_ref().map(|it| format!("to {it}"));
        let size = |coding| number(self.sizes.and_then(|it| it.0[coding]));
        let mut cells = vec![self.route.clone(), self.status.to_string()];
        cells.extend(ContentCoding::ALL.map(size));
        cells.extend([text(&to.or_else(|| self.media_type.clone())), text(&self.cache_control)]);
        cells
    }
}

fn sizes(resource: Resource<'_>) -> Sizes {
    let mut sizes = ByCoding::default();
    for representation in resource.representations() {
        sizes[representation.coding] = Some(representation.content.len());
    }
    Sizes(sizes)
}

/// A table whose columns are as wide as their widest cells. The numbers, between the route and the
/// last two columns, are aligned to the right.
fn table(rows: &[RouteRow]) -> String {
    let codings = ContentCoding::ALL.map(|coding| coding.token().to_uppercase());
    let names = ["ROUTE", "STATUS"].map(str::to_owned).into_iter().chain(codings);
    let names = names.chain(["CONTENT", "CACHING"].map(str::to_owned)).collect();
    let all: Vec<Vec<String>> =
        std::iter::once(names).chain(rows.iter().map(RouteRow::cells)).collect();
    let columns = all[0].len();
    let width = |column: usize| all.iter().map(|it| it[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for cells in &all {
        for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            // Writing into a String cannot fail.
            let _ = match column {
                0 => write!(text, "{cell:width$}"),
                _ if column == columns - 1 => writeln!(text, "  {cell}"),
                _ if column == columns - 2 => write!(text, "  {cell:width$}"),
                _ => write!(text, "  {cell:>width$}"),
            };
        }
    }
    text.trim_end().to_owned()
}
