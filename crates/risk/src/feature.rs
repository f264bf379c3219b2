//! Features: the facts of one attempt, taken from the attempt and from what the profiles knew before it.
//!
//! One catalogue and one extraction serve live payments and foreign streams alike. What is missing is unknown (not a number):
//! a shop that names no customer has no `payer` facts, and a model learns what that means.

mod block;
mod measure;
mod own;

use ids::time::Timestamp;

use crate::entity::EntityKey;
use crate::event::{ATTRIBUTES_MAX, Attempt, CATEGORIES_MAX, Texts, VOUCHERS_MAX};
use crate::fact::{Catalogue, FactType, Facts, Kind};
use crate::profile::store::{Profiles, Seen};
use crate::profile::{payer_at_merchant, payer_on_device, stranger, terminal_to_merchant};
use block::{BLOCKS, Block, Subject};
use measure::{Measure, VALUE_MAX, View};
use own::{Circumstances, OWN};

/// Facts that are worked out from several profiles, behind all others.
const ACROSS: [(&str, Kind, &str, &str); 5] = [
    (
        "payer.is_known",
        Kind::Flag,
        "",
        "The account, the shop's customer or the device paid before, not with more wrong PINs than payments, and none of \
         them has more than two wrong PINs of about a day or a known fraud.",
    ),
    (
        "route.share_7d",
        Kind::Number,
        "",
        "Attempts with vouchers of this terminal at this merchant among all attempts with its vouchers, over about a week.",
    ),
    (
        "ring.fraud_share",
        Kind::Number,
        "",
        "The largest share of frauds among address, device, payer, voucher and terminal, over about a month.",
    ),
    (
        "ring.frauds",
        Kind::Number,
        "labels",
        "Attempts known as fraud of address, device, payer, voucher and terminal together, over about a month.",
    ),
    (
        "payer.is_new_device",
        Kind::Flag,
        "",
        "The payer was here before, and never on this device, as far as is remembered.",
    ),
];

/// Words about the attempt, in the order of [`text_at`].
const TEXTS: [(&str, &str); 12] = [
    ("attempt.currency", "The currency, as in EUR."),
    ("address.text", "The address, as in 192.0.2.7."),
    (
        "address.country",
        "The country that the address is in, as in AT.",
    ),
    ("network.text", "The address's network, as in 192.0.2.0/24."),
    ("device.id", "The device's first-party cookie."),
    ("merchant.id", "The merchant's number."),
    ("merchant.country", "The country that the shop is in."),
    ("customer.id", "The payer as the shop knows them."),
    ("account.id", "The payer's account at the issuer."),
    (
        "voucher.country",
        "The country in which the first voucher was sold.",
    ),
    ("terminal.id", "The terminal that sold the first voucher."),
    (
        "distributor.id",
        "The distributor that sold the first voucher.",
    ),
];

/// The version of what the facts mean. A model that was trained on another one is not asked.
pub const VERSION: u32 = 2;

/// All facts there are: numbers and flags first, which models see, then texts.
pub fn catalogue() -> Catalogue {
    let measured = BLOCKS.iter().flat_map(|block| {
        block.measures.iter().map(|measure| FactType {
            name: format!("{}.{}", block.prefix, measure.name),
            kind: measure.kind,
            unit: measure.unit,
            meaning: format!("Of {}: {}.", block.words, measure.meaning),
        })
    });
    let across = ACROSS.iter().map(|(name, kind, unit, meaning)| FactType {
        name: (*name).to_owned(),
        kind: *kind,
        unit,
        meaning: (*meaning).to_owned(),
    });
    let texts = TEXTS.iter().map(|(name, meaning)| FactType {
        name: (*name).to_owned(),
        kind: Kind::Text,
        unit: "",
        meaning: (*meaning).to_owned(),
    });
    Catalogue::new(
        own::types()
            .chain(measured)
            .chain(across)
            .chain(texts)
            .collect(),
    )
}

/// The facts of one attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureVector {
    numbers: Vec<f32>,
    texts: Texts,
    currency: Option<money::currency::Currency>,
    countries: [Option<ids::voucher::Country>; 3],
}

impl FeatureVector {
    /// The numbers and flags in the order of the catalogue, whose first entries they are; NaN is unknown.
    pub fn numbers(&self) -> &[f32] {
        &self.numbers
    }
}

impl Facts for FeatureVector {
    fn number(&self, index: usize) -> f32 {
        self.numbers.get(index).copied().unwrap_or(f32::NAN)
    }

    fn text(&self, index: usize) -> Option<&str> {
        let texts = &self.texts;
        let [address_country, merchant_country, voucher_country] = &self.countries;
        match index.checked_sub(self.numbers.len())? {
            0 => self.currency.map(|currency| currency.code()),
            1 => texts.address.as_deref(),
            2 => address_country.as_ref().map(|country| country.as_str()),
            3 => texts.network.as_deref(),
            4 => texts.device.as_deref(),
            5 => texts.merchant.as_deref(),
            6 => merchant_country.as_ref().map(|country| country.as_str()),
            7 => texts.customer.as_deref(),
            8 => texts.account.as_deref(),
            9 => voucher_country.as_ref().map(|country| country.as_str()),
            10 => texts.terminal.as_deref(),
            11 => texts.distributor.as_deref(),
            _ => None,
        }
    }
}

/// The facts of an attempt as they are before it changes any profile.
pub fn features(profiles: &Profiles, attempt: &Attempt, texts: Texts) -> FeatureVector {
    let circumstances = Circumstances::of(attempt, profiles.settings().ahead_of_utc);
    let mut numbers = Vec::with_capacity(256);
    numbers.extend(OWN.iter().map(|own| (own.read)(attempt, &circumstances)));
    let attributes = attempt.attributes.iter().copied();
    let padded = attributes.chain(std::iter::repeat(f32::NAN));
    numbers.extend(padded.take(ATTRIBUTES_MAX));
    let mut ring = Ring::default();
    for block in &BLOCKS {
        read_block(
            profiles,
            attempt,
            &circumstances,
            block,
            &mut ring,
            &mut numbers,
        );
    }
    numbers.extend([
        f32::from(u8::from(profiles.knows(attempt))),
        route_share(profiles, attempt),
        ring.share,
        ring.frauds,
        is_new_device(profiles, attempt),
    ]);
    for number in &mut numbers {
        *number = match number.is_finite() {
            true => number.clamp(-VALUE_MAX, VALUE_MAX),
            false => f32::NAN,
        };
    }
    FeatureVector {
        numbers,
        texts,
        currency: attempt.currency,
        countries: [
            attempt.address_country,
            attempt.merchant_country,
            attempt.vouchers.first().and_then(|voucher| voucher.country),
        ],
    }
}

/// What labels say of everybody near the attempt but the merchant.
struct Ring {
    share: f32,
    frauds: f32,
}

impl Default for Ring {
    fn default() -> Ring {
        Ring {
            share: f32::NAN,
            frauds: 0.0,
        }
    }
}

impl Ring {
    fn add(&mut self, view: &View<'_>) {
        self.share = self.share.max((measure::FRAUD_SHARE_30D.read)(view));
        self.frauds += (measure::FRAUDS_30D.read)(view);
    }
}

fn read_block(
    profiles: &Profiles,
    attempt: &Attempt,
    circumstances: &Circumstances,
    block: &Block,
    ring: &mut Ring,
    numbers: &mut Vec<f32>,
) {
    let start = numbers.len();
    numbers.resize(start + block.measures.len(), f32::NAN);
    let mut subjects = Subjects::default();
    subjects.find(attempt, block.subject);
    for entity in subjects.found() {
        let Some(seen) = profiles.look(*entity, attempt.at) else {
            continue;
        };
        let view = View {
            seen,
            amount_log2: circumstances.amount_log2,
            hour: circumstances.hour,
            place: attempt.place,
        };
        read_measures(&view, block.measures, &mut numbers[start..]);
        match block.subject {
            Subject::Address
            | Subject::Device
            | Subject::Payer
            | Subject::Voucher
            | Subject::Terminal => ring.add(&view),
            Subject::Merchant
            | Subject::PayerAtMerchant
            | Subject::PayerOnDevice
            | Subject::Network
            | Subject::Payment
            | Subject::TerminalToMerchant
            | Subject::Distributor
            | Subject::StrangersHere
            | Subject::Strangers
            | Subject::Category(_) => {}
        }
    }
}

/// Of several subjects the larger value counts; what is not a number counts for nothing.
fn read_measures(view: &View<'_>, measures: &[Measure], into: &mut [f32]) {
    for (number, measure) in into.iter_mut().zip(measures) {
        *number = number.max((measure.read)(view));
    }
}

/// The entities that one block is about, each once, without a heap.
#[derive(Default)]
struct Subjects {
    entities: [EntityKey; VOUCHERS_MAX],
    count: usize,
}

impl Subjects {
    fn found(&self) -> &[EntityKey] {
        &self.entities[..self.count]
    }

    fn add(&mut self, entity: Option<EntityKey>) {
        if let Some(entity) = entity.filter(|entity| !self.found().contains(entity))
            && self.count < VOUCHERS_MAX
        {
            self.entities[self.count] = entity;
            self.count += 1;
        }
    }

    fn find(&mut self, attempt: &Attempt, subject: Subject) {
        let vouchers = attempt.vouchers.iter().take(VOUCHERS_MAX);
        match subject {
            Subject::Payer => self.add(attempt.payer()),
            Subject::Merchant => self.add(attempt.merchant),
            Subject::PayerAtMerchant => self.add(payer_at_merchant(attempt)),
            Subject::PayerOnDevice => self.add(payer_on_device(attempt)),
            Subject::Address => self.add(attempt.address),
            Subject::Network => self.add(attempt.network),
            Subject::Device => self.add(attempt.device),
            Subject::Payment => self.add(attempt.payment),
            Subject::Voucher => vouchers.for_each(|voucher| self.add(Some(voucher.voucher))),
            Subject::Terminal => vouchers.for_each(|voucher| self.add(voucher.terminal)),
            Subject::TerminalToMerchant => {
                vouchers.for_each(|voucher| self.add(terminal_to_merchant(attempt, voucher)));
            }
            Subject::Distributor => vouchers.for_each(|voucher| self.add(voucher.distributor)),
            Subject::StrangersHere => self.add(attempt.merchant.map(stranger::strangers_at)),
            Subject::Strangers => self.add(Some(stranger::strangers())),
            Subject::Category(place) => {
                let categories = attempt.categories.iter().take(CATEGORIES_MAX);
                self.add(categories.copied().nth(place));
            }
        }
    }
}

/// Whether a payer who is known uses a device for the first time; unknown without a device, or of a new payer.
fn is_new_device(profiles: &Profiles, attempt: &Attempt) -> f32 {
    let known = |entity: Option<EntityKey>| {
        entity.map(|entity| profiles.look(entity, attempt.at).is_some())
    };
    match (known(attempt.payer()), known(payer_on_device(attempt))) {
        (Some(true), Some(is_old)) => f32::from(u8::from(!is_old)),
        (_, _) => f32::NAN,
    }
}

/// The largest share of a terminal's vouchers that go to this merchant, held against one more that does not.
fn route_share(profiles: &Profiles, attempt: &Attempt) -> f32 {
    let week = |entity: Option<EntityKey>, at: Timestamp| {
        let seen: Seen<'_> = profiles.look(entity?, at)?;
        Some(seen.profile.attempts[2] * seen.left.week)
    };
    let shares = attempt.vouchers.iter().take(VOUCHERS_MAX).map(|voucher| {
        let all = week(voucher.terminal, attempt.at).unwrap_or(f32::NAN);
        let here = week(terminal_to_merchant(attempt, voucher), attempt.at).unwrap_or(0.0);
        here / (all + 1.0)
    });
    shares.fold(f32::NAN, f32::max)
}

#[cfg(test)]
mod tests;
