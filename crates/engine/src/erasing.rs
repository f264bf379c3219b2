//! Erasing a payer: what a payment's row says is forgotten by an entry; then what the journal says of the payer is taken out
//! of the entries before it, and with it the salts that could show it.
//!
//! Each entry is erased in one step together with its salt, so its leaf stays what it was. Whatever ends the process in
//! between, [`crate::reversal`] finds the entry that asked for it and goes on.

use std::sync::Arc;

use accounting::entry::{Actor, Entry};
use ids::command::Sequence;
use ids::object::PaymentId;
use leaves::erased::without_payer;
use leaves::groups::Groups;
use payment::payment::Payment;
use store::failure::Failure;
use store::fold::Rows;
use store::row::Key;
use store::seeds::Erasure;
use tlog::leaf::FieldGroup;

use crate::command::{Command, Envelope};
use crate::core::Engine;
use crate::error::{CommandError, Refusal};
use crate::log::Ports;
use crate::log::failure::{LogError, StopCause};
use crate::log::seeds::{self, Missing};

/// How often an entry is tried while others erase entries beside it.
const TRIES_MAX: u32 = 64;
/// Entries of a payment that are read at a time.
const ENTRIES_PAGE: usize = 200;

/// Erases payers.
#[derive(Clone)]
pub struct Eraser {
    engine: Arc<Engine>,
    ports: Ports,
}

/// What was erased of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// The entry by which the payer was erased.
    pub by: Sequence,
    /// Entries from which the payer was taken now; whoever else erases may have been faster.
    pub entries: usize,
}

/// Why a payer is not erased, or not from everywhere.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error("nothing was erased")]
    NotAsked(#[from] CommandError),
    #[error(
        "the payment has forgotten its payer, but not yet every entry; it goes on by itself, and asking again goes on too"
    )]
    Unfinished(#[from] LogError),
}

impl From<Failure> for EraseError {
    fn from(failure: Failure) -> EraseError {
        EraseError::Unfinished(failure.into())
    }
}

impl Eraser {
    pub fn new(engine: Arc<Engine>, ports: Ports) -> Eraser {
        Eraser { engine, ports }
    }

    /// Erases the payer of a payment that has ended. Asking again is no mistake: what came since is erased as well.
    pub async fn erase(&self, actor: Actor, id: PaymentId) -> Result<Erased, EraseError> {
        let envelope = Envelope {
            actor,
            idempotency: None,
            command: Command::ErasePayer { id },
        };
        match self.engine.execute(envelope).await {
            Ok(_)
            | Err(CommandError::Refused(Refusal::Payment(payment::decide::Refusal::PayerErased))) =>
                {}
            Err(error) => return Err(error.into()),
        }
        let Some(payment) = self.payment(id).await? else {
            return Err(CommandError::Refused(Refusal::UnknownPayment).into());
        };
        Ok(self.finish(&payment).await?)
    }

    /// Goes on with what an entry asked for; nothing where there is nothing left to erase.
    pub(crate) async fn resume(&self, id: PaymentId) -> Result<(), LogError> {
        if let Some(payment) = self.payment(id).await? {
            self.finish(&payment).await?;
        }
        Ok(())
    }

    async fn payment(&self, id: PaymentId) -> Result<Option<Arc<Payment>>, Failure> {
        let rows = self.ports.store.load(&[Key::Payment(id)]).await?;
        Ok(rows.payment(id).cloned())
    }

    async fn finish(&self, payment: &Payment) -> Result<Erased, LogError> {
        let by = payment.erased.unwrap_or_default();
        let before: Vec<Sequence> = payment
            .entries
            .iter()
            .copied()
            .filter(|entry| *entry < by)
            .collect();
        let (mut entries, mut failed) = (0, None);
        for page in before.chunks(ENTRIES_PAGE) {
            for entry in self.ports.store.entries_at(page).await? {
                match self.ports.erase_payer(&entry).await {
                    Ok(erased) => entries += usize::from(erased),
                    // The others are erased all the same.
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        Ok(Erased { by, entries })
    }
}

impl Ports {
    /// Takes what an entry says of its payer out of the journal, and out of the seeds what could show it; answers whether there
    /// was something.
    pub async fn erase_payer(&self, entry: &Entry) -> Result<bool, LogError> {
        let Some(erased) = without_payer(entry).map(Arc::new) else {
            return Ok(false);
        };
        let sequence = entry.sequence();
        let behind = Sequence(sequence.0 - 1);
        for _ in 0..TRIES_MAX {
            // An entry of before there were seeds gets one first: whoever has read it whole makes the same leaf then.
            self.secrets(behind, sequence, Missing::Added).await?;
            let Some(before) = self.run_of(sequence).await? else {
                return Err(StopCause::SeedMissing { entry: sequence }.into());
            };
            let mut secrets = seeds::open(&self.vault, &before)?;
            let place = usize::try_from(sequence.0 - before.first.0).expect("a run is short");
            secrets[place] = secrets[place].without(FieldGroup::Payer, &Groups::of(entry));
            let erasure = Erasure {
                entry: Arc::clone(&erased),
                after: seeds::seal(&self.vault, &secrets),
                before,
            };
            if self.seeds.erase(Arc::new(erasure)).await? {
                return Ok(true);
            }
        }
        Err(LogError::Failure(Failure::Unavailable {
            place: "the seeds of the log".to_owned(),
            source: "others changed them each time".into(),
        }))
    }
}
