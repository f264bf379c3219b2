//! Tables of what is refused, and why.

use std::sync::Arc;

use accounting::fact::{Fact, Party};
use ids::command::ApiKeyDigest;
use ids::object::PaymentId;
use ids::party::{DistributorId, MerchantId};
use ids::time::{Span, Timestamp};
use ids::voucher::{BatchId, Serial};
use money::amount::Amount;
use money::currency::Currency;
use payment::decide::Refusal as PaymentRefusal;
use payment::merchant::{self, Merchant};
use payment::payment::{Customer, PaymentRequest};
use payment::state::{Canceler, Change, Finality, Status};
use store::fold::Rows;
use voucher::distributor::{self, TerminalLimitReached};
use voucher::order::CancelRefusal;
use voucher::product::{MaintenanceFee, ProductKey};
use voucher::state::{Change as VoucherChange, FreezeCause, Refusal as VoucherRefusal, State};

use crate::command::{Command, NewOrder, NewRefund, Replacement};
use crate::error::Refusal;
use crate::limits::FACE_MAX_MINOR;
use crate::tests::rows::{
    END, NOW, World, merchant, order, pay, payment_id, pin, product, product_key, refund, request,
    seller, serial, voucher,
};

mod orders;
mod parties;
mod payments;
mod refunds;
mod vouchers;

fn freeze(number: u64) -> Command {
    Command::FreezeVoucher {
        serial: serial(number),
        cause: FreezeCause::Owner,
    }
}

fn capture(payment: PaymentId, wanted_minor: Option<i64>) -> Command {
    Command::CapturePayment {
        id: payment,
        wanted_minor,
        finality: Finality::Final,
    }
}

/// A payment of 10.00 that voucher 1 has paid.
fn captured(world: &mut World) -> PaymentId {
    let id = world.payment("captured", 1_000);
    world.must(pay(id, &[], Some(1)));
    world.must(capture(id, None));
    id
}
