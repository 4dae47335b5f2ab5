//! How many different visitors there were: exact up to a few hundred, then a
//! HyperLogLog sketch of 4 kB.

use std::collections::BTreeSet;

use datasketches::common::NumStdDev;
use datasketches::hll::HllSketch;
use datasketches::hll::HllType;

use crate::error::Error;

/// So many visitors are told exactly.
pub const EXACT: usize = 500;
/// 4,096 registers: a standard error of 1.6 %.
const LG_K: u8 = 12;

/// Visitors of an article on a day, by the hashes of that day.
#[derive(Debug)]
pub enum Visitors {
    /// The hashes themselves.
    Few(BTreeSet<u64>),
    /// A sketch of them.
    Many(HllSketch),
}

/// A number of visitors, and between which bounds it is (two standard errors).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The most likely number.
    pub value: i64,
    /// The lower bound.
    pub lower: i64,
    /// The upper bound.
    pub upper: i64,
    /// Whether it is counted rather than estimated.
    pub exact: bool,
}

impl Default for Visitors {
    fn default() -> Self {
        Self::Few(BTreeSet::new())
    }
}

impl Visitors {
    /// Adds a visitor, if it is new.
    pub fn add(&mut self, visitor: u64) -> Result<(), Error> {
        match self {
            Self::Few(few) => {
                few.insert(visitor);
                if few.len() > EXACT {
                    let mut many = HllSketch::new(LG_K, HllType::Hll8).map_err(unreadable)?;
                    few.iter().for_each(|visitor| many.update(*visitor));
                    *self = Self::Many(many);
                }
            }
            Self::Many(many) => many.update(visitor),
        }
        Ok(())
    }

    /// As it is stored: the hashes, or a sketch as Apache DataSketches writes it. Its
    /// first byte, the size of its preamble, is never the 0 of the hashes.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Few(few) => {
                let hashes = few.iter().flat_map(|visitor| visitor.to_be_bytes());
                std::iter::once(0).chain(hashes).collect()
            }
            Self::Many(many) => many.serialize(),
        }
    }

    /// Reads what was stored.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        if let Some((0, hashes)) = bytes.split_first() {
            let (hashes, _) = hashes.as_chunks::<8>();
            return Ok(Self::Few(hashes.iter().map(|hash| u64::from_be_bytes(*hash)).collect()));
        }
        HllSketch::deserialize(bytes).map(Self::Many).map_err(unreadable)
    }

    /// How many there are.
    pub fn count(&self) -> Estimate {
        match self {
            Self::Few(few) => {
                let value = i64::try_from(few.len()).unwrap_or(i64::MAX);
                Estimate { value, lower: value, upper: value, exact: true }
            }
            Self::Many(many) => Estimate {
                value: many.estimate().round() as i64,
                lower: many.lower_bound(NumStdDev::Two).floor() as i64,
                upper: many.upper_bound(NumStdDev::Two).ceil() as i64,
                exact: false,
            },
        }
    }
}

fn unreadable(error: datasketches::error::Error) -> Error {
    Error::Internal(format!("a sketch of visitors is not readable: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_exact_and_many_within_five_percent_and_both_survive_storage() {
        let mut visitors = Visitors::default();
        for number in 0..100_000_u64 {
            // Every visitor twice.
            let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            visitors.add(hash).unwrap();
            visitors.add(hash).unwrap();
            let number = i64::try_from(number + 1).unwrap();
            if [1, 499, 500, 501, 10_000, 100_000].contains(&number) {
                visitors = Visitors::decode(&visitors.encode()).unwrap();
                let found = visitors.count();
                assert_eq!(found.exact, number <= 500);
                assert!(!found.exact || found.value == number);
                assert!((found.value - number).abs() * 20 <= number, "{number}: {found:?}");
                assert!((found.lower..=found.upper).contains(&number), "{number}: {found:?}");
            }
        }
    }
}
