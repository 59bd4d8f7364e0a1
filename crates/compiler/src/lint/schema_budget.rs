//! Bound on the work of validating JSON with a schema.
//!
//! Nested `anyOf`, `oneOf` and `$ref` multiply the work with each level: a schema of 135 bytes can
//! need gigabytes for a small document. The schema is first applied to the value without
//! validating: every alternative counts, and the walk stops at the budget. Steps are counted and
//! no time is measured, so that the result does not depend on the machine.

use serde_json::{Map, Value};

use super::schema_documents::{Located, Resources};

/// The cost of applying a schema that certainly accepts the value itself.
const ACCEPTED: usize = 1;
/// The cost of applying another schema, which may become an error.
const UNCERTAIN: usize = 4;

/// Maximum cost of a validation. It takes up to a second, and with errors that have no details up
/// to 100 MB. Configurations and API descriptions cost up to one million, and so do geographic data
/// of two megabytes.
const COST_MAX: usize = 4_000_000;

/// Maximum cost of a validation whose errors have details: up to 400 bytes for a cost of 4, so that
/// all of them take 100 MB.
pub(super) const DETAILED_COST_MAX: usize = 1_000_000;

/// Maximum number of schemas that are applied inside each other, each of which takes stack. Real
/// schemas do not come close.
const DEPTH_MAX: usize = 400;

/// Why a value is not validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    Cost,
    Depth,
    /// A reference leads to a place that is not known here.
    Reference,
}

impl std::fmt::Display for Excess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cost => f.write_str("the schema would need too many steps for it"),
            Self::Depth => write!(f, "the schema nests more than {DEPTH_MAX} schemas for it"),
            Self::Reference => f.write_str("a reference of the schema cannot be followed"),
        }
    }
}

/// The cost of validating a value with the schema at this URL, if it is within the budget.
pub(super) fn cost(resources: &Resources<'_>, url: &str, value: &Value) -> Result<usize, Excess> {
    let root = resources.root(url).ok_or(Excess::Reference)?;
    let mut walk = Walk { resources, cost: 0 };
    let scope = Scope { located: root, value_depth: 0, depth: 0, parent: None };
    walk.apply(&scope, value)?;
    Ok(walk.cost)
}

struct Walk<'r, 'a> {
    resources: &'r Resources<'a>,
    cost: usize,
}

/// A schema that is applied, and those that applied it.
struct Scope<'s, 'a> {
    located: Located<'a>,
    /// The number of objects and arrays around the value.
    value_depth: usize,
    depth: usize,
    parent: Option<&'s Scope<'s, 'a>>,
}

impl<'a> Scope<'_, 'a> {
    fn ancestors(&self) -> impl Iterator<Item = &Scope<'_, 'a>> {
        std::iter::successors(self.parent, |scope| scope.parent)
    }

    /// Whether the same schema is already being applied to the same value; validation stops there.
    fn is_cycle(&self) -> bool {
        let same_value = self.ancestors().take_while(|it| it.value_depth == self.value_depth);
        let mut schemas = same_value.map(|it| it.located.schema);
        schemas.any(|schema| std::ptr::eq(schema, self.located.schema))
    }
}

impl<'a> Walk<'_, 'a> {
    fn add(&mut self, cost: usize) -> Result<(), Excess> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost > COST_MAX { Err(Excess::Cost) } else { Ok(()) }
    }

    fn apply(&mut self, scope: &Scope<'_, 'a>, value: &Value) -> Result<(), Excess> {
        let Value::Object(schema) = scope.located.schema else { return self.add(UNCERTAIN) };
        // An error has the path to its value.
        let uncertain = UNCERTAIN + scope.value_depth / 2;
        let matches = self.resources.has_vocabularies() || may_match(schema, value);
        self.add(if matches && is_accepted(schema, value) { ACCEPTED } else { uncertain })?;
        let lists = ["enum", "required"].map(|name| schema.get(name).and_then(Value::as_array));
        self.add(lists.into_iter().flatten().map(Vec::len).sum::<usize>() / 8)?;
        if !matches || scope.is_cycle() {
            return Ok(());
        }
        self.references(scope, schema, value)?;
        match value {
            Value::Object(members) => {
                self.members(scope, schema, members)?;
                self.dependencies(scope, schema, value)?;
            }
            Value::Array(elements) => self.elements(scope, schema, elements)?,
            Value::String(text) => {
                let has_pattern = schema.contains_key("pattern") || schema.contains_key("format");
                self.add(if has_pattern { text.len() / 16 } else { 0 })?;
            }
            _ => {}
        }
        for (keyword, inner) in schema {
            match (keyword.as_str(), inner) {
                ("not" | "if" | "then" | "else", inner) => {
                    self.apply_inner(scope, inner, value, false)?;
                }
                ("allOf" | "anyOf" | "oneOf", Value::Array(inner)) => {
                    for inner in inner {
                        self.apply_inner(scope, inner, value, false)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn apply_inner(
        &mut self,
        scope: &Scope<'_, 'a>,
        schema: &'a Value,
        value: &Value,
        is_inside: bool,
    ) -> Result<(), Excess> {
        let located = self.resources.inner(scope.located, schema);
        self.apply_located(scope, located, value, is_inside)
    }

    fn apply_located(
        &mut self,
        scope: &Scope<'_, 'a>,
        located: Located<'a>,
        value: &Value,
        is_inside: bool,
    ) -> Result<(), Excess> {
        if scope.depth == DEPTH_MAX {
            return Err(Excess::Depth);
        }
        let value_depth = scope.value_depth + usize::from(is_inside);
        let scope = Scope { located, value_depth, depth: scope.depth + 1, parent: Some(scope) };
        self.apply(&scope, value)
    }

    fn references(
        &mut self,
        scope: &Scope<'_, 'a>,
        schema: &'a Map<String, Value>,
        value: &Value,
    ) -> Result<(), Excess> {
        for keyword in ["$ref", "$recursiveRef", "$dynamicRef"] {
            let Some(Value::String(reference)) = schema.get(keyword) else { continue };
            let Some(target) = self.resources.resolve(scope.located, reference) else {
                // The schemas of schemas are linear: each keyword is checked once.
                const META_SCHEMA_COST: usize = 2 * UNCERTAIN;
                if !self.resources.is_meta_schema(scope.located, reference) {
                    return Err(Excess::Reference);
                }
                let size = self.size(value)?;
                self.add(size.saturating_mul(META_SCHEMA_COST))?;
                continue;
            };
            let target = self.outermost(scope, keyword, reference, target);
            self.apply_located(scope, target, value, false)?;
        }
        Ok(())
    }

    /// The schema that a reference leads to: with `$dynamicRef` and `$recursiveRef`, that of the
    /// outermost resource with the same anchor (JSON Schema Core sections 8.2.3.2 and, in draft
    /// 2019-09, 8.2.4.2.2).
    fn outermost(
        &self,
        scope: &Scope<'_, 'a>,
        keyword: &str,
        reference: &str,
        target: Located<'a>,
    ) -> Located<'a> {
        let anchor = reference.split_once('#').map_or("", |(_, anchor)| anchor);
        let member = |name| target.schema.get(name);
        let find: &dyn Fn(Located<'a>) -> Option<Located<'a>> = match keyword {
            "$recursiveRef" if member("$recursiveAnchor") == Some(&Value::Bool(true)) => {
                &|it| self.resources.has_recursive_anchor(it.resource).then_some(it)
            }
            "$dynamicRef" if member("$dynamicAnchor").and_then(Value::as_str) == Some(anchor) => {
                &|it| self.resources.dynamic_anchor(it.resource, anchor)
            }
            _ => return target,
        };
        let scopes = std::iter::once(scope).chain(scope.ancestors());
        scopes.filter_map(|it| find(it.located)).last().unwrap_or(target)
    }

    /// The number of values in a value.
    fn size(&mut self, value: &Value) -> Result<usize, Excess> {
        self.add(1)?;
        let mut size = 1;
        match value {
            Value::Array(elements) => {
                for element in elements {
                    size += self.size(element)?;
                }
            }
            Value::Object(members) => {
                for member in members.values() {
                    size += self.size(member)?;
                }
            }
            _ => {}
        }
        Ok(size)
    }

    fn members(
        &mut self,
        scope: &Scope<'_, 'a>,
        schema: &'a Map<String, Value>,
        members: &Map<String, Value>,
    ) -> Result<(), Excess> {
        let object = |keyword| schema.get(keyword).and_then(Value::as_object);
        let patterns = object("patternProperties");
        let pattern_count = patterns.map_or(0, Map::len);
        self.add(members.len().saturating_mul(1 + UNCERTAIN * pattern_count))?;
        let properties = object("properties");
        for (name, member) in members {
            let property = properties.and_then(|it| it.get(name));
            if let Some(property) = property {
                self.apply_inner(scope, property, member, true)?;
            }
            for pattern in patterns.into_iter().flat_map(Map::values) {
                self.apply_inner(scope, pattern, member, true)?;
            }
            let others = ["additionalProperties", "unevaluatedProperties"];
            for other in others.into_iter().filter(|_| property.is_none()) {
                if let Some(other) = schema.get(other) {
                    self.apply_inner(scope, other, member, true)?;
                }
            }
            if let Some(names) = schema.get("propertyNames") {
                // The name is copied.
                self.add(UNCERTAIN)?;
                self.apply_inner(scope, names, &Value::String(name.clone()), true)?;
            }
        }
        Ok(())
    }

    fn dependencies(
        &mut self,
        scope: &Scope<'_, 'a>,
        schema: &'a Map<String, Value>,
        value: &Value,
    ) -> Result<(), Excess> {
        for keyword in ["dependencies", "dependentSchemas", "dependentRequired"] {
            let object = schema.get(keyword).and_then(Value::as_object);
            for (name, dependency) in object.into_iter().flatten() {
                self.add(UNCERTAIN)?;
                match dependency {
                    Value::Array(names) => self.add(names.len() / 8)?,
                    _ if value.get(name).is_none() => {}
                    schema => self.apply_inner(scope, schema, value, false)?,
                }
            }
        }
        Ok(())
    }

    fn elements(
        &mut self,
        scope: &Scope<'_, 'a>,
        schema: &'a Map<String, Value>,
        elements: &[Value],
    ) -> Result<(), Excess> {
        self.add(elements.len() / 2)?;
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            for element in elements {
                self.size(element)?;
            }
        }
        let prefix = |keyword| schema.get(keyword).and_then(Value::as_array);
        let prefixes = [prefix("prefixItems"), prefix("items")];
        for (inner, element) in
            prefixes.into_iter().flatten().flat_map(|it| it.iter().zip(elements))
        {
            self.apply_inner(scope, inner, element, true)?;
        }
        let first = prefixes.into_iter().flatten().map(Vec::len).max().unwrap_or(0);
        for keyword in ["items", "additionalItems", "unevaluatedItems", "contains"] {
            let Some(inner) = schema.get(keyword).filter(|it| !it.is_array()) else { continue };
            let first = if keyword == "contains" { 0 } else { first.min(elements.len()) };
            for element in &elements[first..] {
                self.apply_inner(scope, inner, element, true)?;
            }
        }
        Ok(())
    }
}

/// Whether validation goes on after `type`, `const` and `enum`; it stops at those that do not
/// match.
fn may_match(schema: &Map<String, Value>, value: &Value) -> bool {
    let is_type = |name: &Value| name.as_str().is_none_or(|name| is_of_type(value, name));
    let has_type = match schema.get("type") {
        Some(Value::Array(types)) => types.is_empty() || types.iter().any(is_type),
        Some(name) => is_type(name),
        None => true,
    };
    // Numbers have several forms, so only strings are compared.
    let is_different = |other: &Value| value.is_string() && other != value;
    let differs = schema.get("const").is_some_and(is_different);
    let is_unlisted = schema
        .get("enum")
        .and_then(Value::as_array)
        .is_some_and(|values| values.iter().all(is_different));
    has_type && !differs && !is_unlisted
}

/// Whether a schema consists of keywords of which none can fail for this value, except inside of
/// other schemas.
fn is_accepted(schema: &Map<String, Value>, value: &Value) -> bool {
    const OTHERS: [&str; 9] = [
        "items",
        "properties",
        "title",
        "description",
        "default",
        "examples",
        "$comment",
        "$defs",
        "definitions",
    ];
    let length = value.as_array().map(Vec::len);
    let is_met = |(keyword, limit): (&String, &Value)| match keyword.as_str() {
        // A number may not be an integer.
        "type" => limit.is_string() && limit != "integer",
        "minItems" => length.zip(limit.as_u64()).is_none_or(|(it, limit)| it as u64 >= limit),
        "maxItems" => length.zip(limit.as_u64()).is_none_or(|(it, limit)| it as u64 <= limit),
        "required" => {
            let has = |name: &Value| name.as_str().is_none_or(|name| value.get(name).is_some());
            !value.is_object() || limit.as_array().is_none_or(|names| names.iter().all(has))
        }
        other => OTHERS.contains(&other),
    };
    schema.iter().all(is_met)
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "number" | "integer" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
