//! Which field of an entry stands in which group.

use accounting::entry::{Actor, Entry};
use accounting::fact::Fact;
use tlog::leaf::FieldGroup;

use crate::field::{Fields, PLAIN, Tag, Value};
use crate::{parties, payments, vouchers};

/// The bytes of an entry's groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    pub(crate) core: Fields,
    pub(crate) payer: Fields,
    pub(crate) merchant: Fields,
    pub(crate) voucher: Fields,
    pub(crate) reference: Fields,
}

impl Groups {
    /// The bytes of a group without fields.
    pub const EMPTY: &[u8] = &[PLAIN];

    pub fn of(entry: &Entry) -> Self {
        let mut groups = Self::of_nothing();
        groups.rewrite(entry);
        groups
    }

    pub(crate) fn of_nothing() -> Self {
        let [core, payer, merchant, voucher, reference] =
            FieldGroup::ALL.map(|_| Fields::of_nothing());
        Self {
            core,
            payer,
            merchant,
            voucher,
            reference,
        }
    }

    /// Makes these the groups of another entry: many entries are written in the room of one.
    pub(crate) fn rewrite(&mut self, entry: &Entry) {
        self.each(Fields::begin);
        self.add_circumstances(entry);
        self.add_fact(entry.fact());
        self.each(Fields::end);
    }

    pub fn bytes(&self, group: FieldGroup) -> &[u8] {
        match group {
            FieldGroup::Core => &self.core,
            FieldGroup::Payer => &self.payer,
            FieldGroup::Merchant => &self.merchant,
            FieldGroup::Voucher => &self.voucher,
            FieldGroup::Reference => &self.reference,
        }
        .as_bytes()
    }

    fn each(&mut self, change: fn(&mut Fields)) {
        change(&mut self.core);
        change(&mut self.payer);
        change(&mut self.merchant);
        change(&mut self.voucher);
        change(&mut self.reference);
    }

    fn add_circumstances(&mut self, entry: &Entry) {
        self.core.put(Tag::Fact, fact_number(entry.fact()));
        self.core.put(Tag::At, Value::new().signed(entry.at().0));
        let (actor, id) = actor(entry.actor());
        self.core.put(Tag::Actor, Value::new().byte(actor));
        let legs = entry.postings().legs().iter().map(|leg| {
            Value::new()
                .short(leg.account.code.0)
                .long(leg.account.owner)
                .currency(leg.account.currency)
                .signed(leg.minor)
        });
        self.core.put_all(Tag::Posting, legs);
        let id = id.map(|id| Value::new().long(id));
        self.reference.put_if(Tag::ActorId, id);
        if let Some(idempotency) = entry.idempotency() {
            let key = Value::new().bytes(&idempotency.key.0);
            self.reference.put(Tag::IdempotencyKey, key);
            let fingerprint = Value::new().bytes(&idempotency.fingerprint.0);
            self.reference.put(Tag::Fingerprint, fingerprint);
        }
    }

    fn add_fact(&mut self, fact: &Fact) {
        match fact {
            Fact::MerchantSaved(merchant) => parties::merchant_saved(self, merchant),
            Fact::DistributorSaved(distributor) => parties::distributor_saved(self, distributor),
            Fact::ProductSaved(product) => parties::product_saved(self, product),
            Fact::ApiKeyIssued { digest, owner } => parties::api_key_issued(self, *digest, *owner),
            Fact::ApiKeyRevoked { digest } => parties::api_key_revoked(self, *digest),
            Fact::DocumentSaved { name, content } => parties::document_saved(self, *name, content),
            Fact::VouchersIssued { batch, vouchers } => vouchers::issued(self, *batch, vouchers),
            Fact::VoucherChanged {
                serial,
                currency,
                distributor,
                change,
            } => {
                let currency = Value::new().currency(*currency);
                self.core.put(Tag::Currency, currency);
                let effect = vouchers::effect(*serial, *change);
                self.voucher.put(Tag::Effect, effect);
                let distributor = Value::new().long(distributor.number());
                self.voucher.put(Tag::Distributor, distributor);
            }
            Fact::OrderDelivered { order, voucher } => vouchers::delivered(self, order, voucher),
            Fact::OrderCancelled {
                order,
                serial,
                amount,
                cause,
            } => vouchers::order_cancelled(self, order, *serial, *amount, *cause),
            Fact::OrderConfirmed { order } => {
                self.voucher.put(Tag::Order, Value::new().order(order));
            }
            Fact::PaymentCreated {
                id,
                request,
                due_at,
            } => payments::created(self, id, request, *due_at),
            Fact::PaymentChanged {
                id,
                change,
                effects,
                replacements,
                attempt,
            } => {
                let effects = effects.iter();
                let effects = effects.map(|(serial, effect)| vouchers::effect(*serial, *effect));
                self.voucher.put_all(Tag::Effect, effects);
                payments::changed(self, id, change);
                let replacements = replacements.iter().map(vouchers::new_voucher);
                self.voucher.put_all(Tag::NewVoucher, replacements);
                if let Some(attempt) = attempt {
                    payments::attempt(&mut self.payer, attempt);
                }
            }
        }
    }
}

/// What happened: the fact's number, and behind it that of a change of a voucher or payment.
fn fact_number(fact: &Fact) -> Value {
    let value = Value::new();
    match fact {
        Fact::MerchantSaved(_) => value.byte(0),
        Fact::DistributorSaved(_) => value.byte(1),
        Fact::ProductSaved(_) => value.byte(2),
        Fact::ApiKeyIssued { .. } => value.byte(3),
        Fact::ApiKeyRevoked { .. } => value.byte(4),
        Fact::VouchersIssued { .. } => value.byte(5),
        Fact::VoucherChanged { change, .. } => value.byte(6).byte(vouchers::change_number(*change)),
        Fact::OrderDelivered { .. } => value.byte(7),
        Fact::OrderCancelled { .. } => value.byte(8),
        Fact::PaymentCreated { .. } => value.byte(9),
        Fact::PaymentChanged { change, .. } => value.byte(10).byte(payments::change_number(change)),
        Fact::OrderConfirmed { .. } => value.byte(11),
        Fact::DocumentSaved { .. } => value.byte(12),
    }
}

/// The kind of whoever asked, and a party's or person's number.
fn actor(actor: Actor) -> (u8, Option<u64>) {
    match actor {
        Actor::Merchant(id) => (0, Some(id.number().into())),
        Actor::Distributor(id) => (1, Some(id.number())),
        Actor::Payer => (2, None),
        Actor::Operator => (3, None),
        Actor::Timer => (4, None),
        Actor::Person(id) => (5, Some(id.number().into())),
    }
}
