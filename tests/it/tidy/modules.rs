//! The modules of a crate, as far as imports need them: what each declares, defines and imports.

use std::collections::{HashMap, HashSet};

use super::source::{Source, is_word, line_at};

/// Names from the crate root to a module or an item.
pub(super) type Path = Vec<String>;

/// A `use` declaration of one name.
#[derive(Debug)]
pub(super) struct Import {
    /// As written, without `self` at the end.
    pub(super) path: Path,
    /// The name that it binds; `*` for all.
    pub(super) name: String,
    pub(super) is_public: bool,
    pub(super) line: usize,
}

/// A module, in a file of its own or inline.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) file: String,
    pub(super) imports: Vec<Import>,
    /// Paths in its code, with their lines.
    pub(super) paths: Vec<(Path, usize)>,
    /// The words of its code outside of imports.
    pub(super) words: HashSet<String>,
    items: HashSet<String>,
}

/// The modules of a crate by their paths, without those for tests only.
#[derive(Debug, Default)]
pub(super) struct Crate {
    pub(super) modules: HashMap<Path, Module>,
}

impl Crate {
    /// Reads the files below a folder that ends with a slash, from `lib.rs` on. A binary beside it
    /// is another crate.
    pub(super) fn read(files: &[Source], folder: &str) -> Self {
        let mut read = Self::default();
        read.add_file(files, folder, &[]);
        read
    }

    fn add_file(&mut self, files: &[Source], folder: &str, path: &[String]) {
        let name = if path.is_empty() { "lib".to_owned() } else { path.join("/") };
        let candidates = [format!("{folder}{name}.rs"), format!("{folder}{name}/mod.rs")];
        let Some(file) = files.iter().find(|it| candidates.contains(&it.path)) else { return };
        for child in self.add_module(&file.path, without_tests(&file.code), path) {
            self.add_file(files, folder, &join(path, &[child]));
        }
    }

    /// Adds a module and those inside it, and returns the names of its modules in other files.
    fn add_module(&mut self, file: &str, mut code: String, path: &[String]) -> Vec<String> {
        let mut children = Vec::new();
        for (at, name) in declared(&code, &["mod"]) {
            match code[at..].find(['{', ';']).map(|length| at + length) {
                Some(start) if code[start..].starts_with('{') => {
                    let end = end_of_block(&code, start);
                    let inner = blank(&code, 0..start + 1);
                    let inner = blank(&inner, end - 1..inner.len());
                    self.add_module(file, inner, &join(path, &[name]));
                    code = blank(&code, start..end);
                }
                _ => children.push(name),
            }
        }
        let items = ["fn", "struct", "enum", "union", "trait", "type", "const", "static"];
        let items = declared(&code, &items).into_iter().map(|(_, name)| name).collect();
        let (imports, code) = imports(&code);
        let words = code.split(|it| !is_word(it)).filter(|word| !word.is_empty());
        let words = words.map(str::to_owned).collect();
        let module = Module { file: file.to_owned(), imports, paths: paths(&code), words, items };
        self.modules.insert(path.to_vec(), module);
        children
    }

    /// The path from the crate root of a path that a module writes; `None` for another crate.
    pub(super) fn absolute(&self, path: &[String], of: &[String]) -> Option<Path> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some(join(of, rest)),
            "super" => {
                let up = rest.iter().take_while(|name| *name == "super").count();
                let base = of.len().checked_sub(up + 1)?;
                Some(join(&of[..base], &rest[up..]))
            }
            _ if self.modules.contains_key(&join(of, &path[..1])) => Some(join(of, path)),
            name => {
                let import = self.modules.get(of)?.imports.iter().find(|it| it.name == name)?;
                if import.path.first() == Some(first) {
                    return None;
                }
                let target = self.absolute(&import.path, of)?;
                Some(join(&target, rest))
            }
        }
    }

    /// The file that defines what is at a path, through re-exports; `None` for another crate.
    pub(super) fn file_of(&self, path: &[String]) -> Option<&str> {
        self.follow(path, 0)
    }

    fn follow(&self, path: &[String], depth: usize) -> Option<&str> {
        let known = (0..=path.len()).rev().find(|at| self.modules.contains_key(&path[..*at]))?;
        let (of, rest) = path.split_at(known);
        let module = &self.modules[of];
        let Some(name) = rest.first() else { return Some(&module.file) };
        if module.items.contains(name) || depth > 16 {
            return Some(&module.file);
        }
        if let Some(import) = module.imports.iter().find(|it| it.name == *name) {
            let target = self.absolute(&import.path, of)?;
            return self.follow(&join(&target, &rest[1..]), depth + 1);
        }
        let globs = module.imports.iter().filter(|it| it.name == "*");
        let mut targets = globs.filter_map(|it| self.absolute(&it.path, of));
        let target = targets.find(|it| self.exports(it, name));
        target.map_or(Some(&module.file), |it| self.follow(&join(&it, rest), depth + 1))
    }

    fn exports(&self, module: &[String], name: &str) -> bool {
        self.modules.get(module).is_some_and(|module| {
            module.items.contains(name) || module.imports.iter().any(|it| it.name == name)
        })
    }
}

pub(super) fn join(path: &[String], rest: &[String]) -> Path {
    [path, rest].concat()
}

/// Where one of these keywords declares a name: the offset after the name, and the name.
fn declared(code: &str, keywords: &[&str]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for keyword in keywords {
        for (at, _) in code.match_indices(&format!("{keyword} ")) {
            let name = &code[at + keyword.len() + 1..];
            let length = name.find(|it| !is_word(it)).unwrap_or(name.len());
            if length > 0 && !code[..at].ends_with(is_word) {
                found.push((at + keyword.len() + 1 + length, name[..length].to_owned()));
            }
        }
    }
    found
}

/// Removes each item with an attribute `cfg(test)`.
fn without_tests(code: &str) -> String {
    let mut code = code.to_owned();
    for attribute in ["#[cfg(test)]", "#[cfg(all(test"] {
        while let Some(start) = code.find(attribute) {
            let body = code[start..].find(['{', ';']).map_or(code.len(), |length| start + length);
            let is_block = code[body..].starts_with('{');
            let end = if is_block { end_of_block(&code, body) } else { (body + 1).min(code.len()) };
            code = blank(&code, start..end);
        }
    }
    code
}

/// The offset after the block that begins here.
fn end_of_block(code: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code[start..].bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return start + at + 1;
        }
    }
    code.len()
}

fn blank(code: &str, range: std::ops::Range<usize>) -> String {
    let blanks = code[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' });
    let blanks: String = blanks.collect();
    [&code[..range.start], &blanks, &code[range.end..]].concat()
}

/// The imports of a module, and its code without them.
fn imports(code: &str) -> (Vec<Import>, String) {
    let mut imports = Vec::new();
    let mut rest = code.to_owned();
    for (at, keyword) in code.match_indices("use ") {
        let before = code[..at].trim_end();
        let is_public = before.ends_with("pub") || before.ends_with(')');
        let begins = before.is_empty() || before.ends_with([';', '{', '}', ']']) || is_public;
        let Some(length) = code[at..].find(';').filter(|_| begins) else { continue };
        let line = line_at(code, at);
        for (path, name) in expand(&code[at + keyword.len()..at + length]) {
            imports.push(Import { path, name, is_public, line });
        }
        rest = blank(&rest, at..at + length);
    }
    (imports, rest)
}

/// The paths of a `use` tree, each with the name that it binds.
fn expand(tree: &str) -> Vec<(Path, String)> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let (path, name) = tree
            .split_once(" as ")
            .map_or((tree, None), |(path, name)| (path, Some(name.trim().to_owned())));
        let mut path: Path = path.split("::").map(|name| name.trim().to_owned()).collect();
        let last = path.last().cloned().unwrap_or_default();
        if path.len() > 1 && (last == "self" || last == "*") {
            path.pop();
        }
        let bound = if last == "*" { Some(last) } else { path.last().cloned() };
        return vec![(path, name.or(bound).unwrap_or_default())];
    };
    let (prefix, inner) = (&tree[..open], &tree[open + 1..tree.len() - 1]);
    let mut depth = 0_usize;
    let branches = inner.split(|it: char| {
        depth = depth + usize::from(it == '{') - usize::from(it == '}');
        it == ',' && depth == 0
    });
    let branches = branches.filter(|branch| !branch.trim().is_empty());
    branches.flat_map(|branch| expand(&format!("{prefix}{}", branch.trim()))).collect()
}

/// Every path of at least two names, with its line.
fn paths(code: &str) -> Vec<(Path, usize)> {
    let mut paths = Vec::new();
    let mut at = 0;
    while let Some(found) = code[at..].find("::").map(|length| at + length) {
        let start = code[..found].rfind(|it| !is_word(it)).map_or(0, |before| before + 1);
        let is_path = |it: char| is_word(it) || it == ':';
        let end = code[found..].find(|it| !is_path(it)).map_or(code.len(), |length| found + length);
        let names = code[start..end].split("::").filter(|name| !name.is_empty());
        let names: Path = names.map(str::to_owned).collect();
        // `pub(in path)` is a visibility.
        if start < found && !code[..start].ends_with("(in ") {
            paths.push((names, line_at(code, start)));
        }
        at = end.max(found + 2);
    }
    paths
}
