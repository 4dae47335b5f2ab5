//! Scalars with a meaning.

use async_graphql::InputValueError;
use async_graphql::InputValueResult;
use async_graphql::Scalar;
use async_graphql::ScalarType;
use async_graphql::SimpleObject;
use async_graphql::Value;
use serde_json::Map;

/// A whole number of 64 bits, as a JSON number. Counts never are `Int`, which
/// ends at 2,147,483,647.
#[derive(Clone, Copy, Debug)]
pub struct Long(pub i64);

/// A whole number of 64 bits, as a JSON number.
#[Scalar]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number
                .as_i64()
                .map(Self)
                .ok_or_else(|| InputValueError::custom("a whole number of 64 bits is needed")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}

/// A JSON object.
#[derive(Clone, Debug)]
pub struct JsonObject(pub Map<String, serde_json::Value>);

/// A JSON object with any members.
#[Scalar(name = "JSONObject")]
impl ScalarType for JsonObject {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value.into_json()? {
            serde_json::Value::Object(object) => Ok(Self(object)),
            _ => Err(InputValueError::custom("a JSON object is needed")),
        }
    }

    fn to_value(&self) -> Value {
        let object = serde_json::Value::Object(self.0.clone());
        Value::from_json(object).unwrap_or(Value::Null)
    }
}

/// How many there are.
#[derive(SimpleObject)]
pub struct Count {
    /// The number, or the largest that is counted to.
    value: Long,
    /// False when there are more than `value`.
    exact: bool,
}

impl Count {
    /// A number that was counted to the end.
    pub fn exactly(count: usize) -> Self {
        Self { value: Long(i64::try_from(count).unwrap_or(i64::MAX)), exact: true }
    }

    /// A number that was counted no further than one beyond `most`.
    pub fn up_to(most: u64, found: u64) -> Self {
        let value = Long(i64::try_from(found.min(most)).unwrap_or(i64::MAX));
        Self { value, exact: found <= most }
    }
}
