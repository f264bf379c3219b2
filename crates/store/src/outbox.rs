//! The outbox: messages to merchants and owners of vouchers, from the entry that caused them to their delivery.

use std::collections::HashMap;

use ids::command::Sequence;
use ids::party::MerchantId;
use ids::time::Timestamp;
use ids::voucher::Serial;

use crate::failure::Failure;
use crate::port::Answer;

/// Storage for messages that are on their way. It has a cursor into the journal of its own.
///
/// `enqueue` numbers the messages of each recipient and channel 1, 2, 3, … without a gap, and moves the
/// cursor in the same step: after a crash a message is neither lost nor numbered twice. The cursor moves only
/// from where the reader found it, so of two readers that both believe to be the only one, one changes nothing.
pub trait Outbox: Send + Sync + 'static {
    /// The last entry whose messages are in the outbox.
    fn cursor(&self) -> Answer<'_, Result<Sequence, Failure>>;

    /// Adds the messages of the entries of this step. A step that does not begin at the stored cursor, or leads
    /// nowhere, changes nothing.
    fn enqueue(
        &self,
        messages: Vec<NewMessage>,
        step: Step,
    ) -> Answer<'_, Result<Stepped, Failure>>;

    /// Adds one message outside the journal, such as a test call, and answers its id.
    fn enqueue_now(&self, message: NewMessage) -> Answer<'_, Result<MessageId, Failure>>;

    /// At most `count` messages of this queue whose next attempt is due at `now`, oldest first.
    fn due(
        &self,
        queue: Queue,
        now: Timestamp,
        count: usize,
    ) -> Answer<'_, Result<Vec<Message>, Failure>>;

    /// Records attempts and what is to come of their messages. An attempt whose number is not the next one of its message
    /// is recorded already, and changes nothing.
    fn record(&self, attempts: Vec<Attempt>) -> Answer<'_, Result<(), Failure>>;

    /// The messages to a recipient, newest first, from before `before`.
    fn messages(
        &self,
        recipient: Recipient,
        before: Option<MessageId>,
        count: usize,
    ) -> Answer<'_, Result<Vec<Message>, Failure>>;

    /// The letters to owners that were given up, newest first, from before `before`.
    fn letters_given_up(
        &self,
        before: Option<MessageId>,
        count: usize,
    ) -> Answer<'_, Result<Vec<GivenUp>, Failure>>;

    /// One message with all its attempts, oldest first.
    fn message(
        &self,
        recipient: Recipient,
        id: MessageId,
    ) -> Answer<'_, Result<Option<Delivery>, Failure>>;

    /// Makes a message due at `now`, if it is one that is meant. Answers whether it was; otherwise nothing changes.
    fn resend(
        &self,
        recipient: Recipient,
        id: MessageId,
        meant: Resend,
        now: Timestamp,
    ) -> Answer<'_, Result<bool, Failure>>;
}

/// Which message is meant to be sent again. It is compared in the step that changes it, so that of two that mean the same
/// one changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// Whatever became of it before.
    Always,
    /// One that is given up.
    IfGivenUp,
    /// One that waits as it was seen: nobody has tried it since, or made it due at another time.
    IfWaiting {
        attempts: u32,
        next_attempt_at: Timestamp,
    },
}

impl Resend {
    /// The number of attempts and the status that a message must have, where they matter.
    pub fn wanted(self) -> (Option<u32>, Option<MessageStatus>) {
        match self {
            Resend::Always => (None, None),
            Resend::IfGivenUp => (None, Some(MessageStatus::GaveUp)),
            Resend::IfWaiting {
                attempts,
                next_attempt_at,
            } => (
                Some(attempts),
                Some(MessageStatus::Pending { next_attempt_at }),
            ),
        }
    }
}

/// What a reader has read: the entries behind `from`, up to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub from: Sequence,
    pub to: Sequence,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stepped {
    Taken,
    /// The cursor stands elsewhere: somebody else reads, or has read. Begin again from the stored cursor.
    NotTaken,
}

impl Step {
    /// Whether the step leads on from a stored cursor.
    pub fn leads_on_from(&self, cursor: Sequence) -> bool {
        self.from == cursor && self.from < self.to
    }
}

/// A message and its attempts, oldest first.
pub type Delivery = (Message, Vec<Attempt>);

/// A message that was given up, and the last attempt to deliver it.
pub type GivenUp = (Message, Option<Attempt>);

/// Puts messages and their last attempts together, whatever the order of those.
pub fn given_up(messages: Vec<Message>, last_attempts: Vec<Attempt>) -> Vec<GivenUp> {
    let mut last: HashMap<MessageId, Attempt> = last_attempts
        .into_iter()
        .map(|attempt| (attempt.message, attempt))
        .collect();
    let with_last = |message: Message| {
        let attempt = last.remove(&message.id);
        (message, attempt)
    };
    messages.into_iter().map(with_last).collect()
}

/// Puts messages and their attempts together, both of which are in the order of the messages' ids.
pub fn deliveries(messages: Vec<Message>, attempts: Vec<Attempt>) -> Vec<Delivery> {
    let mut attempts = attempts.into_iter().peekable();
    let mut deliveries = Vec::with_capacity(messages.len());
    for message in messages {
        let mut own = Vec::new();
        while let Some(attempt) = attempts.next_if(|attempt| attempt.message == message.id) {
            own.push(attempt);
        }
        deliveries.push((message, own));
    }
    deliveries
}

/// A message's place in the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u64);

/// How a message is written and signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Signed JSON after the Standard Webhooks specification.
    Webhook,
    /// The unsigned form of paysafecard's notification.
    Notification,
    /// A letter to the owner of a voucher. Where it goes is found when it is sent: the outbox has no address.
    Mail,
    /// Nothing is sent: the address of an owner leaves with its voucher, once no letter to it waits any more.
    Parting,
}

/// Messages that wait apart from all others: what is slow holds up its own queue alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Queue {
    /// Webhooks and notifications.
    Merchants,
    /// Letters, which all go to one mail server.
    Letters,
    /// What is done without asking anybody outside.
    Partings,
}

impl Queue {
    pub const ALL: [Queue; 3] = [Queue::Merchants, Queue::Letters, Queue::Partings];

    pub fn as_str(self) -> &'static str {
        match self {
            Queue::Merchants => "merchants",
            Queue::Letters => "letters",
            Queue::Partings => "partings",
        }
    }
}

impl Queue {
    /// The numbers of its channels, the first and the last.
    pub fn channel_numbers(self) -> (u8, u8) {
        let (first, last) = match self {
            Queue::Merchants => (Channel::Webhook, Channel::Notification),
            Queue::Letters => (Channel::Mail, Channel::Mail),
            Queue::Partings => (Channel::Parting, Channel::Parting),
        };
        (first.number(), last.number())
    }
}

impl Channel {
    const ALL: [Channel; 4] = [
        Channel::Webhook,
        Channel::Notification,
        Channel::Mail,
        Channel::Parting,
    ];

    pub fn queue(self) -> Queue {
        match self {
            Channel::Webhook | Channel::Notification => Queue::Merchants,
            Channel::Mail => Queue::Letters,
            Channel::Parting => Queue::Partings,
        }
    }

    /// By which every backend stores it; it never changes.
    pub fn number(self) -> u8 {
        match self {
            Channel::Webhook => 0,
            Channel::Notification => 1,
            Channel::Mail => 2,
            Channel::Parting => 3,
        }
    }

    pub fn of_number(number: u8) -> Option<Channel> {
        let mut all = Channel::ALL.into_iter();
        all.find(|channel| channel.number() == number)
    }
}

/// Whom a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipient {
    Merchant(MerchantId),
    /// The owner of this voucher.
    Owner(Serial),
}

impl Recipient {
    /// What stands for the recipient in storage: merchants have seven digits, serials sixteen.
    pub fn number(self) -> u64 {
        match self {
            Recipient::Merchant(id) => id.number().into(),
            Recipient::Owner(serial) => serial.number(),
        }
    }

    /// The recipient of this number.
    pub fn of_number(number: u64) -> Option<Recipient> {
        let merchant = u32::try_from(number).ok();
        let merchant = merchant.and_then(|number| MerchantId::new(number).ok());
        let owner = || Serial::new(number).ok().map(Recipient::Owner);
        merchant.map(Recipient::Merchant).or_else(owner)
    }
}

impl From<MerchantId> for Recipient {
    fn from(id: MerchantId) -> Recipient {
        Recipient::Merchant(id)
    }
}

/// A message that is not numbered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    pub recipient: Recipient,
    pub channel: Channel,
    /// What happened, as in `payment.captured`.
    pub event: String,
    pub url: String,
    /// The body without the number, which is put in when the message is sent.
    pub body: String,
    /// The entry that caused it; none for a test call.
    pub entry: Option<Sequence>,
    pub created_at: Timestamp,
}

/// A message in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    /// 1, 2, 3, … for each recipient and channel.
    pub number: u64,
    pub content: NewMessage,
    pub attempts: u32,
    pub status: MessageStatus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageStatus {
    Pending {
        next_attempt_at: Timestamp,
    },
    Delivered,
    /// All attempts failed, the target will never take it, or the address is not allowed.
    GaveUp,
}

/// One try to deliver a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub message: MessageId,
    /// 1, 2, 3, … for each message.
    pub number: u32,
    pub at: Timestamp,
    /// Milliseconds until the answer or the end of patience.
    pub duration_ms: u32,
    pub outcome: Outcome,
    /// What becomes of the message.
    pub status: MessageStatus,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The target answered with this status: of HTTP, or of SMTP for a letter.
    Answered(u16),
    /// No answer; the reason in words for the log.
    Unreachable(String),
}
