//! What became of a payment, entry by entry, and the receipt of each from the transparency log.

use askama::Template;
use ids::time::Timestamp;
use money::amount::Amount;
use web::amount_text::amount_text;
use web::frame::Frame;
use web::language::Language;
use web::texts::Texts;
use web::time_text::Moment;

use super::QrCode;
use crate::texts::texts;

pub struct ReceiptsView {
    /// The local address of this page.
    pub page: String,
    /// That of the payment.
    pub payment: String,
    pub shop_name: String,
    pub log: LogStanding,
    /// Oldest first.
    pub entries: Vec<EntryLine>,
}

/// Whether there is a log that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogStanding {
    None,
    Open,
    /// It takes nothing until somebody has mended it.
    Stopped,
    /// It takes nothing more; what is in it stays.
    Closed,
}

pub struct EntryLine {
    pub happened: Happened,
    pub at: Timestamp,
    pub address: String,
    pub proof: ProofStanding,
}

/// What an entry says, for the payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    Created(Amount),
    Opened,
    WrongPin,
    Reserved(Amount),
    Paid(Amount),
    Captured(Amount),
    Cancelled,
    Expired,
    RefundChecked(Amount),
    Refunded(Amount),
    RefundLapsed,
    Duplicate,
    Stopped,
    Resumed,
    Challenged,
    WrongAnswer,
    Review,
    Approved,
    LetGo,
    PayerErased,
    Other,
}

/// Whether the log shows an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofStanding {
    Shown,
    /// It will within seconds.
    Awaited,
    /// It should by now.
    Late,
    /// It will when the log goes on.
    Stopped,
    /// It never will.
    Never,
}

pub struct ReceiptView {
    /// The local address of this page.
    pub page: String,
    pub list: String,
    pub shop_name: String,
    pub happened: Happened,
    pub at: Timestamp,
    /// The entry's number in the journal.
    pub entry: u64,
    /// The log's name; none where there is no log.
    pub origin: Option<String>,
    pub is_full: IsFull,
    pub proof: Proof,
    /// Leads to this page; none if the address is too long for one.
    pub qr: Option<QrCode>,
}

/// How much of the entry is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsFull {
    /// All that the payer may see.
    Yes,
    /// What everybody with the payment's link may see.
    SharedOnly,
}

pub enum Proof {
    Ready(ReadyProof),
    Not(ProofStanding),
    /// What is stored does not make one.
    Failed,
}

pub struct ReadyProof {
    /// How many entries the log has under the checkpoint of the receipt.
    pub size: u64,
    pub file: String,
    pub json: String,
    /// The explorer's address, with the receipt in its fragment, which no browser sends.
    pub explorer: String,
}

pub fn render_list(view: &ReceiptsView, language: Language) -> String {
    let texts = texts(language);
    let line = |line: &EntryLine| LineText {
        says: says(line.happened, &texts),
        at: Moment::day_and_clock(line.at, language),
        address: line.address.clone(),
        standing: texts.text(standing_key(line.proof)),
        is_shown: line.proof == ProofStanding::Shown,
    };
    let standings = view.entries.iter().map(|line| line.proof);
    super::rendered(&ReceiptsPage {
        frame: Frame::new(texts.text("receipts-title"), language, view.page.clone()),
        texts,
        lines: view.entries.iter().map(line).collect(),
        reload_seconds: reload_seconds(standings),
        view,
    })
}

pub fn render(view: &ReceiptView, language: Language) -> String {
    let texts = texts(language);
    let standing = match view.proof {
        Proof::Not(standing) => Some(standing),
        Proof::Ready(_) | Proof::Failed => None,
    };
    super::rendered(&ReceiptPage {
        frame: Frame::new(texts.text("receipt-title"), language, view.page.clone()),
        texts,
        says: says(view.happened, &texts),
        at: Moment::day_and_clock(view.at, language),
        reload_seconds: reload_seconds(standing.into_iter()),
        view,
    })
}

struct LineText {
    says: String,
    at: Moment,
    address: String,
    standing: String,
    is_shown: bool,
}

#[derive(Template)]
#[template(path = "receipts.html")]
struct ReceiptsPage<'a> {
    frame: Frame,
    texts: Texts,
    lines: Vec<LineText>,
    reload_seconds: Option<u32>,
    view: &'a ReceiptsView,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage<'a> {
    frame: Frame,
    texts: Texts,
    says: String,
    at: Moment,
    reload_seconds: Option<u32>,
    view: &'a ReceiptView,
}

impl ReceiptPage<'_> {
    fn standing(&self, standing: &ProofStanding) -> String {
        self.texts.text(match standing {
            ProofStanding::Shown => "receipts-shown",
            ProofStanding::Awaited => "receipt-awaited",
            ProofStanding::Late => "receipts-late-text",
            ProofStanding::Stopped => "receipts-stopped",
            ProofStanding::Never if self.view.origin.is_none() => "receipts-none",
            ProofStanding::Never => "receipts-closed",
        })
    }
}

/// How soon a page looks again by itself; none where nothing will change.
fn reload_seconds(mut standings: impl Iterator<Item = ProofStanding> + Clone) -> Option<u32> {
    if standings.clone().any(|one| one == ProofStanding::Awaited) {
        return Some(2);
    }
    standings
        .any(|one| matches!(one, ProofStanding::Late | ProofStanding::Stopped))
        .then_some(30)
}

fn standing_key(standing: ProofStanding) -> &'static str {
    match standing {
        ProofStanding::Shown => "receipts-shown",
        ProofStanding::Awaited => "receipts-awaited",
        ProofStanding::Late | ProofStanding::Stopped => "receipts-late",
        ProofStanding::Never => "receipts-never",
    }
}

fn says(happened: Happened, texts: &Texts) -> String {
    let with = |key, amount| texts.with(key, "amount", amount_text(amount, texts.language()));
    match happened {
        Happened::Created(amount) => with("entry-created", amount),
        Happened::Opened => texts.text("entry-opened"),
        Happened::WrongPin => texts.text("entry-wrong-pin"),
        Happened::Reserved(amount) => with("entry-reserved", amount),
        Happened::Paid(amount) => with("entry-paid", amount),
        Happened::Captured(amount) => with("entry-captured", amount),
        Happened::Cancelled => texts.text("entry-cancelled"),
        Happened::Expired => texts.text("entry-expired"),
        Happened::RefundChecked(amount) => with("entry-refund-checked", amount),
        Happened::Refunded(amount) => with("entry-refunded", amount),
        Happened::RefundLapsed => texts.text("entry-refund-lapsed"),
        Happened::Duplicate => texts.text("entry-duplicate"),
        Happened::Stopped => texts.text("entry-stopped"),
        Happened::Resumed => texts.text("entry-resumed"),
        Happened::Challenged => texts.text("entry-challenged"),
        Happened::WrongAnswer => texts.text("entry-wrong-answer"),
        Happened::Review => texts.text("entry-review"),
        Happened::Approved => texts.text("entry-approved"),
        Happened::LetGo => texts.text("entry-let-go"),
        Happened::PayerErased => texts.text("entry-payer-erased"),
        Happened::Other => texts.text("entry-other"),
    }
}
