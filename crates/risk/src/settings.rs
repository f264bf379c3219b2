//! Which rules and models judge, and what a platform and its merchants decided about judging.

use std::collections::BTreeMap;

use ids::party::MerchantId;
use ids::time::Span;
use money::amount::Amount;
use serde::{Deserialize, Serialize};

use crate::model::registry::Registry;
use crate::verdict::Verdict;

/// Bytes of the settings at most.
pub const SETTINGS_BYTES_MAX: usize = 1024 * 1024;
/// The longest and the shortest time for a review, in minutes.
const REVIEW_MINUTES: std::ops::RangeInclusive<u32> = 5..=10_080;

/// The longest and the shortest time until silence counts as good, in days.
const MATURITY_DAYS: std::ops::RangeInclusive<u16> = 1..=180;
/// The longest time between two trainings, in days.
const EVERY_DAYS_MAX: u16 = 365;

/// Everything that is not in a rule or a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The SHA-256 of the rule set in force.
    pub rules: [u8; 32],
    pub models: Registry,
    /// For merchants without a policy of their own.
    pub policy: MerchantPolicy,
    /// By the merchant's number.
    pub merchants: BTreeMap<u32, MerchantPolicy>,
    /// How long a person has to review a payment.
    pub review_minutes: u32,
    /// From which amount on two people must let a payment go, in minor units, by currency; none for never.
    pub second_approval_above_minor: BTreeMap<String, i64>,
    /// When models are trained from the journal by themselves.
    #[serde(default)]
    pub training: Training,
}

/// When models are trained from the journal, and what they take for known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Days between two trainings; 0 for never by itself.
    pub every_days: u16,
    /// Labels that have to be new since the last training.
    pub labels_min: u32,
    /// Frauds that have to be known.
    pub frauds_min: u32,
    /// Days after which an attempt that went through and that nobody complained of counts as good.
    pub maturity_days: u16,
}

impl Default for Training {
    fn default() -> Training {
        Training {
            every_days: 7,
            labels_min: 20,
            frauds_min: 50,
            maturity_days: 30,
        }
    }
}

/// What a merchant, or the platform, decided about judging.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MerchantPolicy {
    /// Hundredths of a percent by which scores may be higher before anything is asked; below zero for stricter.
    pub appetite_basis_points: i16,
    /// What happens when no model can judge, up to this amount in minor units and above it.
    pub unjudged_small_minor_max: i64,
    pub unjudged_small: Verdict,
    pub unjudged_large: Verdict,
    /// The share of blocks that only the model wants and that are let through to learn from, in hundredths of a percent.
    pub explored_basis_points: u16,
    /// The most that one of them, and all of one day, may cost, in minor units.
    pub explored_each_minor_max: i64,
    pub explored_daily_minor_max: i64,
}

/// Why settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsRefusal {
    #[error("the settings are not readable: {0}")]
    Unreadable(String),
    #[error("a review lasts {} to {} minutes, not {found}", REVIEW_MINUTES.start(), REVIEW_MINUTES.end())]
    ReviewMinutes { found: u32 },
    #[error("maturity_days is {} to {}, not {found}", MATURITY_DAYS.start(), MATURITY_DAYS.end())]
    Maturity { found: u16 },
    #[error("every_days is 0 to {EVERY_DAYS_MAX}, not {found}; 0 trains never")]
    Every { found: u16 },
    #[error("{number} is no merchant's number")]
    Merchant { number: u32 },
    #[error("{code} is no currency")]
    Currency { code: String },
    #[error("{setting} may not be below zero")]
    Negative { setting: &'static str },
    #[error("the settings take {found} bytes and may take {SETTINGS_BYTES_MAX}")]
    TooLarge { found: usize },
}

impl Default for MerchantPolicy {
    /// Without a model, rules alone judge; what they let pass, passes.
    fn default() -> MerchantPolicy {
        MerchantPolicy {
            appetite_basis_points: 0,
            unjudged_small_minor_max: i64::MAX,
            unjudged_small: Verdict::Allow,
            unjudged_large: Verdict::Allow,
            explored_basis_points: 100,
            explored_each_minor_max: 2_000,
            explored_daily_minor_max: 20_000,
        }
    }
}

impl Settings {
    /// The settings of a platform that has decided nothing: these rules, and no model.
    pub fn new(rules: [u8; 32]) -> Settings {
        Settings {
            rules,
            models: Registry::default(),
            policy: MerchantPolicy::default(),
            merchants: BTreeMap::new(),
            review_minutes: 240,
            training: Training::default(),
            second_approval_above_minor: ["EUR", "GBP", "CHF", "USD"]
                .map(|code| (code.to_owned(), 25_000))
                .into(),
        }
    }

    pub fn encode(&self) -> Result<Vec<u8>, SettingsRefusal> {
        self.check()?;
        let bytes = serde_json::to_vec(self)
            .map_err(|error| SettingsRefusal::Unreadable(error.to_string()))?;
        if SETTINGS_BYTES_MAX < bytes.len() {
            return Err(SettingsRefusal::TooLarge { found: bytes.len() });
        }
        Ok(bytes)
    }

    pub fn decode(bytes: &[u8]) -> Result<Settings, SettingsRefusal> {
        if SETTINGS_BYTES_MAX < bytes.len() {
            return Err(SettingsRefusal::TooLarge { found: bytes.len() });
        }
        let settings: Settings = serde_json::from_slice(bytes)
            .map_err(|error| SettingsRefusal::Unreadable(error.to_string()))?;
        settings.check()?;
        Ok(settings)
    }

    pub fn policy_of(&self, merchant: MerchantId) -> &MerchantPolicy {
        self.merchants
            .get(&merchant.number())
            .unwrap_or(&self.policy)
    }

    pub fn review_time(&self) -> Span {
        Span::MINUTE.times(i64::from(self.review_minutes))
    }

    /// Whether two people must let a payment of this amount go.
    pub fn needs_two(&self, amount: Amount) -> bool {
        let above = self.second_approval_above_minor.get(amount.currency.code());
        above.is_some_and(|above| *above < amount.minor)
    }

    fn check(&self) -> Result<(), SettingsRefusal> {
        if !REVIEW_MINUTES.contains(&self.review_minutes) {
            let found = self.review_minutes;
            return Err(SettingsRefusal::ReviewMinutes { found });
        }
        self.training.check()?;
        for number in self.merchants.keys() {
            MerchantId::new(*number).map_err(|_| SettingsRefusal::Merchant { number: *number })?;
        }
        for code in self.second_approval_above_minor.keys() {
            let currency = code.parse::<money::currency::Currency>();
            currency.map_err(|_| SettingsRefusal::Currency { code: code.clone() })?;
        }
        let policies = self.merchants.values().chain([&self.policy]);
        for policy in policies {
            policy.check()?;
        }
        Ok(())
    }
}

impl Training {
    fn check(&self) -> Result<(), SettingsRefusal> {
        let (found, every) = (self.maturity_days, self.every_days);
        if !MATURITY_DAYS.contains(&found) {
            return Err(SettingsRefusal::Maturity { found });
        }
        if EVERY_DAYS_MAX < every {
            return Err(SettingsRefusal::Every { found: every });
        }
        Ok(())
    }

    /// How long an attempt has to go without a complaint to count as good.
    pub fn maturity(&self) -> Span {
        Span::DAY.times(i64::from(self.maturity_days))
    }
}

impl MerchantPolicy {
    fn check(&self) -> Result<(), SettingsRefusal> {
        let amounts = [
            ("unjudged_small_minor_max", self.unjudged_small_minor_max),
            ("explored_each_minor_max", self.explored_each_minor_max),
            ("explored_daily_minor_max", self.explored_daily_minor_max),
        ];
        match amounts.iter().find(|(_, minor)| *minor < 0) {
            Some((setting, _)) => Err(SettingsRefusal::Negative { setting }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
