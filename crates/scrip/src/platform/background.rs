//! What runs beside the requests: timers, readers of the journal and what watches; of several nodes, under leases.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use api::webhook::address::TargetPolicy;
use api::webhook::delivery::sender::Sender;
use api::webhook::{self, Ports, Settings};
use engine::guard::Guard;
use engine::lease::Node;
use engine::log::Log;
use engine::log::sequencer::Sequencer;
use engine::risk::countermeasures::Countermeasures;
use engine::risk::training::Training;
use engine::risk::{monitor, reader};
use engine::timers;
use ids::time::Span;
use mail::partings::Partings;
use mail::post::Post;
use risk::model::settings::Settings as Tuning;
use store::lease::{Holder, LeaseName};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vault::random::random_bytes;

use crate::anchored::Anchorer;
use crate::platform::{Judging, Platform};

/// How often wrong tries are told to other nodes whose payers went away before they were.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// The tasks that serve readers of the journal and watch the time.
pub struct Background {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Platform {
    /// Starts the timers and the delivery of messages, of which over several nodes each runs on one, and what every
    /// node does for itself.
    ///
    /// Before that the rules in force take their seat, so that no payment is judged by others.
    ///
    /// `post` writes to owners of vouchers, where a mail server is configured.
    pub async fn start_background(
        &self,
        targets: TargetPolicy,
        post: Option<Arc<Post>>,
    ) -> anyhow::Result<Background> {
        if self.judging == Judging::On {
            self.seat_judge().await;
        }
        let stop = CancellationToken::new();
        let node = Node {
            leases: self.backend.leases(),
            holder: Holder(random_bytes()),
            stop: stop.clone(),
            held: Arc::clone(&self.leases),
        };
        let ports = Ports {
            store: self.store_port(),
            outbox: self.outbox_port(),
            vault: Arc::clone(&self.vault),
            clock: Arc::clone(&self.clock),
            post,
            partings: Partings::new(Arc::clone(&self.engine), self.outbox_port()),
            deliveries: Arc::clone(&self.deliveries),
        };
        let settings = Settings {
            targets,
            ..Settings::default()
        };
        let sender = Sender::new(ports.clone(), targets)
            .context("the delivery of webhooks cannot be started")?;
        let sender = Arc::new(sender);
        let timers = self.start_timers(node.clone());
        let own_ports = ports.clone();
        let reader = node
            .clone()
            .work_while_held(LeaseName::MessageReader, move |stop| {
                finished(webhook::start_reader(&own_ports, settings, stop))
            });
        let judging = node.clone();
        let sequencing = node.clone();
        let delivery = node.work_while_held(LeaseName::MessageDelivery, move |stop| {
            finished(webhook::start_delivery(
                &ports,
                settings,
                Arc::clone(&sender),
                stop,
            ))
        });
        let guard = tokio::spawn(tell_of_wrong_tries(Arc::clone(&self.guard), stop.clone()));
        let mut tasks = vec![timers, tokio::spawn(reader), tokio::spawn(delivery), guard];
        if let Some(file) = self.atlas_file.clone() {
            let following = file.follow(Arc::clone(&self.atlas), stop.clone());
            tasks.push(tokio::spawn(following));
        }
        if let Some(log) = &self.log {
            tasks.extend(self.start_anchoring(log, sequencing.clone())?);
            tasks.extend(self.start_log(log, sequencing));
        }
        if self.judging == Judging::On {
            tasks.extend(self.start_judging(judging));
        }
        Ok(Background { stop, tasks })
    }

    fn start_timers(&self, node: Node) -> JoinHandle<()> {
        let (engine, eraser) = (Arc::clone(&self.engine), self.eraser());
        let work = node.work_while_held(LeaseName::Timers, move |stop| {
            let work = timers::run(Arc::clone(&engine), eraser.clone(), stop);
            finished(tokio::spawn(work))
        });
        tokio::spawn(work)
    }

    /// Starts what keeps the transparency log: what this node must know of it, and on one node each the sequencer and the
    /// statements of what is owed.
    fn start_log(&self, log: &Arc<Log>, node: Node) -> Vec<JoinHandle<()>> {
        let (own, storage) = (Arc::clone(log), self.backend.log_storage());
        let stop = node.stop.clone();
        let learning = async move { own.follow_standing(storage.as_ref(), stop).await };
        let every = self.liabilities_every;
        let stating = every.map(|every| self.start_stating(every, node.clone()));
        let mut tasks = vec![
            tokio::spawn(learning),
            self.start_sequencer(Arc::clone(log), node),
        ];
        tasks.extend(stating);
        tasks
    }

    /// Brings checkpoints to the chain on the node that has the lease for it, if there is a chain.
    fn start_anchoring(&self, log: &Log, node: Node) -> anyhow::Result<Option<JoinHandle<()>>> {
        let Some(settings) = self.anchors.clone() else {
            return Ok(None);
        };
        let (ports, origin) = (self.log_ports(), log.origin().to_owned());
        let anchorer = Arc::new(Anchorer::new(settings, ports, &origin)?);
        tracing::info!(account = %anchorer.account(), "checkpoints are anchored by this account, which pays for them");
        let work = node.work_while_held(LeaseName::Anchoring, move |stop| {
            let anchorer = Arc::clone(&anchorer);
            finished(tokio::spawn(async move { anchorer.run(stop).await }))
        });
        Ok(Some(tokio::spawn(work)))
    }

    /// Makes leaves of entries on the node that has the lease for it, on a thread of its own: a round computes for longer
    /// than a payment may wait.
    fn start_sequencer(&self, log: Arc<Log>, node: Node) -> JoinHandle<()> {
        let ports = self.log_ports();
        let witnesses = self.witnesses.clone();
        let work = node.work_while_held(LeaseName::Sequencer, move |stop| {
            let sequencer = Sequencer::new(ports.clone(), Arc::clone(&log));
            let sequencer = sequencer.witnessed(witnesses.clone());
            let here = tokio::runtime::Handle::current();
            finished(tokio::task::spawn_blocking(move || {
                here.block_on(sequencer.run(stop));
            }))
        });
        tokio::spawn(work)
    }

    /// States what is owed, on the node that has the lease for it and on a thread of its own: counting and the trees
    /// compute for longer than a payment may wait.
    fn start_stating(&self, every: Span, node: Node) -> JoinHandle<()> {
        let publisher = self.publisher();
        let work = node.work_while_held(LeaseName::Liabilities, move |stop| {
            let publisher = publisher.clone();
            let here = tokio::runtime::Handle::current();
            finished(tokio::task::spawn_blocking(move || {
                here.block_on(publisher.run(every, stop));
            }))
        });
        tokio::spawn(work)
    }

    /// Starts what keeps judgements true: guards and training, each on one node, and what every node follows.
    fn start_judging(&self, node: Node) -> [JoinHandle<()>; 4] {
        let stop = node.stop.clone();
        let (engine, analysts) = (Arc::clone(&self.engine), self.analysts());
        let raising = node
            .clone()
            .work_while_held(LeaseName::Countermeasures, move |stop| {
                let work = Countermeasures::new(Arc::clone(&engine), analysts.clone());
                finished(tokio::spawn(work.run(stop)))
            });
        let analysts = self.analysts();
        let training = node.work_while_held(LeaseName::Training, move |stop| {
            let work = Training::new(analysts.clone(), Tuning::default());
            finished(tokio::spawn(work.run(stop)))
        });
        let (store, clock) = (self.store_port(), Arc::clone(&self.clock));
        let watching = monitor::follow(Arc::clone(&self.risk), store, clock, stop.clone());
        [
            tokio::spawn(raising),
            tokio::spawn(training),
            tokio::spawn(watching),
            tokio::spawn(self.follow(stop)),
        ]
    }

    async fn seat_judge(&self) {
        if let Err(error) = self.analysts().establish().await {
            tracing::warn!(%error, "the rules in force could not be written down; the next start tries again");
        }
        reader::seat(&self.risk, self.store_port().as_ref()).await;
    }

    /// Keeps what risk remembers up to the journal, and on the disk for the next start.
    fn follow(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        let risk = Arc::clone(&self.risk);
        let (store, clock) = (self.store_port(), Arc::clone(&self.clock));
        let remembered = self.remembered.clone();
        async move {
            remembered.recall(&risk).await;
            let keeping = remembered.keep(Arc::clone(&risk), stop.clone());
            let following = reader::follow(Arc::clone(&risk), store, clock, stop);
            tokio::join!(keeping, following);
            remembered.write(&risk).await;
        }
    }
}

impl Background {
    /// Ends the tasks; what they had not finished, they take up after the next start.
    pub async fn stop(self, platform: &Platform) {
        self.stop.cancel();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the background ended in a panic");
            }
        }
        platform.engine.stop();
    }
}

/// Until the stop, and once more then. What cannot be told now waits.
async fn tell_of_wrong_tries(guard: Arc<Guard>, stop: CancellationToken) {
    loop {
        let is_last = stop.is_cancelled();
        if let Err(failure) = guard.tell().await {
            tracing::debug!(error = %failure, "wrong tries are told to the other nodes later");
        }
        if is_last {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(TELL_EVERY) => {}
        }
    }
}

async fn finished(task: JoinHandle<()>) {
    if let Err(error) = task.await {
        tracing::error!(%error, "a task of the background ended in a panic");
    }
}
