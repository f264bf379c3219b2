//! What the engine reaches on streams.

use evaluation::measure::{Pythons, measure as measure_streams};

use crate::figures::Figures;

/// The engine's settings were chosen by seed 1; the other judges.
const SEEDS: [u64; 2] = [1, 7];

/// The parts of [`evaluation::measure::PARTS`]; `foreign` needs minutes to make its streams.
pub fn measure(
    wanted: impl Fn(&str) -> bool,
    pythons: &Pythons,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut put = |name: &str, value: f64, unit: &'static str| figures.put(name, value, unit);
    for seed in SEEDS {
        measure_streams(seed, &wanted, pythons, &mut put)?;
    }
    Ok(())
}
