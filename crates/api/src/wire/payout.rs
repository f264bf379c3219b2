//! What may be paid out: nothing, as long as there are no accounts to pay out to.

use ids::party::Mid;
use money::amount::Amount;
use money::currency::Currency;
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::{Decimal, Shown};

/// The payout limits of one MID.
#[derive(Serialize, ToSchema)]
pub struct PayoutLimits {
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
    #[schema(value_type = String, example = "1000001978")]
    pub mid: Shown<Mid>,
    /// Zero: accounts are not enabled, so nothing can be paid out.
    pub credit_line: Decimal,
    pub daily_payout_amount: Decimal,
    pub daily_payout_balance: Decimal,
    pub daily_payout_limit: Decimal,
    pub total_payout_amount: Decimal,
    pub total_payout_balance: Decimal,
    /// Always false on this platform, for now.
    pub accounts_enabled: bool,
}

impl PayoutLimits {
    pub fn none(mid: Mid) -> PayoutLimits {
        let zero = Decimal(Amount::zero(mid.currency));
        PayoutLimits {
            currency: Shown(mid.currency),
            mid: Shown(mid),
            credit_line: zero,
            daily_payout_amount: zero,
            daily_payout_balance: zero,
            daily_payout_limit: zero,
            total_payout_amount: zero,
            total_payout_balance: zero,
            accounts_enabled: false,
        }
    }
}
