//! How a payer behaved on the checkout page, as its own script and the request's headers tell it.
//!
//! Nothing of this is trusted: a bot sends what it likes. What it leaves out or sends too evenly is a sign by itself.

/// Signs of behaviour. Every one may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Behaviour {
    /// From the page's delivery to the PIN's arrival, in milliseconds.
    pub on_page_ms: Option<u32>,
    /// The PIN was pasted, not typed.
    pub is_pasted: Option<bool>,
    /// Mean time between two keys, in milliseconds.
    pub key_gap_mean_ms: Option<f32>,
    /// Standard deviation of the time between two keys, in milliseconds.
    pub key_gap_deviation_ms: Option<f32>,
    /// How many signs of a browser without a screen were seen, such as `navigator.webdriver` or no plugins and no languages.
    pub headless_signs: Option<u8>,
    /// How many headers that every browser sends were missing.
    pub missing_headers: Option<u8>,
}
