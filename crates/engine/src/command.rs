//! Commands: everything that can be asked of the engine, complete, with the keys that deciding needs.

use std::net::IpAddr;
use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::{Actor, Idempotency};
use accounting::fact::Party;
use ids::command::{ApiKeyDigest, Sequence};
use ids::object::{OrderId, PaymentId, RefundId};
use ids::party::OperatorId;
use ids::time::Span;
use ids::token::Token;
use ids::voucher::{BatchId, Country, PinIndex, ProductId, Serial};
use money::amount::Amount;
use payment::attempt::Attempt;
use payment::label::Label;
use payment::merchant::Merchant;
use payment::payment::PaymentRequest;
use payment::refund::RefundRequest;
use payment::screening::Approvals;
use payment::state::{Canceler, Finality, StopCause};
use store::row::Key;
use voucher::distributor::{Distributor, TerminalKey};
use voucher::product::{Product, ProductKey};
use voucher::state::FreezeCause;
use voucher::voucher::NewVoucher;

mod name;

/// A command with who asks for it and under which idempotency key.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub actor: Actor,
    pub idempotency: Option<Idempotency>,
    pub command: Command,
}

/// What is asked for. Ids, digests and encrypted PINs are made before, so that deciding is a pure function.
#[derive(Clone, Debug)]
pub enum Command {
    SaveMerchant(Box<Merchant>),
    SaveDistributor(Distributor),
    SaveProduct(Product),
    IssueApiKey {
        digest: ApiKeyDigest,
        owner: Party,
    },
    RevokeApiKey {
        digest: ApiKeyDigest,
    },
    IssueVouchers {
        batch: BatchId,
        vouchers: Vec<NewVoucher>,
    },
    ActivateVoucher {
        serial: Serial,
        product: ProductKey,
    },
    FreezeVoucher {
        serial: Serial,
        cause: FreezeCause,
    },
    UnfreezeVoucher {
        serial: Serial,
    },
    VoidVoucher {
        serial: Serial,
    },
    /// Charges the maintenance fee or writes off the rest, whichever is due.
    RunVoucherTimer {
        serial: Serial,
        product: ProductKey,
    },
    DeliverOrder(Box<NewOrder>),
    CancelOrder {
        order: OrderId,
    },
    /// The till says that the voucher arrived.
    ConfirmOrder {
        order: OrderId,
    },
    /// Undoes an order whose delivery was not confirmed in time; a voucher in use confirms it.
    LapseOrder {
        order: OrderId,
    },
    CreatePayment {
        id: PaymentId,
        request: Arc<PaymentRequest>,
    },
    OpenPayment {
        id: PaymentId,
        address: Option<IpAddr>,
    },
    Pay(Box<Pay>),
    CapturePayment {
        id: PaymentId,
        wanted_minor: Option<i64>,
        finality: Finality,
    },
    CancelPayment {
        id: PaymentId,
        by: Canceler,
    },
    ExpirePayment {
        id: PaymentId,
    },
    ValidateRefund {
        payment: PaymentId,
        id: RefundId,
        request: RefundRequest,
    },
    Refund(Box<NewRefund>),
    /// Ends a refund that was checked and never carried out.
    LapseRefund {
        payment: PaymentId,
        id: RefundId,
    },
    /// Does what the merchant's terms say about the second payment of one order.
    ResolveDuplicate(Box<SecondPayment>),
    /// A person lets a payment go that was held for review.
    ApproveReview {
        id: PaymentId,
        by: OperatorId,
        needed: Approvals,
    },
    /// A person ends a payment that was held for review.
    RefuseReview {
        id: PaymentId,
    },
    LabelPayment {
        id: PaymentId,
        label: Label,
    },
    SaveDocument(NewDocument),
    /// Forgets the payer of a payment that has ended.
    ErasePayer {
        id: PaymentId,
    },
    StopPayment {
        id: PaymentId,
        cause: StopCause,
    },
    ResumePayment {
        id: PaymentId,
    },
}

/// The vouchers that a payer offers.
#[derive(Clone, Debug)]
pub struct Pay {
    pub payment: PaymentId,
    /// Vouchers whose PINs were shown before.
    pub basket: Vec<Serial>,
    /// The PIN that was typed now.
    pub pin: Option<PinIndex>,
    /// The serial numbers that answer a challenge.
    pub answers: Vec<Serial>,
    pub attempt: Attempt,
}

/// A document, and which version of it was changed.
#[derive(Clone, Debug)]
pub struct NewDocument {
    pub name: DocumentName,
    pub content: Arc<[u8]>,
    /// None for a document that must be new.
    pub based_on: Option<Sequence>,
    /// Another document that gives the right to make the change, and its version: it must not have changed meanwhile.
    pub by_right_of: Option<(DocumentName, Sequence)>,
}

/// A distributor's order with the voucher made for it.
#[derive(Clone, Debug)]
pub struct NewOrder {
    pub id: OrderId,
    pub amount: Amount,
    pub product: ProductId,
    pub country: Country,
    pub terminal: Token,
    pub shop: String,
    pub serial: Serial,
    pub pin: PinIndex,
    pub sealed_pin: Arc<[u8]>,
    /// How long the till has to confirm, where it is not as the distributor agreed.
    pub confirmation_window: Option<Span>,
}

/// A refund, with fresh vouchers for those that can take nothing back.
#[derive(Clone, Debug)]
pub struct NewRefund {
    pub payment: PaymentId,
    pub id: RefundId,
    pub request: RefundRequest,
    pub replacements: Vec<Replacement>,
}

/// A payment for an order that another one has paid for.
#[derive(Clone, Debug)]
pub struct SecondPayment {
    pub id: PaymentId,
    /// The first one.
    pub of: PaymentId,
    /// The refund, where one is needed.
    pub refund: RefundId,
    pub replacements: Vec<Replacement>,
}

/// Where the value of a closed voucher may go.
#[derive(Clone, Debug)]
pub struct Replacement {
    pub source: Serial,
    pub serial: Serial,
    pub pin: PinIndex,
    pub sealed_pin: Arc<[u8]>,
}

impl Envelope {
    /// Every key whose row the decision may read.
    pub fn keys(&self, keys: &mut Vec<Key>) {
        if let Some(idempotency) = self.idempotency {
            keys.push(Key::Command(idempotency.key));
        }
        self.command.keys(keys);
    }
}

impl Command {
    fn keys(&self, keys: &mut Vec<Key>) {
        match self {
            Command::SaveMerchant(merchant) => keys.push(Key::Merchant(merchant.id)),
            Command::SaveDistributor(distributor) => keys.push(Key::Distributor(distributor.id)),
            Command::SaveProduct(product) => keys.push(Key::Product(product.key)),
            Command::IssueApiKey { digest, owner } => {
                keys.extend([Key::ApiKey(*digest), owner_key(*owner)])
            }
            Command::RevokeApiKey { digest } => keys.push(Key::ApiKey(*digest)),
            Command::IssueVouchers { vouchers, .. } => vouchers.iter().for_each(|voucher| {
                keys.extend([Key::Voucher(voucher.serial), Key::Pin(voucher.pin)]);
            }),
            Command::ActivateVoucher { serial, product }
            | Command::RunVoucherTimer { serial, product } => {
                keys.extend([Key::Voucher(*serial), Key::Product(*product)]);
            }
            Command::FreezeVoucher { serial, .. }
            | Command::UnfreezeVoucher { serial }
            | Command::VoidVoucher { serial } => keys.push(Key::Voucher(*serial)),
            Command::DeliverOrder(order) => keys.extend(order.keys()),
            Command::CancelOrder { order }
            | Command::ConfirmOrder { order }
            | Command::LapseOrder { order } => {
                keys.extend([Key::Order(*order), Key::Distributor(order.distributor)]);
            }
            Command::CreatePayment { id, .. }
            | Command::CapturePayment { id, .. }
            | Command::ApproveReview { id, .. }
            | Command::ValidateRefund { payment: id, .. } => {
                keys.extend([Key::Merchant(id.mid.merchant), Key::Payment(*id)]);
            }
            Command::OpenPayment { id, .. }
            | Command::CancelPayment { id, .. }
            | Command::ExpirePayment { id }
            | Command::LapseRefund { payment: id, .. }
            | Command::RefuseReview { id }
            | Command::LabelPayment { id, .. }
            | Command::ErasePayer { id }
            | Command::StopPayment { id, .. }
            | Command::ResumePayment { id } => keys.push(Key::Payment(*id)),
            Command::SaveDocument(document) => {
                keys.push(Key::Document(document.name));
                keys.extend(document.by_right_of.map(|(name, _)| Key::Document(name)));
            }
            Command::Pay(pay) => {
                keys.extend([
                    Key::Merchant(pay.payment.mid.merchant),
                    Key::Payment(pay.payment),
                ]);
                keys.extend(pay.basket.iter().map(|serial| Key::Voucher(*serial)));
                keys.extend(pay.pin.map(Key::Pin));
            }
            Command::Refund(refund) => {
                let payment = refund.payment;
                keys.extend([Key::Merchant(payment.mid.merchant), Key::Payment(payment)]);
                replacement_keys(&refund.replacements, keys);
            }
            Command::ResolveDuplicate(second) => {
                let id = second.id;
                keys.extend([Key::Merchant(id.mid.merchant), Key::Payment(id)]);
                keys.push(Key::Payment(second.of));
                replacement_keys(&second.replacements, keys);
            }
        }
    }
}

impl NewOrder {
    pub fn product_key(&self) -> ProductKey {
        ProductKey {
            product: self.product,
            country: self.country,
            currency: self.amount.currency,
        }
    }

    pub fn terminal_key(&self) -> TerminalKey {
        TerminalKey {
            distributor: self.id.distributor,
            terminal: self.terminal,
        }
    }

    fn keys(&self) -> [Key; 6] {
        [
            Key::Distributor(self.id.distributor),
            Key::Product(self.product_key()),
            Key::Terminal(self.terminal_key()),
            Key::Order(self.id),
            Key::Voucher(self.serial),
            Key::Pin(self.pin),
        ]
    }
}

fn replacement_keys(replacements: &[Replacement], keys: &mut Vec<Key>) {
    for replacement in replacements {
        keys.extend([Key::Voucher(replacement.serial), Key::Pin(replacement.pin)]);
    }
}

fn owner_key(owner: Party) -> Key {
    match owner {
        Party::Merchant(id) => Key::Merchant(id),
        Party::Distributor(id) => Key::Distributor(id),
        Party::Operator(id) => Key::Document(DocumentName::Operator(id)),
    }
}
