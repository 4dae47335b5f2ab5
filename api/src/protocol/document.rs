//! From the text of a request to an operation that may be executed: parsed and validated
//! once for each text, measured and its variables coerced for each request (GraphQL, 5 and
//! 6.1).

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::OnceLock;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::Node;
use apollo_compiler::Schema;
use apollo_compiler::ast::OperationType;
use apollo_compiler::ast::Type;
use apollo_compiler::executable::Field;
use apollo_compiler::executable::Operation;
use apollo_compiler::name;
use apollo_compiler::parser::Parser;
use apollo_compiler::request::RequestError;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::response::JsonMap;
use apollo_compiler::schema::Component;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::schema::FieldDefinition;
use apollo_compiler::validation::DiagnosticList;
use apollo_compiler::validation::Valid;
use async_graphql::Name;
use async_graphql::Response;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::ExecutableDocument as Executed;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde_json::Map;
use serde_json::Value;

use super::answer::Refusal;
use super::limits;
use super::literal;
use super::nulls;
use super::order;
use super::order::Order;
use super::root;
use crate::config::Config;
use crate::error::Error;

/// What documents that are remembered weigh, in bytes.
const REMEMBERED: u64 = 64 << 20;
/// So many of them at about that weight.
const USUAL: usize = 1_000;
/// What a byte of a text weighs when it is parsed, twice: 57 were measured.
const PARSED: u64 = 64;
/// What the parser calls tokens, and how they are written.
const TOKENS: [(&str, &str); 8] = [
    ("L_CURLY", "`{`"),
    ("R_CURLY", "`}`"),
    ("L_PAREN", "`(`"),
    ("R_PAREN", "`)`"),
    ("L_BRACK", "`[`"),
    ("R_BRACK", "`]`"),
    ("COLON", "`:`"),
    ("EOF", "the end"),
];
/// What the validator says of fields that are not there, and of a field without fields.
const UNKNOWN: &str = "does not have a field";
const NO_SELECTION: &str = "interface, union and object types must have a subselection set";
/// The name of the text in messages, which leave it out.
const SOURCE: &str = "query";

/// What documents are validated against, and those that were seen lately.
pub struct Documents {
    schema: Valid<Schema>,
    known: Cache<Box<str>, Arc<Document>, ByLength>,
}

/// A valid document.
pub struct Document {
    /// As it is validated.
    strict: Valid<ExecutableDocument>,
    /// As it is executed.
    pub executed: Executed,
    /// In which order the first operation that was asked for is answered.
    order: OnceLock<(Option<String>, Arc<Order>)>,
    /// Variables for which the executor takes false, not null.
    never_null: HashSet<Name>,
}

impl Document {
    /// The data of an answer with errors to the operation of that name, or the only one.
    pub fn settled(&self, operation: Option<&str>, response: &Response) -> async_graphql::Value {
        nulls::settled(&self.strict, operation, &response.errors, &response.data)
    }

    /// In which order the operation of that name, or the only one, is answered. Its size must
    /// have been checked.
    pub fn order(&self, operation: Option<&str>) -> Arc<Order> {
        let made = || Arc::new(order::of(&self.executed, operation));
        let (name, order) = self.order.get_or_init(|| (operation.map(Into::into), made()));
        if name.as_deref() == operation { order.clone() } else { made() }
    }
}

/// An operation of a document, with the variables of a request.
pub struct Prepared {
    /// The document.
    pub document: Arc<Document>,
    /// Whether it reads, changes something, or subscribes.
    pub kind: OperationType,
    /// The values of all variables that have one, also by default.
    pub variables: Value,
}

#[derive(Clone)]
struct ByLength;

impl Weighter<Box<str>, Arc<Document>> for ByLength {
    fn weight(&self, text: &Box<str>, _: &Arc<Document>) -> u64 {
        PARSED * (text.len() as u64 + 200)
    }
}

impl Documents {
    /// For a schema.
    pub fn new(sdl: &str) -> Result<Self, Error> {
        let wrong = |what: String| Error::Internal(format!("the schema is not valid: {what}"));
        let schema = Schema::parse_and_validate(sdl, "schema.graphql");
        let mut schema = schema.map_err(|error| wrong(error.to_string()))?.into_inner();
        // The executor answers it; the validator does not know it yet.
        if let Some(ExtendedType::Object(of_type)) = schema.types.get_mut("__Type") {
            let field = FieldDefinition {
                description: None,
                name: name!("isOneOf"),
                arguments: Vec::new(),
                ty: Type::Named(name!("Boolean")),
                directives: Default::default(),
            };
            of_type.make_mut().fields.insert(name!("isOneOf"), Component::new(field));
        }
        let known = Cache::with_weighter(USUAL, REMEMBERED, ByLength);
        Ok(Self { schema: Valid::assume_valid(schema), known })
    }

    /// The operation of that name, or the only one, of a document.
    pub fn prepare(
        &self,
        text: &str,
        operation: Option<&str>,
        variables: Map<String, Value>,
        config: &Config,
    ) -> Result<Prepared, Refusal> {
        let document = self.document(text, config)?;
        let found = document.strict.operations.get(operation);
        let found =
            found.map_err(|error| refused("OPERATION_RESOLUTION_FAILURE", &error, &document))?;
        let introspects =
            |field: &Node<Field>| ["__schema", "__type"].contains(&field.name.as_str());
        if config.no_introspection && found.root_fields(&document.strict).any(introspects) {
            let message =
                "This server does not tell its schema: see schema.graphql of its version.";
            return Err(Refusal::new("INTROSPECTION_DISABLED", message));
        }
        limits::check(limits::size(&document.strict, found), config)?;
        let variables = self.coerced(found, variables, &document)?;
        let kind = found.operation_type;
        Ok(Prepared { kind, variables, document })
    }

    fn document(&self, text: &str, config: &Config) -> Result<Arc<Document>, Refusal> {
        if text.len() > config.max_document {
            let most = config.max_document;
            let message = format!(
                "The document has more than {most} bytes: pass values as variables, ask in several \
                 requests, or raise --max-document."
            );
            return Err(Refusal::new("DOCUMENT_TOO_LARGE", &message));
        }
        if let Some(document) = self.known.get(text) {
            return Ok(document);
        }
        let document = Arc::new(self.parsed(text, config)?);
        self.known.insert(text.into(), document.clone());
        Ok(document)
    }

    fn parsed(&self, text: &str, config: &Config) -> Result<Document, Refusal> {
        let mut parser = Parser::new().token_limit(config.max_tokens);
        let parsed = match parser.parse_ast(text, SOURCE) {
            Ok(parsed) => parsed,
            Err(_) if parser.tokens_reached() >= config.max_tokens => {
                let most = config.max_tokens;
                let message = format!(
                    "The document has more than {most} tokens: ask in several requests, or raise \
                     --max-tokens."
                );
                return Err(Refusal::new("DOCUMENT_TOO_LARGE", &message));
            }
            Err(faults) => return Err(all("GRAPHQL_PARSE_FAILED", &faults.errors)),
        };
        let strict = parsed.to_executable_validate(&self.schema);
        let strict = strict.map_err(|faults| all("GRAPHQL_VALIDATION_FAILED", &faults.errors))?;
        // The executor's parser refuses some ways to write a string; it is asked first because
        // errors then tell places in the text that was sent.
        let executed = parse_query(text).or_else(|_| parse_query(strict.to_string()));
        let mut executed = executed.map_err(|_| {
            let sizes = strict.operations.iter().map(|operation| limits::size(&strict, operation));
            let too_large = sizes.filter_map(|size| limits::check(size, config).err()).next();
            too_large.unwrap_or_else(|| {
                let message = "The document is GraphQL, but cannot be executed: write it in a \
                               simpler way, with values as variables.";
                Refusal::new("GRAPHQL_PARSE_FAILED", message)
            })
        })?;
        root::unfold(&mut executed);
        let never_null = literal::simplify(&mut executed);
        Ok(Document { strict, executed, order: OnceLock::new(), never_null })
    }

    fn coerced(
        &self,
        operation: &Node<Operation>,
        variables: Map<String, Value>,
        document: &Document,
    ) -> Result<Value, Refusal> {
        let unreadable =
            |_| Refusal::new("BAD_USER_INPUT", "The variables cannot be read: send plain JSON.");
        let given: JsonMap =
            serde_json::from_value(Value::Object(variables)).map_err(unreadable)?;
        let coerced = coerce_variable_values(&self.schema, operation, &given);
        let coerced = coerced.map_err(|error| refused("BAD_USER_INPUT", &error, document))?;
        let mut coerced = serde_json::to_value(&*coerced).map_err(unreadable)?;
        for name in &document.never_null {
            if let Some(value @ Value::Null) = coerced.get_mut(name.as_str()) {
                *value = false.into();
            }
        }
        Ok(coerced)
    }
}

fn refused(code: &'static str, error: &RequestError, document: &Document) -> Refusal {
    let error = error.to_graphql_error(&document.strict.sources);
    let places = error.locations.iter().map(|place| (place.line, place.column)).collect();
    Refusal { code, faults: vec![(error.message, places)] }
}

fn all(code: &'static str, faults: &DiagnosticList) -> Refusal {
    let mut told: Vec<(String, Vec<(usize, usize)>)> = Vec::new();
    let errors: Vec<_> = faults.iter().map(|fault| fault.to_json()).collect();
    // A selection of unknown fields only is taken for none.
    let unknown = errors.iter().any(|error| error.message.contains(UNKNOWN));
    for error in errors {
        if unknown && error.message == NO_SELECTION {
            continue;
        }
        let places = error.locations.iter().map(|place| (place.line, place.column)).collect();
        let message = TOKENS
            .iter()
            .fold(error.message, |message, (name, token)| message.replace(name, token));
        let fault = (message, places);
        if told.last() != Some(&fault) {
            told.push(fault);
        }
    }
    Refusal { code, faults: told }
}
