//! Attempts to pay: whether the vouchers suffice, and what the judge makes of it.

use accounting::fact::Fact;
use ids::time::Timestamp;
use ids::voucher::Serial;
use money::amount::Amount;
use payment::attempt::{Attempt, Judgement, Verdict};
use payment::decide::{self, Offer, REJECTED_PINS_MAX};
use payment::payment::Payment;
use payment::screening::{self, FAILED_CHALLENGES_MAX, Proof};
use payment::state::{Canceler, CaptureMode, Change, Hold};
use store::fold::Rows;
use store::snapshot::Snapshot;
use voucher::state::{Change as VoucherChange, FreezeCause};
use voucher::voucher::Voucher;

use crate::command::Pay;
use crate::decide::payments::unaided;
use crate::decide::vouchers::require_sound;
use crate::error::Refusal;
use crate::judge::{Case, Countermeasure, Judge, Judged};

/// Authorises the payment, or counts a PIN that cannot pay, or says how much is missing; where the judge has doubts,
/// asks for a proof, holds the value for a person to look at, or ends the payment.
pub fn pay(rows: &Snapshot, pay: &Pay, judge: &dyn Judge, now: Timestamp) -> Result<Fact, Refusal> {
    let payment = rows.payment(pay.payment).ok_or(Refusal::UnknownPayment)?;
    let merchant = rows
        .merchant(pay.payment.mid.merchant)
        .ok_or(Refusal::UnknownMerchant)?;
    decide::require_payable(payment, now)?;
    let typed = pay.pin.and_then(|pin| rows.voucher_by_pin(pin));
    typed.map_or(Ok(()), require_sound)?;
    let Some(offers) = offers(rows, pay, now) else {
        let fact = unaided(payment.id, reject_pin(payment));
        return Ok(attempted(fact, &pay.attempt, &[]));
    };
    let authorization = match decide::authorize(payment, &offers, merchant.fee_basis_points, now) {
        Ok(change) => change,
        Err(decide::Refusal::InsufficientValue {
            available_minor,
            wanted_minor,
        }) => {
            return Err(Refusal::MoreVouchersNeeded {
                missing_minor: wanted_minor - available_minor,
            });
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let Change::Authorize { holds, .. } = &authorization else {
        return Ok(unaided(payment.id, authorization));
    };
    let vouchers: Vec<Voucher> = holds
        .iter()
        .filter_map(|hold| rows.voucher(hold.serial))
        .collect();
    let case = Case {
        payment,
        merchant,
        holds,
        vouchers: &vouchers,
        attempt: &pay.attempt,
        now,
    };
    match screening::proof(payment, holds, &pay.answers, now) {
        Proof::Missing => Err(Refusal::ChallengeOpen),
        Proof::TooEarly => Err(Refusal::ChallengeTooEarly),
        Proof::Wrong => {
            let fact = unaided(payment.id, fail_challenge(payment));
            Ok(attempted(fact, &pay.attempt, holds))
        }
        proof @ (Proof::NotAsked | Proof::Right) => {
            let judged = judge.judge(&case);
            let (change, effects) = screened(&case, authorization.clone(), judged.as_ref(), proof)?;
            let fact = Fact::PaymentChanged {
                id: payment.id,
                change,
                effects,
                replacements: Vec::new(),
                attempt: None,
            };
            Ok(judged_as(fact, &pay.attempt, holds, judged))
        }
    }
}

/// What the verdict makes of an attempt that would authorise the payment.
fn screened(
    case: &Case<'_>,
    authorization: Change,
    judged: Option<&Judged>,
    proof: Proof,
) -> Result<(Change, Vec<(Serial, VoucherChange)>), Refusal> {
    let Some(judged) = judged else {
        let effects = authorize_effects(&authorization);
        return Ok((authorization, effects));
    };
    let change = match (judged.judgement.verdict, proof) {
        (Verdict::Allow, _) | (Verdict::Challenge, Proof::Right) => {
            let effects = authorize_effects(&authorization);
            return Ok((authorization, effects));
        }
        (Verdict::Challenge, _) => {
            screening::challenge(case.payment, case.holds, judged.cool_down, case.now)?
        }
        (Verdict::Review, _) => {
            let change = Change::Review {
                holds: case.holds.to_vec(),
                until: case.now.plus(judged.review_time),
            };
            return Ok((change, case.holds.iter().map(hold_effect).collect()));
        }
        (Verdict::Block, _) => {
            let by = Canceler::Risk;
            let change = decide::cancel(case.payment, by)?;
            return Ok((change, block_effects(case, judged.vouchers)));
        }
    };
    Ok((change, Vec::new()))
}

fn attempted(fact: Fact, attempt: &Attempt, holds: &[Hold]) -> Fact {
    judged_as(fact, attempt, holds, None)
}

/// The fact with the attempt that it comes of, and how that was judged.
fn judged_as(mut fact: Fact, how: &Attempt, holds: &[Hold], judged: Option<Judged>) -> Fact {
    if let Fact::PaymentChanged { attempt, .. } = &mut fact {
        let judgement: Option<Judgement> = judged.map(|judged| judged.judgement);
        *attempt = Some(Box::new(Attempt {
            vouchers: holds.iter().map(|hold| hold.serial).collect(),
            judgement,
            ..how.clone()
        }));
    }
    fact
}

/// What each offered voucher can pay, or nothing if the typed PIN cannot pay at all.
///
/// Unknown, empty, frozen, expired and unsold vouchers are one and the same here. A voucher of the basket
/// that was good when its PIN was typed and is not any more drops out: nobody guessed.
fn offers(rows: &Snapshot, pay: &Pay, now: Timestamp) -> Option<Vec<Offer>> {
    let in_basket = pay.basket.iter().filter_map(|serial| rows.voucher(*serial));
    let mut offers: Vec<Offer> = in_basket
        .filter_map(|voucher| offer(&voucher, now))
        .collect();
    if let Some(pin) = pay.pin {
        offers.push(offer(rows.voucher_by_pin(pin)?, now)?);
    }
    Some(offers)
}

fn offer(voucher: &Voucher, now: Timestamp) -> Option<Offer> {
    let can_pay =
        voucher.require_spendable().is_ok() && 0 < voucher.remaining && now < voucher.expires_at;
    can_pay.then_some(Offer {
        serial: voucher.serial,
        product: voucher.product,
        country: voucher.country,
        available: Amount::new(voucher.remaining, voucher.currency),
    })
}

fn reject_pin(payment: &Payment) -> Change {
    if payment.rejected_pins + 1 < REJECTED_PINS_MAX {
        Change::RejectPin
    } else {
        Change::Cancel {
            by: Canceler::PinLimit,
        }
    }
}

fn fail_challenge(payment: &Payment) -> Change {
    let failed = payment.challenge.as_ref().map_or(0, |asked| asked.failed);
    if failed + 1 < FAILED_CHALLENGES_MAX {
        Change::FailChallenge
    } else {
        Change::Cancel {
            by: Canceler::ChallengeLimit,
        }
    }
}

fn hold_effect(hold: &Hold) -> (Serial, VoucherChange) {
    (hold.serial, VoucherChange::Hold { minor: hold.minor })
}

fn authorize_effects(change: &Change) -> Vec<(Serial, VoucherChange)> {
    let Change::Authorize { holds, mode, .. } = change else {
        return Vec::new();
    };
    holds
        .iter()
        .flat_map(|hold| {
            let capture = match mode {
                CaptureMode::Manual => None,
                CaptureMode::Automatic => {
                    Some((hold.serial, VoucherChange::Capture { minor: hold.minor }))
                }
            };
            std::iter::once(hold_effect(hold)).chain(capture)
        })
        .collect()
}

fn block_effects(case: &Case<'_>, countermeasure: Countermeasure) -> Vec<(Serial, VoucherChange)> {
    match countermeasure {
        Countermeasure::Leave => Vec::new(),
        Countermeasure::Freeze => {
            let cause = FreezeCause::Risk;
            let freeze = |hold: &Hold| (hold.serial, VoucherChange::Freeze { cause });
            case.holds.iter().map(freeze).collect()
        }
    }
}
