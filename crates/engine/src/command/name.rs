//! What a command is called where commands are counted.

use crate::command::Command;

impl Command {
    /// A word for people and their charts; nothing is decided by it.
    pub fn name(&self) -> &'static str {
        match self {
            Command::SaveMerchant(_) => "save_merchant",
            Command::SaveDistributor(_) => "save_distributor",
            Command::SaveProduct(_) => "save_product",
            Command::IssueApiKey { .. } => "issue_api_key",
            Command::RevokeApiKey { .. } => "revoke_api_key",
            Command::IssueVouchers { .. } => "issue_vouchers",
            Command::ActivateVoucher { .. } => "activate_voucher",
            Command::FreezeVoucher { .. } => "freeze_voucher",
            Command::UnfreezeVoucher { .. } => "unfreeze_voucher",
            Command::VoidVoucher { .. } => "void_voucher",
            Command::RunVoucherTimer { .. } => "run_voucher_timer",
            Command::DeliverOrder(_) => "deliver_order",
            Command::CancelOrder { .. } => "cancel_order",
            Command::ConfirmOrder { .. } => "confirm_order",
            Command::LapseOrder { .. } => "lapse_order",
            Command::CreatePayment { .. } => "create_payment",
            Command::OpenPayment { .. } => "open_payment",
            Command::Pay(_) => "pay",
            Command::CapturePayment { .. } => "capture_payment",
            Command::CancelPayment { .. } => "cancel_payment",
            Command::ExpirePayment { .. } => "expire_payment",
            Command::ValidateRefund { .. } => "validate_refund",
            Command::Refund(_) => "refund",
            Command::LapseRefund { .. } => "lapse_refund",
            Command::ResolveDuplicate(_) => "resolve_duplicate",
            Command::ApproveReview { .. } => "approve_review",
            Command::RefuseReview { .. } => "refuse_review",
            Command::LabelPayment { .. } => "label_payment",
            Command::SaveDocument(_) => "save_document",
            Command::ErasePayer { .. } => "erase_payer",
            Command::StopPayment { .. } => "stop_payment",
            Command::ResumePayment { .. } => "resume_payment",
        }
    }
}
