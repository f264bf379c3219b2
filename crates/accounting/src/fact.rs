//! What a journal entry can state.

use std::sync::Arc;

use ids::command::ApiKeyDigest;
use ids::object::{OrderId, PaymentId};
use ids::party::{DistributorId, MerchantId, OperatorId};
use ids::time::Timestamp;
use ids::voucher::{BatchId, Serial};
use money::amount::Amount;
use money::currency::Currency;
use payment::attempt::Attempt;
use payment::merchant::Merchant;
use payment::payment::PaymentRequest;
use voucher::distributor::Distributor;
use voucher::order::{CancelCause, Order};
use voucher::product::Product;
use voucher::voucher::NewVoucher;

use crate::document::DocumentName;

/// Something that happened, complete: rows, postings and messages follow from it without a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A merchant joined, or its terms changed.
    MerchantSaved(Box<Merchant>),
    /// A distributor joined, or its terms changed.
    DistributorSaved(Distributor),
    ProductSaved(Product),
    ApiKeyIssued {
        digest: ApiKeyDigest,
        owner: Party,
    },
    ApiKeyRevoked {
        digest: ApiKeyDigest,
    },
    DocumentSaved {
        name: DocumentName,
        content: Arc<[u8]>,
    },
    VouchersIssued {
        batch: BatchId,
        vouchers: Vec<NewVoucher>,
    },
    VoucherChanged {
        serial: Serial,
        currency: Currency,
        distributor: DistributorId,
        change: voucher::state::Change,
    },
    /// A till sold a voucher that was made for it.
    OrderDelivered {
        order: Box<Order>,
        voucher: NewVoucher,
    },
    /// The sale is undone and the voucher is void.
    OrderCancelled {
        order: OrderId,
        serial: Serial,
        amount: Amount,
        cause: CancelCause,
    },
    /// The till said that the voucher arrived, or its use showed it.
    OrderConfirmed {
        order: OrderId,
    },
    PaymentCreated {
        id: PaymentId,
        request: Arc<PaymentRequest>,
        due_at: Timestamp,
    },
    /// `effects` are the changes of the vouchers that pay, `replacements` fresh vouchers for a refund.
    PaymentChanged {
        id: PaymentId,
        change: payment::state::Change,
        effects: Vec<(Serial, voucher::state::Change)>,
        replacements: Vec<NewVoucher>,
        /// How the payer tried to pay, where the change comes of an attempt.
        attempt: Option<Box<Attempt>>,
    },
}

/// Whom an API key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    Merchant(MerchantId),
    Distributor(DistributorId),
    Operator(OperatorId),
}
