//! Which entries of the journal the owners of vouchers are told.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Entry;
use accounting::fact::Fact;
use engine::history;
use engine::service::contact::{Contact, Letters, Standing};
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::party::MerchantId;
use ids::time::Span;
use ids::voucher::Serial;
use payment::payment::Payment;
use payment::state::{Canceler, Change};
use risk::decision::Record;
use risk::rule::Action;
use store::failure::Failure;
use store::fold::{Rows, vouchers_touched};
use store::outbox::{Channel, NewMessage, Outbox, Recipient};
use store::port::Store;
use store::row::Key;
use store::snapshot::Snapshot;
use voucher::state::Change as VoucherChange;

use crate::letter::{Kind, Letter, PaymentWords};
use crate::partings;

/// The time within which a second letter of one kind about one voucher is not written to one address.
pub const QUIET: Span = Span::HOUR;
/// Letters in one look into the outbox.
const PAGE_SIZE: usize = 50;

/// Says what owners are told of the journal.
#[derive(Clone)]
pub struct Owners {
    store: Arc<dyn Store>,
    outbox: Arc<dyn Outbox>,
    letters: Letters,
}

/// Something that the owner of a voucher may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct News {
    serial: Serial,
    kind: Kind,
    payment: Option<PaymentId>,
}

/// A contact, and the entry that gave or confirmed it.
struct Reachable {
    contact: Contact,
    since: Sequence,
}

impl Reachable {
    /// An address that nobody has confirmed is told nothing but that it waits to be, and a confirmed one nothing of what
    /// was before, also if the journal is read once more.
    fn hears(&self, kind: Kind, entry: Sequence) -> bool {
        match self.contact.standing {
            Standing::Unconfirmed => kind == Kind::Confirm && entry == self.since,
            Standing::Confirmed => kind != Kind::Confirm && self.since < entry,
        }
    }
}

impl Owners {
    pub fn new(store: Arc<dyn Store>, outbox: Arc<dyn Outbox>, letters: Letters) -> Owners {
        Owners {
            store,
            outbox,
            letters,
        }
    }

    /// The letters of these entries in their order, where letters are sent, and behind them the partings of the vouchers
    /// that ended.
    pub async fn messages(&self, entries: &[Arc<Entry>]) -> Result<Vec<NewMessage>, Failure> {
        // Few vouchers have an address, and what the others' entries say is not even decoded.
        let contacts = self.contacts(entries).await?;
        if contacts.is_empty() {
            return Ok(Vec::new());
        }
        let mut messages = match self.letters {
            Letters::Sent => self.letters(entries, &contacts).await?,
            Letters::NotSent => Vec::new(),
        };
        let reachable = |entry: &Entry| -> Vec<Serial> {
            let concerned = concerned(entry).into_iter();
            concerned
                .filter(|serial| contacts.contains_key(serial))
                .collect()
        };
        let touched = entries
            .iter()
            .map(|entry| (entry.as_ref(), reachable(entry)));
        messages.extend(partings::of(self.store.as_ref(), touched).await?);
        Ok(messages)
    }

    async fn letters(
        &self,
        entries: &[Arc<Entry>],
        contacts: &HashMap<Serial, Reachable>,
    ) -> Result<Vec<NewMessage>, Failure> {
        let mut heard: Vec<(&Entry, News)> = Vec::new();
        for entry in entries {
            let is_reachable = |serial: &Serial| contacts.contains_key(serial);
            if concerned(entry).iter().any(is_reachable) {
                let news = self.news(entry).await?;
                heard.extend(news.into_iter().map(|news| (entry.as_ref(), news)));
            }
        }
        heard.retain(|(entry, news)| {
            let since = contacts.get(&news.serial);
            since.is_some_and(|since| since.hears(news.kind, entry.sequence()))
        });
        if heard.is_empty() {
            return Ok(Vec::new());
        }
        let payments = self.payments(&heard).await?;
        let mut letters: Vec<NewMessage> = Vec::new();
        for (entry, news) in heard {
            let Some(Reachable { contact, .. }) = contacts.get(&news.serial) else {
                continue;
            };
            let letter = Letter {
                kind: news.kind,
                at: entry.at().0,
                given_at: contact.given_at.0,
                payment: news.payment.and_then(|id| words(&payments, id)),
            };
            let message = message(news, &letter, entry);
            if !self.is_one_too_many((&message, &letter), &letters).await? {
                letters.push(message);
            }
        }
        Ok(letters)
    }

    /// What an entry is to the owners of its vouchers, whether they can be reached or not.
    async fn news(&self, entry: &Entry) -> Result<Vec<News>, Failure> {
        Ok(match entry.fact() {
            Fact::DocumentSaved {
                name: DocumentName::VoucherContact(serial),
                content,
            } => match Contact::decode(content) {
                Some(contact) if contact.standing == Standing::Unconfirmed => {
                    vec![plain(*serial, Kind::Confirm)]
                }
                Some(_) | None => Vec::new(),
            },
            Fact::VoucherChanged { serial, change, .. } => match change {
                VoucherChange::Freeze { .. } => vec![plain(*serial, Kind::Frozen)],
                VoucherChange::Unfreeze => vec![plain(*serial, Kind::Released)],
                VoucherChange::Activate { .. }
                | VoucherChange::Hold { .. }
                | VoucherChange::Release { .. }
                | VoucherChange::Capture { .. }
                | VoucherChange::Refund { .. }
                | VoucherChange::ChargeFee { .. }
                | VoucherChange::Expire { .. }
                | VoucherChange::Void { .. } => Vec::new(),
            },
            Fact::PaymentChanged { id, change, .. } => {
                self.news_of_payment(*id, change, entry).await?
            }
            Fact::MerchantSaved(_)
            | Fact::DistributorSaved(_)
            | Fact::ProductSaved(_)
            | Fact::ApiKeyIssued { .. }
            | Fact::ApiKeyRevoked { .. }
            | Fact::DocumentSaved { .. }
            | Fact::VouchersIssued { .. }
            | Fact::OrderDelivered { .. }
            | Fact::OrderCancelled { .. }
            | Fact::OrderConfirmed { .. }
            | Fact::PaymentCreated { .. } => Vec::new(),
        })
    }

    async fn news_of_payment(
        &self,
        id: PaymentId,
        change: &Change,
        entry: &Entry,
    ) -> Result<Vec<News>, Failure> {
        let mut told: BTreeMap<Serial, Kind> = BTreeMap::new();
        if let Some(kind) = kind_of(change) {
            let asked = match change {
                Change::Cancel {
                    by: Canceler::Reviewer,
                } => self.asked_at_review(id).await?,
                _ => asked(entry),
            };
            told.extend(asked.into_iter().map(|serial| (serial, kind)));
        }
        // A frozen voucher says more than a refused payment.
        told.extend(
            frozen(entry)
                .into_iter()
                .map(|serial| (serial, Kind::Frozen)),
        );
        let news = |(serial, kind)| News {
            serial,
            kind,
            payment: Some(id),
        };
        Ok(told.into_iter().map(news).collect())
    }

    /// The vouchers of a reviewed payment, if the attempt that led to its review asked that their owners be told.
    async fn asked_at_review(&self, id: PaymentId) -> Result<Vec<Serial>, Failure> {
        let rows = self.store.load(&[Key::Payment(id)]).await?;
        let Some(payment) = rows.payment(id) else {
            return Ok(Vec::new());
        };
        let entries = history::entries(self.store.as_ref(), payment).await?;
        let is_review =
            |entry: &&Entry| matches!(history::change_of(entry), Some(Change::Review { .. }));
        Ok(entries
            .iter()
            .rev()
            .find(is_review)
            .map_or_else(Vec::new, asked))
    }

    /// The contacts of all vouchers that these entries are about.
    async fn contacts(
        &self,
        entries: &[Arc<Entry>],
    ) -> Result<HashMap<Serial, Reachable>, Failure> {
        let serials: BTreeSet<Serial> = entries.iter().flat_map(|entry| concerned(entry)).collect();
        if serials.is_empty() {
            return Ok(HashMap::new());
        }
        let keys: Vec<Key> = serials
            .iter()
            .map(|serial| Key::Document(DocumentName::VoucherContact(*serial)))
            .collect();
        let rows = self.store.load(&keys).await?;
        let found = serials.into_iter().filter_map(|serial| {
            let document = rows.document(DocumentName::VoucherContact(serial))?;
            let reachable = Reachable {
                contact: Contact::decode(&document.content)?,
                since: document.version,
            };
            Some((serial, reachable))
        });
        Ok(found.collect())
    }

    /// The payments that are written about, with their merchants.
    async fn payments(&self, heard: &[(&Entry, News)]) -> Result<Snapshot, Failure> {
        let payments: BTreeSet<PaymentId> =
            heard.iter().filter_map(|(_, news)| news.payment).collect();
        let merchants: BTreeSet<MerchantId> = payments.iter().map(|id| id.mid.merchant).collect();
        let mut keys: Vec<Key> = payments.into_iter().map(Key::Payment).collect();
        keys.extend(merchants.into_iter().map(Key::Merchant));
        self.store.load(&keys).await
    }

    /// Whether the owner has read as much within the last hour: a letter of the same kind to the same address, in the outbox
    /// or written just now.
    ///
    /// Whether the voucher is frozen is never left in doubt: a letter that says so is one too many only if the last one
    /// about that said the same.
    async fn is_one_too_many(
        &self,
        (message, letter): (&NewMessage, &Letter),
        written: &[NewMessage],
    ) -> Result<bool, Failure> {
        let from = message.created_at.minus(QUIET);
        let is_recent =
            |other: &NewMessage| other.recipient == message.recipient && from < other.created_at;
        let newest_first = written.iter().rev().filter(|other| is_recent(other));
        if let Some(kind) = last_on_the_matter(letter, newest_first) {
            return Ok(kind == letter.kind);
        }
        let mut before = None;
        loop {
            let page = self
                .outbox
                .messages(message.recipient, before, PAGE_SIZE)
                .await?;
            let recent = page.iter().map(|other| &other.content);
            let recent = recent.take_while(|other| is_recent(other));
            let recent: Vec<&NewMessage> = recent.collect();
            if let Some(kind) = last_on_the_matter(letter, recent.iter().copied()) {
                return Ok(kind == letter.kind);
            }
            match page.last() {
                Some(last) if recent.len() == PAGE_SIZE => before = Some(last.id),
                Some(_) | None => return Ok(false),
            }
        }
    }
}

/// What the newest of these messages says that is about the same matter as the letter and to the same address.
fn last_on_the_matter<'a>(
    letter: &Letter,
    newest_first: impl Iterator<Item = &'a NewMessage>,
) -> Option<Kind> {
    newest_first
        .filter_map(|other| Letter::from_json(&other.body))
        .filter(|other| other.given_at == letter.given_at)
        .map(|other| other.kind)
        .find(|kind| matter(*kind) == matter(letter.kind))
}

/// The kind that stands for what a letter is about: frozen and released are one matter.
fn matter(kind: Kind) -> Kind {
    match kind {
        Kind::Frozen | Kind::Released => Kind::Frozen,
        Kind::Confirm | Kind::Challenged | Kind::InReview | Kind::Refused | Kind::Paid => kind,
    }
}

/// The vouchers that an entry is about: those that it changes, that an attempt names, or whose address it saves. New ones
/// have none yet.
fn concerned(entry: &Entry) -> Vec<Serial> {
    match entry.fact() {
        Fact::DocumentSaved {
            name: DocumentName::VoucherContact(serial),
            ..
        } => vec![*serial],
        Fact::VoucherChanged { .. } | Fact::OrderCancelled { .. } => vouchers_touched(entry),
        Fact::PaymentChanged { attempt, .. } => {
            let mut serials = vouchers_touched(entry);
            serials.extend(attempt.iter().flat_map(|attempt| &attempt.vouchers));
            serials
        }
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::VouchersIssued { .. }
        | Fact::OrderDelivered { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. } => Vec::new(),
    }
}

fn plain(serial: Serial, kind: Kind) -> News {
    News {
        serial,
        kind,
        payment: None,
    }
}

/// What a change of a payment is to the owners of its vouchers.
fn kind_of(change: &Change) -> Option<Kind> {
    match change {
        Change::Challenge { .. } => Some(Kind::Challenged),
        Change::Review { .. } => Some(Kind::InReview),
        Change::Authorize { .. } => Some(Kind::Paid),
        Change::Cancel {
            by: Canceler::Risk | Canceler::Reviewer,
        } => Some(Kind::Refused),
        Change::Cancel {
            by:
                Canceler::Merchant
                | Canceler::Customer
                | Canceler::PinLimit
                | Canceler::DuplicateOf(_)
                | Canceler::ChallengeLimit,
        }
        | Change::Open { .. }
        | Change::RejectPin
        | Change::Capture { .. }
        | Change::Expire { .. }
        | Change::ValidateRefund { .. }
        | Change::Refund { .. }
        | Change::LapseRefund { .. }
        | Change::FlagDuplicate { .. }
        | Change::Stop { .. }
        | Change::Resume { .. }
        | Change::FailChallenge
        | Change::Approve { .. }
        | Change::Release { .. }
        | Change::Label { .. }
        | Change::ErasePayer => None,
    }
}

/// The vouchers of an attempt whose rules asked that their owners be told.
fn asked(entry: &Entry) -> Vec<Serial> {
    let Fact::PaymentChanged {
        attempt: Some(attempt),
        ..
    } = entry.fact()
    else {
        return Vec::new();
    };
    let record = attempt.judgement.as_ref();
    let record = record.and_then(|judgement| Record::decode(&judgement.record).ok());
    let is_asked = |record: &Record| record.decision.actions.contains(&Action::NotifyOwner);
    match record {
        Some(record) if is_asked(&record) => attempt.vouchers.clone(),
        Some(_) | None => Vec::new(),
    }
}

/// The vouchers that an entry of a payment froze.
fn frozen(entry: &Entry) -> Vec<Serial> {
    let Fact::PaymentChanged { effects, .. } = entry.fact() else {
        return Vec::new();
    };
    let frozen = effects
        .iter()
        .filter(|(_, change)| matches!(change, VoucherChange::Freeze { .. }));
    frozen.map(|(serial, _)| *serial).collect()
}

fn words(rows: &Snapshot, id: PaymentId) -> Option<PaymentWords> {
    let payment: &Arc<Payment> = rows.payment(id)?;
    let merchant = rows.merchant(id.mid.merchant)?;
    Some(PaymentWords::new(payment.request.amount, &merchant.name))
}

fn message(news: News, letter: &Letter, entry: &Entry) -> NewMessage {
    NewMessage {
        recipient: Recipient::Owner(news.serial),
        channel: Channel::Mail,
        event: news.kind.event().to_owned(),
        url: String::new(),
        body: letter.to_json(),
        entry: Some(entry.sequence()),
        created_at: entry.at(),
    }
}
