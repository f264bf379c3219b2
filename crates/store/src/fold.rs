//! How entries change rows: the one place where the journal becomes state.

pub mod partial;
pub mod single;

use ids::command::{ApiKeyDigest, Sequence};
use ids::object::{OrderId, PaymentId};
use ids::party::MerchantId;
use ids::voucher::Serial;
use std::sync::Arc;

use accounting::document::Document;
use accounting::entry::{Entry, Idempotency};
use accounting::fact::Fact;
use ids::time::Timestamp;
use money::amount::Amount;
use payment::merchant::Merchant;
use payment::payment::{ChangeDoesNotFit, Payment, PaymentRequest};
use payment::state::{CaptureMode, Change as PaymentChange};
use voucher::distributor::{Terminal, TerminalKey, TerminalSale};
use voucher::order::{Confirmation, Order, OrderStatus};
use voucher::state::{Change, Refusal, Sale};
use voucher::voucher::{NewVoucher, Voucher};

use crate::row::{ApiKey, ApiKeyStatus, Command, Row};

/// Rows that entries are folded into: a batch's snapshot, a backend's memory, an auditor's model.
pub trait Rows {
    fn api_key(&self, digest: ApiKeyDigest) -> Option<ApiKey>;
    fn voucher(&self, serial: Serial) -> Option<Voucher>;
    fn payment(&self, id: PaymentId) -> Option<&Arc<Payment>>;
    fn order(&self, id: OrderId) -> Option<&Order>;
    fn terminal(&self, key: TerminalKey) -> Option<&Terminal>;
    fn put(&mut self, row: Row);
}

/// An entry that does not fit the rows before it: the journal is damaged, or a rule has a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    #[error("the entry changes a voucher that does not exist")]
    NoVoucher(Serial),
    #[error("the entry changes a payment that does not exist")]
    NoPayment(PaymentId),
    #[error("the entry changes an order that does not exist")]
    NoOrder(OrderId),
    #[error("the entry revokes an API key that does not exist")]
    NoApiKey,
    #[error("the entry creates what exists already")]
    Exists,
    #[error("the change does not fit voucher {serial}")]
    Voucher { serial: Serial, source: Refusal },
    #[error("the change does not fit payment {id}")]
    Payment {
        id: PaymentId,
        source: ChangeDoesNotFit,
    },
}

/// Changes the rows as the entry says. On an error some rows may have been changed: throw them away.
pub fn apply(rows: &mut impl Rows, entry: &Entry) -> Result<(), FoldError> {
    match entry.fact() {
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. } => apply_to_parties(rows, entry)?,
        Fact::VouchersIssued { vouchers, .. } => issue(rows, vouchers, entry)?,
        Fact::VoucherChanged { serial, change, .. } => {
            change_voucher(rows, *serial, *change, entry)?
        }
        Fact::OrderDelivered { order, voucher } => {
            issue(rows, std::slice::from_ref(voucher), entry)?;
            deliver_order(rows, order, entry);
        }
        Fact::OrderCancelled {
            order,
            serial,
            amount,
            ..
        } => {
            change_voucher(rows, *serial, order_cancellation(*amount), entry)?;
            cancel_order(rows, *order, entry.sequence())?;
        }
        Fact::OrderConfirmed { order } => confirm_order(rows, *order, entry)?,
        Fact::PaymentCreated {
            id,
            request,
            due_at,
        } => create_payment(rows, *id, request, *due_at, entry)?,
        Fact::PaymentChanged {
            id,
            change,
            effects,
            replacements,
            attempt: _,
        } => {
            change_payment(rows, *id, change, entry)?;
            for (serial, effect) in effects {
                change_voucher(rows, *serial, *effect, entry)?;
            }
            issue(rows, replacements, entry)?;
        }
    }
    if let Some(Idempotency { key, fingerprint }) = entry.idempotency() {
        rows.put(Row::Command(Command {
            key,
            fingerprint,
            entry: entry.sequence(),
        }));
    }
    Ok(())
}

/// The vouchers that an entry creates or changes.
pub fn vouchers_touched(entry: &Entry) -> Vec<Serial> {
    match entry.fact() {
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. } => Vec::new(),
        Fact::VouchersIssued { vouchers, .. } => {
            vouchers.iter().map(|voucher| voucher.serial).collect()
        }
        Fact::VoucherChanged { serial, .. } | Fact::OrderCancelled { serial, .. } => vec![*serial],
        Fact::OrderDelivered { voucher, .. } => vec![voucher.serial],
        Fact::PaymentChanged {
            effects,
            replacements,
            ..
        } => {
            let mut serials: Vec<Serial> = effects.iter().map(|(serial, _)| *serial).collect();
            serials.extend(replacements.iter().map(|voucher| voucher.serial));
            serials.dedup();
            serials
        }
    }
}

/// The payment that an entry changes; none if it creates it, or is about something else.
pub fn payment_changed(entry: &Entry) -> Option<PaymentId> {
    match entry.fact() {
        Fact::PaymentChanged { id, .. } => Some(*id),
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::VouchersIssued { .. }
        | Fact::VoucherChanged { .. }
        | Fact::OrderDelivered { .. }
        | Fact::OrderCancelled { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. } => None,
    }
}

/// The merchant whose captures or refunds this entry adds to.
pub fn movement_of(entry: &Entry) -> Option<MerchantId> {
    let Fact::PaymentChanged { id, change, .. } = entry.fact() else {
        return None;
    };
    let moves = match change {
        PaymentChange::Authorize { mode, .. } | PaymentChange::Release { mode, .. } => match mode {
            CaptureMode::Automatic => true,
            CaptureMode::Manual => false,
        },
        PaymentChange::Capture { .. } | PaymentChange::Refund { .. } => true,
        PaymentChange::Open { .. }
        | PaymentChange::RejectPin
        | PaymentChange::Cancel { .. }
        | PaymentChange::Expire { .. }
        | PaymentChange::LapseRefund { .. }
        | PaymentChange::FlagDuplicate { .. }
        | PaymentChange::Stop { .. }
        | PaymentChange::Resume { .. }
        | PaymentChange::Challenge { .. }
        | PaymentChange::FailChallenge
        | PaymentChange::Review { .. }
        | PaymentChange::Approve { .. }
        | PaymentChange::Label { .. }
        | PaymentChange::ErasePayer
        | PaymentChange::ValidateRefund { .. } => false,
    };
    moves.then_some(id.mid.merchant)
}

fn apply_to_parties(rows: &mut impl Rows, entry: &Entry) -> Result<(), FoldError> {
    let row = match entry.fact() {
        Fact::MerchantSaved(merchant) => {
            let mut merchant = Merchant::clone(merchant);
            merchant.version = entry.sequence();
            Row::Merchant(Arc::new(merchant))
        }
        Fact::DistributorSaved(distributor) => Row::Distributor(Arc::new(distributor.clone())),
        Fact::ProductSaved(product) => Row::Product(Arc::new(product.clone())),
        Fact::ApiKeyIssued { digest, owner } => Row::ApiKey(ApiKey {
            digest: *digest,
            owner: *owner,
            status: ApiKeyStatus::Active,
        }),
        Fact::ApiKeyRevoked { digest } => {
            let api_key = rows.api_key(*digest).ok_or(FoldError::NoApiKey)?;
            Row::ApiKey(ApiKey {
                status: ApiKeyStatus::Revoked,
                ..api_key
            })
        }
        Fact::DocumentSaved { name, content } => Row::Document(Arc::new(Document {
            name: *name,
            content: Arc::clone(content),
            version: entry.sequence(),
        })),
        Fact::VouchersIssued { .. }
        | Fact::VoucherChanged { .. }
        | Fact::OrderDelivered { .. }
        | Fact::OrderCancelled { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. }
        | Fact::PaymentChanged { .. } => return Ok(()),
    };
    rows.put(row);
    Ok(())
}

fn create_payment(
    rows: &mut impl Rows,
    id: PaymentId,
    request: &Arc<PaymentRequest>,
    due_at: Timestamp,
    entry: &Entry,
) -> Result<(), FoldError> {
    if rows.payment(id).is_some() {
        return Err(FoldError::Exists);
    }
    let payment = Payment::create(
        id,
        Arc::clone(request),
        due_at,
        entry.at(),
        entry.sequence(),
    );
    rows.put(Row::Payment(Arc::new(payment)));
    Ok(())
}

fn change_payment(
    rows: &mut impl Rows,
    id: PaymentId,
    change: &PaymentChange,
    entry: &Entry,
) -> Result<(), FoldError> {
    let payment = rows.payment(id).ok_or(FoldError::NoPayment(id))?;
    let payment = Payment::clone(payment)
        .apply(change, entry.at(), entry.sequence())
        .map_err(|source| FoldError::Payment { id, source })?;
    rows.put(Row::Payment(Arc::new(payment)));
    Ok(())
}

/// What the cancelling of an order does to its voucher.
fn order_cancellation(amount: Amount) -> Change {
    Change::Void {
        minor: amount.minor,
        sale: Sale::Sold,
    }
}

fn issue(rows: &mut impl Rows, vouchers: &[NewVoucher], entry: &Entry) -> Result<(), FoldError> {
    for new in vouchers {
        if rows.voucher(new.serial).is_some() {
            return Err(FoldError::Exists);
        }
        rows.put(Row::Voucher(Voucher::issue(
            new,
            entry.at(),
            entry.sequence(),
        )));
    }
    Ok(())
}

fn change_voucher(
    rows: &mut impl Rows,
    serial: Serial,
    change: Change,
    entry: &Entry,
) -> Result<(), FoldError> {
    let voucher = rows.voucher(serial).ok_or(FoldError::NoVoucher(serial))?;
    let voucher = voucher
        .apply(change, entry.at(), entry.sequence())
        .map_err(|source| FoldError::Voucher { serial, source })?;
    rows.put(Row::Voucher(voucher));
    Ok(())
}

fn deliver_order(rows: &mut impl Rows, order: &Order, entry: &Entry) {
    let mut order = order.clone();
    order.version = entry.sequence();
    let key = TerminalKey {
        distributor: order.id.distributor,
        terminal: order.terminal,
    };
    let mut terminal = rows
        .terminal(key)
        .cloned()
        .unwrap_or_else(|| Terminal::new(key));
    let sale = TerminalSale {
        order: order.id.token,
        at: entry.at(),
        minor: order.amount.minor,
    };
    terminal.sell(sale, entry.sequence());
    rows.put(Row::Terminal(terminal));
    rows.put(Row::Order(order));
}

fn confirm_order(rows: &mut impl Rows, id: OrderId, entry: &Entry) -> Result<(), FoldError> {
    let mut order = rows.order(id).ok_or(FoldError::NoOrder(id))?.clone();
    order.confirmation = Confirmation::Confirmed { at: entry.at() };
    order.version = entry.sequence();
    rows.put(Row::Order(order));
    Ok(())
}

fn cancel_order(rows: &mut impl Rows, id: OrderId, version: Sequence) -> Result<(), FoldError> {
    let mut order = rows.order(id).ok_or(FoldError::NoOrder(id))?.clone();
    order.status = OrderStatus::Cancelled;
    order.version = version;
    let key = TerminalKey {
        distributor: id.distributor,
        terminal: order.terminal,
    };
    if let Some(terminal) = rows.terminal(key) {
        let mut terminal = terminal.clone();
        terminal.undo(id.token, version);
        rows.put(Row::Terminal(terminal));
    }
    rows.put(Row::Order(order));
    Ok(())
}
