//! Timers: what is due is ended by ordinary commands, nobody has to ask.

use std::sync::Arc;
use std::time::Duration;

use accounting::entry::Actor;
use futures_util::future::join_all;
use ids::voucher::Serial;
use store::fold::Rows;
use store::port::Due;
use store::row::Key;
use tokio_util::sync::CancellationToken;
use voucher::product::ProductKey;

use crate::command::{Command, Envelope};
use crate::core::Engine;
use crate::erasing::Eraser;
use crate::error::CommandError;
use crate::reversal::Watch;

/// How often the timers look.
pub const TICK: Duration = Duration::from_millis(250);
/// Things that one look ends at most.
const DUE_MAX: usize = 256;

/// The timers, and the watch over what hangs, until they are stopped or the engine is. A command that they have handed
/// over is carried out all the same.
pub async fn run(engine: Arc<Engine>, eraser: Eraser, stop: CancellationToken) {
    let watch = Watch::new(Arc::clone(&engine)).erasing(eraser);
    let work = async { tokio::join!(end_what_is_due(engine), watch.run()) };
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        ((), ()) = work => {}
    }
}

async fn end_what_is_due(engine: Arc<Engine>) {
    loop {
        match run_due(&engine).await {
            Ok(DUE_MAX) => continue,
            Ok(_) => {}
            Err(CommandError::Stopped) => return,
            Err(error) => {
                tracing::warn!(%error, source = ?std::error::Error::source(&error), "timers could not run")
            }
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Ends what is due now; answers how many things that was.
pub async fn run_due(engine: &Engine) -> Result<usize, CommandError> {
    let due = engine.store().due(engine.clock().now(), DUE_MAX).await?;
    let mut ended = 0;
    for batch in due.chunks(DUE_MAX) {
        let commands = batch.iter().map(|due| end(engine, *due));
        for result in join_all(commands).await {
            match result {
                Ok(()) => ended += 1,
                // Somebody was faster, which ends the matter as well.
                Err(CommandError::Refused(refusal)) => {
                    tracing::debug!(%refusal, "a timer came too late")
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(ended)
}

async fn end(engine: &Engine, due: Due) -> Result<(), CommandError> {
    let command = match due {
        Due::Payment(id) => Command::ExpirePayment { id },
        Due::Voucher(serial) => match product_of(engine, serial).await? {
            Some(product) => Command::RunVoucherTimer { serial, product },
            None => return Ok(()),
        },
    };
    engine
        .execute(Envelope {
            actor: Actor::Timer,
            idempotency: None,
            command,
        })
        .await
        .map(|_| ())
}

async fn product_of(engine: &Engine, serial: Serial) -> Result<Option<ProductKey>, CommandError> {
    let rows = engine.store().load(&[Key::Voucher(serial)]).await?;
    Ok(rows.voucher(serial).map(|voucher| ProductKey {
        product: voucher.product,
        country: voucher.country,
        currency: voucher.currency,
    }))
}
