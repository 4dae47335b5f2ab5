//! Chance that repeats itself.

/// Numbers that look random and are the same each time.
pub struct Dice(pub u64);

impl Dice {
    /// A number from 0 to below `end`, which is at most 2^31.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % end
    }
}
