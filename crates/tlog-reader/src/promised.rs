//! Looks into a log for what was promised. What became of it, `verifier::promised` judges.

use verifier::policy::Policy;
use verifier::promise::Promise;
use verifier::promised::{Outcome, Shown, judge, walk};

use crate::check::{Served, refused};
use crate::error::ReadError;
use crate::source::Source;

/// Fetches what the promise needs, and has it judged.
pub async fn look(
    source: &Source,
    served: &Served,
    promise: &Promise,
    policy: &Policy,
    now: u64,
) -> Result<Outcome, ReadError> {
    let checkpoint = &served.checkpoint;
    let mut walk = walk(promise, checkpoint).map_err(|failure| served.refused(failure))?;
    let mut last = Vec::new();
    while let Some(file) = walk.next_file() {
        last = source.read_log_file(file).await?;
        let taken = walk.take(&last);
        taken.map_err(|failure| refused(file, failure))?;
    }
    let shown = Shown {
        checkpoint,
        note: &served.bytes,
        policy,
        now,
    };
    judge(promise, shown, walk, &last).map_err(|failure| served.refused(failure))
}
