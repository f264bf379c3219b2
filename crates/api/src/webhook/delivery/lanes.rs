//! The queues of messages that were fetched and are not under way.

use std::collections::{HashMap, VecDeque};

use store::outbox::{Channel, Message, Recipient};
use url::Url;

#[cfg(test)]
mod tests;

/// Messages that wait in one lane at most.
const LANE_WAITING_MAX: usize = 64;
/// Messages to one recipient that wait in all its lanes at most.
const RECIPIENT_WAITING_MAX: usize = 256;
/// Messages to one recipient under way at a time: a merchant chooses the hosts that it is notified at, so lanes alone
/// would let it take every place.
const RECIPIENT_IN_FLIGHT_MAX: usize = 16;
/// Classic notifications to one host under way at a time; each goes to a URL of its own.
const NOTIFICATIONS_MAX: usize = 4;

/// The lanes that have anything to do, and how much of it belongs to each recipient.
pub struct Lanes {
    /// Messages that wait, in all lanes together.
    waiting: usize,
    waiting_max: usize,
    lanes: HashMap<LaneKey, Lane>,
    recipients: HashMap<Recipient, Load>,
    /// Lanes with a message to send and a place for it, in the order in which they became so.
    ready: VecDeque<LaneKey>,
}

/// Whether a message found room.
pub enum Place {
    Queued,
    Full(Message),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct LaneKey {
    recipient: Recipient,
    channel: Channel,
    /// Scheme, host and port, or the whole text if it is no URL.
    host: String,
}

#[derive(Default)]
struct Lane {
    waiting: VecDeque<Message>,
    in_flight: usize,
    is_ready: bool,
}

#[derive(Default)]
struct Load {
    waiting: usize,
    in_flight: usize,
}

impl Lanes {
    /// Lanes in which so many messages may wait together.
    pub fn holding(waiting_max: usize) -> Lanes {
        Lanes {
            waiting: 0,
            waiting_max,
            lanes: HashMap::new(),
            recipients: HashMap::new(),
            ready: VecDeque::new(),
        }
    }

    pub fn place(&mut self, message: Message) -> Place {
        if self.waiting_max <= self.waiting {
            return Place::Full(message);
        }
        let key = LaneKey::of(&message);
        let load = self.recipients.entry(key.recipient).or_default();
        let waiting = self.lanes.get(&key).map_or(0, |lane| lane.waiting.len());
        if LANE_WAITING_MAX <= waiting || RECIPIENT_WAITING_MAX <= load.waiting {
            return Place::Full(message);
        }
        load.waiting += 1;
        self.waiting += 1;
        let lane = self.lanes.entry(key.clone()).or_default();
        lane.waiting.push_back(message);
        self.make_ready(key);
        Place::Queued
    }

    /// The next message to send. Every lane has its turn before one has its second.
    pub fn next(&mut self) -> Option<Message> {
        let is_free = |key: &LaneKey| {
            let load = self.recipients.get(&key.recipient);
            load.is_some_and(|load| load.in_flight < RECIPIENT_IN_FLIGHT_MAX)
        };
        let place = self.ready.iter().position(is_free)?;
        let key = self.ready.remove(place)?;
        let lane = self.lanes.get_mut(&key)?;
        lane.is_ready = false;
        let message = lane.waiting.pop_front()?;
        lane.in_flight += 1;
        self.waiting = self.waiting.saturating_sub(1);
        let load = self.recipients.entry(key.recipient).or_default();
        load.waiting = load.waiting.saturating_sub(1);
        load.in_flight += 1;
        self.make_ready(key);
        Some(message)
    }

    /// A message of [`Lanes::next`] is no longer under way.
    pub fn leave(&mut self, message: &Message) {
        let key = LaneKey::of(message);
        if let Some(load) = self.recipients.get_mut(&key.recipient) {
            load.in_flight = load.in_flight.saturating_sub(1);
            if load.in_flight == 0 && load.waiting == 0 {
                self.recipients.remove(&key.recipient);
            }
        }
        if let Some(lane) = self.lanes.get_mut(&key) {
            lane.in_flight = lane.in_flight.saturating_sub(1);
            if lane.in_flight == 0 && lane.waiting.is_empty() {
                self.lanes.remove(&key);
            } else {
                self.make_ready(key);
            }
        }
    }

    fn make_ready(&mut self, key: LaneKey) {
        let Some(lane) = self.lanes.get_mut(&key) else {
            return;
        };
        let has_room = lane.in_flight < in_flight_max(key.channel);
        if has_room && !lane.is_ready && !lane.waiting.is_empty() {
            lane.is_ready = true;
            self.ready.push_back(key);
        }
    }
}

impl LaneKey {
    fn of(message: &Message) -> LaneKey {
        let content = &message.content;
        let host = match Url::parse(&content.url) {
            Ok(url) => url.origin().ascii_serialization(),
            Err(_) => content.url.clone(),
        };
        LaneKey {
            recipient: content.recipient,
            channel: content.channel,
            host,
        }
    }
}

fn in_flight_max(channel: Channel) -> usize {
    match channel {
        // Their order means something to the receiver, as far as all goes well.
        Channel::Webhook => 1,
        Channel::Notification => NOTIFICATIONS_MAX,
        Channel::Mail | Channel::Parting => 1,
    }
}
