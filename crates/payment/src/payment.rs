//! A payment and its one transition function.

use std::net::IpAddr;
use std::sync::Arc;

use ids::command::Sequence;
use ids::object::{PaymentId, RefundId};
use ids::time::{Span, Timestamp};
use ids::voucher::{Country, ProductId, Serial};
use money::amount::Amount;

use crate::duplicate::{Duplicate, Remedy};
use crate::label::Label;
use crate::order_reference::OrderReference;
use crate::refund::{Refund, RefundCause, RefundRequest, RefundShare, RefundStatus};
use crate::screening::{Challenge, Review};
use crate::state::{Canceler, CaptureMode, Change, Finality, Hold, Status, StopCause};

/// A payment as it stands after the journal entry `version`. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    pub request: Arc<PaymentRequest>,
    pub status: Status,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When the payment ends by itself if nothing happens.
    pub due_at: Timestamp,
    /// Where the payer's browser was seen.
    pub customer_address: Option<IpAddr>,
    pub allocations: Vec<Allocation>,
    /// The issuer's fee on what was captured.
    pub fee_minor: i64,
    pub refunds: Vec<Refund>,
    pub rejected_pins: u8,
    /// The state that the payment was in when it expired.
    pub status_before_expiration: Option<Status>,
    /// What was held and not captured when the capture window ended, and went back.
    pub lapsed_minor: i64,
    /// When and by which entry the value was held.
    pub authorized: Option<Authorization>,
    /// Set where another payment paid for the same order before.
    pub duplicate: Option<Duplicate>,
    /// Set once the payer was asked for one more proof.
    pub challenge: Option<Challenge>,
    /// Set while the value is held and a person is to decide.
    pub review: Option<Review>,
    /// What the payment turned out to be, as far as it is known.
    pub label: Option<Label>,
    /// The entry by which the payer was erased last.
    pub erased: Option<Sequence>,
    /// Set while the payment is stopped; nothing changes it then but its release.
    pub stopped: Option<StopCause>,
    /// The entries that made this payment what it is, oldest first.
    pub entries: Vec<Sequence>,
    pub version: Sequence,
}

/// When a payment was authorised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorization {
    pub at: Timestamp,
    pub entry: Sequence,
}

/// What the shop asked for; nothing of it changes but that the payer's address may be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRequest {
    pub amount: Amount,
    pub success_url: String,
    pub failure_url: String,
    pub notification_url: String,
    pub customer: Customer,
    pub submerchant: Option<String>,
    pub shop_id: Option<String>,
    /// How long authorised value stays held.
    pub capture_window: Span,
    pub capture: CaptureMode,
    /// What the payment is for, in the shop's own words.
    pub order_reference: Option<OrderReference>,
}

/// The shop's customer, and what the shop demands of whoever pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    pub id: String,
    pub address: Option<IpAddr>,
    /// Years.
    pub min_age: Option<u8>,
    pub kyc_level: Option<KycLevel>,
    pub country_restriction: Option<Country>,
}

/// How well a payer's account must be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KycLevel {
    Simple,
    Full,
}

/// One voucher's part in a payment: authorised = held + released + captured, refunded <= captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    pub serial: Serial,
    pub product: ProductId,
    pub country: Country,
    /// What was authorised.
    pub authorized: i64,
    /// What is still reserved.
    pub held: i64,
    pub captured: i64,
    pub refunded: i64,
}

/// A change that does not fit the payment: the journal and the rules disagree, which is a bug or damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the change does not fit a payment that is {status:?}")]
pub struct ChangeDoesNotFit {
    pub status: Status,
}

impl Payment {
    pub fn create(
        id: PaymentId,
        request: Arc<PaymentRequest>,
        due_at: Timestamp,
        at: Timestamp,
        version: Sequence,
    ) -> Payment {
        Payment {
            id,
            request,
            status: Status::Initiated,
            created_at: at,
            updated_at: at,
            due_at,
            customer_address: None,
            allocations: Vec::new(),
            fee_minor: 0,
            refunds: Vec::new(),
            rejected_pins: 0,
            status_before_expiration: None,
            lapsed_minor: 0,
            authorized: None,
            duplicate: None,
            challenge: None,
            review: None,
            label: None,
            erased: None,
            stopped: None,
            entries: vec![version],
            version,
        }
    }

    /// The payment after a change that `decide` made.
    pub fn apply(
        mut self,
        change: &Change,
        at: Timestamp,
        version: Sequence,
    ) -> Result<Payment, ChangeDoesNotFit> {
        match change {
            Change::Resume { due_at } => self.resume(*due_at)?,
            Change::Open { .. }
            | Change::RejectPin
            | Change::Authorize { .. }
            | Change::Capture { .. }
            | Change::Cancel { .. }
            | Change::Expire { .. }
            | Change::ValidateRefund { .. }
            | Change::Refund { .. }
            | Change::LapseRefund { .. }
            | Change::FlagDuplicate { .. }
            | Change::Stop { .. }
            | Change::Challenge { .. }
            | Change::FailChallenge
            | Change::Review { .. }
            | Change::Approve { .. }
            | Change::Release { .. }
            | Change::Label { .. }
            | Change::ErasePayer => {
                self.require_running()?;
                self.make(change, Authorization { at, entry: version })?;
            }
        }
        self.updated_at = at;
        self.version = version;
        self.entries.push(version);
        Ok(self)
    }

    /// Makes a change of a payment that is not stopped; `now` is when and by which entry.
    fn make(&mut self, change: &Change, now: Authorization) -> Result<(), ChangeDoesNotFit> {
        match change {
            Change::Open { address } => {
                self.require(Status::Initiated)?;
                self.status = Status::Redirected;
                self.customer_address = *address;
            }
            Change::RejectPin => {
                self.require_payable()?;
                self.rejected_pins = self.rejected_pins.saturating_add(1);
            }
            Change::Authorize {
                holds,
                hold_until,
                mode,
                fee_minor,
            } => {
                self.require_payable()?;
                self.require_whole(holds)?;
                self.authorize(holds, *hold_until, *mode, *fee_minor);
                self.authorized = Some(now);
            }
            Change::Capture {
                shares,
                fee_minor,
                finality,
            } => {
                self.require(Status::Authorized)?;
                self.capture(shares, *fee_minor, *finality)?;
            }
            Change::Cancel { by } => self.cancel(*by)?,
            Change::Expire { before } => self.expire(*before)?,
            Change::ValidateRefund { id, request } => {
                let status = RefundStatus::ValidationSuccessful;
                self.record_refund(*id, request, now.at, status, &[])?;
            }
            Change::Refund {
                id,
                request,
                shares,
                cause,
            } => {
                self.give_back(shares)?;
                self.record_refund(*id, request, now.at, RefundStatus::Success, shares)?;
                self.note_cause(cause);
            }
            Change::LapseRefund { id } => self.lapse_refund(*id, now.at)?,
            Change::FlagDuplicate { of } => self.duplicate = Some(flagged(*of)),
            Change::Stop { cause } => {
                self.stopped = Some(*cause);
                self.due_at = Timestamp::NEVER;
            }
            Change::Challenge { .. }
            | Change::FailChallenge
            | Change::Review { .. }
            | Change::Approve { .. }
            | Change::Release { .. }
            | Change::Label { .. } => self.screen(change, now)?,
            Change::ErasePayer => self.erase_payer(now.entry)?,
            Change::Resume { .. } => {}
        }
        Ok(())
    }

    /// The numbers of entries that the payment names beside the list of its own.
    pub fn entries_named(&mut self) -> impl Iterator<Item = &mut Sequence> {
        let authorized = self.authorized.as_mut();
        let authorized = authorized.map(|authorized| &mut authorized.entry);
        authorized.into_iter().chain(self.erased.as_mut())
    }

    pub fn captured(&self) -> i64 {
        self.allocations.iter().map(|part| part.captured).sum()
    }

    pub fn held(&self) -> i64 {
        self.allocations.iter().map(|part| part.held).sum()
    }

    pub fn refunded(&self) -> i64 {
        self.allocations.iter().map(|part| part.refunded).sum()
    }

    pub fn refund(&self, id: RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == id)
    }

    /// Whether a payer may still add vouchers at `now`.
    pub fn is_payable_at(&self, now: Timestamp) -> bool {
        self.require_running().is_ok() && self.require_payable().is_ok() && now < self.due_at
    }

    pub(crate) fn authorize(
        &mut self,
        holds: &[Hold],
        hold_until: Timestamp,
        mode: CaptureMode,
        fee_minor: i64,
    ) {
        self.allocations = holds
            .iter()
            .map(|hold| Allocation::authorized(hold, mode))
            .collect();
        match mode {
            CaptureMode::Manual => {
                self.status = Status::Authorized;
                self.due_at = hold_until;
            }
            CaptureMode::Automatic => {
                self.status = Status::Success;
                self.due_at = Timestamp::NEVER;
                self.fee_minor = fee_minor;
            }
        }
    }

    fn capture(
        &mut self,
        shares: &[i64],
        fee_minor: i64,
        finality: Finality,
    ) -> Result<(), ChangeDoesNotFit> {
        if shares.len() != self.allocations.len() {
            return Err(self.misfit());
        }
        for (part, share) in self.allocations.iter_mut().zip(shares) {
            if *share < 0 || part.held < *share {
                return Err(ChangeDoesNotFit {
                    status: self.status,
                });
            }
            part.held -= share;
            part.captured += share;
        }
        self.fee_minor = self.fee_minor.checked_add(fee_minor).ok_or(self.misfit())?;
        if finality == Finality::Final || self.held() == 0 {
            self.end(Status::Success);
        }
        Ok(())
    }

    /// Releases what is held. A payment of which something was captured ends in success all the same.
    fn end(&mut self, status: Status) {
        for part in &mut self.allocations {
            part.held = 0;
        }
        self.status = if self.captured() == 0 {
            status
        } else {
            Status::Success
        };
        self.due_at = Timestamp::NEVER;
        self.review = None;
    }

    fn cancel(&mut self, by: Canceler) -> Result<(), ChangeDoesNotFit> {
        self.require_open()?;
        let canceled = match by {
            Canceler::Merchant => Status::CanceledMerchant,
            Canceler::Customer
            | Canceler::PinLimit
            | Canceler::Risk
            | Canceler::ChallengeLimit
            | Canceler::Reviewer => Status::CanceledCustomer,
            // The merchant's terms cancel it.
            Canceler::DuplicateOf(of) => {
                self.duplicate = Some(returned(of));
                Status::CanceledMerchant
            }
        };
        self.end(canceled);
        Ok(())
    }

    /// Entries of the first format do not say what the state was.
    fn expire(&mut self, before: Option<Status>) -> Result<(), ChangeDoesNotFit> {
        self.require_open()?;
        if let Some(before) = before {
            self.require(before)?;
        }
        let before = self.status;
        // What is held for a review was never the shop's to capture.
        self.lapsed_minor = match before {
            Status::Authorized => self.held(),
            _ => 0,
        };
        self.end(Status::Expired);
        if self.status == Status::Expired {
            self.status_before_expiration = Some(before);
        }
        Ok(())
    }

    fn resume(&mut self, due_at: Timestamp) -> Result<(), ChangeDoesNotFit> {
        if self.stopped.take().is_none() {
            return Err(self.misfit());
        }
        self.due_at = due_at;
        if let Some(review) = &mut self.review {
            review.until = due_at;
        }
        Ok(())
    }

    fn note_cause(&mut self, cause: &RefundCause) {
        match cause {
            RefundCause::Asked => {}
            RefundCause::DuplicateOf(of) => self.duplicate = Some(returned(**of)),
        }
    }

    fn lapse_refund(&mut self, id: RefundId, at: Timestamp) -> Result<(), ChangeDoesNotFit> {
        let misfit = self.misfit();
        let refund = self.refunds.iter_mut().find(|refund| refund.id == id);
        let refund = refund.ok_or(misfit)?;
        if refund.status != RefundStatus::ValidationSuccessful {
            return Err(misfit);
        }
        refund.status = RefundStatus::Lapsed;
        refund.updated_at = at;
        Ok(())
    }

    fn erase_payer(&mut self, entry: Sequence) -> Result<(), ChangeDoesNotFit> {
        if !self.status.is_final() {
            return Err(self.misfit());
        }
        self.customer_address = None;
        if self.request.customer.address.is_some() {
            Arc::make_mut(&mut self.request).customer.address = None;
        }
        for refund in &mut self.refunds {
            if refund.request.customer_email.is_some() {
                Arc::make_mut(&mut refund.request).customer_email = None;
            }
        }
        self.erased = Some(entry);
        Ok(())
    }

    fn give_back(&mut self, shares: &[RefundShare]) -> Result<(), ChangeDoesNotFit> {
        for share in shares {
            let misfit = self.misfit();
            let part = self
                .allocations
                .iter_mut()
                .find(|part| part.serial == share.source)
                .ok_or(misfit)?;
            if share.minor <= 0 || part.captured - part.refunded < share.minor {
                return Err(misfit);
            }
            part.refunded += share.minor;
        }
        Ok(())
    }

    fn record_refund(
        &mut self,
        id: RefundId,
        request: &RefundRequest,
        at: Timestamp,
        status: RefundStatus,
        shares: &[RefundShare],
    ) -> Result<(), ChangeDoesNotFit> {
        let misfit = self.misfit();
        match self.refunds.iter_mut().find(|refund| refund.id == id) {
            Some(refund) if refund.status == RefundStatus::ValidationSuccessful => {
                refund.request = Arc::new(request.clone());
                refund.status = status;
                refund.updated_at = at;
                refund.shares = shares.to_vec();
            }
            Some(_) => return Err(misfit),
            None => self.refunds.push(Refund {
                id,
                request: Arc::new(request.clone()),
                created_at: at,
                updated_at: at,
                status,
                shares: shares.to_vec(),
            }),
        }
        Ok(())
    }

    fn require(&self, status: Status) -> Result<(), ChangeDoesNotFit> {
        if self.status == status {
            Ok(())
        } else {
            Err(self.misfit())
        }
    }

    fn require_running(&self) -> Result<(), ChangeDoesNotFit> {
        match self.stopped {
            None => Ok(()),
            Some(_) => Err(self.misfit()),
        }
    }

    pub(crate) fn require_payable(&self) -> Result<(), ChangeDoesNotFit> {
        match self.status {
            _ if self.review.is_some() => Err(self.misfit()),
            Status::Initiated | Status::Redirected => Ok(()),
            Status::Authorized
            | Status::Success
            | Status::CanceledMerchant
            | Status::CanceledCustomer
            | Status::Expired => Err(self.misfit()),
        }
    }

    /// Whether the holds are the amount, no more and no less.
    pub(crate) fn require_whole(&self, holds: &[Hold]) -> Result<(), ChangeDoesNotFit> {
        let sum = holds.iter().try_fold(0_i64, |sum, hold| {
            (0 < hold.minor).then(|| sum.checked_add(hold.minor))?
        });
        if sum == Some(self.request.amount.minor) {
            Ok(())
        } else {
            Err(self.misfit())
        }
    }

    fn require_open(&self) -> Result<(), ChangeDoesNotFit> {
        if self.status.is_final() {
            Err(self.misfit())
        } else {
            Ok(())
        }
    }

    pub(crate) fn misfit(&self) -> ChangeDoesNotFit {
        ChangeDoesNotFit {
            status: self.status,
        }
    }
}

fn flagged(of: PaymentId) -> Duplicate {
    Duplicate {
        of,
        remedy: Remedy::Flagged,
    }
}

fn returned(of: PaymentId) -> Duplicate {
    Duplicate {
        of,
        remedy: Remedy::Returned,
    }
}

impl Allocation {
    pub(crate) fn authorized(hold: &Hold, mode: CaptureMode) -> Allocation {
        let (held, captured) = match mode {
            CaptureMode::Manual => (hold.minor, 0),
            CaptureMode::Automatic => (0, hold.minor),
        };
        Allocation {
            serial: hold.serial,
            product: hold.product,
            country: hold.country,
            authorized: hold.minor,
            held,
            captured,
            refunded: 0,
        }
    }

    /// What a refund may still give back.
    pub fn refundable(&self) -> i64 {
        self.captured - self.refunded
    }
}
