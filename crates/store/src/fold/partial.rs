//! For backends that keep some rows further on than others: what an entry touches, and its vouchers alone.

use accounting::entry::Entry;
use accounting::fact::Fact;
use voucher::distributor::TerminalKey;

use crate::fold::{FoldError, Rows, change_voucher, issue, order_cancellation, vouchers_touched};
use crate::row::Key;

/// The rows that folding the entry reads or writes, but for its command.
///
/// The terminal of a cancelled order is known by the order alone, so it is not among them.
pub fn keys_touched(entry: &Entry) -> Vec<Key> {
    let mut keys: Vec<Key> = vouchers_touched(entry)
        .into_iter()
        .map(Key::Voucher)
        .collect();
    match entry.fact() {
        Fact::MerchantSaved(merchant) => keys.push(Key::Merchant(merchant.id)),
        Fact::DistributorSaved(distributor) => keys.push(Key::Distributor(distributor.id)),
        Fact::ProductSaved(product) => keys.push(Key::Product(product.key)),
        Fact::ApiKeyIssued { digest, .. } | Fact::ApiKeyRevoked { digest } => {
            keys.push(Key::ApiKey(*digest));
        }
        Fact::DocumentSaved { name, .. } => keys.push(Key::Document(*name)),
        Fact::VouchersIssued { .. } | Fact::VoucherChanged { .. } => {}
        Fact::OrderDelivered { order, .. } => {
            keys.push(Key::Order(order.id));
            keys.push(Key::Terminal(TerminalKey {
                distributor: order.id.distributor,
                terminal: order.terminal,
            }));
        }
        Fact::OrderCancelled { order, .. } | Fact::OrderConfirmed { order } => {
            keys.push(Key::Order(*order))
        }
        Fact::PaymentCreated { id, .. } | Fact::PaymentChanged { id, .. } => {
            keys.push(Key::Payment(*id));
        }
    }
    keys
}

/// Changes those vouchers of the entry that are behind it, and nothing else.
///
/// Vouchers may be stored by a snapshot that took some of them later than others: a voucher whose
/// version has reached the entry is left alone, so that replaying over such a snapshot ends where the
/// journal ends.
pub fn catch_up_vouchers(rows: &mut impl Rows, entry: &Entry) -> Result<(), FoldError> {
    let mut behind = vouchers_touched(entry);
    behind.retain(|serial| {
        rows.voucher(*serial)
            .is_none_or(|voucher| voucher.version < entry.sequence())
    });
    behind.sort_unstable();
    match entry.fact() {
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. } => {}
        Fact::VouchersIssued { vouchers, .. } => {
            for new in vouchers {
                if behind.binary_search(&new.serial).is_ok() {
                    issue(rows, std::slice::from_ref(new), entry)?;
                }
            }
        }
        Fact::VoucherChanged { serial, change, .. } => {
            if !behind.is_empty() {
                change_voucher(rows, *serial, *change, entry)?;
            }
        }
        Fact::OrderDelivered { voucher, .. } => {
            if !behind.is_empty() {
                issue(rows, std::slice::from_ref(voucher), entry)?;
            }
        }
        Fact::OrderCancelled { serial, amount, .. } => {
            if !behind.is_empty() {
                change_voucher(rows, *serial, order_cancellation(*amount), entry)?;
            }
        }
        Fact::PaymentChanged {
            effects,
            replacements,
            ..
        } => {
            for (serial, effect) in effects {
                if behind.binary_search(serial).is_ok() {
                    change_voucher(rows, *serial, *effect, entry)?;
                }
            }
            for new in replacements {
                if behind.binary_search(&new.serial).is_ok() {
                    issue(rows, std::slice::from_ref(new), entry)?;
                }
            }
        }
    }
    Ok(())
}
