//! Receipts: made when they are asked for, of an entry, its secret and the stored tiles. Nothing is kept of them.

use std::sync::Arc;

use accounting::entry::{Actor, Entry};
use ids::command::Sequence;
use leaves::groups::Groups;
use leaves::leaf::{index_of, leaf};
use store::log::Standing;
use tlog::checkpoint::SignedCheckpoint;
use tlog::leaf::FieldGroup;
use tlog::plan::ProofPlan;
use tlog::proof_file::ProofFile;
use tlog::receipt::View;

use crate::log::failure::{LogError, StopCause};
use crate::log::seeds::Missing;
use crate::log::{Log, Ports};

/// Whoever a receipt is for. What an entry opens to whom: ADR 18, "Who sees which group".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Whoever paid, or tried to.
    Payer,
    /// Whoever has the payment's link and has not shown to be the payer; the shop has it too.
    Link,
    Merchant,
    /// The distributor of the entry's order.
    Distributor,
    /// Anybody, of an entry that is about everybody.
    Everybody,
}

/// How far a log has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Leaves under the checkpoint that is shown.
    pub shown: u64,
    /// Whether the log goes on.
    pub standing: Standing,
}

impl Reader {
    fn sees(self, entry: &Entry) -> Vec<FieldGroup> {
        let (mut groups, is_own) = match self {
            Reader::Payer => {
                let all = [
                    FieldGroup::Core,
                    FieldGroup::Payer,
                    FieldGroup::Merchant,
                    FieldGroup::Voucher,
                ];
                (all.to_vec(), false)
            }
            Reader::Everybody => (vec![FieldGroup::Core], false),
            Reader::Link => (vec![FieldGroup::Core, FieldGroup::Merchant], false),
            Reader::Merchant => {
                let is_own = matches!(entry.actor(), Actor::Merchant(_));
                (vec![FieldGroup::Core, FieldGroup::Merchant], is_own)
            }
            Reader::Distributor => {
                let is_own = matches!(entry.actor(), Actor::Distributor(_));
                (vec![FieldGroup::Core, FieldGroup::Voucher], is_own)
            }
        };
        // Keys and fingerprints are for whoever gave the command.
        if is_own {
            groups.push(FieldGroup::Reference);
        }
        groups
    }
}

impl Progress {
    /// Whether a receipt of the entry can be made.
    pub fn reaches(self, entry: Sequence) -> bool {
        index_of(entry) < self.shown
    }
}

/// Makes receipts of a log.
pub struct Receipts {
    ports: Ports,
    log: Arc<Log>,
}

impl Receipts {
    pub fn new(ports: Ports, log: Arc<Log>) -> Receipts {
        Receipts { ports, log }
    }

    pub fn log(&self) -> &Log {
        &self.log
    }

    pub async fn progress(&self) -> Result<Progress, LogError> {
        let state = self.ports.log.log_state(self.log.origin()).await?;
        Ok(Progress {
            shown: state.published.map_or(0, |shown| shown.size),
            standing: state.standing,
        })
    }

    /// A reader's receipt of an entry under the newest checkpoint that is shown; none while that one does not reach the
    /// entry. The caller knows that the entry is the reader's.
    pub async fn of(&self, entry: &Entry, reader: Reader) -> Result<Option<ProofFile>, LogError> {
        let state = self.ports.log.log_state(self.log.origin()).await?;
        let index = index_of(entry.sequence());
        let Some(shown) = state.published.filter(|shown| index < shown.size) else {
            return Ok(None);
        };
        let checkpoint = SignedCheckpoint::parse(&shown.checkpoint);
        let checkpoint = checkpoint.map_err(|_| StopCause::Shown)?;
        let before = Sequence(entry.sequence().0 - 1);
        let secrets = self
            .ports
            .secrets(before, entry.sequence(), Missing::Lost)
            .await?;
        let [secret] = &secrets[..] else {
            let entry = entry.sequence();
            return Err(StopCause::SeedMissing { entry }.into());
        };
        let groups = Groups::of(entry);
        let seen = reader.sees(entry).into_iter();
        let openings = seen.filter_map(|group| secret.opening(&groups, group));
        let view = View::new(leaf(entry, secret), openings.collect());
        let view = view.map_err(|_| StopCause::Shown)?;
        let plan = ProofPlan::inclusion(index, shown.size).map_err(|_| StopCause::Shown)?;
        let tiles = self.ports.tiles(plan.tiles()).await?;
        let proof = plan.build(&tiles).map_err(|_| StopCause::Shown)?;
        Ok(Some(view.into_receipt(proof, checkpoint)))
    }
}
