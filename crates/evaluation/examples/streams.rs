//! What the engine reaches on streams: `cargo run --release -p evaluation --example streams -- SEED [PART...]`.
//!
//! Parts: `guessing`, `new-kind`, `handbook`, `foreign`; all of them if none is named. `SCRIP_TEST_TREES_PYTHON` is a Python
//! with LightGBM for the baseline, `SCRIP_TEST_STREAMS_PYTHON` one with `synccfd` and `fraudtwin`; what needs one that is
//! not there is left out. `cargo xtask bench risk` runs the same beside everything else.

use std::error::Error;
use std::path::PathBuf;

use evaluation::measure::{PARTS, Pythons, measure};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed: u64 = arguments.next().ok_or("no seed")?.parse()?;
    let parts: Vec<String> = arguments.collect();
    if let Some(part) = parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
        return Err(format!("there is no part {part}; there are {PARTS:?}").into());
    }
    let wants = |part: &str| parts.is_empty() || parts.iter().any(|one| one == part);
    let mut put =
        |name: &str, value: f64, unit: &'static str| println!("{name}: {value:.4} {unit}");
    Ok(measure(seed, wants, &pythons(), &mut put)?)
}

#[expect(clippy::disallowed_methods, reason = "this is the binary")]
fn pythons() -> Pythons {
    let python = |name: &str| std::env::var_os(name).map(PathBuf::from);
    Pythons {
        trees: python("SCRIP_TEST_TREES_PYTHON"),
        streams: python("SCRIP_TEST_STREAMS_PYTHON"),
    }
}
