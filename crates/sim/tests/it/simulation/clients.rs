//! Clients: they ask one node, and when they hear nothing, with the same key, another.

use std::time::Duration;

use accounting::entry::Idempotency;
use engine::command::Envelope;
use engine::core::Outcome;
use engine::error::CommandError;
use engine::history;
use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use ids::object::PaymentId;
use sim::model::reason::Reason;
use sim::node::Process;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::simulation::world::World;

const CLIENTS: u64 = 3;
/// Bursts of commands of each client at most.
const BURSTS_MAX: u64 = 9;
/// Commands that a client sends at once.
const BURST_MAX: u64 = 3;
/// Bursts in a thousand in which a client uses one key for two commands.
const KEYS_CONFUSED: u32 = 100;
/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a client asks before the simulation counts as stuck.
const TRIES_MAX: u32 = 300;

/// Lets the clients send all that they want, and returns when each has its answers.
pub async fn serve(world: &World) {
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| world.schedule().spawn_joined(client(world.clone())))
        .collect();
    for client in clients {
        client.await;
    }
}

/// A key that nobody else has, by chance or by its number.
pub fn key_of(number: u64) -> Idempotency {
    let mut digest = [0xcc; 16];
    digest[..8].copy_from_slice(&number.to_be_bytes());
    Idempotency {
        key: IdempotencyKey(digest),
        fingerprint: Fingerprint(digest),
    }
}

async fn client(world: World) {
    let schedule = world.schedule().clone();
    let count = 2 + world.schedule().below(BURSTS_MAX - 2);
    for _ in 0..count {
        let pause = match world.schedule().below(10) {
            0..4 => 0,
            4..8 => world.schedule().below(60),
            _ => world.schedule().below(900),
        };
        sleep(Duration::from_millis(pause)).await;
        // What is asked at once, of several nodes, often wants the same voucher or payment.
        let mut burst: Vec<Envelope> = (0..=schedule.below(BURST_MAX))
            .map(|_| world.next_command())
            .collect();
        if schedule.happens(KEYS_CONFUSED) {
            confuse_keys(&mut burst);
        }
        let asking = burst.into_iter().map(|envelope| {
            let world = world.clone();
            schedule.spawn_joined(async move {
                until_answered(&world, &envelope, world.any_machine()).await;
            })
        });
        let asking: Vec<_> = asking.collect();
        for command in asking {
            command.await;
        }
    }
}

/// Uses the key of the first command for the second as well.
fn confuse_keys(burst: &mut [Envelope]) {
    if let [first, second, ..] = burst
        && let (Some(used), Some(own)) = (first.idempotency, &mut second.idempotency)
    {
        // The fingerprint still tells the two apart, as those of two bodies would.
        own.fingerprint = Fingerprint(own.key.0);
        own.key = used.key;
    }
}

/// Sends a command until it is known what became of it.
pub async fn until_answered(world: &World, envelope: &Envelope, first: usize) {
    world.network().oracle.note(envelope);
    let mut machine = first;
    for _ in 0..TRIES_MAX {
        if call(world, machine, envelope).await == Heard::Answer {
            return;
        }
        sleep(Duration::from_millis(world.schedule().below(400))).await;
        machine = world.any_machine();
    }
    panic!("nobody answers {envelope:?}");
}

/// What a client heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Answer,
    /// Nothing that says what became of the command.
    Nothing,
}

async fn call(world: &World, machine: usize, envelope: &Envelope) -> Heard {
    let schedule = world.schedule();
    let (answers, mut answer) = mpsc::unbounded_channel();
    let network = world.network();
    for _ in 0..network.copies_of_call() {
        let (world, envelope) = (world.clone(), envelope.clone());
        let answers = answers.clone();
        schedule.spawn(async move {
            world.network().travel().await;
            let Some(process) = world.process(machine) else {
                return;
            };
            let heard = process
                .life
                .alive(handle(&world, &process, &envelope))
                .await;
            if let Some(heard) = heard
                && !world.network().loses_answer_to_client()
            {
                world.network().travel().await;
                // The client may have given up.
                let _ = answers.send(heard);
            }
        });
    }
    drop(answers);
    match timeout(PATIENCE, answer.recv()).await {
        Ok(Some(heard)) => heard,
        Ok(None) | Err(_) => Heard::Nothing,
    }
}

/// What a process does with a request.
async fn handle(world: &World, process: &Process, envelope: &Envelope) -> Heard {
    let desk = &process.link.desk;
    let call = desk.call();
    let answer = process.engine.execute(envelope.clone()).await;
    let oracle = &world.network().oracle;
    oracle.answered(desk, call, envelope, &answer);
    world.saw(described(envelope, &answer));
    match answer {
        Ok(Outcome::Replayed { entry }) => {
            look_back(world, process, envelope, entry).await;
            Heard::Answer
        }
        Ok(Outcome::Applied { .. })
        | Err(CommandError::Refused(_) | CommandError::IdempotencyKeyReused) => Heard::Answer,
        Err(_) => Heard::Nothing,
    }
}

/// A repeated answer shows the payment as its entry left it, whatever happened since.
async fn look_back(world: &World, process: &Process, envelope: &Envelope, entry: Sequence) {
    let Some(id) = payment_of(envelope) else {
        return;
    };
    let found = history::payment_as_of(process.link.as_ref(), id, entry).await;
    if let Ok(found) = found {
        let expected = world.network().oracle.payment_after(id, entry);
        assert_eq!(
            found.as_ref(),
            expected.as_deref(),
            "{envelope:?} was answered again"
        );
    }
}

fn payment_of(envelope: &Envelope) -> Option<PaymentId> {
    use engine::command::Command;
    match &envelope.command {
        Command::CreatePayment { id, .. }
        | Command::OpenPayment { id, .. }
        | Command::CapturePayment { id, .. }
        | Command::CancelPayment { id, .. } => Some(*id),
        Command::Pay(pay) => Some(pay.payment),
        Command::Refund(refund) => Some(refund.payment),
        _ => None,
    }
}

fn described(envelope: &Envelope, answer: &Result<Outcome, CommandError>) -> String {
    let command = format!("{:?}", envelope.command);
    let command: String = command.chars().take_while(|c| c.is_alphabetic()).collect();
    let answer = match answer {
        Ok(Outcome::Applied { .. }) => "applied".to_owned(),
        Ok(Outcome::Replayed { .. }) => "replayed".to_owned(),
        Err(CommandError::Refused(refusal)) => {
            let reason = format!("{:?}", Reason::of(refusal));
            reason.chars().take_while(|c| c.is_alphabetic()).collect()
        }
        Err(error) => error.to_string(),
    };
    format!("{command} {answer}")
}
