//! The reference model: what every command must do, in plain integers and the plainest code.
//!
//! It shares words with the platform (ids, statuses, the commands themselves) and none of its decisions,
//! transitions or posting rules: two mistakes would have to agree to stay unseen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::fact::Party;
use engine::command::{Command, Envelope};
use ids::command::{ApiKeyDigest, Fingerprint, IdempotencyKey, Sequence};
use ids::object::{OrderId, PaymentId};
use ids::party::{DistributorId, MerchantId};
use ids::time::Timestamp;
use ids::voucher::{PinIndex, Serial};
use voucher::distributor::TerminalKey;
use voucher::product::ProductKey;

use crate::model::books::Books;
use crate::model::orders::{Order, Sale, Seller};
use crate::model::payments::{Payment, Terms};
use crate::model::reason::Reason;
use crate::model::screening::changed_after_its_end;
use crate::model::vouchers::{Conditions, Voucher};

pub mod books;
pub mod orders;
pub mod payments;
pub mod reason;
pub mod refunds;
pub mod reversals;
pub mod screening;
pub mod vouchers;

/// Everything that the platform should know. Times are milliseconds, amounts minor units.
#[derive(Clone, Default)]
pub struct Model {
    pub merchants: BTreeMap<MerchantId, Terms>,
    pub distributors: BTreeMap<DistributorId, Seller>,
    pub products: BTreeMap<ProductKey, Conditions>,
    pub api_keys: BTreeMap<ApiKeyDigest, (Party, Standing)>,
    pub vouchers: BTreeMap<Serial, Voucher>,
    pub pins: BTreeMap<PinIndex, Serial>,
    pub payments: BTreeMap<PaymentId, Payment>,
    pub orders: BTreeMap<OrderId, Order>,
    pub terminals: BTreeMap<TerminalKey, Vec<Sale>>,
    pub documents: BTreeMap<DocumentName, (Arc<[u8]>, Sequence)>,
    /// Ended payments whose payers were erased, and nothing came since.
    pub erased: BTreeSet<PaymentId>,
    pub commands: BTreeMap<IdempotencyKey, (Fingerprint, Sequence)>,
    pub books: Books,
    /// How many commands were applied: the journal's head.
    pub head: Sequence,
}

/// Whether something may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Good,
    Stopped,
}

/// What the answer to a command must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Applied(Sequence),
    Replayed(Sequence),
    KeyReused,
    Refused(Reason),
}

impl Model {
    /// The answer that a command must get at `now`; what it changes is changed.
    pub fn step(&mut self, envelope: &Envelope, now: Timestamp) -> Verdict {
        if let Some(idempotency) = envelope.idempotency
            && let Some((fingerprint, entry)) = self.commands.get(&idempotency.key)
        {
            return if *fingerprint == idempotency.fingerprint {
                Verdict::Replayed(*entry)
            } else {
                Verdict::KeyReused
            };
        }
        match self.carry_out(&envelope.command, now.0) {
            Ok(()) => {
                if let Some(id) = changed_after_its_end(&envelope.command) {
                    self.erased.remove(&id);
                }
                self.head = self.head.next();
                if let Some(idempotency) = envelope.idempotency {
                    self.commands
                        .insert(idempotency.key, (idempotency.fingerprint, self.head));
                }
                Verdict::Applied(self.head)
            }
            Err(reason) => Verdict::Refused(reason),
        }
    }

    fn carry_out(&mut self, command: &Command, now: i64) -> Result<(), Reason> {
        match command {
            Command::SaveMerchant(merchant) => self.save_merchant(merchant),
            Command::SaveDistributor(distributor) => self.save_distributor(distributor),
            Command::SaveProduct(product) => self.save_product(product),
            Command::IssueApiKey { digest, owner } => self.issue_api_key(*digest, *owner),
            Command::RevokeApiKey { digest } => self.revoke_api_key(*digest),
            Command::IssueVouchers { vouchers, .. } => self.issue(vouchers),
            Command::ActivateVoucher { serial, product } => self.activate(*serial, *product, now),
            Command::FreezeVoucher { serial, .. } => self.freeze(*serial),
            Command::UnfreezeVoucher { serial } => self.unfreeze(*serial),
            Command::VoidVoucher { serial } => self.void(*serial),
            Command::RunVoucherTimer { serial, .. } => self.run_voucher_timer(*serial, now),
            Command::DeliverOrder(order) => self.deliver(order, now),
            Command::CancelOrder { order } => self.cancel_order(*order, now),
            Command::ConfirmOrder { order } => self.confirm_order(*order, now),
            Command::LapseOrder { order } => self.lapse_order(*order, now),
            Command::CreatePayment { id, request } => self.create(*id, request, now),
            Command::OpenPayment { id, .. } => self.open(*id, now),
            Command::Pay(pay) => self.pay(pay, now),
            Command::CapturePayment {
                id,
                wanted_minor,
                finality,
            } => self.capture(*id, *wanted_minor, *finality, now),
            Command::CancelPayment { id, by } => self.cancel(*id, *by),
            Command::ExpirePayment { id } => self.expire_payment(*id, now),
            Command::ValidateRefund {
                payment,
                id,
                request,
            } => self.validate_refund(*payment, *id, request, now),
            Command::Refund(refund) => self.refund(refund, now),
            Command::LapseRefund { payment, id } => self.lapse_refund(*payment, *id, now),
            Command::ResolveDuplicate(second) => self.resolve_duplicate(second, now),
            Command::ApproveReview { id, by, needed } => {
                self.approve_review(*id, *by, *needed, now)
            }
            Command::RefuseReview { id } => self.refuse_review(*id),
            Command::LabelPayment { id, label } => self.label(*id, *label),
            Command::ErasePayer { id } => self.erase_payer(*id),
            Command::SaveDocument(new) => self.save_document(new),
            Command::StopPayment { id, .. } => self.stop_payment(*id),
            Command::ResumePayment { id } => self.resume_payment(*id, now),
        }
    }

    fn issue_api_key(&mut self, digest: ApiKeyDigest, owner: Party) -> Result<(), Reason> {
        let known = match owner {
            Party::Merchant(id) => self.merchants.contains_key(&id),
            Party::Distributor(id) => self.distributors.contains_key(&id),
            Party::Operator(id) => self.documents.contains_key(&DocumentName::Operator(id)),
        };
        if !known {
            return Err(Reason::UnknownParty);
        }
        if self.api_keys.contains_key(&digest) {
            return Err(Reason::ApiKey);
        }
        self.api_keys.insert(digest, (owner, Standing::Good));
        Ok(())
    }

    fn revoke_api_key(&mut self, digest: ApiKeyDigest) -> Result<(), Reason> {
        let (_, standing) = self.api_keys.get_mut(&digest).ok_or(Reason::ApiKey)?;
        *standing = Standing::Stopped;
        Ok(())
    }
}
