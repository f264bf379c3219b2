//! Schemas as people read them: a table of members and an example.

use serde_json::{Value, json};

use crate::docs::markup::inline;
use crate::docs::reference::Member;

/// What a body looks like.
pub struct Shape {
    pub members: Vec<Member>,
    /// JSON.
    pub example: String,
}

/// The named schemas of a document.
#[derive(Clone, Copy)]
pub struct Schemas<'a> {
    document: &'a Value,
}

/// How deep a schema is followed; the document's own are far below.
const DEPTH_MAX: usize = 6;

impl<'a> Schemas<'a> {
    pub fn of(document: &'a Value) -> Schemas<'a> {
        Schemas { document }
    }

    pub fn shape(self, schema: &Value) -> Shape {
        let mut members = Vec::new();
        self.members(schema, "", &mut members, DEPTH_MAX);
        let example = self.example(schema, DEPTH_MAX);
        let example = serde_json::to_string_pretty(&example).unwrap_or_default();
        Shape { members, example }
    }

    /// Type and bounds in a few words.
    pub fn kind(self, schema: &Value) -> String {
        let schema = self.resolve(schema);
        if let Some(options) = options(schema) {
            let kinds: Vec<String> = options.iter().map(|option| self.kind(option)).collect();
            return kinds.join(" or ");
        }
        if let Some(values) = schema["enum"].as_array() {
            let words = values.iter().filter(|value| !value.is_null());
            let words: Vec<String> = words.map(word).collect();
            return words.join(" | ");
        }
        let kind = match type_of(schema) {
            "array" => format!("list of {}", self.kind(&schema["items"])),
            "" => "any".to_owned(),
            name => name.to_owned(),
        };
        kind + &bounds(schema)
    }

    fn members(self, schema: &Value, place: &str, members: &mut Vec<Member>, depth: usize) {
        let schema = self.resolve(schema);
        if depth == 0 {
            return;
        }
        if let Some(options) = options(schema) {
            for option in options {
                self.members(option, place, members, depth - 1);
            }
            return;
        }
        if type_of(schema) == "array" {
            let place = if place.is_empty() {
                "[]".to_owned()
            } else {
                format!("{place}[]")
            };
            self.members(&schema["items"], &place, members, depth - 1);
            return;
        }
        for (name, property) in required_first(schema) {
            let name_in_full = if place.is_empty() {
                name.clone()
            } else {
                format!("{place}.{name}")
            };
            let description = text_of(property).or_else(|| text_of(self.resolve(property)));
            members.push(Member {
                name: name_in_full.clone(),
                place: String::new(),
                kind: self.kind(property),
                is_required: is_required(schema, name),
                text: inline(description.unwrap_or_default()),
            });
            self.members(property, &name_in_full, members, depth - 1);
        }
    }

    fn example(self, schema: &Value, depth: usize) -> Value {
        let schema = self.resolve(schema);
        if depth == 0 {
            return Value::Null;
        }
        if let Some(example) = schema.get("example") {
            return example.clone();
        }
        if let Some(example) = schema["examples"].get(0).or(schema["enum"].get(0)) {
            return example.clone();
        }
        if let Some(option) = options(schema).and_then(|options| options.into_iter().next()) {
            return self.example(option, depth - 1);
        }
        match type_of(schema) {
            "object" => {
                let properties = schema["properties"]
                    .as_object()
                    .cloned()
                    .unwrap_or_default();
                let members = properties
                    .iter()
                    .map(|(name, property)| (name.clone(), self.example(property, depth - 1)));
                Value::Object(members.filter(|(_, value)| !value.is_null()).collect())
            }
            "array" => json!([self.example(&schema["items"], depth - 1)]),
            "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
            "number" => json!(10.5),
            "boolean" => json!(true),
            _ => Value::Null,
        }
    }

    fn resolve<'b>(self, schema: &'b Value) -> &'b Value
    where
        'a: 'b,
    {
        let target = schema["$ref"].as_str();
        let found = target.and_then(|target| self.document.pointer(target.trim_start_matches('#')));
        found.unwrap_or(schema)
    }
}

fn required_first(schema: &Value) -> Vec<(&String, &Value)> {
    let properties = schema["properties"].as_object();
    let mut properties: Vec<(&String, &Value)> = properties.into_iter().flatten().collect();
    properties.sort_by_key(|(name, _)| !is_required(schema, name));
    properties
}

fn is_required(schema: &Value, name: &str) -> bool {
    let required = schema["required"].as_array();
    required.is_some_and(|names| names.iter().any(|required| required == name))
}

/// The schemas of which one holds, without the one that stands for null.
fn options(schema: &Value) -> Option<Vec<&Value>> {
    let options = schema["oneOf"].as_array()?;
    let others = options.iter().filter(|option| option["type"] != "null");
    Some(others.collect())
}

/// The type, without null.
fn type_of(schema: &Value) -> &str {
    let types = schema["type"].as_array();
    let first = types.and_then(|types| types.iter().find(|name| *name != "null"));
    first
        .unwrap_or(&schema["type"])
        .as_str()
        .unwrap_or_default()
}

fn bounds(schema: &Value) -> String {
    let mut bounds = String::new();
    for (name, before) in [
        ("minimum", "from "),
        ("maximum", "to "),
        ("maxLength", "at most "),
    ] {
        if let Some(bound) = schema.get(name).and_then(Value::as_i64) {
            let unit = if name == "maxLength" {
                " characters"
            } else {
                ""
            };
            bounds.push_str(&format!(", {before}{bound}{unit}"));
        }
    }
    bounds
}

fn text_of(schema: &Value) -> Option<&str> {
    schema["description"].as_str()
}

fn word(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
