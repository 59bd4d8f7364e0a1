//! Import cycles between the files of a crate. Declaring a module or re-exporting its items is not
//! an import; using an item through a re-export imports the file that defines it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    modules::{Crate, Path},
    source::Source,
};

/// The files that each file imports, with the first line that does.
type Graph<'a> = BTreeMap<&'a str, BTreeMap<&'a str, usize>>;

/// The cycles within `src/` and within each crate.
pub(super) fn import_cycles(files: &[Source]) -> Vec<String> {
    let roots = files.iter().filter_map(|it| it.path.strip_suffix("lib.rs"));
    let is_crate = |folder: &&str| {
        let inner = folder.strip_prefix("crates/").and_then(|it| it.strip_suffix("/src/"));
        *folder == "src/" || inner.is_some_and(|name| !name.contains('/'))
    };
    roots.filter(is_crate).flat_map(|folder| cycles(&graph(&Crate::read(files, folder)))).collect()
}

fn graph(of: &Crate) -> Graph<'_> {
    let mut graph = Graph::new();
    for (path, module) in &of.modules {
        let mut add = |target: Option<Path>, line: usize| {
            let file = target.and_then(|target| of.file_of(&target));
            if let Some(file) = file.filter(|file| *file != module.file) {
                let known = graph.entry(&*module.file).or_default().entry(file).or_insert(line);
                *known = line.min(*known);
            }
        };
        for import in &module.imports {
            let target = of.absolute(&import.path, path);
            let is_module = target.as_ref().is_some_and(|it| of.modules.contains_key(it));
            let is_used = !import.is_public || module.words.contains(&import.name);
            // A module that is imported counts with the paths that begin with its name.
            if is_used && (!is_module || import.name == "*") {
                add(target, import.line);
            }
        }
        for (written, line) in &module.paths {
            add(of.absolute(written, path), *line);
        }
    }
    graph
}

/// One message for each set of files that reach each other, with a shortest cycle.
fn cycles(graph: &Graph<'_>) -> Vec<String> {
    let mut messages = Vec::new();
    let mut known = BTreeSet::new();
    for file in graph.keys() {
        let Some(cycle) = shortest_cycle(graph, file).filter(|_| !known.contains(file)) else {
            continue;
        };
        let reached = reachable(graph, file);
        let others: BTreeSet<&str> =
            reached.into_iter().filter(|other| reachable(graph, other).contains(file)).collect();
        let more: Vec<&str> =
            others.iter().copied().filter(|other| !cycle.contains(other)).collect();
        let steps = cycle.windows(2).map(|step| format!("{}:{}", step[0], graph[step[0]][step[1]]));
        let steps: Vec<String> = steps.collect();
        let more = match more.as_slice() {
            [] => String::new(),
            more => format!("; also in cycles with it: {}", more.join(", ")),
        };
        messages.push(format!("{}: import cycle {} -> {file}{more}", steps[0], steps.join(" -> ")));
        known.extend(others);
    }
    messages
}

fn reachable<'a>(graph: &Graph<'a>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&str> = vec![from];
    while let Some(file) = waiting.pop() {
        for target in graph.get(file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(*target) {
                waiting.push(target);
            }
        }
    }
    reached
}

/// A shortest path from a file to itself, with the file at both ends.
fn shortest_cycle<'a>(graph: &Graph<'a>, file: &'a str) -> Option<Vec<&'a str>> {
    let mut paths = vec![vec![file]];
    let mut seen = BTreeSet::new();
    while !paths.is_empty() {
        let mut longer = Vec::new();
        for path in paths {
            for target in graph.get(path[path.len() - 1]).into_iter().flat_map(BTreeMap::keys) {
                let path = [path.as_slice(), &[*target]].concat();
                if *target == file {
                    return Some(path);
                }
                if seen.insert(*target) {
                    longer.push(path);
                }
            }
        }
        paths = longer;
    }
    None
}

/// Rows of a crate, with one line for each file, and its cycles.
const CRATES: [(&str, &str); 9] = [
    // Siblings, through every form of a path.
    (
        "lib: mod a; mod b;\na: use crate::b::B; struct A;\nb: struct B(super::a::A);",
        "a:1 -> b:1 -> a",
    ),
    (
        "lib: mod a; mod b; mod c;\na: use crate::{b::{self, B}, c}; fn a() -> B { c::c() }\n\
         b: use crate::c; pub struct B; fn b() { c::c() }\n\
         c: pub(in crate::b) fn c() { super::a::a() }",
        "a:1 -> c:1 -> a; also in cycles with it: b",
    ),
    // A parent that uses its child, which uses an item of the parent.
    (
        "lib: mod a;\na/mod: mod b; use b::B; struct A(B);\na/b: use super::A; pub struct B(A);",
        "a/b:1 -> a/mod:1 -> a/b",
    ),
    (
        "lib: mod a; pub use a::A; fn f(_: A) {}\na: use crate::f; pub struct A;",
        "a:1 -> lib:1 -> a",
    ),
    // A facade that only declares and re-exports, by name and by glob.
    (
        "lib: mod a; pub use crate::a::{B, C};\n\
         a: mod b; mod c; pub use self::b::*; pub use c::C;\n\
         a/b: use super::C; pub struct B(C);\na/c: pub struct C;",
        "",
    ),
    // Children that reach each other through a facade.
    (
        "lib: mod a; pub use self::a::{B, C};\n\
         a: mod b; mod c; pub use self::b::B; pub use c::C as D;\n\
         a/b: use crate::a::D; pub struct B(D);\na/c: use super::B; pub struct C(B);",
        "a/b:1 -> a/c:1 -> a/b",
    ),
    // Tests, other crates, and modules within a file.
    (
        "lib: mod a; mod b; #[cfg(test)] mod t;\n\
         a: use crate::b::B; pub mod m { pub use super::B; pub struct M; }\n\
         b: use std::fmt; #[cfg(test)] mod tests { use crate::a::m; }\nt: use crate::b::B;",
        "",
    ),
    (
        "lib: mod a; mod b;\na: use crate::b::B; pub mod m { pub struct M; }\n\
         b: use crate::a::m; struct B(m::M);",
        "a:1 -> b:1 -> a",
    ),
    // Comments and literals.
    ("lib: mod a; mod b;\na: use crate::b::B; struct A;\nb: struct B; // super::a::A", ""),
];

#[test]
fn cycles_are_found_once_and_facades_are_not_cycles() {
    for folder in ["src/", "crates/x/src/"] {
        for (files, expected) in CRATES {
            let files = files.lines().map(|line| {
                let (name, text) = line.split_once(": ").expect("a name and a text");
                Source::new(&format!("{folder}{name}.rs"), text)
            });
            let found = import_cycles(&files.collect::<Vec<_>>()).join("\n");
            let cycle = found.split_once(" import cycle ").map_or("", |(_, cycle)| cycle);
            assert_eq!(cycle.replace(folder, "").replace(".rs", ""), expected, "{found}");
        }
    }
}
