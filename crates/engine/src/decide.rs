//! `decide`: rows and a command in, a fact or a refusal out. Total, deterministic, without I/O or clock; what the judge
//! says of an attempt goes into the fact.

mod attempts;
mod documents;
mod duplicates;
mod orders;
mod parties;
mod payments;
mod refunds;
mod reviews;
mod vouchers;

use accounting::fact::Fact;
use ids::time::Timestamp;
use store::snapshot::Snapshot;

use crate::command::Command;
use crate::error::Refusal;
use crate::judge::Judge;

/// What the command makes of the rows at `now`.
pub fn decide(
    rows: &Snapshot,
    command: &Command,
    judge: &dyn Judge,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    match command {
        Command::SaveMerchant(merchant) => parties::save_merchant(rows, merchant),
        Command::SaveDistributor(distributor) => parties::save_distributor(distributor),
        Command::SaveProduct(product) => parties::save_product(product),
        Command::IssueApiKey { digest, owner } => parties::issue_api_key(rows, *digest, *owner),
        Command::RevokeApiKey { digest } => parties::revoke_api_key(rows, *digest),
        Command::IssueVouchers { batch, vouchers } => vouchers::issue(rows, *batch, vouchers),
        Command::ActivateVoucher { serial, product } => {
            vouchers::activate(rows, *serial, *product, now)
        }
        Command::FreezeVoucher { serial, cause } => vouchers::freeze(rows, *serial, *cause, now),
        Command::UnfreezeVoucher { serial } => vouchers::unfreeze(rows, *serial, now),
        Command::VoidVoucher { serial } => vouchers::void(rows, *serial, now),
        Command::RunVoucherTimer { serial, product } => {
            vouchers::run_timer(rows, *serial, *product, now)
        }
        Command::DeliverOrder(order) => orders::deliver(rows, order, now),
        Command::CancelOrder { order } => orders::cancel(rows, *order, now),
        Command::ConfirmOrder { order } => orders::confirm(rows, *order),
        Command::LapseOrder { order } => orders::lapse(rows, *order, now),
        Command::CreatePayment { id, request } => payments::create(rows, *id, request, now),
        Command::OpenPayment { id, address } => payments::open(rows, *id, *address, now),
        Command::Pay(pay) => attempts::pay(rows, pay, judge, now),
        Command::CapturePayment {
            id,
            wanted_minor,
            finality,
        } => payments::capture(rows, *id, *wanted_minor, *finality, now),
        Command::CancelPayment { id, by } => payments::cancel(rows, *id, *by),
        Command::ExpirePayment { id } => payments::expire(rows, *id, now),
        Command::ValidateRefund {
            payment,
            id,
            request,
        } => refunds::validate(rows, *payment, *id, request, now),
        Command::Refund(refund) => refunds::refund(rows, refund, now),
        Command::LapseRefund { payment, id } => refunds::lapse(rows, *payment, *id, now),
        Command::ResolveDuplicate(second) => duplicates::resolve(rows, second, now),
        Command::ApproveReview { id, by, needed } => reviews::approve(rows, *id, *by, *needed, now),
        Command::RefuseReview { id } => reviews::refuse(rows, *id),
        Command::LabelPayment { id, label } => reviews::label(rows, *id, *label),
        Command::ErasePayer { id } => payments::erase_payer(rows, *id),
        Command::SaveDocument(document) => documents::save(rows, document),
        Command::StopPayment { id, cause } => payments::stop(rows, *id, *cause),
        Command::ResumePayment { id } => payments::resume(rows, *id, now),
    }
}
