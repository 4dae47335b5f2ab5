//! Hot scores: views that are worth less the older they are.
//!
//! A view is worth 1 at its instant and half as much after each half-life h, so at `now`
//! an article is worth the sum of 2^((t - now) / h) over its views. Kept is
//! `S = log2 Σ 2^(t / h)` with t in hours since 1970: without `now` in it, S changes by
//! views only, and the order of two scores lasts. This is forward decay (Cormode,
//! Shkapenyuk, Srivastava, Xu: Forward Decay, ICDE 2009) with 1970 as the landmark, which
//! never has to move because of the logarithm.
//!
//! `NEG_INFINITY` is the score of no views. A half-life is in hours, positive and finite.
//! With 1 h, S is near 500,000, where an `f64` rounds by up to 2.9e-11 (twice that from 2029
//! on): an addition makes the views wrong by 2e-11 of themselves at most. A million, one at a
//! time in random order over four days, came to 2e-7; in batches it is below 1e-9.

use std::f64::consts::LN_2;
use std::f64::consts::LOG2_E;

/// In hours: of busy lists, and of quiet ones, whose last hour has too few views.
pub const HALF_LIVES: [f64; 2] = [1.0, 3.0];

/// The score of one view at `at_ms`, in milliseconds since 1970.
pub fn of(at_ms: i64, half_life: f64) -> f64 {
    at_ms as f64 / 3_600_000.0 / half_life
}

/// The score of `count` views spread evenly over `hour`, in whole hours since 1970:
/// `log2(count ∫ 2^(t / h) dt)` from `hour` to `hour + 1`. `NEG_INFINITY` for none.
pub fn of_many(hour: i32, count: i64, half_life: f64) -> f64 {
    if count <= 0 {
        return f64::NEG_INFINITY;
    }
    // Seen from its later end, no half-life overflows and long ones lose no digits.
    let rate = LN_2 / half_life;
    let mean = (-(-rate).exp_m1() / rate).log2();
    (f64::from(hour) + 1.0) / half_life + ((count as f64).log2() + mean)
}

/// The score of the views of both. Their order changes no bit, that of more the last ones.
pub fn add(a: f64, b: f64) -> f64 {
    let (low, high) = (a.min(b), a.max(b));
    // Two equal infinities have no difference.
    if low == f64::NEG_INFINITY || high == f64::INFINITY {
        return high;
    }
    high + (low - high).exp2().ln_1p() * LOG2_E
}

/// What the views of a score are worth at `now_ms`, in milliseconds since 1970: from 0 to
/// their number, or more if some are of later than now.
pub fn views(score: f64, now_ms: i64, half_life: f64) -> f64 {
    (score - of(now_ms, half_life)).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 495_000; // of June 2026

    /// A linear congruential generator, the better half of its bits.
    fn random(state: &mut u64) -> u64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        *state >> 32
    }

    #[test]
    fn a_million_views_in_any_order_and_batches_are_worth_what_they_are_one_by_one() {
        let (mut seed, now) = (1, HOUR * 3_600_000);
        for half_life in HALF_LIVES {
            let (mut scores, mut truth) = ([f64::NEG_INFINITY; 1024], [0.0; 1024]);
            let mut left = 1_000_000;
            while left > 0 {
                let size = left.min(random(&mut seed) % 5000 + 1);
                let mut batch = [f64::NEG_INFINITY; 1024];
                for _ in 0..size {
                    // The first article has one view in 32, the last one in 8,192.
                    let article = (random(&mut seed) as usize % 1024) >> (random(&mut seed) % 8);
                    let age = (random(&mut seed) % (4 * 86_400_000)) as i64;
                    batch[article] = add(batch[article], of(now - age, half_life));
                    truth[article] += (age as f64 / -3_600_000.0 / half_life).exp2();
                }
                scores.iter_mut().zip(batch).for_each(|(score, more)| *score = add(*score, more));
                left -= size;
            }
            for (score, truth) in scores.into_iter().zip(truth) {
                let error = (views(score, now, half_life) / truth - 1.0).abs();
                assert!(error < 1e-9, "{error:e} of {truth} with {half_life} h");
            }
        }
    }

    #[test]
    fn an_hour_of_views_is_worth_what_they_are_one_by_one() {
        let now = (HOUR + 5) * 3_600_000;
        for half_life in [0.1, HALF_LIVES[0], HALF_LIVES[1], 1e6] {
            let each = (0..100_000).map(|n| of(HOUR * 3_600_000 + n * 36 + 18, half_life));
            let truth: f64 = each.map(|score| views(score, now, half_life)).sum();
            let many = views(of_many(HOUR as i32, 100_000, half_life), now, half_life);
            assert!((many / truth - 1.0).abs() < 1e-9, "{many} is not {truth}");
        }
    }

    #[test]
    fn the_order_of_two_changes_nothing_and_no_extreme_is_nan() {
        let (mut scores, mut seed) = (vec![f64::NEG_INFINITY, f64::INFINITY, f64::MAX, 0.0], 2);
        scores.extend((0..500).map(|_| of((random(&mut seed) << 10) as i64, HALF_LIVES[0])));
        for half_life in [1e-3, HALF_LIVES[0], HALF_LIVES[1], 1e9] {
            scores.extend([i64::MIN, -1, i64::MAX].map(|at| of(at, half_life)));
            let many = [(i32::MIN, 1), (i32::MAX, i64::MAX), (0, 0), (0, i64::MIN)];
            scores.extend(many.map(|(hour, count)| of_many(hour, count, half_life)));
        }
        for a in &scores {
            assert_eq!(add(*a, f64::NEG_INFINITY), *a);
            assert!(scores.iter().all(|b| add(*a, *b) >= a.max(*b)));
            assert!(scores.iter().all(|b| add(*a, *b).to_bits() == add(*b, *a).to_bits()));
            assert!(views(*a, i64::MIN, 1.0) >= 0.0 && views(*a, i64::MAX, 1e-3) >= 0.0);
        }
    }
}
