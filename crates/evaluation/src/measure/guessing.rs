//! Guessed PINs against the shipped rules alone: how many tries pass before the first that is stopped, how many pass
//! altogether, and how many honest payers are troubled meanwhile.

use std::collections::HashMap;

use ids::time::{Span, Timestamp};
use risk::decision::values::{FactValues, Schema};
use risk::decision::{
    Absence, Case, Cutoffs, Decision, Exploration, Judged, Policy, Unjudged, decide,
};
use risk::entity::EntityKey;
use risk::event::{Attempt, Event, Outcome, Texts};
use risk::feature::{catalogue, features};
use risk::profile::store::{ProfileSettings, Profiles};
use risk::rule::{Action, Guarded, defaults};
use risk::rule_set::RuleSet;
use risk::stream::StreamEvent;
use risk::verdict::Verdict;

use super::{MeasureError, Put};
use crate::evaluate::ENTITIES_MAX;
use crate::frauds::guessing::{Device, Guessing, NEIGHBOURS, Shops, guess};
use crate::frauds::{Frauds, START, Simulated, simulate};

/// Every attack meets as many worlds: one has a few hundred honest payments while it lasts, too few for a share.
const WORLDS: u64 = 8;
const PAYERS: usize = 5_000;
/// The honest payers' profiles fill for so long before the tries begin.
const DAYS_BEFORE: u32 = 60;
const DAYS: u32 = DAYS_BEFORE + 2;
const BOTNET: u64 = 10_000;
/// Rules alone judge; what they let pass, passes.
const POLICY: Policy = Policy {
    cutoffs: Cutoffs {
        challenge: None,
        review: None,
        block: None,
    },
    appetite_basis_points: 0,
    unjudged: Unjudged {
        small_minor_max: i64::MAX,
        small: Verdict::Allow,
        large: Verdict::Allow,
    },
    exploration: Exploration {
        share_basis_points: 0,
        each_minor_max: 0,
        left_minor: 0,
    },
};

pub(super) fn measure(seed: u64, put: Put) -> Result<(), MeasureError> {
    let attacks = attacks();
    let mut tallies = attacks.map(|_| (Outcomes::default(), Outcomes::default()));
    for world in 0..WORLDS {
        let frauds = Frauds {
            payers: PAYERS,
            days: DAYS,
            seed: seed * WORLDS + world,
        };
        let honest = honest(&frauds);
        for ((_, guessing), (with, without)) in attacks.iter().zip(&mut tallies) {
            let mut events = honest.clone();
            events.extend(guess(&frauds, guessing));
            events.sort_by_key(|one| one.event.at());
            with.add(Defence::new()?.stand(&events, guessing));
            without.add(Defence::new()?.stand(&honest, guessing));
        }
    }
    for ((attack, guessing), (with, without)) in attacks.into_iter().zip(tallies) {
        let name = format!("risk.guessing.seed_{seed}.{attack}");
        put(&format!("{name}.tries"), guessing.tries as f64, "tries");
        for (figure, tries) in [
            ("first_stopped", with.first_stopped),
            ("passed", with.passed),
            ("last_passed", with.last_passed),
        ] {
            put(&format!("{name}.{figure}"), tries as f64, "tries");
        }
        put(&format!("{name}.honest"), with.honest as f64, "payments");
        put(&format!("{name}.honest.stopped"), with.share() * 100.0, "%");
        put(
            &format!("{name}.honest.stopped_without"),
            without.share() * 100.0,
            "%",
        );
    }
    Ok(())
}

fn honest(frauds: &Frauds) -> Vec<Simulated> {
    let all = simulate(frauds).into_iter();
    all.filter(|one| one.scenario == 0).collect()
}

/// By name.
fn attacks() -> [(&'static str, Guessing); 4] {
    let morning = START.plus(Span::DAY.times(i64::from(DAYS_BEFORE)));
    let from = morning.plus(Span::HOUR.times(12));
    let one_source = Guessing {
        from,
        tries: 1_000,
        gap: Span::SECOND.times(8),
        addresses: 1,
        addresses_of_a_network: NEIGHBOURS,
        at: Shops::One,
        device: Device::NoCookie,
    };
    let botnet = |addresses_of_a_network| Guessing {
        tries: 20_000,
        gap: Span::SECOND,
        addresses: BOTNET,
        addresses_of_a_network,
        ..one_source
    };
    let roaming = Guessing {
        at: Shops::All,
        device: Device::NewCookie,
        ..botnet(1)
    };
    [
        ("one_source", one_source),
        ("10000_addresses_in_50_networks", botnet(NEIGHBOURS)),
        ("10000_addresses_in_10000_networks", botnet(1)),
        ("10000_networks_at_all_shops", roaming),
    ]
}

/// What came of an attack, in the worst of all worlds, and over all of them.
#[derive(Clone, Copy, Debug, Default)]
struct Outcomes {
    tries: u64,
    /// Counts from 1; one more than there are if all passed.
    first_stopped: u64,
    passed: u64,
    /// Counts from 1; 0 if none passed.
    last_passed: u64,
    honest: u64,
    honest_stopped: u64,
}

impl Outcomes {
    /// Of honest attempts, those that were challenged or worse.
    fn share(&self) -> f64 {
        self.honest_stopped as f64 / self.honest as f64
    }

    fn count(&mut self, scenario: u32, verdict: Verdict) {
        let is_stopped = Verdict::Allow < verdict;
        if scenario == 0 {
            self.honest += 1;
            self.honest_stopped += u64::from(is_stopped);
            return;
        }
        self.tries += 1;
        if !is_stopped {
            self.passed += 1;
            self.last_passed = self.tries;
        } else if self.first_stopped == 0 {
            self.first_stopped = self.tries;
        }
    }

    /// Takes one world more.
    fn add(&mut self, other: Outcomes) {
        self.tries = self.tries.max(other.tries);
        self.first_stopped = self.first_stopped.max(other.first_stopped);
        self.passed = self.passed.max(other.passed);
        self.last_passed = self.last_passed.max(other.last_passed);
        self.honest += other.honest;
        self.honest_stopped += other.honest_stopped;
    }
}

/// The shipped rules over profiles, with the guards that they raise.
struct Defence {
    schema: Schema,
    /// The place of `payer.is_known`.
    is_known: usize,
    rules: RuleSet,
    profiles: Profiles,
    guards: HashMap<(Guarded, EntityKey), Timestamp>,
}

impl Defence {
    fn new() -> Result<Defence, MeasureError> {
        let schema = Schema::new(catalogue())?;
        let known = schema.catalogue().find("payer.is_known");
        Ok(Defence {
            is_known: known.map_or(usize::MAX, |(place, _)| place),
            schema,
            rules: defaults::rule_set(&catalogue(), START)?,
            profiles: Profiles::new(ProfileSettings {
                entities_max: ENTITIES_MAX,
                ahead_of_utc: Span::HOUR,
            }),
            guards: HashMap::new(),
        })
    }

    /// Plays a stream, and counts what is attempted while somebody guesses.
    fn stand(mut self, events: &[Simulated], guessing: &Guessing) -> Outcomes {
        let from = guessing.from;
        let end = from.plus(guessing.gap.times(guessing.tries as i64));
        let mut outcomes = Outcomes::default();
        for simulated in events {
            let at = simulated.event.at();
            if end <= at {
                break;
            }
            match &simulated.event {
                StreamEvent::Other(event) => self.profiles.apply(event),
                StreamEvent::Attempt {
                    attempt, outcome, ..
                } => {
                    let verdict = self.judge(attempt, *outcome);
                    if from <= at {
                        outcomes.count(simulated.scenario, verdict);
                    }
                    self.learn(attempt, *outcome, verdict);
                }
            }
        }
        if outcomes.first_stopped == 0 {
            outcomes.first_stopped = outcomes.tries + 1;
        }
        outcomes
    }

    fn judge(&mut self, attempt: &Attempt, outcome: Outcome) -> Verdict {
        let vector = features(&self.profiles, attempt, Texts::default());
        let case = Case {
            at: attempt.at,
            amount_minor: attempt.amount_minor.unwrap_or(0),
            draw: 0,
            policy: POLICY,
        };
        let judged = Judged {
            answer: Err(Absence::NoModel),
            challengers: Vec::new(),
        };
        let facts = FactValues::take(&self.schema, &vector);
        let record = decide(case, facts, &self.rules, &judged, |_| Vec::new());
        let is_known = vector.numbers().get(self.is_known) == Some(&1.0);
        let is_guarded = guarded(attempt).into_iter().flatten().any(|place| {
            let until = self.guards.get(&place);
            let spares = is_known && place.0 != Guarded::Terminal;
            !spares && until.is_some_and(|until| attempt.at < *until)
        });
        // Nobody judges a wrong PIN; its verdict here is what it would have met as a right one.
        if outcome != Outcome::WrongPin {
            self.raise_guards(attempt, &record.decision);
        }
        // As the rules about guarded places say, whose lists the platform keeps.
        match is_guarded {
            true => record.decision.verdict.max(Verdict::Challenge),
            false => record.decision.verdict,
        }
    }

    fn raise_guards(&mut self, attempt: &Attempt, decision: &Decision) {
        for action in &decision.actions {
            let Action::RaiseGuard(what, span) = *action else {
                continue;
            };
            let places = guarded(attempt).into_iter().flatten();
            for place in places.filter(|place| place.0 == what) {
                let until = self.guards.entry(place).or_insert(attempt.at);
                *until = attempt.at.plus(span).max(*until);
            }
        }
    }

    /// A wrong PIN is one whatever was decided; a right one that is stopped pays nothing.
    fn learn(&mut self, attempt: &Attempt, outcome: Outcome, verdict: Verdict) {
        let outcome = match (outcome, verdict) {
            (Outcome::WrongPin, _) | (_, Verdict::Allow) => outcome,
            (_, Verdict::Challenge) => Outcome::Challenged,
            (_, Verdict::Review) => Outcome::Reviewed,
            (_, Verdict::Block) => Outcome::Blocked,
        };
        let attempt = attempt.clone();
        self.profiles.apply(&Event::Attempt { attempt, outcome });
    }
}

/// The places of an attempt that can be under guard.
fn guarded(attempt: &Attempt) -> [Option<(Guarded, EntityKey)>; 3] {
    let terminal = attempt.vouchers.first().and_then(|one| one.terminal);
    [
        attempt.network.map(|key| (Guarded::Network, key)),
        attempt.merchant.map(|key| (Guarded::Merchant, key)),
        terminal.map(|key| (Guarded::Terminal, key)),
    ]
}
