//! What an attempt says by itself, without any profile.

use ids::time::{Span, Timestamp};

use crate::event::{ATTRIBUTES_MAX, Attempt, VOUCHERS_MAX, VoucherFacts};
use crate::fact::{FactType, Kind};
use crate::math;
use crate::place::Place;
use crate::profile::is_near_limit;
use crate::profile::record::Hour;

/// Minor units of a voucher's face value from which it counts as high, for currencies with two decimal places.
const HIGH_FACE_MINOR: i64 = 5_000;

/// One fact that an attempt brings along.
pub(super) struct Own {
    name: &'static str,
    kind: Kind,
    unit: &'static str,
    meaning: &'static str,
    pub(super) read: fn(&Attempt, &Circumstances) -> f32,
}

/// What is worked out once for all of them.
pub(super) struct Circumstances {
    pub(super) hour: Hour,
    /// 0 is Monday.
    pub(super) weekday: u8,
    pub(super) amount_log2: f32,
}

impl Circumstances {
    pub(super) fn of(attempt: &Attempt, ahead_of_utc: Span) -> Circumstances {
        let day = attempt.at.plus(ahead_of_utc).0.div_euclid(Span::DAY.0);
        let amount = attempt.amount_minor.filter(|minor| *minor > 0);
        Circumstances {
            hour: Hour::of(attempt.at, ahead_of_utc),
            // 1970-01-01 was a Thursday.
            weekday: (day + 3).rem_euclid(7) as u8,
            amount_log2: amount.map_or(f32::NAN, |minor| math::log2(minor as f64) as f32),
        }
    }
}

const fn number(
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
    read: fn(&Attempt, &Circumstances) -> f32,
) -> Own {
    Own {
        name,
        kind: Kind::Number,
        unit,
        meaning,
        read,
    }
}

const fn flag(
    name: &'static str,
    meaning: &'static str,
    read: fn(&Attempt, &Circumstances) -> f32,
) -> Own {
    Own {
        name,
        kind: Kind::Flag,
        unit: "",
        meaning,
        read,
    }
}

pub(super) const OWN: [Own; 27] = [
    number(
        "attempt.amount",
        "minor units",
        "What is to be paid.",
        |attempt, _| attempt.amount_minor.map_or(f32::NAN, |minor| minor as f32),
    ),
    number(
        "attempt.hour",
        "hours",
        "The hour of the day, 0 to 23.",
        |_, circumstances| f32::from(circumstances.hour.number()),
    ),
    number(
        "attempt.weekday",
        "days",
        "The day of the week, 0 for Monday.",
        |_, circumstances| f32::from(circumstances.weekday),
    ),
    flag(
        "attempt.is_night",
        "It is between 0 and 5 o'clock.",
        |_, circumstances| truth(Some(circumstances.hour.is_night())),
    ),
    number(
        "attempt.of_limit",
        "",
        "The amount as a part of the limit from which on more is asked.",
        |attempt, _| part(attempt.amount_minor, attempt.limit_minor),
    ),
    flag(
        "attempt.is_near_limit",
        "The amount is four fifths of the limit or more and below it.",
        |attempt, _| match attempt.limit_minor {
            Some(_) => truth(Some(is_near_limit(attempt))),
            None => f32::NAN,
        },
    ),
    number(
        "attempt.vouchers",
        "vouchers",
        "How many vouchers are to pay.",
        |attempt, _| attempt.vouchers.len() as f32,
    ),
    number(
        "attempt.high_vouchers",
        "vouchers",
        "How many of the vouchers have a face value of 5,000 minor units or more.",
        |attempt, _| {
            let is_high = |voucher: &&VoucherFacts| {
                voucher
                    .face_minor
                    .is_some_and(|face| face >= HIGH_FACE_MINOR)
            };
            vouchers(attempt).filter(is_high).count() as f32
        },
    ),
    number(
        "voucher.since_sale",
        "seconds",
        "Time since the sale of the voucher that was sold last.",
        |attempt, _| since_sale(attempt, f32::min),
    ),
    number(
        "voucher.since_first_sale",
        "seconds",
        "Time since the sale of the voucher that was sold first.",
        |attempt, _| since_sale(attempt, f32::max),
    ),
    number(
        "voucher.unused_for",
        "seconds",
        "Time since the sale of the oldest voucher that is used for the first time.",
        |attempt, _| {
            let unused = vouchers(attempt).filter(|voucher| voucher.is_first_use == Some(true));
            unused
                .map(|voucher| age(voucher, attempt.at))
                .fold(f32::NAN, f32::max)
        },
    ),
    flag(
        "voucher.is_first_use",
        "Nothing was spent before from any of the vouchers.",
        |attempt, _| {
            let mut firsts = vouchers(attempt).filter_map(|voucher| voucher.is_first_use);
            match firsts.next() {
                Some(first) => truth(Some(first && firsts.all(|is_first| is_first))),
                None => f32::NAN,
            }
        },
    ),
    flag(
        "voucher.is_foreign_to_address",
        "A voucher was sold in another country than the address is in.",
        |attempt, _| {
            let here = attempt.address_country;
            any_differs(attempt, |voucher| Some(voucher.country? != here?))
        },
    ),
    flag(
        "voucher.is_foreign_to_merchant",
        "A voucher was sold in another country than the shop is in.",
        |attempt, _| {
            let here = attempt.merchant_country;
            any_differs(attempt, |voucher| Some(voucher.country? != here?))
        },
    ),
    number(
        "voucher.of_remaining",
        "",
        "The amount as a part of what the vouchers hold together.",
        |attempt, _| part(attempt.amount_minor, sum(attempt, |v| v.remaining_minor)),
    ),
    number(
        "voucher.face",
        "minor units",
        "The face values of all vouchers together.",
        |attempt, _| sum(attempt, |v| v.face_minor).map_or(f32::NAN, |minor| minor as f32),
    ),
    number(
        "voucher.terminals",
        "terminals",
        "How many terminals sold the vouchers.",
        |attempt, _| {
            let mut terminals: Vec<_> = vouchers(attempt).filter_map(|v| v.terminal).collect();
            terminals.sort_unstable();
            terminals.dedup();
            terminals.len() as f32
        },
    ),
    flag(
        "address.is_foreign_to_merchant",
        "The address is in another country than the shop.",
        |attempt, _| {
            let countries = attempt.address_country.zip(attempt.merchant_country);
            truth(countries.map(|(address, merchant)| address != merchant))
        },
    ),
    number(
        "attempt.distance",
        "kilometres",
        "How far from the shop the attempt is made.",
        |attempt, _| between(attempt.place, attempt.merchant_place),
    ),
    number(
        "attempt.distance_home",
        "kilometres",
        "How far from where the payer lives the attempt is made.",
        |attempt, _| between(attempt.place, attempt.home),
    ),
    number(
        "merchant.distance_home",
        "kilometres",
        "How far from where the payer lives the shop is.",
        |attempt, _| between(attempt.merchant_place, attempt.home),
    ),
    number(
        "behaviour.on_page",
        "milliseconds",
        "From the page's delivery to the PIN's arrival.",
        |attempt, _| {
            attempt
                .behaviour
                .on_page_ms
                .map_or(f32::NAN, |ms| ms as f32)
        },
    ),
    flag(
        "behaviour.is_pasted",
        "The PIN was pasted, not typed.",
        |attempt, _| truth(attempt.behaviour.is_pasted),
    ),
    number(
        "behaviour.key_gap",
        "milliseconds",
        "Mean time between two keys.",
        |attempt, _| attempt.behaviour.key_gap_mean_ms.unwrap_or(f32::NAN),
    ),
    number(
        "behaviour.key_gap_deviation",
        "milliseconds",
        "Standard deviation of the time between two keys.",
        |attempt, _| attempt.behaviour.key_gap_deviation_ms.unwrap_or(f32::NAN),
    ),
    number(
        "behaviour.headless_signs",
        "signs",
        "Signs of a browser without a screen.",
        |attempt, _| attempt.behaviour.headless_signs.map_or(f32::NAN, f32::from),
    ),
    number(
        "behaviour.missing_headers",
        "headers",
        "Headers that every browser sends and this one did not.",
        |attempt, _| {
            attempt
                .behaviour
                .missing_headers
                .map_or(f32::NAN, f32::from)
        },
    ),
];

/// The types of all of [`OWN`] and of the free attributes behind them.
pub(super) fn types() -> impl Iterator<Item = FactType> {
    let own = OWN.iter().map(|own| FactType {
        name: own.name.to_owned(),
        kind: own.kind,
        unit: own.unit,
        meaning: own.meaning.to_owned(),
    });
    own.chain((1..=ATTRIBUTES_MAX).map(|place| FactType {
        name: format!("attempt.attribute_{place}"),
        kind: Kind::Number,
        unit: "",
        meaning: format!("The free numeric attribute number {place} of a foreign stream."),
    }))
}

fn vouchers(attempt: &Attempt) -> impl Iterator<Item = &VoucherFacts> {
    attempt.vouchers.iter().take(VOUCHERS_MAX)
}

fn truth(flag: Option<bool>) -> f32 {
    flag.map_or(f32::NAN, |is_true| f32::from(u8::from(is_true)))
}

fn part(of: Option<i64>, whole: Option<i64>) -> f32 {
    match (of, whole) {
        (Some(of), Some(whole)) if whole > 0 => of as f32 / whole as f32,
        (Some(_) | None, Some(_) | None) => f32::NAN,
    }
}

/// None unless every voucher has the value.
fn sum(attempt: &Attempt, of: impl Fn(&VoucherFacts) -> Option<i64>) -> Option<i64> {
    let mut total = None;
    for voucher in vouchers(attempt) {
        total = Some(total.unwrap_or(0_i64).saturating_add(of(voucher)?));
    }
    total
}

fn any_differs(attempt: &Attempt, differs: impl Fn(&VoucherFacts) -> Option<bool>) -> f32 {
    let known = vouchers(attempt).filter_map(differs);
    truth(known.reduce(|first, second| first || second))
}

fn between(one: Option<Place>, other: Option<Place>) -> f32 {
    match (one, other) {
        (Some(one), Some(other)) => one.distance(other),
        (_, _) => f32::NAN,
    }
}

fn since_sale(attempt: &Attempt, choose: fn(f32, f32) -> f32) -> f32 {
    let ages = vouchers(attempt).map(|voucher| age(voucher, attempt.at));
    ages.fold(f32::NAN, choose)
}

fn age(voucher: &VoucherFacts, at: Timestamp) -> f32 {
    let Some(sold_at) = voucher.sold_at else {
        return f32::NAN;
    };
    (at.0.saturating_sub(sold_at.0).max(0) / 1_000) as f32
}
