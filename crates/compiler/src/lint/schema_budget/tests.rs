//! Schemas with their costs, and schemas above the budget.

use serde_json::json;
use url::Url;

use super::*;
use crate::{
    lint::schema_documents::{BASE_URL, Documents},
    site_folder::SiteFolder,
};

fn cost_of(schema: Value, value: &Value) -> Result<usize, Excess> {
    let url = Url::parse(&format!("{BASE_URL}x.schema.json")).unwrap();
    let documents = Documents::load(&url, schema, &SiteFolder::default()).unwrap();
    cost(&Resources::of(&documents), url.as_str(), value)
}

#[test]
fn every_alternative_costs() {
    let leaf = json!({ "minimum": 1 });
    let definitions = json!({
        "$ref": "#/$defs/a",
        "$defs": { "a": { "allOf": [{ "$ref": "#/$defs/b" }, { "$ref": "#b" }] },
                   "b": { "$anchor": "b", "minimum": 1 } }
    });
    let rows = [
        (json!(true), json!(1), 1),
        (json!({ "type": "number" }), json!(1), 0),
        (leaf.clone(), json!(1), 1),
        (json!({ "anyOf": [leaf, leaf, leaf] }), json!(1), 4),
        (json!({ "type": "string", "anyOf": [leaf, leaf] }), json!(1), 1),
        (json!({ "items": leaf }), json!([1, 2, 3]), 3),
        (json!({ "prefixItems": [leaf], "items": leaf }), json!([1, 2, 3]), 4),
        (json!({ "items": [leaf], "additionalItems": leaf }), json!([1, 2, 3]), 4),
        (json!({ "contains": leaf }), json!([1, 2]), 3),
        (json!({ "properties": { "a": leaf }}), json!({ "a": 1, "b": 1 }), 1),
        (json!({ "additionalProperties": leaf }), json!({ "a": 1, "b": 1 }), 3),
        (json!({ "patternProperties": { "x": leaf }}), json!({ "a": 1 }), 3),
        (json!({ "propertyNames": leaf }), json!({ "a": 1 }), 3),
        (json!({ "dependentSchemas": { "a": leaf }}), json!({ "a": 1 }), 3),
        (json!({ "dependentSchemas": { "b": leaf }}), json!({ "a": 1 }), 2),
        (json!({ "if": leaf, "then": leaf, "else": leaf, "not": leaf }), json!(1), 5),
        (definitions, json!(1), 6),
        (json!({ "$ref": "#" }), json!(1), 2),
    ];
    for (schema, value, steps) in rows {
        let cost = cost_of(schema.clone(), &value).unwrap();
        // Each value costs a little besides the schemas.
        assert_eq!(cost / UNCERTAIN, steps, "{schema}: {cost}");
    }
}

#[test]
fn a_walk_stops_at_the_budget() {
    let twice = |inner: Value| json!({ "anyOf": [inner, inner] });
    let recursive = twice(json!({ "items": { "$ref": "#" } }));
    let nested = |depth| (0..depth).fold(json!(1), |value, _| json!([value]));
    let six = json!({ "oneOf": vec![json!({ "items": { "$ref": "#" } }); 6] });
    let dynamic = json!({
        "$dynamicAnchor": "node", "anyOf": vec![json!({ "items": { "$dynamicRef": "#node" } }); 2]
    });
    let rows = [
        (recursive.clone(), nested(5), true),
        (recursive, nested(40), false),
        (six.clone(), nested(3), true),
        (six, nested(20), false),
        (dynamic, nested(40), false),
        (json!({ "$ref": "#/$defs/none" }), json!(1), false),
        (json!({ "$ref": "http://json-schema.org/draft-07/schema" }), json!({ "a": 1 }), true),
    ];
    for (schema, value, is_within) in rows {
        assert_eq!(cost_of(schema.clone(), &value).is_ok(), is_within, "{schema}");
    }
}

#[test]
fn real_schemas_are_far_below_the_budget() {
    // As GeoJSON.
    let position = json!({ "type": "array", "minItems": 2, "items": { "type": "number" } });
    let list = |items: &Value| json!({ "type": "array", "items": items });
    let shape = |name: &str, coordinates: Value| {
        json!({ "type": "object", "required": ["type", "coordinates"], "properties": {
            "type": { "type": "string", "enum": [name] }, "coordinates": coordinates } })
    };
    let geometry = json!({ "oneOf": [
        shape("Point", position.clone()),
        shape("LineString", list(&position)),
        shape("Polygon", list(&list(&position))),
        shape("MultiPolygon", list(&list(&list(&position)))),
    ] });
    let polygon = json!({ "type": "Polygon", "coordinates": [vec![json!([1.5, 2.5]); 1000]] });
    let schema = json!({ "type": "array", "items": geometry });
    let cost = cost_of(schema, &json!(vec![polygon; 20])).unwrap();
    assert!(cost < COST_MAX / 4, "{cost}");
}
