//! The outbox, made the same page by page: what is the same already is only read.

use anyhow::bail;
use store::moving::{MessageSpan, Movable, RunId, Source};
use store::outbox::MessageId;
use tokio_util::sync::CancellationToken;

use crate::moving::stopped;
use crate::progress::bar;

/// Messages that are compared at a time, and restored at a time where they differ.
const PAGE: usize = 1_000;

/// Which messages are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Extent {
    All,
    /// Those that were added behind this one.
    Behind(MessageId),
}

/// Makes the messages of the target those of the source; answers the last one.
pub async fn copy(
    source: &dyn Source,
    (target, run): (&dyn Movable, RunId),
    extent: Extent,
    stop: &CancellationToken,
) -> anyhow::Result<MessageId> {
    let end = source.extent().await?.last_message;
    let (mut after, bar) = match extent {
        Extent::All => (MessageId(0), bar("messages", end.0)?),
        Extent::Behind(last) => (last, indicatif::ProgressBar::hidden()),
    };
    loop {
        if stop.is_cancelled() {
            return Err(stopped());
        }
        let ours = source.read_deliveries(after, PAGE).await?;
        let last = ours.last().map(|(message, _)| message.id);
        // Behind the last message of the source there must be none.
        let is_last = ours.len() < PAGE;
        let upto = match last {
            Some(last) if !is_last => last,
            Some(_) | None => MessageId(u64::MAX),
        };
        let theirs = target.read_deliveries(after, PAGE + 1).await?;
        let within = theirs.iter().filter(|(message, _)| message.id <= upto);
        if !within.eq(ours.iter()) {
            let span = MessageSpan { after, upto };
            target.restore(run, span, &ours).await?;
        }
        after = last.unwrap_or(after);
        bar.set_position(after.0);
        if is_last {
            bar.finish_and_clear();
            return Ok(after);
        }
    }
}

/// Every message of the one side must be on the other, with all its attempts; answers how many there are.
pub async fn require_equal(source: &dyn Source, target: &dyn Source) -> anyhow::Result<u64> {
    let (mut after, mut count) = (MessageId(0), 0);
    loop {
        let ours = source.read_deliveries(after, PAGE).await?;
        let theirs = target.read_deliveries(after, PAGE).await?;
        if ours != theirs {
            bail!("messages behind number {} of the outbox differ", after.0);
        }
        let Some((last, _)) = ours.last() else {
            return Ok(count);
        };
        count += ours.len() as u64;
        after = last.id;
    }
}
