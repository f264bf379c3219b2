//! Receipts: made when they are asked for, of an entry, its secret and the stored tiles. Nothing is kept of them.

use std::sync::Arc;

use accounting::entry::{Actor, Entry};
use ids::command::Sequence;
use leaves::groups::Groups;
use leaves::leaf::{index_of, leaf};
use tlog::checkpoint::SignedCheckpoint;
use tlog::leaf::FieldGroup;
use tlog::plan::ProofPlan;
use tlog::proof_file::ProofFile;
use tlog::receipt::View;

use crate::log::failure::{LogError, StopCause};
use crate::log::seeds::Missing;
use crate::log::{Log, Ports};

/// The groups that are opened to the merchant of an entry. Keys and fingerprints are for whoever gave the command.
fn merchant_sees(entry: &Entry) -> Vec<FieldGroup> {
    let mut groups = vec![FieldGroup::Core, FieldGroup::Merchant];
    if matches!(entry.actor(), Actor::Merchant(_)) {
        groups.push(FieldGroup::Reference);
    }
    groups
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

    /// The merchant's receipt of an entry under the newest checkpoint that is shown; none while that one does not reach the
    /// entry. The caller knows that the entry is the merchant's.
    pub async fn of_merchant(&self, entry: &Entry) -> Result<Option<ProofFile>, LogError> {
        self.showing(entry, &merchant_sees(entry)).await
    }

    /// The receipt of an entry for everybody, which shows its core alone; none as with [`Receipts::of_merchant`].
    pub async fn of_everybody(&self, entry: &Entry) -> Result<Option<ProofFile>, LogError> {
        self.showing(entry, &[FieldGroup::Core]).await
    }

    async fn showing(
        &self,
        entry: &Entry,
        seen: &[FieldGroup],
    ) -> Result<Option<ProofFile>, LogError> {
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
        let seen = seen.iter();
        let openings = seen.filter_map(|group| secret.opening(&groups, *group));
        let view = View::new(leaf(entry, secret), openings.collect());
        let view = view.map_err(|_| StopCause::Shown)?;
        let plan = ProofPlan::inclusion(index, shown.size).map_err(|_| StopCause::Shown)?;
        let tiles = self.ports.tiles(plan.tiles()).await?;
        let proof = plan.build(&tiles).map_err(|_| StopCause::Shown)?;
        Ok(Some(view.into_receipt(proof, checkpoint)))
    }
}
