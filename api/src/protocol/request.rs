//! What is asked: a GraphQL request, or several, from the body of a POST or the parameters
//! of a GET (GraphQL over HTTP, draft of 2025, 5).

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::value::RawValue;

use super::answer::Refusal;
use crate::config::Config;

/// What a value of variables takes in memory beside its text, about, in bytes.
const VALUE: usize = 64;

/// A GraphQL request; members that are not known are ignored.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The text of a document.
    #[serde(default)]
    pub query: Option<String>,
    /// Which of its operations.
    #[serde(default)]
    pub operation_name: Option<String>,
    #[serde(default)]
    variables: Option<Box<RawValue>>,
    #[serde(default)]
    extensions: Option<Box<RawValue>>,
}

/// The body of a POST.
pub enum Body {
    /// A request.
    One(Asked),
    /// Several, to be answered in their order.
    Batch(Vec<Result<Asked, Refusal>>),
}

impl Asked {
    /// Whether it names no document.
    pub fn is_nothing(&self) -> bool {
        self.query.as_ref().is_none_or(String::is_empty) && self.extensions.is_none()
    }

    /// Whether its members are of the types that they must have, with the text of a document.
    pub fn is_sound(&self) -> bool {
        let objects = [&self.variables, &self.extensions].into_iter().flatten();
        self.query.is_some() && objects.map(|raw| raw.get()).all(|raw| raw.starts_with('{'))
    }

    /// The values of variables.
    pub fn variables(&self, config: &Config) -> Result<Map<String, Value>, Refusal> {
        object(self.variables.as_deref(), "variables", config)
    }

    /// What is not of GraphQL itself.
    pub fn extensions(&self, config: &Config) -> Result<Map<String, Value>, Refusal> {
        object(self.extensions.as_deref(), "extensions", config)
    }
}

fn object(
    raw: Option<&RawValue>,
    name: &str,
    config: &Config,
) -> Result<Map<String, Value>, Refusal> {
    let Some(raw) = raw else { return Ok(Map::new()) };
    let most = config.max_variables.unwrap_or(config.max_body);
    if size(raw.get()) > most {
        let message = format!(
            "`{name}` has more than {most} bytes, where each value counts {VALUE} more: send less \
             at once, or raise --max-variables."
        );
        return Err(Refusal::new("VARIABLES_TOO_LARGE", &message));
    }
    let wrong = |_| Refusal::new("BAD_REQUEST", &format!("`{name}` must be a JSON object."));
    serde_json::from_str::<Option<_>>(raw.get()).map(Option::unwrap_or_default).map_err(wrong)
}

/// About the memory that JSON takes when it is read: small values take more than their text.
fn size(json: &str) -> usize {
    let (mut values, mut in_string, mut escaped) = (0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => values += 1,
            _ => {}
        }
    }
    json.len() + VALUE * values
}

/// Reads the body of a POST.
pub fn from_body(body: &[u8], config: &Config) -> Result<Body, Refusal> {
    if body.trim_ascii_start().first() != Some(&b'[') {
        return serde_json::from_slice(body).map(Body::One).map_err(|error| unreadable(&error));
    }
    let most = config.max_batch;
    if most == 0 {
        let message = "Arrays of requests are not taken here: send each by itself, or raise \
                       --max-batch.";
        return Err(Refusal::new("BATCH_TOO_LARGE", message));
    }
    let requests: Vec<&RawValue> =
        serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    if requests.is_empty() {
        return Err(Refusal::new("BAD_REQUEST", "The array has no request."));
    }
    if requests.len() > most {
        let message = format!(
            "The array has more than {most} requests: send fewer at once, or raise --max-batch."
        );
        return Err(Refusal::new("BATCH_TOO_LARGE", &message));
    }
    let asked = |request: &RawValue| {
        serde_json::from_str(request.get()).map_err(|error| unreadable(&error))
    };
    Ok(Body::Batch(requests.into_iter().map(asked).collect()))
}

fn unreadable(error: &serde_json::Error) -> Refusal {
    let message = if error.is_syntax() || error.is_eof() {
        "The body is not JSON."
    } else {
        "The body must be a JSON object with `query` as a string, and, if wanted, `operationName` \
         as a string and `variables` and `extensions` as objects."
    };
    Refusal::new("BAD_REQUEST", message)
}

/// Reads the parameters of a GET.
pub fn from_parameters(parameters: &str) -> Result<Asked, Refusal> {
    let json = |text: &str| {
        let message = "The parameters `variables` and `extensions` are JSON objects.";
        RawValue::from_string(text.into()).map_err(|_| Refusal::new("BAD_REQUEST", message))
    };
    let mut asked = Asked::default();
    for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
        match &*name {
            "query" => asked.query = Some(value.into_owned()),
            "operationName" => asked.operation_name = Some(value.into_owned()),
            "variables" => asked.variables = Some(json(&value)?),
            "extensions" => asked.extensions = Some(json(&value)?),
            _ => {}
        }
    }
    Ok(asked)
}
