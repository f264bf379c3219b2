use ids::party::MerchantId;
use store::outbox::{Channel, Message, MessageId, MessageStatus, NewMessage};

use super::{
    LANE_WAITING_MAX, Lanes, NOTIFICATIONS_MAX, Place, RECIPIENT_IN_FLIGHT_MAX,
    RECIPIENT_WAITING_MAX,
};
use crate::webhook::fixtures::{MERCHANT, NOON};

fn message(id: u64, merchant: MerchantId, channel: Channel, url: &str) -> Message {
    Message {
        id: MessageId(id),
        number: id,
        content: NewMessage {
            recipient: merchant.into(),
            channel,
            event: "payment.captured".to_owned(),
            url: url.to_owned(),
            body: String::new(),
            entry: None,
            created_at: NOON,
        },
        attempts: 0,
        status: MessageStatus::Pending {
            next_attempt_at: NOON,
        },
    }
}

fn lanes() -> Lanes {
    Lanes::holding(10_000)
}

fn webhook(id: u64, merchant: MerchantId) -> Message {
    message(id, merchant, Channel::Webhook, "https://shop.example/hook")
}

/// Answers how many found no room.
fn place_all(lanes: &mut Lanes, messages: impl IntoIterator<Item = Message>) -> usize {
    let places = messages.into_iter().map(|message| lanes.place(message));
    places
        .filter(|place| matches!(place, Place::Full(_)))
        .count()
}

fn next_id(lanes: &mut Lanes) -> Option<u64> {
    lanes.next().map(|message| message.id.0)
}

fn other_merchant() -> MerchantId {
    MerchantId::new(MERCHANT.number() + 1).unwrap()
}

#[test]
fn an_endpoint_has_one_webhook_under_way_at_a_time() {
    let mut lanes = lanes();
    place_all(&mut lanes, [webhook(1, MERCHANT), webhook(2, MERCHANT)]);
    let first = lanes.next().unwrap();
    assert_eq!(first.id, MessageId(1));
    assert_eq!(next_id(&mut lanes), None);
    lanes.leave(&first);
    assert_eq!(next_id(&mut lanes), Some(2));
}

#[test]
fn merchants_take_turns() {
    let mut lanes = lanes();
    let other = other_merchant();
    place_all(&mut lanes, (1..=50).map(|id| webhook(id, MERCHANT)));
    place_all(&mut lanes, [webhook(51, other)]);
    assert_eq!(next_id(&mut lanes), Some(1));
    assert_eq!(next_id(&mut lanes), Some(51));
    assert_eq!(next_id(&mut lanes), None);
}

#[test]
fn a_full_lane_takes_no_more_while_others_do() {
    let mut lanes = lanes();
    let count = LANE_WAITING_MAX as u64 + 3;
    let full = place_all(&mut lanes, (1..=count).map(|id| webhook(id, MERCHANT)));
    assert_eq!(full, 3);
    assert_eq!(place_all(&mut lanes, [webhook(99, other_merchant())]), 0);
}

#[test]
fn notifications_to_one_host_share_a_lane_though_their_urls_differ() {
    let mut lanes = lanes();
    let notification = |id: u64| {
        let url = format!("https://shop.example/n/{id}");
        message(id, MERCHANT, Channel::Notification, &url)
    };
    place_all(&mut lanes, (1..=20).map(notification));
    let under_way: Vec<Message> = std::iter::from_fn(|| lanes.next()).collect();
    assert_eq!(under_way.len(), NOTIFICATIONS_MAX);
    lanes.leave(&under_way[2]);
    assert_eq!(next_id(&mut lanes), Some(5));
    assert_eq!(next_id(&mut lanes), None);
}

#[test]
fn a_merchant_with_many_hosts_takes_no_more_than_its_share() {
    let mut lanes = lanes();
    let notification = |id: u64| {
        let url = format!("https://shop{id}.example/n");
        message(id, MERCHANT, Channel::Notification, &url)
    };
    let count = RECIPIENT_WAITING_MAX as u64 + 5;
    assert_eq!(place_all(&mut lanes, (1..=count).map(notification)), 5);
    let under_way: Vec<Message> = std::iter::from_fn(|| lanes.next()).collect();
    assert_eq!(under_way.len(), RECIPIENT_IN_FLIGHT_MAX);

    place_all(&mut lanes, [webhook(1_000, other_merchant())]);
    assert_eq!(next_id(&mut lanes), Some(1_000));
    lanes.leave(&under_way[0]);
    assert!(lanes.next().is_some());
    assert_eq!(next_id(&mut lanes), None);
}

#[test]
fn all_lanes_together_hold_no_more_than_their_bound() {
    let mut lanes = Lanes::holding(3);
    let merchants = (0..4).map(|n| MerchantId::new(MERCHANT.number() + n).unwrap());
    let messages: Vec<Message> = (1..)
        .zip(merchants)
        .map(|(id, to)| webhook(id, to))
        .collect();
    assert_eq!(place_all(&mut lanes, messages), 1);
    let first = lanes.next().unwrap();
    assert_eq!(place_all(&mut lanes, [webhook(9, MERCHANT)]), 0);
    lanes.leave(&first);
    assert_eq!(place_all(&mut lanes, [webhook(10, MERCHANT)]), 1);
}

#[test]
fn an_idle_lane_is_forgotten() {
    let mut lanes = lanes();
    place_all(&mut lanes, [webhook(1, MERCHANT)]);
    let message = lanes.next().unwrap();
    lanes.leave(&message);
    assert!(lanes.lanes.is_empty() && lanes.ready.is_empty() && lanes.recipients.is_empty());
}
