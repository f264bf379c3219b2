//! A merchant's own terms.

use ids::party::{MerchantId, Mid};
use money::currency::Currency;
use payment::duplicate::{DuplicateResponse, DuplicateTerms};
use payment::merchant::{NotificationMode, Standing};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::Shown;
use crate::wire::payment::CaptureWord;

/// The merchant whose key was sent.
#[derive(Serialize, ToSchema)]
pub struct Merchant<'a> {
    /// Always `MERCHANT`.
    #[schema(example = "MERCHANT")]
    pub object: &'static str,
    #[schema(value_type = String, example = "1000001")]
    pub id: Shown<MerchantId>,
    pub name: &'a str,
    pub status: StandingWord,
    /// One MID for each currency in which the merchant takes payments.
    pub mids: Vec<MidWord>,
    pub capture: CaptureWord,
    /// Seconds for which authorised value stays held, unless a payment says otherwise.
    #[schema(example = 60)]
    pub capture_window: i64,
    /// Whether the classic notification is sent to a payment's `notification_url`.
    pub notification: NotificationWord,
    /// The issuer's fee on captured value, in hundredths of a percent.
    #[schema(example = 150)]
    pub fee_basis_points: u16,
    pub submerchants: Vec<SubmerchantWord<'a>>,
    pub duplicates: Duplicates,
}

/// What is done about a second payment of one customer for one `order_reference` and amount.
#[derive(Serialize, ToSchema)]
#[schema(as = DuplicateTerms)]
pub struct Duplicates {
    pub response: DuplicateWord,
    /// Seconds after the first authorisation within which a second one is taken for a mistake.
    #[schema(example = 1800)]
    pub window: i64,
}

/// Nothing; or the second payment is marked and told; or it is cancelled, or refunded where it was captured.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DuplicateResponse)]
pub enum DuplicateWord {
    Off,
    Flag,
    Return,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = Standing)]
pub enum StandingWord {
    Active,
    Suspended,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = NotificationMode)]
pub enum NotificationWord {
    Classic,
    Off,
}

#[derive(Serialize, ToSchema)]
#[schema(as = MerchantMid)]
pub struct MidWord {
    #[schema(value_type = String, example = "1000001978")]
    pub mid: Shown<Mid>,
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Submerchant)]
pub struct SubmerchantWord<'a> {
    pub id: &'a str,
    pub status: StandingWord,
}

impl<'a> Merchant<'a> {
    pub fn of(merchant: &'a payment::merchant::Merchant) -> Merchant<'a> {
        let mid = |currency: &Currency| MidWord {
            mid: Shown(Mid {
                merchant: merchant.id,
                currency: *currency,
            }),
            currency: Shown(*currency),
        };
        let submerchants = merchant
            .submerchants
            .iter()
            .map(|submerchant| SubmerchantWord {
                id: &submerchant.id,
                status: submerchant.standing.into(),
            });
        Merchant {
            object: "MERCHANT",
            id: Shown(merchant.id),
            name: &merchant.name,
            status: merchant.standing.into(),
            mids: merchant.currencies.iter().map(mid).collect(),
            capture: merchant.capture.into(),
            capture_window: merchant.capture_window.seconds(),
            notification: merchant.notification.into(),
            fee_basis_points: merchant.fee_basis_points,
            submerchants: submerchants.collect(),
            duplicates: Duplicates::of(merchant.duplicates),
        }
    }
}

impl Duplicates {
    fn of(terms: DuplicateTerms) -> Duplicates {
        Duplicates {
            response: match terms.response {
                DuplicateResponse::Off => DuplicateWord::Off,
                DuplicateResponse::Flag => DuplicateWord::Flag,
                DuplicateResponse::Return => DuplicateWord::Return,
            },
            window: terms.window.seconds(),
        }
    }
}

impl From<Standing> for StandingWord {
    fn from(standing: Standing) -> StandingWord {
        match standing {
            Standing::Active => StandingWord::Active,
            Standing::Suspended => StandingWord::Suspended,
        }
    }
}

impl From<NotificationMode> for NotificationWord {
    fn from(mode: NotificationMode) -> NotificationWord {
        match mode {
            NotificationMode::Classic => NotificationWord::Classic,
            NotificationMode::Off => NotificationWord::Off,
        }
    }
}
