//! Fields: a tag, a length and a value each, so that whoever holds a group's bytes can read them with a table of tags.
//!
//! ```text
//! group = 0x01 | field ...            up to 65535 bytes
//!       | 0x02 | SHA-256 of the above where it is longer
//! field = tag (1) | length (4) | value
//! ```
//!
//! Numbers are big-endian, signed ones in two's complement. Times are milliseconds since 1970, spans milliseconds, amounts
//! minor units. A field that an entry does not have is left out; of a list each element is a field of its own, in the
//! list's order. Tags ascend but for repeated ones.

use ids::object::{OrderId, PaymentId, RefundId};
use ids::party::Mid;
use ids::token::Token;
use money::currency::Currency;
use sha2::{Digest, Sha256};
use smallvec::SmallVec;

/// In front of fields that follow as they are.
pub(crate) const PLAIN: u8 = 0x01;
/// In front of the digest of more fields than an opening can hold.
const DIGESTED: u8 = 0x02;
/// What an opening holds at most, its length being told in sixteen bits.
pub const GROUP_BYTES_MAX: usize = 65_535;

/// Room that most groups, and most values, have enough of from the start.
const FIELDS_BYTES: usize = 320;
const VALUE_BYTES: usize = 40;

/// What a field is. Numbers are never used again for something else; docs/transparency.md has the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tag {
    // Core.
    Fact = 1,
    At = 2,
    Actor = 3,
    Posting = 4,
    Currency = 5,
    Amount = 6,
    Fee = 7,
    DueAt = 8,
    HoldUntil = 9,
    CaptureMode = 10,
    CaptureWindow = 11,
    Finality = 12,
    StatusBefore = 13,
    Canceled = 14,
    StopCause = 15,
    NotBefore = 16,
    ReviewUntil = 17,
    OrderCancelCause = 18,
    Product = 19,
    Denomination = 20,
    Validity = 21,
    MaintenanceFee = 22,
    Document = 23,
    DocumentContent = 24,
    // Payer.
    OpenedFrom = 40,
    CustomerAddress = 41,
    CustomerEmail = 42,
    Attempt = 43,
    AttemptAddress = 44,
    Whereabouts = 45,
    Device = 46,
    TimeOnPage = 47,
    PinEntry = 48,
    KeyInterval = 49,
    KeyDeviation = 50,
    AttemptedVoucher = 51,
    Judgement = 52,
    AddressOf = 53,
    // Merchant.
    Merchant = 70,
    MerchantTerms = 71,
    MerchantName = 72,
    MerchantCurrency = 73,
    Submerchant = 74,
    WebhookUrl = 75,
    WebhookSecret = 76,
    Payment = 77,
    SuccessUrl = 78,
    FailureUrl = 79,
    NotificationUrl = 80,
    CustomerId = 81,
    CustomerMinAge = 82,
    CustomerKycLevel = 83,
    CustomerCountry = 84,
    SubmerchantId = 85,
    ShopId = 86,
    OrderReference = 87,
    Refund = 88,
    RefundComment = 89,
    DuplicateOf = 90,
    // Voucher.
    Effect = 110,
    Hold = 111,
    CaptureShare = 112,
    RefundShare = 113,
    Challenged = 114,
    NewVoucher = 115,
    Batch = 116,
    Distributor = 117,
    DistributorTerms = 118,
    DistributorName = 119,
    ConfirmationWindow = 120,
    Order = 121,
    Delivery = 122,
    Shop = 123,
    Terminal = 124,
    ContactOf = 125,
    // Reference.
    ActorId = 140,
    IdempotencyKey = 141,
    Fingerprint = 142,
    ApiKey = 143,
    ApiKeyOwner = 144,
    Canceler = 145,
    Person = 146,
    Label = 147,
}

/// The fields of one group: what the leaf commits to, once they are ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields(Vec<u8>);

/// The value of one field, put together. Most are short, and there are a score of them in an entry.
#[derive(Clone, Debug)]
pub(crate) struct Value(SmallVec<[u8; VALUE_BYTES]>);

impl Fields {
    pub fn of_nothing() -> Self {
        Self(Vec::with_capacity(FIELDS_BYTES))
    }

    /// Lets go of what was here.
    pub fn begin(&mut self) {
        self.0.clear();
        self.0.push(PLAIN);
    }

    pub fn put(&mut self, tag: Tag, value: Value) {
        let length = u32::try_from(value.0.len()).expect("an entry is far below 4 GiB");
        self.0.push(tag as u8);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(&value.0);
    }

    pub fn put_if(&mut self, tag: Tag, value: Option<Value>) {
        if let Some(value) = value {
            self.put(tag, value);
        }
    }

    pub fn put_all(&mut self, tag: Tag, values: impl IntoIterator<Item = Value>) {
        for value in values {
            self.put(tag, value);
        }
    }

    /// Fields too long for an opening become their digest.
    pub fn end(&mut self) {
        if GROUP_BYTES_MAX < self.0.len() {
            let digest = Sha256::digest(&self.0);
            self.0.clear();
            self.0.push(DIGESTED);
            self.0.extend_from_slice(&digest);
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Value {
    pub fn new() -> Self {
        Self(SmallVec::new())
    }

    pub fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    pub fn short(mut self, number: u16) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub fn word(mut self, number: u32) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub fn long(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub fn signed(mut self, number: i64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Bytes of a known length, or the last part of the value.
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// A text, the last part of the value.
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    /// What is not shown, or is too long to be.
    pub fn digest_of(self, bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        self.bytes(&digest)
    }

    pub fn currency(self, currency: Currency) -> Self {
        self.short(currency.numeric())
    }

    /// The merchant's number and the currency's, then the token.
    pub fn payment(self, id: &PaymentId) -> Self {
        self.mid_and_token(id.mid, &id.token)
    }

    pub fn refund(self, id: &RefundId) -> Self {
        self.mid_and_token(id.mid, &id.token)
    }

    /// The distributor's number, then the token.
    pub fn order(self, id: &OrderId) -> Self {
        self.long(id.distributor.number())
            .bytes(id.token.as_bytes())
    }

    fn mid_and_token(self, mid: Mid, token: &Token) -> Self {
        self.word(mid.merchant.number())
            .currency(mid.currency)
            .bytes(token.as_bytes())
    }
}
