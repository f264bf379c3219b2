//! The table of shipped rules, in their order.

use super::super::{Action, Guarded, Mode};
use super::Shipped;
use crate::verdict::Verdict::{Allow, Block, Challenge, Review};
use Action::{CoolDown, FreezeVoucher, NotifyMerchant, NotifyOwner, RaiseGuard, WarnPayer};
use ids::time::Span;

const HOUR: Span = Span::HOUR;
const NOTHING: &[Action] = &[];
const GUARD_NETWORK: &[Action] = &[RaiseGuard(Guarded::Network, HOUR)];
const GUARD_SHOP: &[Action] = &[RaiseGuard(Guarded::Merchant, HOUR)];
const STOP_VOUCHER: &[Action] = &[FreezeVoucher, NotifyOwner];
const PROTECT_VICTIM: &[Action] = &[WarnPayer, CoolDown(HOUR)];
/// The words of the rules about swindlers. Whoever shows decisions to payers knows them by this text, and has them in every
/// language.
pub const SWINDLER_WORDS: &str = "Nobody from an authority, a bank or a support desk ever asks for a voucher's PIN. \
     If somebody on the telephone told you to pay, stop and ask a person you trust.";

/// A rule that decides at once.
const fn live(
    name: &'static str,
    (effect, actions): (crate::verdict::Verdict, &'static [Action]),
    expression: &'static str,
    reason: &'static str,
) -> Shipped {
    Shipped {
        name,
        expression,
        effect: Some(effect),
        actions,
        mode: Mode::Live,
        reason,
        payer_words: "",
    }
}

/// A rule that waits for a back-test.
const fn shadow(
    name: &'static str,
    says: (crate::verdict::Verdict, &'static [Action]),
    expression: &'static str,
    reason: &'static str,
) -> Shipped {
    let mut shipped = live(name, says, expression, reason);
    shipped.mode = Mode::Shadow;
    shipped
}

/// A rule about somebody who may be swindled this very minute, and reads what swindlers say.
const fn for_victims(
    name: &'static str,
    says: (crate::verdict::Verdict, &'static [Action]),
    expression: &'static str,
    reason: &'static str,
) -> Shipped {
    let mut shipped = live(name, says, expression, reason);
    shipped.payer_words = SWINDLER_WORDS;
    shipped
}

pub(super) const RULES: [Shipped; 39] = [
    // What an operator has blocked.
    live(
        "blocked-network",
        (Block, NOTHING),
        r#"listed("blocked-networks", address.text)"#,
        "The address is on the operator's list of blocked networks.",
    ),
    live(
        "blocked-device",
        (Block, NOTHING),
        r#"listed("blocked-devices", device.id)"#,
        "The device is on the operator's list of blocked devices.",
    ),
    live(
        "blocked-country",
        (Block, NOTHING),
        r#"listed("blocked-countries", address.country)"#,
        "The address is in a country from which the operator takes no payments.",
    ),
    live(
        "blocked-customer",
        (Block, NOTHING),
        r#"listed("blocked-customers", customer.id)"#,
        "The customer is on the operator's list of blocked customers.",
    ),
    // Guessed PINs.
    live(
        "guessing-device",
        (Block, NOTHING),
        "device.wrong_pins_1h >= 7.5",
        "About eight wrong PINs were typed on this device within the last hours.",
    ),
    live(
        "guessing-robot",
        (Block, GUARD_NETWORK),
        "address.wrong_pins_1h >= 4.5 && (behaviour.headless_signs >= 2 || behaviour.missing_headers >= 2)",
        "A program, not a browser, sent this PIN after wrong ones from the same address.",
    ),
    live(
        "failed-challenges",
        (Block, NOTHING),
        "device.failed_challenges_1d >= 2.5 || payer.failed_challenges_1d >= 2.5",
        "Three times within a day this payer could not prove that the voucher is theirs.",
    ),
    live(
        "failed-challenges-voucher",
        (Block, STOP_VOUCHER),
        "voucher.failed_challenges_1d >= 2.5",
        "Three times within a day somebody could not prove that this voucher is theirs.",
    ),
    // What is known as fraud already.
    live(
        "fraud-device",
        (Block, STOP_VOUCHER),
        "device.frauds_30d >= 0.9 && device.fraud_share_30d >= 0.5",
        "Fraud is known of this device, and little else.",
    ),
    live(
        "fraud-voucher",
        (Block, STOP_VOUCHER),
        "voucher.fraud_share_30d >= 0.5",
        "This voucher took part in a fraud before.",
    ),
    live(
        "fraud-ring",
        (Block, STOP_VOUCHER),
        "ring.frauds >= 5 && ring.fraud_share >= 0.6",
        "Address, device, payer, voucher or terminal belong to a ring of which many frauds are known.",
    ),
    // What an operator trusts; nothing below this has a say about it.
    live(
        "trusted-network",
        (Allow, NOTHING),
        r#"listed("trusted-networks", address.text)"#,
        "The address is on the operator's list of trusted networks.",
    ),
    live(
        "trusted-customer",
        (Allow, NOTHING),
        r#"listed("trusted-customers", customer.id)"#,
        "The customer is on the operator's list of trusted customers.",
    ),
    // What is under guard.
    live(
        "guarded-network",
        (Challenge, NOTHING),
        r#"!payer.is_known && listed("guarded-networks", network.text)"#,
        "An attack came from this network not long ago, and nothing vouches for this payer.",
    ),
    live(
        "guarded-terminal",
        (Challenge, NOTHING),
        r#"listed("guarded-terminals", terminal.id)"#,
        "Vouchers from this terminal were misused not long ago.",
    ),
    live(
        "guarded-merchant",
        (Challenge, NOTHING),
        r#"!payer.is_known && listed("guarded-merchants", merchant.id)"#,
        "This shop was misused not long ago, and nothing vouches for this payer.",
    ),
    live(
        "near-fraud-ring",
        (Review, &[NotifyMerchant]),
        "ring.frauds >= 1.5 && ring.fraud_share >= 0.3",
        "Frauds are known of the address, device, payer, voucher or terminal.",
    ),
    live(
        "fraud-address",
        (Review, NOTHING),
        "address.frauds_30d >= 1.5 && address.fraud_share_30d >= 0.5",
        "Frauds are known of this address, and little else.",
    ),
    live(
        "guessing-address",
        (Challenge, GUARD_NETWORK),
        "!payer.is_known && address.wrong_pins_1h >= 3.5 && address.wrong_pin_share_1d >= 0.5",
        "About four wrong PINs came from this address within the last hours, and most of its attempts fail. \
         Whoever has the voucher knows its serial number; whoever guessed its PIN does not.",
    ),
    live(
        "guessing-shop",
        (Challenge, GUARD_SHOP),
        "!payer.is_known && strangers_here.wrong_pins_1h >= 7.5 && strangers_here.wrong_pin_share_1h >= 0.6",
        "Most of what payers without a history type at this shop are wrong PINs: somebody guesses, from wherever.",
    ),
    live(
        "guessing-everywhere",
        (Challenge, NOTHING),
        "!payer.is_known && strangers.wrong_pins_1h >= 40 && strangers.wrong_pin_share_1h >= 0.8",
        "Nearly everything that payers without a history type, at whatever shop, is a wrong PIN.",
    ),
    live(
        "guessing-network",
        (Challenge, &[RaiseGuard(Guarded::Network, HOUR.times(12))]),
        "!payer.is_known && network.wrong_pins_1h >= 40 && network.wrong_pin_share_1d >= 0.8 \
         && strangers.wrong_pins_1h >= 12",
        "Nearly everything that comes from this network is a wrong PIN, at more than one shop: it is guessing with many addresses.",
    ),
    live(
        "network-under-attack",
        (Challenge, GUARD_NETWORK),
        "!payer.is_known && network.wrong_pins_1h >= 15 && network.wrong_pin_share_1d >= 0.6 \
         && strangers.wrong_pins_1h >= 12",
        "Many wrong PINs come from this network, at more than one shop.",
    ),
    // Scam victims: a caller has them buy vouchers and read the codes.
    for_victims(
        "high-vouchers-new-shop",
        (Challenge, PROTECT_VICTIM),
        "attempt.high_vouchers >= 3 && attempt.amount >= 20000 && voucher.since_first_sale < 172800 \
         && (!has(pair.attempts_30d) || pair.attempts_30d < 0.5)",
        "Several vouchers of high value, bought within two days, by a payer who never paid at this shop, as swindlers make \
         their victims do.",
    ),
    for_victims(
        "fresh-high-vouchers",
        (Review, &[WarnPayer, CoolDown(HOUR.times(4))]),
        "attempt.high_vouchers >= 4 && attempt.amount >= 30000 && voucher.since_first_sale < 7200",
        "Four or more vouchers of high value, all bought within the last two hours.",
    ),
    for_victims(
        "fresh-and-far",
        (Review, PROTECT_VICTIM),
        "voucher.since_sale < 900 && voucher.is_foreign_to_address",
        "The voucher was bought minutes ago in another country: its owner cannot be here.",
    ),
    for_victims(
        "fresh-at-foreign-shop",
        (Challenge, &[WarnPayer]),
        "voucher.since_sale < 900 && voucher.is_foreign_to_merchant && attempt.amount >= 5000 && voucher.of_remaining >= 0.9",
        "A voucher bought minutes ago is emptied at a shop in another country.",
    ),
    // Vouchers that go where vouchers of one owner do not.
    live(
        "many-vouchers-device",
        (Review, NOTHING),
        "device.partners >= 12 && device.new_partners_1d >= 6",
        "Many different vouchers are spent on this device.",
    ),
    live(
        "voucher-passed-round",
        (Challenge, &[NotifyOwner]),
        "voucher.partners >= 4 && voucher.new_partners_1d >= 2",
        "This voucher was tried from many addresses within a day.",
    ),
    live(
        "fraud-terminal",
        (Review, &[RaiseGuard(Guarded::Terminal, Span::DAY)]),
        "terminal.frauds_7d >= 3 && terminal.fraud_share_7d >= 0.3",
        "Many of this week's vouchers from this terminal were spent by fraud.",
    ),
    live(
        "split-below-limit",
        (Review, NOTHING),
        "attempt.is_near_limit && payer.near_limit_1d >= 2",
        "One payment just below the limit after another, as if one were split.",
    ),
    // What needs a look at a back-test before it is used.
    shadow(
        "many-vouchers-address",
        (Challenge, NOTHING),
        "address.new_partners_1d >= 15 && address.wrong_pin_share_1d >= 0.1",
        "Many different vouchers come from this address, and some PINs are wrong.",
    ),
    shadow(
        "batch-to-one-shop",
        (Review, &[RaiseGuard(Guarded::Terminal, Span::DAY)]),
        "route.share_7d >= 0.6 && route.attempts_7d >= 10",
        "Most vouchers that this terminal sold this week are spent at this one shop.",
    ),
    shadow(
        "guessing-payment",
        (Challenge, NOTHING),
        "payment.wrong_pins_1h >= 2.5",
        "Three wrong PINs were typed for this payment.",
    ),
    shadow(
        "headless-browser",
        (Challenge, NOTHING),
        "behaviour.headless_signs >= 2 || behaviour.missing_headers >= 3",
        "The page was opened by a program, not by a browser with a screen.",
    ),
    shadow(
        "too-fast",
        (Challenge, NOTHING),
        "behaviour.on_page < 1500 && !behaviour.is_pasted",
        "Sixteen digits were typed faster than people type.",
    ),
    shadow(
        "unusual-amount",
        (Challenge, NOTHING),
        "attempt.amount >= 5000 && (payer.amount_deviation >= 4 || merchant.amount_deviation >= 4) \
         && (payer.hour_deviation >= 1.5 || attempt.is_night)",
        "An amount far above the usual, at an unusual hour.",
    ),
    shadow(
        "old-voucher-far-away",
        (Challenge, &[NotifyOwner]),
        "voucher.unused_for >= 15552000 && voucher.is_foreign_to_address && voucher.of_remaining >= 0.9",
        "A voucher that lay unused for half a year is emptied from another country.",
    ),
    shadow(
        "merchant-stands-out",
        (Review, &[NotifyMerchant]),
        "merchant.turnover_30d >= 50 && (merchant.dispute_share_30d >= 0.05 \
         || merchant.refund_share_30d >= 0.3 && merchant.night_share_30d >= 0.4)",
        "Disputes, or refunds together with payments at night, are far more frequent at this shop than elsewhere.",
    ),
];
