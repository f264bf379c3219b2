//! What a payer, and a merchant, is told of how an attempt was judged.

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::voucher::Serial;
use parking_lot::Mutex;
use payment::attempt::Judgement;
use payment::payment::Payment;
use payment::state::{Canceler, Change};
use risk::decision::Record;
use risk::decision::explain::{self, PayerWords};
use risk::decision::values::Schema;
use risk::feature;
use risk::rule::Action;
use risk::rule_set::RuleSet;
use std::sync::Arc;
use store::failure::Failure;
use store::fold::Rows;
use store::port::Store;
use store::row::Key;
use voucher::state::{Change as VoucherChange, FreezeCause, State};

use crate::history;
use crate::risk::in_force;

/// What the journal says to the payer about a payment.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Who cancelled it; none if nobody did.
    pub canceler: Option<Canceler>,
    /// What was frozen with it and is frozen still.
    pub frozen: Option<Frozen>,
    /// The words of the rules that matched at the last attempt that was judged.
    pub words: PayerWords,
}

/// Vouchers that were frozen when their payment was blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    pub vouchers: Vec<Serial>,
    /// The entry that froze them: the reference for the issuer.
    pub entry: Sequence,
}

/// Reads what payers and merchants are told, with the rules that decided last at hand.
pub struct Voice {
    schema: Schema,
    recent: Mutex<Option<Arc<RuleSet>>>,
}

impl Default for Voice {
    fn default() -> Voice {
        Voice {
            schema: Schema::new(feature::catalogue()).expect("the catalogue is within its bound"),
            recent: Mutex::new(None),
        }
    }
}

impl Voice {
    /// What the payer of this payment is told.
    pub async fn told(&self, store: &dyn Store, payment: &Payment) -> Result<Told, Failure> {
        let entries = history::entries(store, payment).await?;
        let newest = || entries.iter().rev();
        let judged = newest().find_map(history::judgement_of);
        let record = judged.and_then(|it| Record::decode(&it.record).ok());
        let words = match record {
            Some(record) => self.words(store, &record).await?,
            None => PayerWords::default(),
        };
        let canceled = newest().find_map(canceled);
        let frozen = match canceled {
            Some((entry, Canceler::Risk)) => still_frozen(store, entry).await?,
            Some(_) | None => None,
        };
        Ok(Told {
            canceler: canceled.map(|(_, by)| by),
            frozen,
            words,
        })
    }

    /// What the merchant is told of an attempt that was judged; nothing unless a rule that matched asks for it.
    pub async fn merchant_reasons(
        &self,
        store: &dyn Store,
        judgement: &Judgement,
    ) -> Result<Vec<String>, Failure> {
        let record = Record::decode(&judgement.record).ok();
        let asks = |record: &Record| record.decision.actions.contains(&Action::NotifyMerchant);
        let Some(record) = record.filter(asks) else {
            return Ok(Vec::new());
        };
        let rules = self.rules(store, record.rule_set_hash).await?;
        Ok(rules.map_or_else(Vec::new, |rules| explain::merchant_reasons(&record, &rules)))
    }

    async fn words(&self, store: &dyn Store, record: &Record) -> Result<PayerWords, Failure> {
        let rules = self.rules(store, record.rule_set_hash).await?;
        Ok(rules.map_or_else(PayerWords::default, |rules| {
            explain::payer_words(record, &rules)
        }))
    }

    /// The rule set of this hash; none if the journal does not have it.
    async fn rules(
        &self,
        store: &dyn Store,
        hash: [u8; 32],
    ) -> Result<Option<Arc<RuleSet>>, Failure> {
        let recent = self.recent.lock().clone();
        if let Some(rules) = recent.filter(|rules| rules.hash() == hash) {
            return Ok(Some(rules));
        }
        let found = in_force::rules_of(store, &self.schema, hash).await?;
        let rules = found.and_then(Result::ok).map(Arc::new);
        if let Some(rules) = &rules {
            *self.recent.lock() = Some(Arc::clone(rules));
        }
        Ok(rules)
    }
}

/// An entry that cancelled its payment, and who did.
fn canceled(entry: &Entry) -> Option<(&Entry, Canceler)> {
    match history::change_of(entry) {
        Some(Change::Cancel { by }) => Some((entry, *by)),
        Some(_) | None => None,
    }
}

/// The vouchers that this entry of a payment froze, as far as nobody has released them since.
async fn still_frozen(store: &dyn Store, entry: &Entry) -> Result<Option<Frozen>, Failure> {
    let Fact::PaymentChanged { effects, .. } = entry.fact() else {
        return Ok(None);
    };
    let cause = FreezeCause::Risk;
    let frozen = effects
        .iter()
        .filter(|(_, change)| *change == VoucherChange::Freeze { cause });
    let keys: Vec<Key> = frozen.map(|(serial, _)| Key::Voucher(*serial)).collect();
    if keys.is_empty() {
        return Ok(None);
    }
    let rows = store.load(&keys).await?;
    let vouchers = effects
        .iter()
        .filter_map(|(serial, _)| rows.voucher(*serial));
    let vouchers: Vec<Serial> = vouchers
        .filter(|voucher| matches!(voucher.state, State::Frozen(_)))
        .map(|voucher| voucher.serial)
        .collect();
    let entry = entry.sequence();
    Ok((!vouchers.is_empty()).then_some(Frozen { vouchers, entry }))
}
