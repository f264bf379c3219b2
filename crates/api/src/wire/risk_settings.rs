//! The settings of judging, as the issuer's people write them.

use std::collections::BTreeMap;

use risk::settings::{MerchantPolicy, Settings, Training};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire::rule::EffectWord;

/// The settings in force.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskSettings)]
pub struct SettingsWord {
    /// For merchants without a policy of their own.
    pub policy: PolicyWord,
    /// By the merchant's number.
    pub merchants: BTreeMap<String, PolicyWord>,
    /// How long a person has to review a payment.
    pub review_minutes: u32,
    /// Above which amount two people must let a payment go, in minor units, by currency.
    pub second_approval_above_minor: BTreeMap<String, i64>,
    pub training: TrainingWord,
}

/// What is to change; what is left out stays as it is.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RiskSettingsChange)]
pub struct SettingsChange {
    pub policy: Option<PolicyWord>,
    /// By the merchant's number; null takes a merchant's own policy away.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, PolicyWord>)]
    pub merchants: BTreeMap<String, Option<PolicyWord>>,
    #[schema(minimum = 5, maximum = 10080)]
    pub review_minutes: Option<u32>,
    /// By currency; null for never.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, i64>)]
    pub second_approval_above_minor: BTreeMap<String, Option<i64>>,
    pub training: Option<TrainingWord>,
}

/// What a merchant, or the platform, decided about judging.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RiskPolicy)]
pub struct PolicyWord {
    /// Hundredths of a percent by which scores may be higher before anything is asked; below zero for stricter.
    pub appetite_basis_points: i16,
    /// What happens when no model can judge, up to this amount in minor units and above it.
    pub unjudged_small_minor_max: i64,
    #[schema(inline)]
    pub unjudged_small: EffectWord,
    #[schema(inline)]
    pub unjudged_large: EffectWord,
    /// The share of blocks that only the model wants and that are let through to learn from, in hundredths of a percent.
    #[schema(maximum = 10000)]
    pub explored_basis_points: u16,
    /// The most that one of them, and all of one day, may cost, in minor units.
    pub explored_each_minor_max: i64,
    pub explored_daily_minor_max: i64,
}

/// When models are trained from the journal by themselves.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RiskTraining)]
pub struct TrainingWord {
    /// Days between two trainings; 0 for never.
    #[schema(maximum = 365)]
    pub every_days: u16,
    /// Labels that have to be new since the last training.
    pub labels_min: u32,
    /// Frauds that have to be known.
    pub frauds_min: u32,
    /// Days after which an attempt that went through and that nobody complained of counts as good.
    #[schema(minimum = 1, maximum = 180)]
    pub maturity_days: u16,
}

/// A change whose merchants have numbers.
#[derive(Clone)]
pub struct Checked {
    change: SettingsChange,
    merchants: BTreeMap<u32, Option<PolicyWord>>,
}

impl SettingsWord {
    pub fn of(settings: &Settings) -> SettingsWord {
        let merchants = settings.merchants.iter();
        SettingsWord {
            policy: PolicyWord::from(settings.policy),
            merchants: merchants
                .map(|(number, policy)| (number.to_string(), PolicyWord::from(*policy)))
                .collect(),
            review_minutes: settings.review_minutes,
            second_approval_above_minor: settings.second_approval_above_minor.clone(),
            training: TrainingWord::from(settings.training),
        }
    }
}

impl SettingsChange {
    /// Refuses the first merchant that is no number.
    pub fn checked(mut self) -> Result<Checked, String> {
        let mut merchants = BTreeMap::new();
        for (text, policy) in std::mem::take(&mut self.merchants) {
            let Ok(number) = text.parse() else {
                return Err(text);
            };
            merchants.insert(number, policy);
        }
        Ok(Checked {
            change: self,
            merchants,
        })
    }
}

impl Checked {
    pub fn make(&self, settings: &mut Settings) {
        let change = &self.change;
        if let Some(policy) = change.policy {
            settings.policy = policy.into();
        }
        for (number, policy) in &self.merchants {
            match policy {
                Some(policy) => settings.merchants.insert(*number, (*policy).into()),
                None => settings.merchants.remove(number),
            };
        }
        if let Some(minutes) = change.review_minutes {
            settings.review_minutes = minutes;
        }
        for (currency, above) in &change.second_approval_above_minor {
            let limits = &mut settings.second_approval_above_minor;
            match above {
                Some(above) => limits.insert(currency.clone(), *above),
                None => limits.remove(currency),
            };
        }
        if let Some(training) = change.training {
            settings.training = training.into();
        }
    }
}

impl From<MerchantPolicy> for PolicyWord {
    fn from(policy: MerchantPolicy) -> PolicyWord {
        PolicyWord {
            appetite_basis_points: policy.appetite_basis_points,
            unjudged_small_minor_max: policy.unjudged_small_minor_max,
            unjudged_small: policy.unjudged_small.into(),
            unjudged_large: policy.unjudged_large.into(),
            explored_basis_points: policy.explored_basis_points,
            explored_each_minor_max: policy.explored_each_minor_max,
            explored_daily_minor_max: policy.explored_daily_minor_max,
        }
    }
}

impl From<PolicyWord> for MerchantPolicy {
    fn from(word: PolicyWord) -> MerchantPolicy {
        MerchantPolicy {
            appetite_basis_points: word.appetite_basis_points,
            unjudged_small_minor_max: word.unjudged_small_minor_max,
            unjudged_small: word.unjudged_small.into(),
            unjudged_large: word.unjudged_large.into(),
            explored_basis_points: word.explored_basis_points,
            explored_each_minor_max: word.explored_each_minor_max,
            explored_daily_minor_max: word.explored_daily_minor_max,
        }
    }
}

impl From<Training> for TrainingWord {
    fn from(training: Training) -> TrainingWord {
        TrainingWord {
            every_days: training.every_days,
            labels_min: training.labels_min,
            frauds_min: training.frauds_min,
            maturity_days: training.maturity_days,
        }
    }
}

impl From<TrainingWord> for Training {
    fn from(word: TrainingWord) -> Training {
        Training {
            every_days: word.every_days,
            labels_min: word.labels_min,
            frauds_min: word.frauds_min,
            maturity_days: word.maturity_days,
        }
    }
}
