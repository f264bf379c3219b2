//! Chance that a seed makes: the distributions that simulators draw from.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

#[derive(Debug)]
pub struct Chance(StdRng);

impl Chance {
    pub fn of(seed: u64) -> Chance {
        Chance(StdRng::seed_from_u64(seed))
    }

    /// Even between `from` and `to`, without `to`.
    pub fn even(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.0.random::<f64>()
    }

    /// Even among 0 to `count` - 1; 0 if there is none.
    pub fn below(&mut self, count: usize) -> usize {
        match count {
            0 => 0,
            count => self.0.random_range(0..count),
        }
    }

    pub fn one_of<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    pub fn happens(&mut self, probability: f64) -> bool {
        self.0.random::<f64>() < probability
    }

    /// The normal distribution, after Box and Muller.
    pub fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.0.random::<f64>()).ln()).sqrt();
        let angle = std::f64::consts::TAU * self.0.random::<f64>();
        mean + deviation * radius * angle.cos()
    }

    /// How many of events that come independently at this rate, after Knuth; for rates below about 100.
    pub fn poisson(&mut self, mean: f64) -> usize {
        let limit = (-mean).exp();
        let mut count = 0;
        let mut product = self.0.random::<f64>();
        while product > limit {
            count += 1;
            product *= self.0.random::<f64>();
        }
        count
    }

    /// Different ones among 0 to `of` - 1, at most `count`, in the order in which they were drawn.
    pub fn sample(&mut self, of: usize, count: usize) -> Vec<usize> {
        rand::seq::index::sample(&mut self.0, of, count.min(of)).into_vec()
    }
}
