//! What a page says to a payer beside how the payment goes.

/// A warning of our own, in the page's language, and the issuer's words as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    pub warns_of_swindlers: bool,
    /// Written by the issuer, in a language that the page does not know.
    pub issuer_says: Vec<String>,
}
