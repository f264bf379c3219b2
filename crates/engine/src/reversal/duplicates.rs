//! The same order, paid twice.

use std::collections::{HashMap, VecDeque};

use ids::object::{PaymentId, RefundId};
use ids::time::Timestamp;
use payment::duplicate::DUPLICATE_WINDOW_MAX;
use payment::payment::Payment;
use store::failure::Failure;
use store::fold::Rows;
use store::port::Store;
use store::row::Key;

use crate::command::{Command, Replacement, SecondPayment};
use crate::core::Engine;
use crate::error::{CommandError, Refusal};
use crate::idempotency::truncated;
use crate::reversal::attempt;
use crate::service::delivered_pin::DRAWS_MAX;
use crate::service::replacement;

/// A payment, and those that were authorised for the same order before, latest first.
pub struct Suspect {
    id: PaymentId,
    earlier: Vec<PaymentId>,
}

/// Payments of late that name an order.
///
/// Bounded: when there are too many, the oldest is forgotten, and a duplicate of it is not found.
#[derive(Default)]
pub struct Recent {
    by_order: HashMap<[u8; 16], Vec<PaymentId>>,
    in_time: VecDeque<(Timestamp, [u8; 16], PaymentId)>,
}

/// Payments that are remembered, about 250 bytes each.
const RECENT_MAX: usize = 200_000;
/// Payments for one order that are compared with a further one.
const EARLIER_MAX: usize = 8;

impl Recent {
    /// Takes in payments that were authorised, in the order of the journal, and answers those that had another before.
    pub async fn note(
        &mut self,
        store: &dyn Store,
        authorized: &[PaymentId],
    ) -> Result<Vec<Suspect>, Failure> {
        if authorized.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> = authorized.iter().copied().map(Key::Payment).collect();
        let rows = store.load(&keys).await?;
        let found = authorized.iter().filter_map(|id| rows.payment(*id));
        Ok(found.filter_map(|payment| self.compare(payment)).collect())
    }

    fn compare(&mut self, payment: &Payment) -> Option<Suspect> {
        let at = payment.authorized?.at;
        let order = order_of(payment)?;
        self.forget(at.minus(DUPLICATE_WINDOW_MAX));
        let known = self.by_order.entry(order).or_default();
        if known.contains(&payment.id) {
            return None;
        }
        let earlier: Vec<PaymentId> = known.iter().rev().take(EARLIER_MAX).copied().collect();
        known.push(payment.id);
        self.in_time.push_back((at, order, payment.id));
        (!earlier.is_empty()).then_some(Suspect {
            id: payment.id,
            earlier,
        })
    }

    /// Forgets what was authorised before `since`, and the oldest where there are too many.
    fn forget(&mut self, since: Timestamp) {
        while let Some((at, order, id)) = self.in_time.front().copied()
            && (at < since || RECENT_MAX <= self.in_time.len())
        {
            self.in_time.pop_front();
            if let Some(known) = self.by_order.get_mut(&order) {
                known.retain(|known| *known != id);
                if known.is_empty() {
                    self.by_order.remove(&order);
                }
            }
        }
    }
}

/// Does what the merchant's terms say about the suspect, step by step, until nothing is left to do.
pub async fn resolve(engine: &Engine, suspect: &Suspect) -> Result<(), CommandError> {
    for of in &suspect.earlier {
        let mut is_duplicate = false;
        while step(engine, suspect.id, *of).await? {
            is_duplicate = true;
        }
        if is_duplicate {
            break;
        }
    }
    Ok(())
}

/// One step; answers whether it was taken.
async fn step(engine: &Engine, id: PaymentId, of: PaymentId) -> Result<bool, CommandError> {
    let refund = RefundId {
        mid: id.mid,
        token: engine.vault().draw_token(),
    };
    let second = |replacements: Vec<Replacement>| {
        Command::ResolveDuplicate(Box::new(SecondPayment {
            id,
            of,
            refund,
            replacements,
        }))
    };
    let mut replacements = Vec::new();
    for _ in 0..DRAWS_MAX {
        match attempt(engine, second(replacements)).await {
            Ok(()) => return Ok(true),
            Err(CommandError::Refused(
                Refusal::ReplacementsNeeded { .. } | Refusal::VoucherTaken,
            )) => replacements = replacement::draw(engine, id).await?,
            // Nothing was decided; the next look tries again.
            Err(error @ CommandError::Refused(Refusal::ChangedMeanwhile)) => return Err(error),
            Err(CommandError::Refused(_) | CommandError::Fault) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// What two payments for one order have in common.
fn order_of(payment: &Payment) -> Option<[u8; 16]> {
    let request = &payment.request;
    let reference = request.order_reference.as_ref()?;
    let customer = request.customer.id.as_bytes();
    Some(truncated(&[
        payment.id.mid.to_string().as_bytes(),
        &request.amount.minor.to_be_bytes(),
        &(customer.len() as u64).to_be_bytes(),
        customer,
        reference.as_str().as_bytes(),
    ]))
}
