//! One profile: what is remembered of one entity, in 184 bytes.
//!
//! Counters are as of the profile's own time and decay when it moves on. What becomes known late is added with the weight
//! that it would have had left, had it been known at once: a fraud of three days ago counts as one of three days ago.

use ids::time::{Span, Timestamp};

use super::decay::Left;
use crate::event::Verdict;
use crate::place::{Place, Spot};

/// An event further back than this before the profile's time says that the clock had jumped ahead: the profile's time goes
/// back with it, and what had decayed by then stays lost. A smaller step back is an event that came late.
pub const LATE_MAX: Span = Span::DAY;

/// Partners that a profile remembers by themselves before it needs a sketch.
pub const PARTNERS_NEAR: usize = 3;

/// The usual place follows the last so many places.
const PLACES_MAX: u8 = 15;

/// The least standard deviation of an amount's logarithm to base 2: a quarter of an octave.
const DEVIATION_MIN: f32 = 0.25;

/// Amounts whose spread counts as unknown weigh as much as this many of one octave.
const PRIOR_AMOUNTS: f32 = 2.0;

const DEVIATIONS_MAX: f32 = 20.0;

/// A point in time in whole seconds, in half the space; [`Moment::NEVER`] if there was none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub(super) u32);

impl Moment {
    pub const NEVER: Moment = Moment(0);

    /// Times outside of 1970 to 2106 become the nearest that can be held.
    pub fn of(at: Timestamp) -> Moment {
        Moment((at.0.div_euclid(1_000)).clamp(1, i64::from(u32::MAX)) as u32)
    }

    /// Seconds from this moment to `at`, at least 0; NaN if there was none.
    pub fn seconds_until(self, at: Timestamp) -> f32 {
        if self == Moment::NEVER {
            return f32::NAN;
        }
        let seconds = at.0.div_euclid(1_000).saturating_sub(i64::from(self.0));
        seconds.max(0) as f32
    }
}

/// A sketch in the store's pool; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SketchHandle(pub(super) u32);

/// What is remembered of one entity. Arrays run from the shortest half-life to the longest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// The counters are as of this time.
    pub(crate) at: Timestamp,
    /// Attempts; half-lives of an hour, a day, a week and a month.
    pub(crate) attempts: [f32; 4],
    /// Authorised minor units; a day and a week.
    pub(crate) amount: [f32; 2],
    /// Over a month: how many amounts, and the sums of their logarithms to base 2 and of the squares of these.
    pub(crate) amounts: f32,
    pub(crate) amount_logs: f32,
    pub(crate) amount_log_squares: f32,
    /// Labels by the time of what they speak of; a day, a week and a month.
    pub(crate) labels: [f32; 3],
    pub(crate) frauds: [f32; 3],
    /// Frauds by the time at which they became known; a week.
    pub(crate) frauds_known: f32,
    /// Wrong PINs, and tries that the guard turned away; an hour and a day.
    pub(crate) wrong: [f32; 2],
    /// Failed challenges; a day.
    pub(crate) failed: f32,
    /// Attempts of at least four fifths of the limit and below it; a day.
    pub(crate) near_limit: f32,
    /// Captures of a merchant, sales of a terminal; a month, like the two that follow.
    pub(crate) turnover: f32,
    pub(crate) refunds: f32,
    pub(crate) disputes: f32,
    /// The mean direction of the hand of a 24-hour clock at attempts; a month.
    pub(crate) hour_cosines: f32,
    pub(crate) hour_sines: f32,
    pub(crate) nights: f32,
    /// Partners that had not been seen before; a day and a week.
    pub(crate) newcomers: [f32; 2],
    /// The last distinct partners, newest first; 0 is none.
    pub(crate) partners: [u32; PARTNERS_NEAR],
    pub(crate) sketch: SketchHandle,
    pub(crate) first: Moment,
    /// The newest attempts with each verdict, by the time of the attempt.
    pub(crate) last_fraud: Moment,
    pub(crate) last_good: Moment,
    /// The first of the frauds that no good attempt followed yet.
    pub(crate) run_start: Moment,
    pub(crate) last_amount: f32,
    /// Authorised amounts that were far above what the payer usually pays; a week.
    pub(crate) surprises: f32,
    /// Frauds whose amount was nothing unusual for the payer; a month, by the time of the attempt.
    pub(crate) plain_frauds: f32,
    /// Where it usually is, and where it was last.
    pub(crate) usual_place: Spot,
    pub(crate) last_place: Spot,
    pub(crate) last_placed: Moment,
    /// Frauds that no good attempt followed yet, up to 255.
    pub(crate) run: u8,
    /// How many attempts had a place, up to [`PLACES_MAX`].
    pub(crate) places: u8,
    /// How many devices a payer used, as far as is remembered.
    pub(crate) devices: u8,
    /// Stands here and not beside the profile because there is a byte to spare.
    pub(super) standing: Standing,
}

/// Whether an entity was heard of more than once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    #[default]
    Newcomer,
    Regular,
}

impl Profile {
    pub(super) fn new(at: Timestamp) -> Profile {
        Profile {
            at,
            first: Moment::of(at),
            ..Profile::default()
        }
    }

    /// Moves to `at`, and says what weight something that happens at `at` has.
    pub(super) fn advance(&mut self, at: Timestamp) -> Left {
        if at < self.at.minus(LATE_MAX) {
            self.at = at;
            return Left::ALL;
        }
        if at <= self.at {
            return Left::of(at, self.at);
        }
        let left = Left::of(self.at, at);
        self.at = at;
        self.decay(&left);
        Left::ALL
    }

    fn decay(&mut self, left: &Left) {
        let [hour, day, week, month] = &mut self.attempts;
        *hour *= left.hour;
        *day *= left.day;
        *week *= left.week;
        *month *= left.month;
        self.amount[0] *= left.day;
        self.amount[1] *= left.week;
        for labels in [&mut self.labels, &mut self.frauds] {
            labels[0] *= left.day;
            labels[1] *= left.week;
            labels[2] *= left.month;
        }
        self.frauds_known *= left.week;
        self.wrong[0] *= left.hour;
        self.wrong[1] *= left.day;
        self.failed *= left.day;
        self.near_limit *= left.day;
        self.surprises *= left.week;
        self.plain_frauds *= left.month;
        self.newcomers[0] *= left.day;
        self.newcomers[1] *= left.week;
        for monthly in [
            &mut self.amounts,
            &mut self.amount_logs,
            &mut self.amount_log_squares,
            &mut self.turnover,
            &mut self.refunds,
            &mut self.disputes,
            &mut self.hour_cosines,
            &mut self.hour_sines,
            &mut self.nights,
        ] {
            *monthly *= left.month;
        }
    }

    pub(super) fn count_attempt(&mut self, weight: &Left) {
        self.attempts[0] += weight.hour;
        self.attempts[1] += weight.day;
        self.attempts[2] += weight.week;
        self.attempts[3] += weight.month;
    }

    pub(super) fn count_hour(&mut self, weight: &Left, hour: Hour) {
        self.hour_cosines += weight.month * hour.cosine();
        self.hour_sines += weight.month * hour.sine();
        if hour.is_night() {
            self.nights += weight.month;
        }
    }

    pub(super) fn count_amount(&mut self, weight: &Left, minor: f32, log2: f32) {
        self.amount[0] += weight.day * minor;
        self.amount[1] += weight.week * minor;
        self.amounts += weight.month;
        self.amount_logs += weight.month * log2;
        self.amount_log_squares += weight.month * log2 * log2;
        self.last_amount = minor;
    }

    /// Moves the usual place by what one more place weighs.
    pub(super) fn count_place(&mut self, place: Place, at: Timestamp) {
        let share = 1.0 / (f32::from(self.places) + 1.0);
        self.usual_place = Spot::of(self.usual_place.place().towards(place, share));
        self.places = self.places.saturating_add(1).min(PLACES_MAX);
        self.last_place = Spot::of(place);
        self.last_placed = Moment::of(at);
    }

    /// How far an amount is above (or below) the usual ones in standard deviations, by their logarithms; NaN if none is known.
    pub(crate) fn amount_deviation(&self, left: &Left, amount_log2: f32) -> f32 {
        let mean = self.usual_amount_log2();
        let square = ratio_signed(self.amount_log_squares, self.amounts);
        let variance = (square - mean * mean).max(0.0);
        let amounts = self.amounts * left.month;
        let steadied = (variance * amounts + PRIOR_AMOUNTS) / (amounts + PRIOR_AMOUNTS);
        let deviations = (amount_log2 - mean) / steadied.sqrt().max(DEVIATION_MIN);
        deviations.clamp(-DEVIATIONS_MAX, DEVIATIONS_MAX)
    }

    /// The logarithm to base 2 of a usual amount; NaN if none is known.
    pub(crate) fn usual_amount_log2(&self) -> f32 {
        ratio_signed(self.amount_logs, self.amounts)
    }

    pub(super) fn count_wrong(&mut self, weight: &Left) {
        self.wrong[0] += weight.hour;
        self.wrong[1] += weight.day;
    }

    pub(super) fn count_newcomers(&mut self, weight: &Left, count: f32) {
        self.newcomers[0] += weight.day * count;
        self.newcomers[1] += weight.week * count;
    }

    /// Enters a label.
    pub(super) fn count_label(&mut self, said: &Said) {
        let weight_known = self.advance(said.known);
        let weight = Left::of(said.made, self.at);
        let weights = [weight.day, weight.week, weight.month];
        for (count, weight) in self.labels.iter_mut().zip(weights) {
            *count += weight;
        }
        let made = Moment::of(said.made);
        match said.verdict {
            Verdict::Fraud => {
                for (count, weight) in self.frauds.iter_mut().zip(weights) {
                    *count += weight;
                }
                self.frauds_known += weight_known.week;
                if said.is_plain {
                    self.plain_frauds += weight.month;
                }
                if made >= self.last_good {
                    if self.run == 0 {
                        self.run_start = made;
                    }
                    self.run = self.run.saturating_add(1);
                }
                self.last_fraud = self.last_fraud.max(made);
            }
            Verdict::Good => {
                if made > self.last_fraud {
                    self.run = 0;
                    self.run_start = Moment::NEVER;
                }
                self.last_good = self.last_good.max(made);
            }
        }
    }

    /// Takes out what a label counts, as if it had never been said. What it had hidden does not come back: which label was
    /// the newest before it, and the frauds in a row that a good one had ended. Whether its amount was usual is judged by
    /// what is usual now. A profile that is younger than the label, because its entity had been forgotten, never counted it.
    pub(super) fn take_label_back(&mut self, said: &Said, now: Timestamp) {
        if Moment::of(said.known) < self.first {
            return;
        }
        self.advance(now);
        let weight = Left::of(said.made, self.at);
        let weights = [weight.day, weight.week, weight.month];
        for (count, weight) in self.labels.iter_mut().zip(weights) {
            take(count, weight);
        }
        let made = Moment::of(said.made);
        match said.verdict {
            Verdict::Fraud => {
                for (count, weight) in self.frauds.iter_mut().zip(weights) {
                    take(count, weight);
                }
                take(&mut self.frauds_known, Left::of(said.known, self.at).week);
                if said.is_plain {
                    take(&mut self.plain_frauds, weight.month);
                }
                self.shorten_run(made);
                if self.last_fraud == made {
                    // The frauds in a row are known still, the first of them by its time.
                    self.last_fraud = self.run_start;
                }
            }
            Verdict::Good => {
                if self.last_good == made {
                    self.last_good = Moment::NEVER;
                }
            }
        }
    }

    /// Takes one of the frauds in a row back, if it is one of them.
    fn shorten_run(&mut self, made: Moment) {
        if self.run == 0 || made < self.run_start {
            return;
        }
        self.run -= 1;
        if self.run == 0 {
            self.run_start = Moment::NEVER;
        } else if self.run == 1 && self.run_start == made {
            // Of more than one that are left, the first is not known any more.
            self.run_start = self.last_fraud;
        }
    }
}

/// What became known of an attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) verdict: Verdict,
    /// Whether the amount was nothing unusual for the payer.
    pub(super) is_plain: bool,
    /// When the attempt was made.
    pub(super) made: Timestamp,
    /// When this became known.
    pub(super) known: Timestamp,
}

/// Takes a weight out of a count. What rounding leaves is nothing: a ratio of two such rests would mean nothing.
fn take(count: &mut f32, weight: f32) {
    const ROUNDING: f32 = 1e-4;
    let left = *count - weight;
    *count = if left <= weight * ROUNDING { 0.0 } else { left };
}

/// The part of a whole that is worth dividing by; else NaN.
pub(crate) fn ratio_signed(part: f32, whole: f32) -> f32 {
    match whole > 1e-20 {
        true => part / whole,
        false => f32::NAN,
    }
}

/// An hour of the day, 0 to 23.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour(u8);

/// Cosines of 0, 15, .. 345 degrees.
const COSINES: [f32; 24] = [
    1.0,
    0.965_925_8,
    0.866_025_4,
    0.707_106_77,
    0.5,
    0.258_819_04,
    0.0,
    -0.258_819_04,
    -0.5,
    -0.707_106_77,
    -0.866_025_4,
    -0.965_925_8,
    -1.0,
    -0.965_925_8,
    -0.866_025_4,
    -0.707_106_77,
    -0.5,
    -0.258_819_04,
    0.0,
    0.258_819_04,
    0.5,
    0.707_106_77,
    0.866_025_4,
    0.965_925_8,
];

impl Hour {
    /// The hour at a place whose clocks are this far ahead of UTC.
    pub fn of(at: Timestamp, ahead: Span) -> Hour {
        let of_day_ms = at.plus(ahead).0.rem_euclid(Span::DAY.0);
        Hour((of_day_ms / Span::HOUR.0) as u8)
    }

    pub fn number(self) -> u8 {
        self.0
    }

    /// From 0 to 5 o'clock.
    pub fn is_night(self) -> bool {
        self.0 < 5
    }

    pub fn cosine(self) -> f32 {
        COSINES[usize::from(self.0)]
    }

    pub fn sine(self) -> f32 {
        COSINES[usize::from((self.0 + 18) % 24)]
    }
}
