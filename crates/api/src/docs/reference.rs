//! The operations of the OpenAPI document, as the reference prints them.

use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

use crate::docs::markup::{inline, paragraphs};
use crate::docs::reference::schemas::{Schemas, Shape};

pub mod schemas;

/// The operations of one tag.
pub struct Group {
    pub name: String,
    pub anchor: String,
    pub description: String,
    pub operations: Vec<Operation>,
}

/// One operation.
pub struct Operation {
    pub anchor: String,
    /// In capitals.
    pub method: String,
    pub path: String,
    pub summary: String,
    /// HTML.
    pub description: String,
    pub parameters: Vec<Member>,
    pub body: Option<Shape>,
    pub answers: Vec<Answer>,
    /// The error statuses, joined with commas.
    pub errors: String,
}

/// A parameter, or a member of a body.
pub struct Member {
    pub name: String,
    /// Where a parameter stands; empty for a member of a body.
    pub place: String,
    pub kind: String,
    pub is_required: bool,
    /// HTML.
    pub text: String,
}

/// A successful answer.
pub struct Answer {
    pub status: String,
    pub description: String,
    pub shape: Option<Shape>,
}

/// Every operation, in the groups and the order of the document's tags.
pub fn groups(document: &OpenApi) -> Vec<Group> {
    let value = serde_json::to_value(document).expect("a document of texts and numbers is a value");
    let tags = document.tags.iter().flatten();
    let groups = tags.map(|tag| Group {
        name: tag.name.clone(),
        anchor: tag.name.to_lowercase(),
        description: tag.description.clone().unwrap_or_default(),
        operations: operations(document, &value, &tag.name),
    });
    groups
        .filter(|group| !group.operations.is_empty())
        .collect()
}

/// The methods in the order in which a path's operations are printed.
const METHODS: [&str; 5] = ["post", "get", "put", "patch", "delete"];

/// The operations of a tag: paths in the order in which they were routed, which a value does not keep.
fn operations(document: &OpenApi, value: &Value, tag: &str) -> Vec<Operation> {
    let mut operations = Vec::new();
    for path in document.paths.paths.keys() {
        for method in METHODS {
            let operation = &value["paths"][path][method];
            if operation["tags"][0] == tag {
                operations.push(self::operation(value, path, method, operation));
            }
        }
    }
    operations
}

fn operation(document: &Value, path: &str, method: &str, value: &Value) -> Operation {
    let schemas = Schemas::of(document);
    let responses = value["responses"].as_object().cloned().unwrap_or_default();
    let parameters = value["parameters"].as_array().cloned().unwrap_or_default();
    let body = &value["requestBody"]["content"];
    let errors: Vec<&str> = responses
        .keys()
        .map(String::as_str)
        .filter(|status| !status.starts_with('2'))
        .collect();
    Operation {
        anchor: text(&value["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&value["summary"]),
        description: paragraphs(&text(&value["description"])),
        parameters: parameters
            .iter()
            .map(|parameter| self::parameter(schemas, parameter))
            .collect(),
        body: content(schemas, body),
        answers: answers(schemas, &responses),
        errors: errors.join(", "),
    }
}

fn parameter(schemas: Schemas<'_>, value: &Value) -> Member {
    Member {
        name: text(&value["name"]),
        place: text(&value["in"]),
        kind: schemas.kind(&value["schema"]),
        is_required: value["required"] == true,
        text: inline(&text(&value["description"])),
    }
}

fn answers(schemas: Schemas<'_>, responses: &Map<String, Value>) -> Vec<Answer> {
    let successes = responses
        .iter()
        .filter(|(status, _)| status.starts_with('2'));
    successes
        .map(|(status, response)| Answer {
            status: status.clone(),
            description: text(&response["description"]),
            shape: content(schemas, &response["content"]),
        })
        .collect()
}

fn content(schemas: Schemas<'_>, content: &Value) -> Option<Shape> {
    let schema = &content.get("application/json")?["schema"];
    Some(schemas.shape(schema))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
