//! What the engine reaches on streams: `cargo run --release -p evaluation --example streams -- SEED [PART...]`.
//!
//! Parts: `handbook`, `new-kind`, `guessing`, `foreign`; all of them if none is named. `SCRIP_TEST_TREES_PYTHON` is a Python
//! with LightGBM for the baseline, `SCRIP_TEST_STREAMS_PYTHON` one with `synccfd` and `fraudtwin`; what needs one that is
//! not there is left out. `cargo xtask bench risk` runs the same.

use std::error::Error;
use std::path::PathBuf;

use evaluation::measure::{foreign, guessing, handbook, novelty};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed: u64 = arguments.next().ok_or("no seed")?.parse()?;
    let parts: Vec<String> = arguments.collect();
    let wants = |part: &str| parts.is_empty() || parts.iter().any(|one| one == part);
    let python = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let mut put =
        |name: &str, value: f64, unit: &'static str| println!("{name}: {value:.4} {unit}");
    if wants("guessing") {
        guessing::measure(seed, &mut put)?;
    }
    if wants("new-kind") {
        novelty::measure(seed, &mut put)?;
    }
    if wants("handbook") {
        let python = python("SCRIP_TEST_TREES_PYTHON");
        handbook::measure(seed, python.as_deref(), &mut put)?;
    }
    if let (true, Some(python)) = (wants("foreign"), python("SCRIP_TEST_STREAMS_PYTHON")) {
        foreign::measure(seed, &python, &mut put)?;
    }
    Ok(())
}
