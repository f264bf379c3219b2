//! Moving a platform between the embedded storage and PostgreSQL, either way.
//!
//! 1. While nodes still work on the source, everything is copied up to its head and followed from there.
//! 2. When they have stopped, the source is taken alone, the rest is copied, and both sides are compared and audited.
//! 3. The source is marked as moved, if nothing was added to it since; then the target may be served.
//!
//! Invariants: nothing is taken for copied but what the target holds, so a run that was killed goes on at the target's
//! head; a target is served only after the source is closed, so there are never two that go on from one history; the
//! source is changed by nothing but its mark.

mod agreement;
mod entries;
mod erased;
mod held;
mod messages;
mod place;
mod proof;
mod seeds;
pub mod standing;
mod steps;

use std::sync::Arc;

use anyhow::{Context, bail};
use store::moving::{Movable, MoveId, RunId, Source, Standing};
use tokio_util::sync::CancellationToken;
use vault::random::random_bytes;

use crate::backend::Backend;
use crate::keys;
use crate::moving::agreement::{Beginning, agree, require_same_history};
use crate::moving::held::AllLeases;
pub use crate::moving::place::Place;
use crate::moving::standing::require_served;
use crate::moving::steps::{Ending, Move};

/// The two ends, as the operator named them.
#[derive(Clone, Debug)]
pub struct Ends {
    pub from: Place,
    pub to: Place,
}

/// Moves everything, or goes on with a move that was interrupted.
pub async fn run(ends: &Ends, stop: &CancellationToken) -> anyhow::Result<()> {
    let both = (&ends.from, &ends.to);
    if matches!(
        both,
        (Place::Directory(_), Place::Directory(_)) | (Place::Database(_), Place::Database(_))
    ) {
        bail!(
            "a move is between a directory and a database: copy directories with `scrip backup`, databases with pg_dump"
        );
    }
    let source = ends.from.open_source().await?;
    let key_id = ends.from.key_id().await?;
    let key_id = key_id.with_context(|| format!("{} holds no platform", ends.from.text()))?;
    if let Place::Directory(data) = &ends.to {
        // Before anything is made there.
        keys::claim(data, &key_id)?;
    }
    let Some(target) = ends.to.open().await? else {
        bail!(
            "{} is in use by another process; stop it first",
            ends.to.text()
        );
    };
    let leases = target.leases();
    let Some(held) = AllLeases::take_in_time(leases).await? else {
        bail!(
            "nodes, or another move, work on {}; stop them first",
            ends.to.text()
        );
    };
    let outcome = tokio::select! {
        outcome = with_target(ends, &source, &key_id, &target, stop) => outcome,
        () = held.lost() => Err(lost(&ends.to)),
    };
    held.release().await;
    target.close();
    outcome
}

/// Lets a storage be served again whose data has moved.
pub async fn reopen(place: &Place) -> anyhow::Result<()> {
    // Nothing is made where nothing is.
    drop(place.open_source().await?);
    let Some(storage) = place.open_existing().await? else {
        bail!(
            "{} is in use by another process; stop it first",
            place.text()
        );
    };
    let movable = storage.movable();
    let run = RunId(random_bytes());
    movable.begin_run(run).await?;
    match movable.standing().await? {
        Standing::Moved { to, .. } => {
            close_logs(&*movable, run).await?;
            movable.set_standing(run, Standing::UNMOVED, None).await?;
            println!(
                "{} may be served again, as it was when it moved. Never serve {to} beside it: what was paid there is not known here.",
                place.text()
            );
        }
        Standing::Serving { .. } => println!("{} may be served already", place.text()),
        receiving @ Standing::Receiving { .. } => require_served(receiving, &place.text())?,
    }
    storage.close();
    Ok(())
}

/// What the logs have signed at the other place is not known here.
async fn close_logs(movable: &dyn Movable, run: RunId) -> anyhow::Result<()> {
    let mut logs = movable.read_logs().await?;
    for log in &mut logs {
        log.state.standing = store::log::Standing::Closed;
    }
    Ok(movable.restore_logs(run, &logs).await?)
}

async fn with_target(
    ends: &Ends,
    source: &Arc<dyn Source>,
    key_id: &str,
    target: &Backend,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let run = RunId(random_bytes());
    // From here on nothing of a run before can change what is read now.
    target.movable().begin_run(run).await?;
    let beginning = agree(ends, source, target).await?;
    let is_new = matches!(beginning, Beginning::New);
    let by = match beginning {
        Beginning::Finished => {
            println!(
                "{} has moved to {} already",
                ends.from.text(),
                ends.to.text()
            );
            return Ok(());
        }
        Beginning::New => MoveId(random_bytes()),
        Beginning::Resumed(by) => by,
    };
    if let Backend::Shared(store) = target {
        keys::claim_for(store, key_id).await?;
    }
    let extent = require_same_history(source, target, ends).await?;
    let receiving = Standing::Receiving {
        by,
        from: ends.from.text(),
    };
    // Until it is noted for the first time, nodes may still add something of their own.
    let only_at = is_new.then_some(extent);
    let movable = target.movable();
    if !movable.set_standing(run, receiving, only_at).await? {
        bail!(
            "{} is being written to by others; stop them first",
            ends.to.text()
        );
    }
    let the_move = Move {
        ends,
        by,
        run,
        target: target.clone(),
        stop,
    };
    loop {
        let taken = the_move.follow_until_alone(source).await?;
        match the_move.finish(taken).await? {
            Ending::Moved => return Ok(()),
            Ending::Overtaken => {
                println!(
                    "{} has gone on meanwhile; following it again",
                    ends.from.text()
                );
            }
        }
    }
}

fn lost(place: &Place) -> anyhow::Error {
    anyhow::anyhow!(
        "the leases of {} were lost, so others may write there; give the same command again to go on",
        place.text()
    )
}

/// The operator stops the move.
fn stopped() -> anyhow::Error {
    anyhow::anyhow!("the move was stopped; give the same command again to go on with it")
}
