//! Measures: what may be said of any entity's profile, each with a name, a unit and an explanation.

use crate::fact::Kind;
use crate::math;
use crate::place::Place;
use crate::profile::record::{Hour, ratio_signed};
use crate::profile::store::Seen;

/// Largest absolute value of a feature: no ratio of decayed counters may run away.
pub const VALUE_MAX: f32 = 1e9;

/// Labels that a share of frauds is held against, so that one label is not all there is to know.
const PRIOR_LABELS: f32 = 1.0;

/// What an entity is looked at for: the attempt's own amount and hour.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) seen: Seen<'a>,
    /// Logarithm to base 2 of the attempt's minor units; NaN if unknown.
    pub(super) amount_log2: f32,
    pub(super) hour: Hour,
    /// Where the attempt is made.
    pub(super) place: Option<Place>,
}

pub(super) struct Measure {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) unit: &'static str,
    /// Follows `Of the address: `.
    pub(super) meaning: &'static str,
    pub(super) read: fn(&View<'_>) -> f32,
}

/// Makes one measure that is a number.
const fn measure(
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
    read: fn(&View<'_>) -> f32,
) -> Measure {
    Measure {
        name,
        kind: Kind::Number,
        unit,
        meaning,
        read,
    }
}

pub(super) const ATTEMPTS_1H: Measure = measure(
    "attempts_1h",
    "attempts",
    "attempts, each counting half after an hour",
    |view| view.seen.profile.attempts[0] * view.seen.left.hour,
);
pub(super) const ATTEMPTS_1D: Measure = measure(
    "attempts_1d",
    "attempts",
    "attempts, each counting half after a day",
    |view| view.seen.profile.attempts[1] * view.seen.left.day,
);
pub(super) const ATTEMPTS_7D: Measure = measure(
    "attempts_7d",
    "attempts",
    "attempts, each counting half after a week",
    |view| view.seen.profile.attempts[2] * view.seen.left.week,
);
pub(super) const ATTEMPTS_30D: Measure = measure(
    "attempts_30d",
    "attempts",
    "attempts, each counting half after 30 days",
    |view| view.seen.profile.attempts[3] * view.seen.left.month,
);
pub(super) const AMOUNT_1D: Measure = measure(
    "amount_1d",
    "minor units",
    "authorised amounts, each counting half after a day",
    |view| view.seen.profile.amount[0] * view.seen.left.day,
);
pub(super) const AMOUNT_7D: Measure = measure(
    "amount_7d",
    "minor units",
    "authorised amounts, each counting half after a week",
    |view| view.seen.profile.amount[1] * view.seen.left.week,
);
pub(super) const AMOUNT_USUAL: Measure = measure(
    "amount_usual",
    "octaves",
    "the logarithm to base 2 of a usual amount in minor units, over about a month",
    usual_log2,
);
pub(super) const AMOUNT_DEVIATION: Measure = measure(
    "amount_deviation",
    "standard deviations",
    "how far this amount is above (or below) the usual ones, by their logarithms",
    amount_deviation,
);
pub(super) const AMOUNT_TO_USUAL: Measure = measure(
    "amount_to_usual",
    "octaves",
    "how often this amount is double of the usual one",
    |view| view.amount_log2 - usual_log2(view),
);
pub(super) const AMOUNT_TO_LAST: Measure = measure(
    "amount_to_last",
    "octaves",
    "how often this amount is double of the last one",
    |view| view.amount_log2 - math::log2(f64::from(view.seen.profile.last_amount)) as f32,
);
pub(super) const FRAUDS_1D: Measure = measure(
    "frauds_1d",
    "labels",
    "attempts known as fraud, each counting half a day after it was made",
    |view| view.seen.profile.frauds[0] * view.seen.left.day,
);
pub(super) const FRAUDS_7D: Measure = measure(
    "frauds_7d",
    "labels",
    "attempts known as fraud, each counting half a week after it was made",
    |view| view.seen.profile.frauds[1] * view.seen.left.week,
);
pub(super) const FRAUDS_30D: Measure = measure(
    "frauds_30d",
    "labels",
    "attempts known as fraud, each counting half 30 days after it was made",
    |view| view.seen.profile.frauds[2] * view.seen.left.month,
);
pub(super) const FRAUDS_KNOWN_7D: Measure = measure(
    "frauds_known_7d",
    "labels",
    "attempts known as fraud, each counting half a week after that became known",
    |view| view.seen.profile.frauds_known * view.seen.left.week,
);
pub(super) const LABELS_7D: Measure = measure(
    "labels_7d",
    "labels",
    "attempts known as fraud or good, each counting half a week after it was made",
    |view| view.seen.profile.labels[1] * view.seen.left.week,
);
pub(super) const FRAUD_SHARE_1D: Measure = measure(
    "fraud_share_1d",
    "",
    "frauds among the labelled attempts of about a day, held against one more good one",
    |view| share_left(view, 0, view.seen.left.day),
);
pub(super) const FRAUD_SHARE_7D: Measure = measure(
    "fraud_share_7d",
    "",
    "frauds among the labelled attempts of about a week, held against one more good one",
    |view| share_left(view, 1, view.seen.left.week),
);
pub(super) const FRAUD_SHARE_30D: Measure = measure(
    "fraud_share_30d",
    "",
    "frauds among the labelled attempts of about a month, held against one more good one",
    |view| share_left(view, 2, view.seen.left.month),
);
pub(super) const FRAUD_RATIO_1D: Measure = measure(
    "fraud_ratio_1d",
    "",
    "frauds among the labelled attempts, of whom the newest count most by far; unknown without labels",
    |view| ratio(view.seen.profile.frauds[0], view.seen.profile.labels[0]),
);
pub(super) const SINCE_LAST: Measure = measure(
    "since_last",
    "seconds",
    "time since it was last heard of",
    |view| seconds(view.seen.at.0.saturating_sub(view.seen.profile.at.0)),
);
pub(super) const SINCE_FIRST: Measure = measure(
    "since_first",
    "seconds",
    "time since it was first heard of, as long as it is remembered",
    |view| view.seen.profile.first.seconds_until(view.seen.at),
);
pub(super) const SINCE_FRAUD: Measure = measure(
    "since_fraud",
    "seconds",
    "time since the newest attempt known as fraud",
    |view| view.seen.profile.last_fraud.seconds_until(view.seen.at),
);
pub(super) const SINCE_GOOD: Measure = measure(
    "since_good",
    "seconds",
    "time since the newest attempt known as good",
    |view| view.seen.profile.last_good.seconds_until(view.seen.at),
);
pub(super) const FRAUD_RUN: Measure = measure(
    "fraud_run",
    "labels",
    "frauds in a row that no good attempt followed yet",
    |view| f32::from(view.seen.profile.run),
);
pub(super) const FRAUD_RUN_AGE: Measure = measure(
    "fraud_run_age",
    "seconds",
    "time since the first of the frauds in a row",
    |view| view.seen.profile.run_start.seconds_until(view.seen.at),
);
pub(super) const HOUR_DEVIATION: Measure = measure(
    "hour_deviation",
    "",
    "how unusual the hour of the day is: 0 as always, 1 without a habit, 2 the other side of the clock",
    hour_deviation,
);
pub(super) const NIGHT_SHARE: Measure = measure(
    "night_share_30d",
    "",
    "attempts from 0 to 5 o'clock among those of about a month",
    |view| ratio(view.seen.profile.nights, view.seen.profile.attempts[3]),
);
pub(super) const PARTNERS: Measure = measure(
    "partners",
    "entities",
    "distinct partners: vouchers of an address, device or customer, addresses of a voucher or network, \
     merchants of an account or terminal, payers of a merchant",
    |view| view.seen.partners,
);
pub(super) const NEW_PARTNERS_1D: Measure = measure(
    "new_partners_1d",
    "entities",
    "partners that were new, each counting half after a day",
    |view| view.seen.profile.newcomers[0] * view.seen.left.day,
);
pub(super) const NEW_PARTNERS_7D: Measure = measure(
    "new_partners_7d",
    "entities",
    "partners that were new, each counting half after a week",
    |view| view.seen.profile.newcomers[1] * view.seen.left.week,
);
pub(super) const SURPRISES_7D: Measure = measure(
    "unusual_amounts_7d",
    "attempts",
    "amounts far above what their payers usually pay, each counting half after a week",
    |view| view.seen.profile.surprises * view.seen.left.week,
);
pub(super) const PLAIN_FRAUDS_30D: Measure = measure(
    "plain_frauds_30d",
    "labels",
    "frauds whose amount was nothing unusual for their payer, each counting half 30 days after it was made",
    |view| view.seen.profile.plain_frauds * view.seen.left.month,
);
pub(super) const DISTANCE_USUAL: Measure = measure(
    "distance_usual",
    "kilometres",
    "how far from its usual place this attempt is made",
    |view| distance(view, view.seen.profile.usual_place.place()),
);
pub(super) const DISTANCE_LAST: Measure = measure(
    "distance_last",
    "kilometres",
    "how far from the place of its last attempt this one is made",
    |view| distance(view, view.seen.profile.last_place.place()),
);
pub(super) const SPEED: Measure = measure(
    "speed",
    "kilometres an hour",
    "how fast it would have come from the place of its last attempt to that of this one",
    speed,
);
pub(super) const DEVICES: Measure = measure(
    "devices",
    "devices",
    "devices that it used, as far as is remembered",
    |view| f32::from(view.seen.profile.devices),
);
pub(super) const WRONG_1H: Measure = measure(
    "wrong_pins_1h",
    "attempts",
    "wrong PINs, each counting half after an hour",
    |view| view.seen.profile.wrong[0] * view.seen.left.hour,
);
pub(super) const WRONG_1D: Measure = measure(
    "wrong_pins_1d",
    "attempts",
    "wrong PINs, each counting half after a day",
    |view| view.seen.profile.wrong[1] * view.seen.left.day,
);
pub(super) const WRONG_SHARE_1D: Measure = measure(
    "wrong_pin_share_1d",
    "",
    "wrong PINs among the attempts of about a day",
    |view| ratio(view.seen.profile.wrong[1], view.seen.profile.attempts[1]),
);
pub(super) const WRONG_SHARE_1H: Measure = measure(
    "wrong_pin_share_1h",
    "",
    "wrong PINs among the attempts of about an hour",
    |view| ratio(view.seen.profile.wrong[0], view.seen.profile.attempts[0]),
);
pub(super) const FAILED_1D: Measure = measure(
    "failed_challenges_1d",
    "challenges",
    "failed challenges, each counting half after a day",
    |view| view.seen.profile.failed * view.seen.left.day,
);
pub(super) const NEAR_LIMIT_1D: Measure = measure(
    "near_limit_1d",
    "attempts",
    "attempts of four fifths of the limit or more and below it, each counting half after a day",
    |view| view.seen.profile.near_limit * view.seen.left.day,
);
pub(super) const TURNOVER_30D: Measure = measure(
    "turnover_30d",
    "captures or sales",
    "captures of a merchant, sales of a terminal or distributor, each counting half after 30 days",
    |view| view.seen.profile.turnover * view.seen.left.month,
);
pub(super) const REFUND_SHARE_30D: Measure = measure(
    "refund_share_30d",
    "",
    "refunds against captures of about a month",
    |view| ratio(view.seen.profile.refunds, view.seen.profile.turnover),
);
pub(super) const DISPUTE_SHARE_30D: Measure = measure(
    "dispute_share_30d",
    "",
    "disputes against captures of about a month",
    |view| ratio(view.seen.profile.disputes, view.seen.profile.turnover),
);

/// A ratio of two counters with one half-life, at most 100: what is left of them cancels. Unknown if nothing was counted.
pub(super) fn ratio(part: f32, whole: f32) -> f32 {
    const RATIO_MAX: f32 = 100.0;
    match whole > f32::MIN_POSITIVE {
        true => (part / whole).clamp(0.0, RATIO_MAX),
        false if part > f32::MIN_POSITIVE => RATIO_MAX,
        false => f32::NAN,
    }
}

fn share_left(view: &View<'_>, index: usize, left: f32) -> f32 {
    let frauds = view.seen.profile.frauds[index] * left;
    frauds / (view.seen.profile.labels[index] * left + PRIOR_LABELS)
}

fn usual_log2(view: &View<'_>) -> f32 {
    view.seen.profile.usual_amount_log2()
}

fn amount_deviation(view: &View<'_>) -> f32 {
    let seen = &view.seen;
    seen.profile.amount_deviation(&seen.left, view.amount_log2)
}

/// Kilometres from a place of the profile to where the attempt is made; unknown without either.
fn distance(view: &View<'_>, from: Place) -> f32 {
    match (view.place, view.seen.profile.places) {
        (Some(place), 1..) => place.distance(from),
        (_, _) => f32::NAN,
    }
}

fn speed(view: &View<'_>) -> f32 {
    const SECONDS_MIN: f32 = 60.0;
    let profile = view.seen.profile;
    let elapsed = profile.last_placed.seconds_until(view.seen.at);
    distance(view, profile.last_place.place()) / elapsed.max(SECONDS_MIN) * 3_600.0
}

fn hour_deviation(view: &View<'_>) -> f32 {
    let profile = view.seen.profile;
    let along = profile.hour_cosines * view.hour.cosine() + profile.hour_sines * view.hour.sine();
    1.0 - ratio_signed(along, profile.attempts[3])
}

fn seconds(milliseconds: i64) -> f32 {
    (milliseconds.max(0) / 1_000) as f32
}
