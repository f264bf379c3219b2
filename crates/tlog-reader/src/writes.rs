//! Files that are stored together.

use tokio::task::JoinSet;

use crate::error::ReadError;
use crate::spot::Spot;

const WRITES_AT_ONCE: usize = 32;

/// Writes that are waited for together: a disk that is asked to make many files durable at once does so in fewer steps.
#[derive(Default)]
pub struct Writes(JoinSet<Result<(), ReadError>>);

impl Writes {
    pub async fn start(&mut self, spot: Spot, bytes: Vec<u8>) -> Result<(), ReadError> {
        while WRITES_AT_ONCE <= self.0.len() {
            self.wait_for_one().await?;
        }
        self.0.spawn(spot.write(bytes));
        Ok(())
    }

    /// When this returns, every file is durable.
    pub async fn finish(mut self) -> Result<(), ReadError> {
        while !self.0.is_empty() {
            self.wait_for_one().await?;
        }
        Ok(())
    }

    async fn wait_for_one(&mut self) -> Result<(), ReadError> {
        match self.0.join_next().await {
            Some(Ok(written)) => written,
            Some(Err(stopped)) => panic!("a write was stopped: {stopped}"),
            None => Ok(()),
        }
    }
}
