//! Random histories: commands of everybody, over few things, so that they meet.

use engine::command::{Command, Envelope};
use ids::command::{Fingerprint, IdempotencyKey};
use ids::party::{DistributorId, MerchantId};
use ids::time::{Span, Timestamp};
use ids::token::Token;
use ids::voucher::{PinIndex, Serial};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use accounting::entry::{Actor, Idempotency};

use crate::memory::Fault;
use crate::model::{Model, Verdict};

pub mod cast;
mod payments;
mod screening;
mod vouchers;

/// A source of commands that repeats from its seed.
pub struct Workload {
    chance: StdRng,
    serials: u64,
    tokens: u64,
    keys: u64,
    /// What was sent under an idempotency key, to be sent again.
    sent: Vec<Envelope>,
}

/// Commands that are remembered for sending again.
const SENT_MAX: usize = 400;
/// Batches of vouchers, and payments, that a short history begins with.
const OPENING_COUNT: usize = 3;
/// Refusals that a short history passes over, to get further with its few commands.
const DULL_MAX: u32 = 2;
/// Envelopes that wait for each other in one round at most.
const ROUND_MAX: usize = 40;

impl Workload {
    pub fn new(seed: u64) -> Workload {
        Workload {
            chance: StdRng::seed_from_u64(seed),
            serials: 0,
            tokens: 0,
            keys: 0,
            sent: Vec::new(),
        }
    }

    /// Commands that are decided and committed together.
    pub fn round(&mut self, model: &Model, now: i64) -> Vec<Envelope> {
        let count = self.chance.random_range(1..=ROUND_MAX);
        (0..count).map(|_| self.envelope(model, now)).collect()
    }

    /// One command that was not sent before.
    pub fn single(&mut self, model: &Model, now: i64) -> Envelope {
        let (actor, command) = self.command(model, now);
        Envelope {
            actor,
            idempotency: None,
            command,
        }
    }

    /// Vouchers and payments to begin with.
    pub fn opening(&mut self, model: &Model, now: i64) -> Vec<Envelope> {
        let mut commands: Vec<(Actor, Command)> = (0..OPENING_COUNT)
            .map(|_| (Actor::Operator, self.issue_vouchers(now)))
            .collect();
        commands.extend((0..OPENING_COUNT).map(|_| self.create_payment(model)));
        let envelopes = commands.into_iter().map(|(actor, command)| Envelope {
            actor,
            idempotency: Some(self.fresh_key()),
            command,
        });
        envelopes.collect()
    }

    /// One command, of those whose order several nodes need not agree on; now and then one that was sent before.
    ///
    /// Terms are read without a precondition: who decides while they change may follow the old ones although its entry
    /// stands behind the change, and then the journal alone does not explain it.
    pub fn next_for_nodes(&mut self, model: &Model, now: i64) -> Envelope {
        let mut dull = 0;
        loop {
            let mut envelope = self.envelope(model, now);
            if envelope.idempotency.is_none() {
                envelope.idempotency = Some(self.fresh_key());
            }
            match envelope.command {
                Command::SaveMerchant(_)
                | Command::SaveDistributor(_)
                | Command::SaveProduct(_)
                | Command::IssueApiKey { .. }
                | Command::RevokeApiKey { .. }
                | Command::SaveDocument(_) => continue,
                _ => {}
            }
            let expected = Model::clone(model).step(&envelope, Timestamp(now));
            if !matches!(expected, Verdict::Refused(_)) || DULL_MAX <= dull {
                return envelope;
            }
            dull += 1;
        }
    }

    /// How many of the waiting commands meet in the next batch: mostly all.
    pub fn batch_size(&mut self, waiting: usize) -> usize {
        if self.happens(60) {
            waiting
        } else {
            self.chance.random_range(1..=waiting)
        }
    }

    /// How long nothing happens: mostly moments, sometimes minutes, seldom days and months.
    pub fn pause(&mut self) -> Span {
        let (unit, most) = match self.chance.random_range(0..100) {
            0..60 => (Span(1), 2_000),
            60..86 => (Span::MINUTE, 20),
            86..94 => (Span::HOUR, 30),
            _ => (Span::DAY, 15),
        };
        unit.times(self.chance.random_range(0..=most))
    }

    /// What goes wrong with the storage in the next round: mostly nothing.
    pub fn faults(&mut self) -> Vec<Fault> {
        match self.chance.random_range(0..100) {
            0..5 => vec![Fault::Full],
            5..12 => vec![Fault::LostAnswer],
            // The first is for the command that opens the round.
            12..15 => vec![Fault::Unreadable; 2],
            15..20 => vec![Fault::Conflict; 2],
            20..22 => vec![Fault::Conflict; 12],
            _ => Vec::new(),
        }
    }

    /// Whether the timers look in this round: what is overdue must be refused all the same.
    pub fn timers_look(&mut self) -> bool {
        self.happens(60)
    }

    fn envelope(&mut self, model: &Model, now: i64) -> Envelope {
        if self.happens(8)
            && let Some(envelope) = self.sent.choose(&mut self.chance).cloned()
        {
            return self.again(envelope);
        }
        let (actor, command) = self.command(model, now);
        let idempotency = self.happens(60).then(|| self.fresh_key());
        let envelope = Envelope {
            actor,
            idempotency,
            command,
        };
        if idempotency.is_some() {
            if SENT_MAX <= self.sent.len() {
                self.sent.remove(0);
            }
            self.sent.push(envelope.clone());
        }
        envelope
    }

    /// The same command once more; sometimes its key comes with another body.
    fn again(&mut self, mut envelope: Envelope) -> Envelope {
        if self.happens(25)
            && let Some(idempotency) = &mut envelope.idempotency
        {
            idempotency.fingerprint = Fingerprint([0xee; 16]);
        }
        envelope
    }

    fn command(&mut self, model: &Model, now: i64) -> (Actor, Command) {
        match self.chance.random_range(0..100) {
            0..2 => (Actor::Operator, self.change_terms()),
            2..5 => (Actor::Operator, self.issue_vouchers(now)),
            5..12 => (Actor::Operator, self.handle_voucher(model)),
            12..17 => (Actor::Timer, self.voucher_timer(model)),
            17..23 => (Actor::Distributor(cast::SELLER), self.deliver_order(model)),
            23..26 => self.end_order(model),
            26..29 => self.reversal(model, now),
            29 => (Actor::Operator, self.save_document(model)),
            30..40 => self.create_payment(model),
            40..45 => (Actor::Payer, self.open_payment(model)),
            45..68 => (Actor::Payer, self.pay(model)),
            68..80 => self.capture(model),
            80..84 => self.cancel_payment(model),
            84..87 => (Actor::Timer, self.expire_payment(model)),
            87..89 => self.validate_refund(model),
            89..92 => self.screening(model),
            _ => self.refund(model, now),
        }
    }

    fn happens(&mut self, percent: u32) -> bool {
        self.chance.random_ratio(percent, 100)
    }

    fn fresh_key(&mut self) -> Idempotency {
        self.keys += 1;
        let mut digest = [0; 16];
        digest[..8].copy_from_slice(&self.keys.to_be_bytes());
        Idempotency {
            key: IdempotencyKey(digest),
            fingerprint: Fingerprint(digest),
        }
    }

    fn fresh_token(&mut self) -> Token {
        self.tokens += 1;
        let text = format!("t{}", self.tokens);
        text.parse().expect("a letter and digits are a token")
    }

    /// A serial that no voucher has, and a PIN for it.
    fn fresh_voucher(&mut self) -> (Serial, PinIndex) {
        self.serials += 1;
        let serial = Serial::new(1_000_000_000_000_000 + self.serials).expect("16 digits");
        let mut pin = [0; 16];
        pin[..8].copy_from_slice(&self.serials.to_be_bytes());
        (serial, PinIndex(pin))
    }

    /// One of those whose key is in the map, if there is any.
    fn any<K: Copy, V>(&mut self, among: &std::collections::BTreeMap<K, V>) -> Option<K> {
        let place = self.chance.random_range(0..among.len().max(1));
        among.keys().nth(place).copied()
    }

    fn any_merchant(&mut self) -> MerchantId {
        let merchants = [cast::BOOKSHOP, cast::BOOKSHOP, cast::cinema()];
        merchants[self.chance.random_range(0..merchants.len())]
    }

    fn any_seller(&mut self) -> DistributorId {
        if self.happens(97) {
            cast::SELLER
        } else {
            cast::stranger()
        }
    }
}
