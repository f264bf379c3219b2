//! What merchants are told: signed webhooks for every change of a payment, and paysafecard's classic notification; and the
//! letters to owners of vouchers, which take the same way.
//!
//! A [`reader`] follows the journal and writes messages into the outbox, together with its cursor; the [`delivery`] task
//! sends what is due and records every attempt. Neither is on the path of a payment.
//!
//! Invariants:
//! - An entry becomes the same messages however often the reader is restarted, and each of them once.
//! - A message tells the payment as it was after its entry, never as it is now.
//! - The numbers of a merchant's webhooks have no gap. A message may arrive more than once, or later than its successor:
//!   the receiver tells by `webhook-id` and `data.number`.
//! - A connection goes to an address that was checked ([`address`]); a redirect is never followed.
//! - A slow target holds up nobody but its own merchant, and a slow mail server nothing but letters.

use std::sync::Arc;
use std::time::Duration;

use engine::clock::Clock;
use engine::figures::deliveries::Deliveries;
use engine::service::contact::Letters;
use mail::owners::Owners;
use mail::partings::Partings;
use mail::post::Post;
use store::outbox::{Outbox, Queue};
use store::port::Store;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use vault::vault::Vault;

use crate::webhook::address::TargetPolicy;
use crate::webhook::delivery::Delivery;
use crate::webhook::delivery::sender::{ClientError, Sender};
use crate::webhook::reader::Reader;

pub mod event;
pub mod message;
pub mod notification;
pub mod reader;

pub mod address;
pub mod delivery;
pub mod schedule;
pub mod secret;

pub mod endpoints;

#[cfg(test)]
mod fixtures;

/// What the two tasks work on.
#[derive(Clone)]
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub outbox: Arc<dyn Outbox>,
    pub vault: Arc<Vault>,
    pub clock: Arc<dyn Clock>,
    /// What writes to owners of vouchers; none where no mail server is configured.
    pub post: Option<Arc<Post>>,
    /// What takes addresses of owners away, whether letters are sent or not.
    pub partings: Partings,
    /// Counts what becomes of messages.
    pub deliveries: Arc<Deliveries>,
}

/// How the two tasks work.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub targets: TargetPolicy,
    /// How often the reader looks for new entries when there were none.
    pub reader_poll: Duration,
    /// How often the delivery looks for messages that are due.
    pub delivery_poll: Duration,
}

/// The running tasks. They end when the token that they were started with is cancelled, or this is dropped.
pub struct Tasks {
    reader: JoinHandle<()>,
    delivery: JoinHandle<()>,
    _stop: DropGuard,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            targets: TargetPolicy::PublicOnly,
            reader_poll: Duration::from_millis(20),
            delivery_poll: Duration::from_millis(50),
        }
    }
}

/// Starts reader and delivery beside the current runtime, each on a thread that may block: the ports do.
///
/// Fails if no HTTP client can be made, as on a machine without any root certificate.
pub fn start(
    ports: Ports,
    settings: Settings,
    shutdown: &CancellationToken,
) -> Result<Tasks, ClientError> {
    let sender = Arc::new(Sender::new(ports.clone(), settings.targets)?);
    let stop = shutdown.child_token();
    Ok(Tasks {
        reader: start_reader(&ports, settings, stop.clone()),
        delivery: start_delivery(&ports, settings, sender, stop.clone()),
        _stop: stop.drop_guard(),
    })
}

/// Starts the reader alone, for a platform of several nodes of which one reads.
pub fn start_reader(ports: &Ports, settings: Settings, stop: CancellationToken) -> JoinHandle<()> {
    let (store, outbox) = (Arc::clone(&ports.store), Arc::clone(&ports.outbox));
    let letters = match ports.post {
        Some(_) => Letters::Sent,
        None => Letters::NotSent,
    };
    let owners = Some(Owners::new(
        Arc::clone(&store),
        Arc::clone(&outbox),
        letters,
    ));
    let reader = Reader::new(store, outbox, owners);
    spawn(reader.run(settings.reader_poll, stop))
}

/// Starts the delivery alone, for a platform of several nodes of which one delivers.
pub fn start_delivery(
    ports: &Ports,
    settings: Settings,
    sender: Arc<Sender>,
    stop: CancellationToken,
) -> JoinHandle<()> {
    let [merchants, letters, partings] = Queue::ALL.map(|queue| {
        let delivery = Delivery::new(queue, ports.clone(), Arc::clone(&sender));
        delivery.run(settings.delivery_poll, stop.clone())
    });
    spawn(async move {
        tokio::join!(merchants, letters, partings);
    })
}

impl Tasks {
    /// Waits until the token is cancelled and both tasks have written down what they know.
    pub async fn join(self) {
        for task in [self.reader, self.delivery] {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task that tells merchants ended in a panic");
            }
        }
    }
}

fn spawn(task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(task))
}
