//! Named figures.

use std::collections::BTreeMap;

use serde_json::json;

/// What was measured, printed as it comes.
#[derive(Default)]
pub struct Figures(BTreeMap<String, (f64, &'static str)>);

impl Figures {
    pub fn put(&mut self, name: &str, value: impl Number, unit: &'static str) {
        let value = value.to_f64();
        println!("{name}: {} {unit}", round(value));
        self.0.insert(name.to_owned(), (value, unit));
    }

    /// A figure that was put before.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.0.get(name).map(|(value, _)| *value)
    }

    pub fn to_json(&self) -> anyhow::Result<Vec<u8>> {
        let figures: BTreeMap<_, _> = self
            .0
            .iter()
            .map(|(name, (value, unit))| (name, json!({ "value": value, "unit": unit })))
            .collect();
        Ok(serde_json::to_vec_pretty(&figures)?)
    }
}

/// A number that can be printed as a figure.
pub trait Number {
    fn to_f64(self) -> f64;
}

impl Number for f64 {
    fn to_f64(self) -> f64 {
        self
    }
}

impl Number for u64 {
    fn to_f64(self) -> f64 {
        self as f64
    }
}

/// Three places below ten, none above a hundred.
fn round(value: f64) -> String {
    match value.abs() {
        size if size < 10.0 => format!("{value:.3}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
