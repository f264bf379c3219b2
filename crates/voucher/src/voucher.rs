//! A voucher and its one transition function.

use ids::command::Sequence;
use ids::party::DistributorId;
use ids::time::Timestamp;
use ids::voucher::{Country, PinIndex, ProductId, Serial};
use money::amount::Amount;
use money::currency::Currency;

use crate::state::{Change, Refusal, Sale, State};

/// A voucher as it stands after the journal entry `version`. Amounts are minor units of `currency`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voucher {
    pub serial: Serial,
    pub pin: PinIndex,
    pub distributor: DistributorId,
    pub product: ProductId,
    pub country: Country,
    pub currency: Currency,
    pub state: State,
    /// What it was issued for.
    pub face: i64,
    /// What can be spent or is stopped with it.
    pub remaining: i64,
    /// What payments have reserved.
    pub held: i64,
    /// What merchants have captured and not refunded.
    pub spent: i64,
    /// What maintenance fees have taken.
    pub fees: i64,
    pub activated_at: Timestamp,
    pub expires_at: Timestamp,
    pub fee_due_at: Timestamp,
    /// The last entry that changed this voucher.
    pub version: Sequence,
}

/// What the issuer decides about a voucher when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewVoucher {
    pub serial: Serial,
    pub pin: PinIndex,
    pub distributor: DistributorId,
    pub product: ProductId,
    pub country: Country,
    pub face: Amount,
    pub activation: Activation,
}

/// Whether a new voucher can be spent at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// A till activates it later.
    Pending,
    /// It is sold with its issue.
    Immediate {
        expires_at: Timestamp,
        fee_due_at: Timestamp,
    },
}

impl Voucher {
    pub fn issue(new: &NewVoucher, at: Timestamp, version: Sequence) -> Voucher {
        let (state, activated_at, expires_at, fee_due_at) = match new.activation {
            Activation::Pending => (
                State::Issued,
                Timestamp::NEVER,
                Timestamp::NEVER,
                Timestamp::NEVER,
            ),
            Activation::Immediate {
                expires_at,
                fee_due_at,
            } => (State::Activated, at, expires_at, fee_due_at),
        };
        Voucher {
            serial: new.serial,
            pin: new.pin,
            distributor: new.distributor,
            product: new.product,
            country: new.country,
            currency: new.face.currency,
            state,
            face: new.face.minor,
            remaining: new.face.minor,
            held: 0,
            spent: 0,
            fees: 0,
            activated_at,
            expires_at,
            fee_due_at,
            version,
        }
    }

    /// The voucher after the change, or why the change is not allowed.
    pub fn apply(
        mut self,
        change: Change,
        at: Timestamp,
        version: Sequence,
    ) -> Result<Voucher, Refusal> {
        match change {
            Change::Activate {
                minor,
                expires_at,
                fee_due_at,
            } => {
                self.require_issued()?;
                self.require_face(minor)?;
                self.state = State::Activated;
                self.activated_at = at;
                self.expires_at = expires_at;
                self.fee_due_at = fee_due_at;
            }
            Change::Hold { minor } => {
                self.require_spendable()?;
                transfer(&mut self.remaining, &mut self.held, minor)?;
            }
            Change::Release { minor } => transfer(&mut self.held, &mut self.remaining, minor)?,
            Change::Capture { minor } => transfer(&mut self.held, &mut self.spent, minor)?,
            Change::Refund { minor } => {
                self.require_open()?;
                transfer(&mut self.spent, &mut self.remaining, minor)?;
            }
            Change::Freeze { cause } => {
                self.require_freezable()?;
                self.state = State::Frozen(cause);
            }
            Change::Unfreeze => {
                self.require_frozen()?;
                self.state = State::PartlySpent;
            }
            Change::ChargeFee { minor, fee_due_at } => {
                self.require_spendable()?;
                // A voucher whose whole value is held owes nothing this time.
                if minor != 0 {
                    transfer(&mut self.remaining, &mut self.fees, minor)?;
                }
                self.fee_due_at = fee_due_at;
            }
            Change::Expire { minor } => {
                self.require_expirable()?;
                self.write_off(minor, State::Expired)?;
            }
            Change::Void { minor, sale } => {
                self.require_voidable(sale)?;
                self.write_off(minor, State::Voided)?;
            }
        }
        self.settle_state();
        self.version = version;
        Ok(self)
    }

    /// What was written off: the rest of an expired voucher, the face value of a voided one.
    pub fn written_off(&self) -> i64 {
        self.face - self.remaining - self.held - self.spent - self.fees
    }

    /// When a timer has to look at this voucher next.
    pub fn due_at(&self) -> Timestamp {
        match self.state {
            State::Activated | State::PartlySpent => self.expires_at.min(self.fee_due_at),
            State::Frozen(_) => self.expires_at,
            // Value that a payment held came back after the end.
            State::Expired if 0 < self.remaining => self.expires_at,
            State::Issued | State::Spent | State::Expired | State::Voided => Timestamp::NEVER,
        }
    }

    /// Whether nothing but a refund can still change this voucher.
    pub fn is_closed(&self) -> bool {
        match self.state {
            State::Spent | State::Expired | State::Voided => self.held == 0 && self.remaining == 0,
            State::Issued | State::Activated | State::PartlySpent | State::Frozen(_) => false,
        }
    }

    /// Why this voucher could not pay now, if so.
    pub fn require_spendable(&self) -> Result<(), Refusal> {
        match self.state {
            State::Activated | State::PartlySpent => Ok(()),
            State::Spent => Err(Refusal::InsufficientValue {
                available: 0,
                wanted: 1,
            }),
            State::Issued => Err(Refusal::NotActivated),
            State::Frozen(_) => Err(Refusal::Frozen),
            State::Expired => Err(Refusal::Expired),
            State::Voided => Err(Refusal::Voided),
        }
    }

    /// Whether value may still come back to this voucher.
    pub fn require_open(&self) -> Result<(), Refusal> {
        match self.state {
            State::Activated | State::PartlySpent | State::Spent | State::Frozen(_) => Ok(()),
            State::Issued => Err(Refusal::NotActivated),
            State::Expired => Err(Refusal::Expired),
            State::Voided => Err(Refusal::Voided),
        }
    }

    fn require_issued(&self) -> Result<(), Refusal> {
        match self.state {
            State::Issued => Ok(()),
            State::Voided => Err(Refusal::Voided),
            State::Activated
            | State::PartlySpent
            | State::Spent
            | State::Frozen(_)
            | State::Expired => Err(Refusal::AlreadyActivated),
        }
    }

    fn require_face(&self, minor: i64) -> Result<(), Refusal> {
        if minor == self.face {
            return Ok(());
        }
        Err(Refusal::InsufficientValue {
            available: self.face,
            wanted: minor,
        })
    }

    fn require_freezable(&self) -> Result<(), Refusal> {
        match self.state {
            State::Frozen(_) => Err(Refusal::Frozen),
            State::Issued
            | State::Activated
            | State::PartlySpent
            | State::Spent
            | State::Expired
            | State::Voided => self.require_open(),
        }
    }

    fn require_frozen(&self) -> Result<(), Refusal> {
        match self.state {
            State::Frozen(_) => Ok(()),
            State::Issued
            | State::Activated
            | State::PartlySpent
            | State::Spent
            | State::Expired
            | State::Voided => Err(Refusal::NotFrozen),
        }
    }

    fn require_expirable(&self) -> Result<(), Refusal> {
        match self.state {
            State::Expired if 0 < self.remaining => Ok(()),
            State::Issued
            | State::Activated
            | State::PartlySpent
            | State::Spent
            | State::Frozen(_)
            | State::Expired
            | State::Voided => self.require_open(),
        }
    }

    fn require_voidable(&self, sale: Sale) -> Result<(), Refusal> {
        if self.held != 0 {
            return Err(Refusal::ValueHeld);
        }
        if self.spent != 0 || self.fees != 0 {
            return Err(Refusal::ValueSpent);
        }
        match (self.state, sale) {
            (State::Issued, Sale::NotSold) => Ok(()),
            (State::Issued, Sale::Sold) => Err(Refusal::NotActivated),
            (_, Sale::NotSold) => Err(Refusal::AlreadyActivated),
            (_, Sale::Sold) => self.require_open(),
        }
    }

    fn write_off(&mut self, minor: i64, end: State) -> Result<(), Refusal> {
        if minor != self.remaining {
            return Err(Refusal::InsufficientValue {
                available: self.remaining,
                wanted: minor,
            });
        }
        self.remaining = 0;
        self.state = end;
        Ok(())
    }

    /// Lets the state of a voucher in use follow its amounts.
    fn settle_state(&mut self) {
        match self.state {
            State::Issued | State::Frozen(_) | State::Expired | State::Voided => {}
            State::Activated | State::PartlySpent | State::Spent => {
                self.state = if self.remaining == 0 && self.held == 0 {
                    State::Spent
                } else if self.remaining == self.face {
                    State::Activated
                } else {
                    State::PartlySpent
                }
            }
        }
    }
}

fn transfer(source: &mut i64, target: &mut i64, minor: i64) -> Result<(), Refusal> {
    if minor <= 0 {
        return Err(Refusal::NotPositive);
    }
    if *source < minor {
        return Err(Refusal::InsufficientValue {
            available: *source,
            wanted: minor,
        });
    }
    *source -= minor;
    *target += minor;
    Ok(())
}
