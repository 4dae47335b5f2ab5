//! Types of GraphQL as JSON Schema (2020-12), with the fields that a query asks for.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::Node;
use apollo_compiler::Schema;
use apollo_compiler::ast::Type;
use apollo_compiler::ast::VariableDefinition;
use apollo_compiler::executable::Field;
use apollo_compiler::executable::Selection;
use apollo_compiler::executable::SelectionSet;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::openapi::text;

/// What a field gives.
pub fn of_field(
    schema: &Valid<Schema>,
    query: &Valid<ExecutableDocument>,
    field: &Node<Field>,
) -> Value {
    of_type(&field.definition.ty, &|name| match field.selection_set.selections.is_empty() {
        true => named(schema, name),
        false => object(schema, query, &field.selection_set),
    })
}

/// What a variable takes.
pub fn of_variable(schema: &Valid<Schema>, variable: &Node<VariableDefinition>) -> Value {
    let mut taken = named(schema, variable.ty.inner_named_type());
    let default = variable.default_value.as_ref().and_then(|value| {
        let name = value.as_enum().map(|name| json!(name.as_str()));
        name.or_else(|| value.to_i32().map(Value::from))
    });
    if let Some(default) = default {
        taken["default"] = default;
    }
    taken
}

fn of_type(of: &Type, inner: &dyn Fn(&str) -> Value) -> Value {
    match of {
        Type::NonNullNamed(name) => inner(name),
        Type::Named(name) => or_null(inner(name)),
        Type::NonNullList(item) => json!({ "type": "array", "items": of_type(item, inner) }),
        Type::List(item) => or_null(json!({ "type": "array", "items": of_type(item, inner) })),
    }
}

fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn object(
    schema: &Valid<Schema>,
    query: &Valid<ExecutableDocument>,
    selected: &SelectionSet,
) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for selection in &selected.selections {
        // Queries that are written here have no fragments.
        let Selection::Field(field) = selection else { continue };
        let mut given = of_field(schema, query, field);
        given["description"] = text(field.definition.description.as_deref()).into();
        properties.insert(field.response_key().to_string(), given);
        required.push(field.response_key().to_string());
    }
    json!({ "type": "object", "required": required, "properties": properties })
}

fn named(schema: &Valid<Schema>, name: &str) -> Value {
    if let Some(ExtendedType::Enum(of)) = schema.types.get(name) {
        let values: Vec<&str> = of.values.keys().map(|value| value.as_str()).collect();
        return json!({ "type": "string", "enum": values });
    }
    match name {
        "Int" => json!({ "type": "integer", "format": "int32" }),
        "Long" => json!({ "type": "integer", "format": "int64" }),
        "Float" => json!({ "type": "number" }),
        "Boolean" => json!({ "type": "boolean" }),
        "DateTime" => json!({ "type": "string", "format": "date-time" }),
        "JSONObject" => json!({ "type": "object" }),
        _ => json!({ "type": "string" }),
    }
}
