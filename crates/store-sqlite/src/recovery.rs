//! Opening a data directory: the views into memory, then the end of the journal on top of them.

mod replay;

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use ids::command::Sequence;
use parking_lot::RwLock;
use store::failure::Failure;

use crate::database::corrupt;
use crate::directory;
use crate::journal::Journal;
use crate::load::Shared;
use crate::memory::Memory;
use crate::options::Options;
use crate::projector::Projector;
use crate::queue::Queue;
use crate::recovery::replay::{catch_up, replay};
use crate::report::{Start, ViewsAtStart};
use crate::views::restore::restore;
use crate::views::write::{ViewsWriter, set_meta};
use crate::views::{Meta, Views};

/// A store that has caught up with its journal, and the thread that keeps the views.
pub(crate) struct Recovered {
    pub shared: Arc<Shared>,
    pub projector: JoinHandle<()>,
    pub start: Start,
}

/// Why views cannot be used as they are.
enum Unusable {
    /// They can be had from the journal again.
    Rebuild(String),
    Failure(Failure),
}

impl From<Failure> for Unusable {
    fn from(failure: Failure) -> Unusable {
        match failure {
            Failure::Corrupt { place, what } => Unusable::Rebuild(format!("{place}: {what}")),
            Failure::Full { .. }
            | Failure::Io { .. }
            | Failure::Newer { .. }
            | Failure::InUse { .. }
            | Failure::Unavailable { .. }
            | Failure::Unsuitable { .. }
            | Failure::NotServed { .. }
            | Failure::Closed => Unusable::Failure(failure),
        }
    }
}

/// Brings everything up to the head of the journal; missing or damaged views are rebuilt from it.
pub(crate) fn recover(
    directory: &Path,
    journal: Arc<Journal>,
    options: Options,
) -> Result<Recovered, Failure> {
    let path = directory::views(directory);
    let why = if path.exists() || journal.head() == Sequence(0) {
        match attempt(directory, &journal, options) {
            Ok(recovered) => return Ok(recovered),
            Err(Unusable::Failure(failure)) => return Err(failure),
            Err(Unusable::Rebuild(why)) => why,
        }
    } else {
        "they are missing".to_owned()
    };
    tracing::warn!(place = %path.display(), why, "the views cannot be used; they are rebuilt from the journal");
    directory::remove_database(&path)?;
    match attempt(directory, &journal, options) {
        Ok(mut recovered) => {
            recovered.start.views = ViewsAtStart::Rebuilt { why };
            Ok(recovered)
        }
        Err(Unusable::Failure(failure)) => Err(failure),
        Err(Unusable::Rebuild(why)) => Err(corrupt(&directory::journal(directory), &why)),
    }
}

fn attempt(
    directory: &Path,
    journal: &Arc<Journal>,
    options: Options,
) -> Result<Recovered, Unusable> {
    let mut writer = ViewsWriter::open(directory)?;
    let meta = writer.meta()?;
    require_same_history(&meta, journal)?;
    let identity = journal.identity();
    writer.transaction(|tx| set_meta(tx, "identity", identity))?;
    let mut memory = Memory::new(meta.seed);
    memory.head = meta.rows;
    restore(writer.connection(), writer.path(), &mut memory)?;
    let balances = memory.balances.clone();
    let views = Views::new(directory, meta.seed);
    catch_up(&mut memory, &views, journal, &meta)?;
    let shared = Arc::new(Shared {
        options,
        journal: Arc::clone(journal),
        views,
        memory: RwLock::new(memory),
        queue: Queue::new(options.unprojected_entries_max),
    });
    let projector = Projector::start(Arc::clone(&shared), writer, &meta, balances)?;
    match replay(&shared, meta.rows) {
        Ok(()) => Ok(Recovered {
            shared,
            projector,
            start: Start {
                replayed_entries: journal.head().0 - meta.snapshot.0,
                views: ViewsAtStart::Kept,
            },
        }),
        Err(unusable) => {
            shared.queue.stop();
            if projector.join().is_err() {
                tracing::error!("the projector panicked");
            }
            shared.views.close();
            Err(unusable)
        }
    }
}

/// Views that follow another journal, or one that was cut back, say nothing about this one.
fn require_same_history(meta: &Meta, journal: &Journal) -> Result<(), Unusable> {
    let rebuild = |why: &str| Err(Unusable::Rebuild(why.to_owned()));
    if let Some(identity) = &meta.identity
        && *identity != journal.identity()
    {
        return rebuild("the views belong to another journal");
    }
    if journal.head() < meta.rows {
        return rebuild("the views are ahead of the journal");
    }
    if meta.rows < meta.snapshot {
        return rebuild("the cursors of the views contradict each other");
    }
    if meta.rows != Sequence(0) && journal.digest_at(meta.rows)? != meta.digest {
        return rebuild("the views follow another course of the journal");
    }
    Ok(())
}
