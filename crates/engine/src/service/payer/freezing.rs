//! Stopping a voucher, by its PIN or by what is remembered of its purchase.

use std::net::IpAddr;

use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use money::amount::Amount;
use money::decimal;
use store::fold::Rows;
use store::row::Key;
use vault::pin::Pin;
use voucher::state::FreezeCause;
use voucher::voucher::Voucher;

use super::{PayerError, PayerService, is_in_use};
use crate::command::Command;
use crate::core::{Outcome, Subject};
use crate::error::CommandError;

/// What the buyer of a voucher remembers of the purchase.
#[derive(Clone, Debug)]
pub struct PurchaseDetails {
    pub serial: Serial,
    /// The face value as a decimal number, such as `25` or `25.00`; the currency is the voucher's.
    pub face: String,
    /// Noon of the day of purchase; a day and a half around it is accepted.
    pub bought_at: Timestamp,
}

impl PayerService {
    /// Stops a voucher for whoever holds its PIN. One that is stopped already stays so and is as unknown as a wrong
    /// PIN. The version of the voucher is the journal entry to refer to.
    pub async fn freeze_by_pin(&self, pin: &Pin, address: IpAddr) -> Result<Voucher, PayerError> {
        let attempt = self.counted(self.begin(address).await)?;
        let found = self.find_by_pin(pin).await;
        let frozen = self.freeze(found).await;
        self.settle(attempt, frozen).await
    }

    /// Stops a voucher for whoever knows its serial and its purchase, like [`PayerService::freeze_by_pin`].
    pub async fn freeze_by_purchase(
        &self,
        details: &PurchaseDetails,
        address: IpAddr,
    ) -> Result<Voucher, PayerError> {
        let attempt = self.counted(self.begin(address).await)?;
        let loaded = self
            .engine
            .store()
            .load(&[Key::Voucher(details.serial)])
            .await;
        let found = loaded
            .map(|rows| rows.voucher(details.serial))
            .map(|voucher| voucher.filter(|voucher| details.describe(voucher)))
            .map_err(|failure| CommandError::from(failure).into());
        let frozen = self.freeze(found).await;
        self.settle(attempt, frozen).await
    }

    /// A voucher that is not in use is refused before the engine is asked, so that its refusal takes no longer
    /// than that of a PIN which does not exist.
    async fn freeze(
        &self,
        found: Result<Option<Voucher>, PayerError>,
    ) -> Result<Voucher, PayerError> {
        let voucher = found?.ok_or(PayerError::PinNotAccepted)?;
        if !is_in_use(&voucher, self.engine.clock().now()) {
            return Err(PayerError::PinNotAccepted);
        }
        let command = Command::FreezeVoucher {
            serial: voucher.serial,
            cause: FreezeCause::Owner,
        };
        match self.execute(command).await {
            Ok(Outcome::Applied {
                subject: Subject::Voucher(voucher),
                ..
            }) => Ok(*voucher),
            Err(CommandError::Refused(_)) => Err(PayerError::PinNotAccepted),
            Ok(_) => Err(CommandError::Fault.into()),
            Err(error) => Err(error.into()),
        }
    }
}

impl PurchaseDetails {
    fn describe(&self, voucher: &Voucher) -> bool {
        let apart = voucher.activated_at.0.abs_diff(self.bought_at.0);
        let face = decimal::parse(&self.face, voucher.currency);
        face == Ok(Amount::new(voucher.face, voucher.currency))
            && apart <= Span::HOUR.times(36).0.unsigned_abs()
    }
}
