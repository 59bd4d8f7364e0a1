//! What is known about the features of a script while it is read.

use std::ops::Range;

use super::features::{Feature, Kind};

/// The first use of a feature in a script that is not prepared for its absence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FeatureUse {
    /// The feature.
    pub(crate) feature: &'static Feature,
    /// The expression.
    pub(crate) span: Range<usize>,
}

/// What is known about a feature.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) feature: &'static Feature,
    /// The name of its global.
    pub(super) global: &'static str,
    /// The first use.
    pub(super) used: Option<Range<usize>>,
    /// Whether it is missed although the script tests for it.
    pub(super) is_irreplaceable: bool,
    /// Whether the script tests for it, or defines it.
    pub(super) is_tested: bool,
    /// Whether the script has a variable with the name of the global.
    pub(super) is_local: bool,
}

impl Candidate {
    pub(super) fn new(feature: &'static Feature) -> Self {
        Self {
            feature,
            global: feature.global(),
            used: None,
            is_irreplaceable: false,
            is_tested: false,
            is_local: false,
        }
    }

    /// Adds what is known from the uses of a variable.
    fn merge(&mut self, other: Self) {
        let is_first = match (&self.used, &other.used) {
            (Some(used), Some(other)) => other.start < used.start,
            (used, _) => used.is_none(),
        };
        let is_preferred = other.is_irreplaceable && !self.is_irreplaceable;
        if is_preferred || is_first && self.is_irreplaceable == other.is_irreplaceable {
            self.used = other.used;
        }
        self.is_irreplaceable |= other.is_irreplaceable;
        self.is_tested |= other.is_tested;
    }
}

/// What an expression has the value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The global object.
    Window,
    /// The global with this name.
    Global(&'static str),
    /// The property of a feature.
    Property(&'static Feature),
}

impl Target {
    /// Whether a feature is used with it.
    pub(super) fn has(self, feature: &Feature) -> bool {
        match self {
            Self::Window => !matches!(feature.kind(), Kind::Event | Kind::Member),
            Self::Global(global) => feature.is_of(global),
            Self::Property(other) => other == feature,
        }
    }
}

/// A variable.
#[derive(Debug)]
pub(super) struct Alias<'a> {
    name: &'a str,
    /// Its value.
    pub(super) target: Target,
    /// The place of its name in the declaration.
    pub(super) declared_at: usize,
    /// The variable that it gets its value from.
    parent: Option<usize>,
    /// Whether there may be another variable or value with this name.
    pub(super) is_shared: bool,
    /// What is known about features by the uses of the variable.
    pub(super) candidates: Vec<Candidate>,
}

impl Alias<'_> {
    /// Whether it can be what a feature is used by. Bundles have many variables with the global
    /// object, and use most of them for other properties.
    fn is_relevant(&self) -> bool {
        let is_used = || self.candidates.iter().any(|it| it.used.is_some() || it.is_tested);
        !self.is_shared && (self.target != Target::Window || is_used())
    }

    /// The variable without what is known about its uses.
    fn reset(self) -> Self {
        let candidates = self.candidates.iter().map(|it| Candidate::new(it.feature)).collect();
        Self { candidates, ..self }
    }
}

/// The features that may be in a script.
#[derive(Debug, Default)]
pub(super) struct FeatureState<'a> {
    /// The features.
    known: Vec<&'static Feature>,
    /// The names of their globals.
    pub(super) globals: Vec<&'static str>,
    pub(super) candidates: Vec<Candidate>,
    /// Variables with the value of a feature or of what it is a property of.
    pub(super) aliases: Vec<Alias<'a>>,
    /// How many of them are remembered, to bound the time.
    aliases_max: usize,
    /// Whether the script has a variable with the name `self`, as for `this`.
    pub(super) has_local_self: bool,
    /// Whether the script tests for a secure context.
    pub(super) tests_security: bool,
    /// Whether it tests for cross-origin isolation.
    pub(super) tests_isolation: bool,
    /// The depth of each open block of `try`.
    pub(super) tries: Vec<usize>,
    /// How many more times the end of parentheses is searched for, to bound the time.
    pub(super) lookaheads: usize,
}

impl<'a> FeatureState<'a> {
    pub(super) fn of(text: &str) -> Self {
        Self::new(Feature::of_text(text))
    }

    fn new(known: Vec<&'static Feature>) -> Self {
        let candidates = known.iter().map(|it| Candidate::new(it)).collect();
        let mut globals: Vec<&str> = known.iter().map(|it| it.global()).collect();
        globals.dedup();
        Self { known, globals, candidates, aliases_max: 32, lookaheads: 10_000, ..Self::default() }
    }

    /// The state for reading a script again, if it has variables that were not known before they
    /// were declared. One that may have another value then may have one always.
    pub(super) fn second_pass(&mut self) -> Option<Self> {
        self.share_values();
        if !self.aliases.iter().any(Alias::is_relevant) {
            return None;
        }
        let blank = Self::new(std::mem::take(&mut self.known));
        let aliases = std::mem::take(&mut self.aliases).into_iter().map(Alias::reset).collect();
        Some(Self { aliases, aliases_max: 0, ..blank })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// A bracket was closed; this many are open.
    pub(super) fn closed(&mut self, depth: usize) {
        self.tries.pop_if(|it| *it > depth);
    }

    /// Names that a clause of an import may bind.
    pub(super) fn imported(&mut self, clause: &str) {
        let is_name = |it: char| it.is_alphanumeric() || it == '_' || it == '$';
        let has = |name: &str| clause.split(|it| !is_name(it)).any(|it| it == name);
        for candidate in &mut self.candidates {
            candidate.is_local |= has(candidate.global);
        }
        for alias in &mut self.aliases {
            alias.is_shared |= has(alias.name);
        }
    }

    /// The variable with the name of a global is another one.
    pub(super) fn set_local(&mut self, global: &str) {
        for candidate in self.candidates.iter_mut().filter(|it| it.feature.is_of(global)) {
            candidate.is_local = true;
        }
    }

    /// Whether more variables are remembered.
    pub(super) fn learns_aliases(&self) -> bool {
        self.aliases.len() < self.aliases_max
    }

    /// The variable with this name.
    pub(super) fn alias(&self, name: &str) -> Option<usize> {
        self.aliases.iter().position(|it| it.name == name)
    }

    /// A variable with a value that the script declares at `start`.
    pub(super) fn add_alias(
        &mut self,
        name: &'a str,
        start: usize,
        target: Target,
        parent: Option<usize>,
    ) {
        if self.learns_aliases() && self.alias(name).is_none() {
            let known = self.known.iter().filter(|it| target.has(it));
            let candidates = known.map(|it| Candidate::new(it)).collect();
            let is_shared = false;
            let alias = Alias { name, target, declared_at: start, parent, is_shared, candidates };
            self.aliases.push(alias);
        }
    }

    /// A property that a variable in a pattern has the value of.
    pub(super) fn member_of(&self, target: Target, key: &str) -> Option<Target> {
        let mut known = self.known.iter();
        match target {
            Target::Window => known.find(|it| it.is_of(key)).map(|it| Target::Global(it.global())),
            Target::Global(global) => {
                let has_value = |it: &&&Feature| matches!(it.kind(), Kind::Property | Kind::Denied);
                known
                    .find(|it| it.is_of(global) && has_value(it) && it.property() == Some(key))
                    .map(|it| Target::Property(it))
            }
            Target::Property(_) => None,
        }
    }

    /// A variable may have another value if that which it gets its value from may have one.
    fn share_values(&mut self) {
        for index in 0..self.aliases.len() {
            // It precedes those that get its value.
            let parent = self.aliases[index].parent;
            self.aliases[index].is_shared |= parent.is_some_and(|it| self.aliases[it].is_shared);
        }
    }

    /// Adds what is known from the variables that have only one value.
    fn merge_aliases(&mut self) {
        self.share_values();
        for Alias { name, is_shared, candidates, .. } in std::mem::take(&mut self.aliases) {
            if is_shared {
                self.set_local(name);
                continue;
            }
            for other in candidates {
                let of = |it: &&mut Candidate| it.feature == other.feature;
                if let Some(found) = self.candidates.iter_mut().find(of) {
                    found.merge(other);
                }
            }
        }
    }

    /// The uses, in order.
    pub(super) fn uses(mut self) -> Vec<FeatureUse> {
        self.merge_aliases();
        let Self { candidates, tests_security, tests_isolation, .. } = self;
        let is_tested = |it: &Candidate| it.is_tested && it.feature.needs_isolation();
        let tests_isolation = tests_isolation || candidates.iter().any(is_tested);
        let is_missed = |it: &Candidate| {
            let needs_isolation = it.feature.needs_isolation();
            let tests = if needs_isolation { tests_isolation } else { tests_security };
            let is_unprepared = match it.feature.kind() {
                Kind::Denied => it.is_irreplaceable && !tests,
                _ => it.is_irreplaceable || !it.is_tested && !tests,
            };
            is_unprepared && !it.is_local
        };
        let mut uses: Vec<FeatureUse> = Vec::new();
        for it in candidates {
            if let Some(span) = it.used.clone().filter(|_| is_missed(&it)) {
                // They are few, and the code for sorting is long.
                let at = uses.partition_point(|it| it.span.start < span.start);
                uses.insert(at, FeatureUse { feature: it.feature, span });
            }
        }
        uses
    }
}
