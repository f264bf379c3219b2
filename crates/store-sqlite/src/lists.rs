//! Lists for people and reports: the tables, and what memory knows beyond them.

use std::collections::HashSet;
use std::sync::Arc;

use ids::command::Sequence;
use ids::object::PaymentId;
use ids::voucher::Serial;
use payment::payment::Payment;
use store::failure::Failure;
use store::fold::payment_changed;
use store::query::{
    Cursor, MovementQuery, Page, PaymentQuery, first_entry, matches, page_among, page_of, page_size,
};
use store::row::{Key, Row};

use crate::load::Shared;

/// Payments that are looked at in one go when a customer's are sifted.
const SIFTED_AT_ONCE: usize = 256;

impl Shared {
    pub fn payments(&self, query: &PaymentQuery) -> Result<Page<Arc<Payment>>, Failure> {
        match (query.serial, &query.customer_id) {
            (Some(serial), _) => Ok(page_among(self.payments_of_voucher(serial)?, query)),
            (None, Some(customer)) => self.payments_of_customer(customer, query),
            (None, None) => self.views.payments(query),
        }
    }

    /// The entries that touched a voucher, oldest first.
    pub fn voucher_entries(&self, serial: Serial) -> Result<Vec<Sequence>, Failure> {
        // Memory first: what a snapshot stores meanwhile is then seen twice rather than not at all.
        let recent = self.memory.read().voucher_entries(serial);
        let mut entries = self.views.voucher_entries(serial)?;
        entries.extend(recent);
        entries.sort_unstable();
        entries.dedup();
        Ok(entries)
    }

    pub fn movements(&self, query: &MovementQuery) -> Result<Page<Sequence>, Failure> {
        let after = match query.after {
            None => None,
            Some(Cursor(entry)) => {
                let entries = self.journal.entries_at(&[entry])?;
                entries.first().map(|last| (last.at(), entry))
            }
        };
        self.views.movements(query, after)
    }

    /// Every payment that ever touched the voucher.
    fn payments_of_voucher(&self, serial: Serial) -> Result<Vec<Arc<Payment>>, Failure> {
        let entries = self.journal.entries_at(&self.voucher_entries(serial)?)?;
        let mut ids: Vec<PaymentId> = entries.iter().filter_map(payment_changed).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut payments = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(Row::Payment(payment)) = self.row(Key::Payment(id))? {
                payments.push(payment);
            }
        }
        Ok(payments)
    }

    /// Sifts a customer's payments, newest first, until the page is full: some shops name every customer alike.
    fn payments_of_customer(
        &self,
        customer: &str,
        query: &PaymentQuery,
    ) -> Result<Page<Arc<Payment>>, Failure> {
        let (customer, mut recent) = {
            let memory = self.memory.read();
            let customer = memory.seed.customer(query.merchant, customer);
            // Memory first here too.
            (customer, memory.customer_payments(customer))
        };
        let mut before = query.after.map_or(Sequence(u64::MAX >> 1), |after| after.0);
        recent.retain(|place| *place < before);
        recent.sort_unstable_by(|a, b| b.cmp(a));
        let known: HashSet<Sequence> = recent.iter().copied().collect();
        let mut found = Vec::new();
        let wanted = page_size(query.page_size) + 1;
        for places in recent.chunks(SIFTED_AT_ONCE) {
            found.extend(self.sift(places, query)?);
        }
        while found.len() < wanted {
            let places = self
                .views
                .customer_payments(customer, before, SIFTED_AT_ONCE)?;
            let Some(last) = places.last() else {
                break;
            };
            before = *last;
            let others: Vec<Sequence> = places
                .into_iter()
                .filter(|place| !known.contains(place))
                .collect();
            found.extend(self.sift(&others, query)?);
        }
        Ok(page_of(found, query.page_size, |payment| {
            first_entry(payment)
        }))
    }

    fn sift(
        &self,
        places: &[Sequence],
        query: &PaymentQuery,
    ) -> Result<Vec<Arc<Payment>>, Failure> {
        let mut payments = self.views.payments_at(places)?;
        payments.retain(|payment| matches(payment, query));
        Ok(payments)
    }
}
