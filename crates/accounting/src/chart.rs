//! The chart of accounts. Debit is positive: assets stand above zero, liabilities and income below.

use ids::party::{DistributorId, MerchantId};
use ledger::account::AccountCode;
use ledger::postings::Leg;

/// Asset: face value of vouchers that a distributor has in stock and not sold.
pub const STOCK: AccountCode = AccountCode(1100);
/// Asset: what a distributor owes for vouchers it sold.
pub const DISTRIBUTOR_RECEIVABLE: AccountCode = AccountCode(1200);
/// Liability: value that vouchers can still spend.
pub const VOUCHERS_REMAINING: AccountCode = AccountCode(2100);
/// Liability: value that payments hold.
pub const VOUCHERS_HELD: AccountCode = AccountCode(2200);
/// Liability: what the issuer owes a merchant.
pub const MERCHANT_PAYABLE: AccountCode = AccountCode(2300);
/// Income: maintenance fees.
pub const MAINTENANCE_FEES: AccountCode = AccountCode(4100);
/// Income: merchants' fees on captured value.
pub const MERCHANT_FEES: AccountCode = AccountCode(4200);
/// Income: value of expired vouchers.
pub const EXPIRED_VALUE: AccountCode = AccountCode(4300);

/// The whole chart with the names that reports print.
pub const CHART: [(AccountCode, &str); 8] = [
    (STOCK, "voucher stock"),
    (DISTRIBUTOR_RECEIVABLE, "receivable from distributors"),
    (VOUCHERS_REMAINING, "vouchers, remaining value"),
    (VOUCHERS_HELD, "vouchers, held value"),
    (MERCHANT_PAYABLE, "payable to merchants"),
    (MAINTENANCE_FEES, "maintenance fees"),
    (MERCHANT_FEES, "merchant fees"),
    (EXPIRED_VALUE, "expired value"),
];

pub(crate) fn issuer(code: AccountCode) -> Leg {
    Leg { code, owner: 0 }
}

pub(crate) fn distributor(code: AccountCode, id: DistributorId) -> Leg {
    Leg {
        code,
        owner: id.number(),
    }
}

pub(crate) fn merchant(code: AccountCode, id: MerchantId) -> Leg {
    Leg {
        code,
        owner: u64::from(id.number()),
    }
}
