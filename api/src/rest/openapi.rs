//! The OpenAPI 3.1 document of the plain JSON paths (<https://spec.openapis.org/oas/v3.1.1.html>),
//! made from their queries and the GraphQL schema.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::Node;
use apollo_compiler::Schema;
use apollo_compiler::ast::Value as Literal;
use apollo_compiler::ast::VariableDefinition;
use apollo_compiler::executable::Field;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::RESOURCES;
use super::Resource;
use super::openapi_schema::of_field;
use super::openapi_schema::of_variable;
use crate::error::Error;

/// As it is committed; a test compares it with what is made.
pub const COMMITTED: &str = include_str!("../../../openapi.json");

/// Makes the document.
pub fn document(sdl: &str) -> Result<String, Error> {
    let wrong = |what: String| Error::Internal(format!("a query is not valid: {what}"));
    let schema = Schema::parse_and_validate(sdl, "schema.graphql");
    let schema = schema.map_err(|error| wrong(error.to_string()))?;
    let mut paths = Map::new();
    for resource in &RESOURCES {
        let query = ExecutableDocument::parse_and_validate(&schema, resource.query, resource.path);
        let query = query.map_err(|error| wrong(error.to_string()))?;
        let operation = query.operations.anonymous.as_ref();
        let operation = operation.ok_or_else(|| wrong("it has a name".into()))?;
        let field = operation.root_fields(&query).next();
        let field = field.ok_or_else(|| wrong("it has no field".into()))?;
        let parameters: Vec<Value> = operation
            .variables
            .iter()
            .map(|variable| parameter(&schema, resource, variable, field))
            .collect();
        paths.insert(resource.path.into(), path(&schema, &query, resource, field, &parameters));
    }
    let document = json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Redian",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What readers see, as plain JSON. The same as GraphQL gives at \
                            /graphql, which has more.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [],
        "paths": paths,
        "components": { "schemas": { "Errors": errors() } },
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn path(
    schema: &Valid<Schema>,
    query: &Valid<ExecutableDocument>,
    resource: &Resource,
    field: &Node<Field>,
    parameters: &[Value],
) -> Value {
    let mut given = of_field(schema, query, field);
    // A path that there is nothing at is answered 404.
    if let Some(of) = given.get("anyOf").and_then(|any| any.get(0)).cloned() {
        given = of;
    }
    let error = |what: &str| {
        let schema = json!({ "$ref": "#/components/schemas/Errors" });
        json!({ "description": what, "content": { "application/json": { "schema": schema } } })
    };
    let tag = json!({
        "description": "Of what is answered: send it as `If-None-Match`.",
        "schema": { "type": "string" },
    });
    let mut written = json!({ "get": {
        "operationId": resource.name,
        "summary": resource.summary,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "What was asked for.",
                "headers": { "ETag": tag },
                "content": { "application/json": { "schema": given } },
            },
            "304": { "description": "It is still what the tag of `If-None-Match` is of." },
            "400": error("A parameter is wrong."),
            "429": error("Too many requests: `Retry-After` tells when there may be one again."),
            "503": error("Not now: try again later."),
        },
    }});
    // A list of nothing is an empty one.
    if resource.path.contains('{') {
        written["get"]["responses"]["404"] = error("There is none.");
    }
    written
}

fn parameter(
    schema: &Valid<Schema>,
    resource: &Resource,
    variable: &Node<VariableDefinition>,
    field: &Node<Field>,
) -> Value {
    let name = variable.name.as_str();
    let in_path = resource.path.contains(&format!("{{{name}}}"));
    let required = variable.ty.is_non_null() && variable.default_value.is_none();
    json!({
        "name": name,
        "in": if in_path { "path" } else { "query" },
        "required": required,
        "description": description(schema, field, name),
        "schema": of_variable(schema, variable),
    })
}

/// What the schema says of the argument, or of the member of one, that a variable is given to.
fn description(schema: &Valid<Schema>, field: &Node<Field>, variable: &str) -> String {
    let is = |value: &Literal| matches!(value, Literal::Variable(name) if name == variable);
    for argument in &field.arguments {
        let Some(defined) = field.definition.argument_by_name(&argument.name) else { continue };
        if is(&argument.value) {
            return text(defined.description.as_deref());
        }
        let of = schema.types.get(defined.ty.inner_named_type());
        let (Literal::Object(members), Some(ExtendedType::InputObject(of))) =
            (&*argument.value, of)
        else {
            continue;
        };
        if let Some((name, _)) = members.iter().find(|(_, value)| is(value)) {
            return text(of.fields.get(name).and_then(|member| member.description.as_deref()));
        }
    }
    String::new()
}

/// A description on one line.
pub fn text(description: Option<&str>) -> String {
    description.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn errors() -> Value {
    let code = json!({ "type": "string", "description": "Stable: for programs." });
    let message = json!({ "type": "string", "description": "What to do, for people." });
    json!({
        "type": "object",
        "required": ["errors"],
        "properties": { "errors": { "type": "array", "items": {
            "type": "object",
            "required": ["message", "extensions"],
            "properties": {
                "message": message,
                "extensions": {
                    "type": "object",
                    "required": ["code"],
                    "properties": { "code": code },
                },
            },
        }}},
    })
}
