//! What a distributor may ask for: pin-on-demand orders.

use std::sync::Arc;

use accounting::entry::{Actor, Entry, Idempotency};
use accounting::fact::{Fact, Party};
use ids::command::Sequence;
use ids::object::OrderId;
use ids::party::DistributorId;
use ids::time::Span;
use ids::token::Token;
use ids::voucher::{Country, ProductId, Serial};
use money::amount::Amount;
use store::fold::Rows;
use store::query::{Page, ReversalQuery};
use store::row::Key;
use vault::pin::Pin;
use voucher::distributor::Distributor;
use voucher::order::{CancelRefusal, Order};

use crate::command::{Command, Envelope, NewOrder};
use crate::core::{Engine, Outcome, Subject};
use crate::error::{CommandError, Refusal};
use crate::history;
use crate::log::receipts::Receipts;
use crate::service::api_key;
use crate::service::contact::{self, EmailAddress, LanguageTag, Occasion};
use crate::service::delivered_pin::{DRAWS_MAX, seal_pin, unseal_pin};
use crate::service::merchant::Freshness;

/// The distributor's face of the engine.
#[derive(Clone)]
pub struct DistributorService {
    engine: Arc<Engine>,
    receipts: Option<Arc<Receipts>>,
}

/// What a till asks for.
#[derive(Clone, Debug)]
pub struct OrderRequest {
    pub amount: Amount,
    pub product: ProductId,
    pub country: Country,
    pub terminal: Token,
    pub shop: String,
    /// How long the till has to confirm, where it is not as agreed.
    pub confirmation_window: Option<Span>,
    /// Where the buyer wants to be told what becomes of the voucher.
    pub owner: Option<OwnerContact>,
}

/// An address that a till passes on, and the language of its letters.
#[derive(Clone, Debug)]
pub struct OwnerContact {
    pub address: EmailAddress,
    pub language: LanguageTag,
}

/// What became of the address that came with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerKept {
    /// None came, or it is kept, or its owner has given another one or taken it away since.
    AsAsked,
    /// The sale stands without it.
    Not,
}

/// An order and the PIN that it delivered.
pub struct OrderReply {
    pub order: Order,
    pub pin: Pin,
    pub freshness: Freshness,
    pub owner: OwnerKept,
}

/// An order that was cancelled because nobody confirmed it.
#[derive(Debug)]
pub struct Unconfirmed {
    /// The cancellation.
    pub entry: Entry,
    pub order: Order,
    /// The entry that delivered it.
    pub delivery: Option<Entry>,
}

/// A cancelled order.
#[derive(Debug)]
pub struct CancelReply {
    pub order: Order,
    pub freshness: Freshness,
}

impl DistributorService {
    pub fn new(engine: Arc<Engine>) -> DistributorService {
        DistributorService {
            engine,
            receipts: None,
        }
    }

    /// The same, which gives receipts of a transparency log.
    #[must_use]
    pub fn giving_receipts(self, receipts: Arc<Receipts>) -> DistributorService {
        DistributorService {
            receipts: Some(receipts),
            ..self
        }
    }

    /// What makes receipts; none where there is no transparency log.
    pub fn receipts(&self) -> Option<&Receipts> {
        self.receipts.as_deref()
    }

    /// The entry with this number, if it sold, confirmed or cancelled this order.
    pub async fn entry_of(
        &self,
        order: &Order,
        sequence: Sequence,
    ) -> Result<Option<Entry>, CommandError> {
        // An entry of the future is none that a store has to be asked for; the order's own last one is the newest.
        if order.version < sequence {
            return Ok(None);
        }
        let mut found = self.engine.store().entries_at(&[sequence]).await?;
        Ok(found.pop().filter(|entry| match entry.fact() {
            Fact::OrderDelivered { order: of, .. } => of.id == order.id,
            Fact::OrderCancelled { order: of, .. } | Fact::OrderConfirmed { order: of } => {
                *of == order.id
            }
            _ => false,
        }))
    }

    /// The distributor with this API key, unless the key is unknown or revoked.
    pub async fn authenticate(
        &self,
        api_key: &str,
    ) -> Result<Option<Arc<Distributor>>, CommandError> {
        let (owner, rows) = api_key::owner(&self.engine, api_key).await?;
        Ok(match owner {
            Some(Party::Distributor(id)) => rows.distributor(id).cloned(),
            Some(Party::Merchant(_) | Party::Operator(_)) | None => None,
        })
    }

    pub async fn distributor(
        &self,
        id: DistributorId,
    ) -> Result<Option<Arc<Distributor>>, CommandError> {
        let rows = self.engine.store().load(&[Key::Distributor(id)]).await?;
        Ok(rows.distributor(id).cloned())
    }

    /// Sells a voucher that is made for the order; `token` is the till's Correlation-ID if it sent one.
    pub async fn order(
        &self,
        distributor: DistributorId,
        token: Option<Token>,
        request: OrderRequest,
        idempotency: Option<Idempotency>,
    ) -> Result<OrderReply, CommandError> {
        let owner = request.owner.clone();
        let mut reply = self.sell(distributor, token, request, idempotency).await?;
        if let Some(owner) = owner {
            reply.owner = self.keep_owner(&reply.order, &owner).await;
        }
        Ok(reply)
    }

    /// Keeps the address that came with a sale. An entry of its own: the sale stands whatever becomes of it.
    async fn keep_owner(&self, order: &Order, owner: &OwnerContact) -> OwnerKept {
        let given = contact::give(
            &self.engine,
            (Actor::Distributor(order.id.distributor), Occasion::Sale),
            order.serial,
            (&owner.address, owner.language),
        );
        match given.await {
            Ok(()) => OwnerKept::AsAsked,
            Err(error) => {
                tracing::warn!(%error, order.id = %order.id, "an owner's address was not kept");
                OwnerKept::Not
            }
        }
    }

    async fn sell(
        &self,
        distributor: DistributorId,
        token: Option<Token>,
        request: OrderRequest,
        idempotency: Option<Idempotency>,
    ) -> Result<OrderReply, CommandError> {
        let id = OrderId {
            distributor,
            token: token.unwrap_or_else(|| self.engine.vault().draw_token()),
        };
        for _ in 0..DRAWS_MAX {
            let command = Command::DeliverOrder(Box::new(self.draw(id, &request)));
            let envelope = Envelope {
                actor: Actor::Distributor(distributor),
                idempotency,
                command,
            };
            match self.engine.execute(envelope).await {
                Err(CommandError::Refused(Refusal::VoucherTaken)) => continue,
                Err(error) => return Err(error),
                Ok(Outcome::Applied {
                    subject: Subject::Order(order),
                    ..
                }) => {
                    return self.reply(*order, Freshness::New);
                }
                Ok(Outcome::Applied { .. }) => return Err(CommandError::Fault),
                Ok(Outcome::Replayed { entry }) => return self.replay(entry).await,
            }
        }
        Err(Refusal::VoucherTaken.into())
    }

    /// An order of this distributor; another's is as good as none.
    pub async fn find(
        &self,
        distributor: DistributorId,
        id: OrderId,
    ) -> Result<Option<Order>, CommandError> {
        if id.distributor != distributor {
            return Ok(None);
        }
        let rows = self.engine.store().load(&[Key::Order(id)]).await?;
        Ok(rows.order(id).cloned())
    }

    /// The order that delivered a voucher.
    pub async fn find_by_serial(
        &self,
        distributor: DistributorId,
        serial: Serial,
    ) -> Result<Option<Order>, CommandError> {
        let store = self.engine.store().as_ref();
        match history::order_of_voucher(store, serial).await? {
            Some(order) => self.find(distributor, order.id).await,
            None => Ok(None),
        }
    }

    /// Undoes a sale while its window is open and the voucher untouched.
    pub async fn cancel(
        &self,
        distributor: DistributorId,
        id: OrderId,
        idempotency: Option<Idempotency>,
    ) -> Result<CancelReply, CommandError> {
        if id.distributor != distributor {
            return Err(Refusal::UnknownOrder.into());
        }
        let command = Command::CancelOrder { order: id };
        let envelope = Envelope {
            actor: Actor::Distributor(distributor),
            idempotency,
            command,
        };
        match self.engine.execute(envelope).await? {
            Outcome::Applied {
                subject: Subject::Order(order),
                ..
            } => Ok(CancelReply {
                order: *order,
                freshness: Freshness::New,
            }),
            Outcome::Applied { .. } => Err(CommandError::Fault),
            Outcome::Replayed { entry } => self.replay_cancel(entry).await,
        }
    }

    /// Notes that the voucher of an order arrived. Saying so twice is answered alike.
    pub async fn confirm(
        &self,
        distributor: DistributorId,
        id: OrderId,
    ) -> Result<Order, CommandError> {
        if id.distributor != distributor {
            return Err(Refusal::UnknownOrder.into());
        }
        let envelope = Envelope {
            actor: Actor::Distributor(distributor),
            idempotency: None,
            command: Command::ConfirmOrder { order: id },
        };
        match self.engine.execute(envelope).await {
            Ok(Outcome::Applied {
                subject: Subject::Order(order),
                ..
            }) => Ok(*order),
            Ok(_) => Err(CommandError::Fault),
            Err(CommandError::Refused(Refusal::Order(CancelRefusal::Confirmed))) => {
                let found = self.find(distributor, id).await?;
                found.ok_or(CommandError::Fault)
            }
            Err(error) => Err(error),
        }
    }

    /// Orders that were cancelled because nobody confirmed them, newest first: the entry, and the order as it is now.
    pub async fn reversals(
        &self,
        query: &ReversalQuery,
    ) -> Result<Page<Unconfirmed>, CommandError> {
        let store = self.engine.store();
        let page = store.reversals(query).await?;
        let entries = store.entries_at(&page.items).await?;
        let keys: Vec<Key> = entries
            .iter()
            .filter_map(order_of)
            .map(Key::Order)
            .collect();
        let rows = store.load(&keys).await?;
        let mut found = Vec::with_capacity(entries.len());
        for entry in entries {
            let order = order_of(&entry).and_then(|id| rows.order(id)).cloned();
            let Some(order) = order else { continue };
            // The entry that sold the voucher is the first that touched it.
            let touched = store.voucher_entries(order.serial).await?;
            found.push((entry, order, touched.first().copied()));
        }
        let sold: Vec<Sequence> = found.iter().filter_map(|(_, _, sold)| *sold).collect();
        let deliveries = store.entries_at(&sold).await?;
        let with_delivery = |(entry, order, sold): (Entry, Order, Option<Sequence>)| Unconfirmed {
            delivery: deliveries
                .iter()
                .find(|delivery| Some(delivery.sequence()) == sold)
                .cloned(),
            entry,
            order,
        };
        Ok(Page {
            items: found.into_iter().map(with_delivery).collect(),
            next: page.next,
        })
    }

    fn draw(&self, id: OrderId, request: &OrderRequest) -> NewOrder {
        let pin = self.engine.vault().draw_pin();
        let serial = self.engine.vault().draw_serial();
        NewOrder {
            id,
            amount: request.amount,
            product: request.product,
            country: request.country,
            terminal: request.terminal,
            shop: request.shop.clone(),
            serial,
            pin: self.engine.vault().pin_index(&pin),
            sealed_pin: seal_pin(&self.engine, serial, &pin),
            confirmation_window: request.confirmation_window,
        }
    }

    fn reply(&self, order: Order, freshness: Freshness) -> Result<OrderReply, CommandError> {
        let pin = unseal_pin(&self.engine, order.serial, &order.sealed_pin)?;
        Ok(OrderReply {
            order,
            pin,
            freshness,
            owner: OwnerKept::AsAsked,
        })
    }

    /// The order that the entry cancelled, whatever the repeated request names. It has not changed since.
    async fn replay_cancel(&self, sequence: Sequence) -> Result<CancelReply, CommandError> {
        let entries = self.engine.store().entries_at(&[sequence]).await?;
        let order = match entries.first().map(|entry| entry.fact()) {
            Some(Fact::OrderCancelled { order, .. }) => *order,
            _ => return Err(CommandError::Fault),
        };
        let found = self.find(order.distributor, order).await?;
        Ok(CancelReply {
            order: found.ok_or(CommandError::Fault)?,
            freshness: Freshness::Replayed,
        })
    }

    async fn replay(&self, sequence: Sequence) -> Result<OrderReply, CommandError> {
        let entries = self.engine.store().entries_at(&[sequence]).await?;
        match entries.first().map(|entry| entry.fact()) {
            Some(Fact::OrderDelivered { order, .. }) => {
                let order = Order {
                    version: sequence,
                    ..Order::clone(order)
                };
                self.reply(order, Freshness::Replayed)
            }
            _ => Err(CommandError::Fault),
        }
    }
}

/// The order that an entry cancels.
fn order_of(entry: &Entry) -> Option<OrderId> {
    let Fact::OrderCancelled { order, .. } = entry.fact() else {
        return None;
    };
    Some(*order)
}
