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
    /// A variable with its value.
    pub(super) alias: Option<Box<str>>,
    /// The first use.
    pub(super) used: Option<Range<usize>>,
    /// Whether it is missed although the script tests for it.
    pub(super) is_irreplaceable: bool,
    /// Whether the script tests for it, or defines it.
    pub(super) is_tested: bool,
    /// Whether the script has a variable with the name of the global.
    pub(super) is_local: bool,
}

/// The features that may be in a script.
#[derive(Debug, Default)]
pub(super) struct FeatureState {
    pub(super) candidates: Vec<Candidate>,
    /// Whether the script tests for a secure context.
    pub(super) tests_security: bool,
    /// Whether it tests for cross-origin isolation.
    pub(super) tests_isolation: bool,
    /// The depth of each open block of `try`.
    pub(super) tries: Vec<usize>,
}

impl FeatureState {
    pub(super) fn of(text: &str) -> Self {
        let candidate = |feature: &'static Feature| Candidate {
            feature,
            global: feature.global(),
            alias: None,
            used: None,
            is_irreplaceable: false,
            is_tested: false,
            is_local: false,
        };
        let candidates = Feature::of_text(text).into_iter().map(candidate).collect();
        Self { candidates, ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// A bracket was closed; this many are open.
    pub(super) fn closed(&mut self, depth: usize) {
        self.tries.pop_if(|it| *it > depth);
    }

    /// Names that a clause of an import may bind.
    pub(super) fn imported(&mut self, clause: &str) {
        let is_name = |it: char| it.is_alphanumeric() || it == '_' || it == '$';
        for candidate in &mut self.candidates {
            let mut names = clause.split(|it| !is_name(it));
            candidate.is_local |= names.any(|name| name == candidate.global);
        }
    }

    /// The uses, in order.
    pub(super) fn uses(self) -> Vec<FeatureUse> {
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
