//! Documents and schemas with their diagnostics.

use super::*;

#[test]
fn every_violation_has_its_position() {
    let schema = br#"{
        "type": "object", "required": ["title"],
        "properties": {
            "year": {"type": "integer", "maximum": 2100},
            "tags": {"items": {"type": "string"}}
        }
    }"#;
    let book = b"{\n  \"year\": 19250,\n  \"tags\": [\"a\",\n    7]\n}";
    let schema = Text::new("book.schema.json".to_owned(), schema);
    let folder = &SiteFolder::default();
    let schema = Schema { text: &schema, path: "book.schema.json", folder };
    let text = Text::new("book.json".to_owned(), book);
    let mut found = FileDiagnostics::default();
    validate(&text, &serde_json::from_slice(book).unwrap(), schema, &mut found);
    let found = found.listed();
    let mut positions: Vec<(usize, usize)> =
        found.iter().map(|it| (it.position.line, it.position.column)).collect();
    positions.sort_unstable();
    assert_eq!(positions, [(1, 1), (2, 11), (4, 5)], "{found:#?}");
    assert!(found.iter().all(|it| it.code == Lint::SchemaViolation));
}

#[test]
fn schemas_themselves_are_linted() {
    let linted = |text: &str| {
        let value = serde_json::from_str(text).unwrap();
        let text = Text::new("book.schema.json".to_owned(), text.as_bytes());
        let folder = &SiteFolder::default();
        let mut found = FileDiagnostics::default();
        let schema = Schema { text: &text, path: "x.schema.json", folder };
        lint_schema(schema, value, &mut found);
        found.listed().to_vec()
    };
    for text in [r#"{"type": "nonsense"}"#, r#"{"$ref": "http://example.com/other.json"}"#] {
        let errors = linted(text);
        assert!(!errors.is_empty(), "{text}");
        assert!(errors.iter().all(|it| it.code == Lint::InvalidSchema), "{errors:?}");
    }
    assert_eq!(linted("{}"), []);
}

/// The diagnostics of a document, and of its schema.
fn checked(schema: &str, document: &str) -> Vec<Diagnostic> {
    let folder = &SiteFolder::default();
    let text = Text::new("x.schema.json".to_owned(), schema.as_bytes());
    let schema = Schema { text: &text, path: "x.schema.json", folder };
    let document = Text::new("x.json".to_owned(), document.as_bytes());
    let mut found = FileDiagnostics::default();
    match [value(&text), value(&document)] {
        [Ok(keywords), Ok(value)] => {
            lint_schema(schema, keywords, &mut found);
            validate(&document, &value, schema, &mut found);
        }
        results => found.extend(results.into_iter().filter_map(Result::err).map(|it| *it)),
    }
    found.listed().to_vec()
}

#[test]
fn validation_over_the_budget_is_skipped_with_a_warning() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let chain = |length: usize| {
        let links =
            (0..length).map(|it| format!("\"d{it}\":{{\"$ref\":\"#/$defs/d{}\"}},", it + 1));
        let links: String = links.collect();
        format!("{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{{links}\"d{length}\":{{}}}}}}")
    };
    let many = |count: usize| {
        let schemas: Vec<String> = (0..count).map(|it| format!("\"a{it}\":{{}}")).collect();
        format!("{{\"properties\":{{{}}}}}", schemas.join(","))
    };
    let array = |element: &str, count: usize| format!("[{}1]", format!("{element},").repeat(count));
    let twice =
        r##"{"anyOf":[{"items":{"$ref":"#"},"minItems":2},{"items":{"$ref":"#"},"minItems":2}]}"##;
    let pattern = r#"{"pattern":"((\\p{L}{30}){30}){30}"}"#.to_owned();
    let rows = [
        (twice.to_owned(), nested(3), Some(Lint::SchemaViolation)),
        (twice.to_owned(), nested(40), Some(Lint::SchemaBudget)),
        (chain(100), "1".to_owned(), None),
        (chain(1000), "1".to_owned(), Some(Lint::SchemaBudget)),
        (many(100), "{}".to_owned(), None),
        (many(20_000), "{}".to_owned(), Some(Lint::SchemaBudget)),
        (pattern, "1".to_owned(), Some(Lint::SchemaBudget)),
        (r#"{"items":{"type":"string"}}"#.to_owned(), array("1", 10), Some(Lint::SchemaViolation)),
        (
            r#"{"items":{"type":"string"}}"#.to_owned(),
            array("1", 1 << 20),
            Some(Lint::SchemaBudget),
        ),
        (r#"{"items":{"type":"number"}}"#.to_owned(), array("1", 1 << 18), None),
        ("{}".to_owned(), array(r#"{"":0}"#, 200_000), Some(Lint::SchemaBudget)),
    ];
    for (schema, document, expected) in rows {
        let found = checked(&schema, &document);
        let shown = schema.chars().take(60).collect::<String>();
        let codes: Vec<Lint> = found.iter().map(|it| it.code).collect();
        assert_eq!(codes.first().copied(), expected, "{shown}: {found:?}");
    }
}

#[test]
fn a_large_document_that_violates_its_schema_has_one_error() {
    let schema = r#"{"items": {"anyOf": [{"minimum": 1}, {"type": "string"}]}}"#;
    for (count, expected) in [(10, 10), (100_000, 1)] {
        let document = format!("[{}0]", "0,".repeat(count - 1));
        let found = checked(schema, &document);
        let places = found.iter().filter(|it| it.position != crate::diagnostic::Position::START);
        let places: std::collections::BTreeSet<_> = places.map(|it| it.position).collect();
        assert_eq!(places.len().max(1), expected, "{count}");
        assert!(found.iter().all(|it| it.code == Lint::SchemaViolation), "{count}");
    }
}
