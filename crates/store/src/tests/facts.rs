//! Entries with random content, of every kind that there is.

use std::sync::Arc;

use accounting::entry::{Actor, Circumstances, Entry, Idempotency};
use accounting::fact::{Fact, Party};
use ids::voucher::BatchId;
use payment::duplicate::{DuplicateResponse, DuplicateTerms};
use payment::merchant::{self, Merchant, NotificationMode, Submerchant, Webhook};
use payment::order_reference::OrderReference;
use payment::payment::{Customer, KycLevel, PaymentRequest};
use payment::refund::{RefundCause, RefundRequest, RefundShare, RefundTarget};
use payment::state::{Canceler, CaptureMode, Change as PaymentChange, Finality, Status, StopCause};
use voucher::distributor::{self, Distributor};
use voucher::order::{CancelCause, Confirmation, Order, OrderStatus};
use voucher::product::{MaintenanceFee, Product, ProductKey, Validity};
use voucher::state::{Change, FreezeCause, Sale};
use voucher::voucher::{Activation, NewVoucher};

use crate::tests::dice::Dice;

/// How many kinds of facts there are.
pub const KINDS: u64 = 13;

impl Dice {
    pub fn entry(&mut self) -> Entry {
        let kind = self.below(KINDS);
        self.entry_of(kind)
    }

    pub fn entry_of(&mut self, kind: u64) -> Entry {
        let circumstances = Circumstances {
            sequence: self.sequence(),
            at: self.timestamp(),
            actor: self.actor(),
            idempotency: self.maybe(|dice| Idempotency {
                key: dice.key(),
                fingerprint: dice.fingerprint(),
            }),
        };
        Entry::new(circumstances, self.fact(kind))
    }

    fn actor(&mut self) -> Actor {
        match self.below(6) {
            5 => Actor::Person(self.operator_id()),
            0 => Actor::Merchant(self.merchant_id()),
            1 => Actor::Distributor(self.distributor_id()),
            2 => Actor::Payer,
            3 => Actor::Operator,
            _ => Actor::Timer,
        }
    }

    pub fn party(&mut self) -> Party {
        if self.happens() {
            Party::Merchant(self.merchant_id())
        } else {
            Party::Distributor(self.distributor_id())
        }
    }

    fn fact(&mut self, kind: u64) -> Fact {
        match kind {
            0 => Fact::MerchantSaved(Box::new(self.merchant())),
            1 => Fact::DistributorSaved(self.distributor()),
            2 => Fact::ProductSaved(self.product()),
            3 => Fact::ApiKeyIssued {
                digest: self.digest(),
                owner: self.party(),
            },
            4 => Fact::ApiKeyRevoked {
                digest: self.digest(),
            },
            5 => Fact::VouchersIssued {
                batch: BatchId(self.number()),
                vouchers: self.list(Dice::new_voucher),
            },
            6 => Fact::VoucherChanged {
                serial: self.serial(),
                currency: self.currency(),
                distributor: self.distributor_id(),
                change: self.voucher_change(),
            },
            7 => Fact::OrderDelivered {
                order: Box::new(self.order()),
                voucher: self.new_voucher(),
            },
            8 => Fact::OrderCancelled {
                order: self.order_id(),
                serial: self.serial(),
                amount: self.amount(),
                cause: self.pick(&[CancelCause::Asked, CancelCause::NotConfirmed]),
            },
            9 => Fact::PaymentCreated {
                id: self.payment_id(),
                request: Arc::new(self.payment_request()),
                due_at: self.timestamp(),
            },
            10 => Fact::OrderConfirmed {
                order: self.order_id(),
            },
            11 => Fact::DocumentSaved {
                name: self.document_name(),
                content: self.sealed(),
            },
            _ => Fact::PaymentChanged {
                id: self.payment_id(),
                change: self.payment_change(),
                effects: self.list(|dice| (dice.serial(), dice.voucher_change())),
                replacements: self.list(Dice::new_voucher),
                attempt: self.maybe(|dice| Box::new(dice.attempt())),
            },
        }
    }

    pub fn merchant(&mut self) -> Merchant {
        let standings = [merchant::Standing::Active, merchant::Standing::Suspended];
        Merchant {
            id: self.merchant_id(),
            name: self.text(),
            standing: self.pick(&standings),
            currencies: self.list(Dice::currency),
            capture_window: self.span(),
            capture: self.capture_mode(),
            fee_basis_points: self.number() as u16,
            submerchants: self.list(|dice| Submerchant {
                id: dice.text(),
                standing: dice.pick(&standings),
            }),
            webhook: self.maybe(|dice| Webhook {
                url: dice.text(),
                sealed_secret: dice.sealed(),
            }),
            notification: self.pick(&[NotificationMode::Classic, NotificationMode::Off]),
            version: self.sequence(),
            duplicates: self.duplicate_terms(),
        }
    }

    pub fn distributor(&mut self) -> Distributor {
        Distributor {
            id: self.distributor_id(),
            name: self.text(),
            standing: self.pick(&[
                distributor::Standing::Active,
                distributor::Standing::Suspended,
            ]),
            cancel_window: self.span(),
            terminal_limits: std::array::from_fn(|_| self.signed()),
            confirmation_window: self.maybe(Dice::span),
        }
    }

    pub fn product(&mut self) -> Product {
        Product {
            key: ProductKey {
                product: self.product_id(),
                country: self.country(),
                currency: self.currency(),
            },
            denominations: self.list(Dice::signed),
            validity: self
                .maybe(Dice::span)
                .map_or(Validity::Unlimited, Validity::For),
            maintenance_fee: self.maybe(|dice| MaintenanceFee {
                after: dice.span(),
                every: dice.span(),
                minor: dice.signed(),
            }),
        }
    }

    pub fn new_voucher(&mut self) -> NewVoucher {
        NewVoucher {
            serial: self.serial(),
            pin: self.pin(),
            distributor: self.distributor_id(),
            product: self.product_id(),
            country: self.country(),
            face: self.amount(),
            activation: match self.below(2) {
                0 => Activation::Pending,
                _ => Activation::Immediate {
                    expires_at: self.timestamp(),
                    fee_due_at: self.timestamp(),
                },
            },
        }
    }

    pub fn order(&mut self) -> Order {
        Order {
            id: self.order_id(),
            serial: self.serial(),
            amount: self.amount(),
            product: self.product_id(),
            country: self.country(),
            terminal: self.token(),
            shop: self.text(),
            sealed_pin: self.sealed(),
            created_at: self.timestamp(),
            status: self.pick(&[OrderStatus::Delivered, OrderStatus::Cancelled]),
            version: self.sequence(),
            confirmation: self.confirmation(),
        }
    }

    pub fn payment_request(&mut self) -> PaymentRequest {
        PaymentRequest {
            amount: self.amount(),
            success_url: self.text(),
            failure_url: self.text(),
            notification_url: self.text(),
            customer: Customer {
                id: self.text(),
                address: self.maybe(Dice::address),
                min_age: self.maybe(|dice| dice.number() as u8),
                kyc_level: self.maybe(|dice| dice.pick(&[KycLevel::Simple, KycLevel::Full])),
                country_restriction: self.maybe(Dice::country),
            },
            submerchant: self.maybe(Dice::text),
            shop_id: self.maybe(Dice::text),
            capture_window: self.span(),
            capture: self.capture_mode(),
            order_reference: self.maybe(Dice::order_reference),
        }
    }

    pub fn refund_request(&mut self) -> RefundRequest {
        RefundRequest {
            minor: self.signed(),
            customer_id: self.text(),
            customer_email: self.maybe(Dice::text),
            submerchant: self.maybe(Dice::text),
            comment: self.maybe(Dice::text),
        }
    }

    pub fn refund_share(&mut self) -> RefundShare {
        RefundShare {
            source: self.serial(),
            minor: self.signed(),
            target: match self.below(2) {
                0 => RefundTarget::SameVoucher,
                _ => RefundTarget::FreshVoucher {
                    serial: self.serial(),
                    sealed_pin: self.sealed(),
                },
            },
        }
    }

    pub fn freeze_cause(&mut self) -> FreezeCause {
        self.pick(&[
            FreezeCause::Owner,
            FreezeCause::Issuer,
            FreezeCause::Mismatch,
            FreezeCause::Risk,
        ])
    }

    fn confirmation(&mut self) -> Confirmation {
        match self.below(3) {
            0 => Confirmation::NotNeeded,
            1 => Confirmation::Awaited {
                until: self.timestamp(),
            },
            _ => Confirmation::Confirmed {
                at: self.timestamp(),
            },
        }
    }

    fn duplicate_terms(&mut self) -> DuplicateTerms {
        let responses = [
            DuplicateResponse::Off,
            DuplicateResponse::Flag,
            DuplicateResponse::Return,
        ];
        DuplicateTerms {
            response: self.pick(&responses),
            window: self.span(),
        }
    }

    fn order_reference(&mut self) -> OrderReference {
        let number = self.below(1_000_000);
        format!("order {number} – ß").parse().unwrap()
    }

    fn refund_cause(&mut self) -> RefundCause {
        match self.below(2) {
            0 => RefundCause::Asked,
            _ => RefundCause::DuplicateOf(Box::new(self.payment_id())),
        }
    }

    fn canceler(&mut self) -> Canceler {
        match self.below(4) {
            0 => Canceler::Merchant,
            1 => Canceler::Customer,
            2 => Canceler::PinLimit,
            _ => Canceler::DuplicateOf(self.payment_id()),
        }
    }

    pub fn capture_mode(&mut self) -> CaptureMode {
        self.pick(&[CaptureMode::Manual, CaptureMode::Automatic])
    }

    fn voucher_change(&mut self) -> Change {
        let minor = self.minor();
        match self.below(10) {
            0 => Change::Activate {
                minor,
                expires_at: self.timestamp(),
                fee_due_at: self.timestamp(),
            },
            1 => Change::Hold { minor },
            2 => Change::Release { minor },
            3 => Change::Capture { minor },
            4 => Change::Refund { minor },
            5 => Change::Freeze {
                cause: self.freeze_cause(),
            },
            6 => Change::Unfreeze,
            7 => Change::ChargeFee {
                minor,
                fee_due_at: self.timestamp(),
            },
            8 => Change::Expire { minor },
            _ => Change::Void {
                minor,
                sale: self.pick(&[Sale::NotSold, Sale::Sold]),
            },
        }
    }

    fn payment_change(&mut self) -> PaymentChange {
        match self.below(19) {
            12..=17 => self.screening_change(),
            18 => PaymentChange::ErasePayer,
            8 => PaymentChange::LapseRefund {
                id: self.refund_id(),
            },
            9 => PaymentChange::FlagDuplicate {
                of: self.payment_id(),
            },
            10 => PaymentChange::Stop {
                cause: StopCause::Mismatch,
            },
            11 => PaymentChange::Resume {
                due_at: self.timestamp(),
            },
            0 => PaymentChange::Open {
                address: self.maybe(Dice::address),
            },
            1 => PaymentChange::RejectPin,
            2 => PaymentChange::Authorize {
                holds: self.list(Dice::hold),
                hold_until: self.timestamp(),
                mode: self.capture_mode(),
                fee_minor: self.minor(),
            },
            3 => PaymentChange::Capture {
                shares: self.list(Dice::signed),
                fee_minor: self.minor(),
                finality: self.pick(&[Finality::Open, Finality::Final]),
            },
            4 => PaymentChange::Cancel {
                by: self.canceler(),
            },
            5 => PaymentChange::Expire {
                before: self.maybe(|dice| dice.pick(&Status::ALL)),
            },
            6 => PaymentChange::ValidateRefund {
                id: self.refund_id(),
                request: self.refund_request(),
            },
            _ => PaymentChange::Refund {
                id: self.refund_id(),
                request: self.refund_request(),
                shares: self.list(Dice::refund_share),
                cause: self.refund_cause(),
            },
        }
    }
}
