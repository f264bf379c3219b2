//! What the operator, the distributor and the timers ask for.

use accounting::entry::Actor;
use engine::command::{Command, NewOrder};
use ids::object::OrderId;
use ids::time::{Span, Timestamp};
use ids::voucher::{BatchId, Serial};
use money::amount::Amount;
use payment::duplicate::DuplicateResponse;
use payment::merchant;
use rand::Rng;
use rand::seq::IteratorRandom;
use voucher::product::{Product, ProductKey};
use voucher::state::FreezeCause;
use voucher::voucher::{Activation, NewVoucher};

use crate::model::Model;
use crate::model::vouchers::Stage;
use crate::workload::{Workload, cast};

/// Vouchers issued by one command.
const ISSUE_MAX: usize = 8;
/// The tills of the seller.
const TERMINALS: u32 = 3;

impl Workload {
    pub(super) fn change_terms(&mut self) -> Command {
        if self.happens(30) {
            let mut product = self.any_product();
            if self.happens(20) {
                product.maintenance_fee = None;
            }
            return Command::SaveProduct(product);
        }
        let standing = if self.happens(15) {
            merchant::Standing::Suspended
        } else {
            merchant::Standing::Active
        };
        let fee_basis_points = self.chance.random_range(0..1_000);
        let mut merchant = cast::merchant(self.any_merchant(), fee_basis_points, standing);
        let responses = [
            DuplicateResponse::Off,
            DuplicateResponse::Flag,
            DuplicateResponse::Return,
        ];
        merchant.duplicates.window = Span::HOUR.times(self.chance.random_range(1..=24));
        merchant.duplicates.response = responses[self.chance.random_range(0..responses.len())];
        Command::SaveMerchant(Box::new(merchant))
    }

    pub(super) fn issue_vouchers(&mut self, now: i64) -> Command {
        let count = self.chance.random_range(1..=ISSUE_MAX);
        let product = self.any_product();
        let mut vouchers: Vec<NewVoucher> = (0..count)
            .map(|_| self.new_voucher(&product, now))
            .collect();
        if self.happens(5) {
            vouchers.push(vouchers[0]);
        }
        if self.happens(5) {
            vouchers[0].face.minor = 0;
        }
        Command::IssueVouchers {
            batch: BatchId(self.serials),
            vouchers,
        }
    }

    fn new_voucher(&mut self, product: &Product, now: i64) -> NewVoucher {
        let (serial, pin) = self.fresh_voucher();
        let activation = if self.happens(70) {
            product.activation(Timestamp(now))
        } else {
            Activation::Pending
        };
        NewVoucher {
            serial,
            pin,
            distributor: cast::SELLER,
            product: product.key.product,
            country: product.key.country,
            face: Amount::new(self.any_face(product), product.key.currency),
            activation,
        }
    }

    pub(super) fn handle_voucher(&mut self, model: &Model) -> Command {
        match self.chance.random_range(0..100) {
            0..35 => {
                let serial = self.voucher_in(model, Stage::Unsold);
                let product = self.product_of(model, serial);
                Command::ActivateVoucher { serial, product }
            }
            35..55 => Command::FreezeVoucher {
                serial: self.voucher_in(model, Stage::Open),
                cause: FreezeCause::Owner,
            },
            55..85 => Command::UnfreezeVoucher {
                serial: self.voucher_in(model, Stage::Frozen),
            },
            _ => Command::VoidVoucher {
                serial: self.voucher_in(model, Stage::Open),
            },
        }
    }

    /// A voucher that is mostly in this stage, and seldom one that nobody knows.
    fn voucher_in(&mut self, model: &Model, stage: Stage) -> Serial {
        if self.happens(3) {
            return self.fresh_voucher().0;
        }
        let mut found = None;
        if self.happens(75) {
            let fitting = model
                .vouchers
                .iter()
                .filter(|(_, voucher)| voucher.stage == stage);
            found = fitting.map(|(serial, _)| *serial).choose(&mut self.chance);
        }
        let found = found.or_else(|| self.any(&model.vouchers));
        found.unwrap_or_else(|| self.fresh_voucher().0)
    }

    pub(super) fn voucher_timer(&mut self, model: &Model) -> Command {
        let serial = self.any(&model.vouchers);
        let serial = serial.unwrap_or_else(|| self.fresh_voucher().0);
        let voucher = model.vouchers.get(&serial);
        let product = voucher.map_or(cast::product_keys()[0], |voucher| voucher.product);
        Command::RunVoucherTimer { serial, product }
    }

    pub(super) fn deliver_order(&mut self, model: &Model) -> Command {
        let (serial, pin) = self.fresh_voucher();
        let product = self.any_product();
        let minor = if self.happens(95) {
            self.any_face(&product)
        } else {
            777
        };
        let terminal = format!("till{}", self.chance.random_range(0..TERMINALS));
        Command::DeliverOrder(Box::new(NewOrder {
            id: match self.any(&model.orders) {
                Some(known) if self.happens(4) => known,
                Some(_) | None => OrderId {
                    distributor: self.any_seller(),
                    token: self.fresh_token(),
                },
            },
            amount: Amount::new(minor, product.key.currency),
            product: product.key.product,
            country: product.key.country,
            terminal: terminal.parse().expect("letters and a digit"),
            shop: "7".to_owned(),
            serial,
            pin,
            sealed_pin: serial.number().to_be_bytes().as_slice().into(),
            confirmation_window: self
                .happens(40)
                .then(|| Span::SECOND.times(self.chance.random_range(9..200))),
        }))
    }

    /// Cancels an order, confirms it, or ends it because nobody did.
    pub(super) fn end_order(&mut self, model: &Model) -> (Actor, Command) {
        let order = self.order(model);
        let till = Actor::Distributor(cast::SELLER);
        match self.chance.random_range(0..100) {
            0..50 => (till, Command::CancelOrder { order }),
            50..65 => (till, Command::ConfirmOrder { order }),
            _ => (Actor::Timer, Command::LapseOrder { order }),
        }
    }

    fn order(&mut self, model: &Model) -> OrderId {
        let recent = model.orders.len().saturating_sub(6);
        let place = self.chance.random_range(recent..model.orders.len().max(1));
        let order = if self.happens(50) {
            self.any(&model.orders)
        } else {
            model.orders.keys().nth(place).copied()
        };
        order.unwrap_or(OrderId {
            distributor: cast::SELLER,
            token: self.fresh_token(),
        })
    }

    fn product_of(&mut self, model: &Model, serial: Serial) -> ProductKey {
        let own = model.vouchers.get(&serial).map(|voucher| voucher.product);
        match own {
            Some(own) if self.happens(95) => own,
            Some(_) | None => self.any_product().key,
        }
    }

    fn any_product(&mut self) -> Product {
        let [ends, lasts, pounds] = cast::products();
        match self.chance.random_range(0..5) {
            0..2 => ends,
            2..4 => lasts,
            _ => pounds,
        }
    }

    fn any_face(&mut self, product: &Product) -> i64 {
        product.denominations[self.chance.random_range(0..product.denominations.len())]
    }
}
