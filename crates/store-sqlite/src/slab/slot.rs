//! A slot for one voucher: 96 bytes, because numbers in use are far shorter than their types.

use ids::command::Sequence;
use ids::party::DistributorId;
use ids::time::Timestamp;
use ids::voucher::{Country, PinIndex, ProductId, Serial};
use money::currency::Currency;
use voucher::state::{FreezeCause, State};
use voucher::voucher::Voucher;

/// What is beyond six bytes in any of its numbers is kept whole, beside the slots.
#[derive(Clone, Debug, Default)]
pub(super) enum Slot {
    #[default]
    Empty,
    Packed(Packed),
    Whole(Box<Voucher>),
}

/// The fields of a voucher, the lowest byte of each number first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packed {
    serial: [u8; 7],
    pin: PinIndex,
    distributor: [u8; 5],
    product: [u8; 3],
    country: Country,
    currency: [u8; 2],
    state: u8,
    /// Face, remaining, held, spent, fees.
    amounts: [Short; 5],
    /// Activation, end, next fee.
    times: [Short; 3],
    version: Short,
}

/// A number below 2^48.
type Short = [u8; 6];

/// Stands for [`Timestamp::NEVER`].
const NEVER: Short = [0xff; 6];

impl Slot {
    pub fn of(voucher: &Voucher) -> Slot {
        match Packed::of(voucher) {
            Some(packed) => Slot::Packed(packed),
            None => Slot::Whole(Box::new(*voucher)),
        }
    }

    pub fn voucher(&self) -> Option<Voucher> {
        match self {
            Slot::Empty => None,
            Slot::Packed(packed) => Some(packed.voucher()),
            Slot::Whole(voucher) => Some(**voucher),
        }
    }

    pub fn serial(&self) -> Option<Serial> {
        match self {
            Slot::Empty => None,
            Slot::Packed(packed) => Some(packed.serial()),
            Slot::Whole(voucher) => Some(voucher.serial),
        }
    }

    pub fn pin(&self) -> Option<PinIndex> {
        match self {
            Slot::Empty => None,
            Slot::Packed(packed) => Some(packed.pin),
            Slot::Whole(voucher) => Some(voucher.pin),
        }
    }
}

impl Packed {
    fn of(voucher: &Voucher) -> Option<Packed> {
        let amounts = [
            voucher.face,
            voucher.remaining,
            voucher.held,
            voucher.spent,
            voucher.fees,
        ];
        let times = [voucher.activated_at, voucher.expires_at, voucher.fee_due_at];
        let mut packed = Packed {
            serial: shortened(voucher.serial.number())?,
            pin: voucher.pin,
            distributor: shortened(voucher.distributor.number())?,
            product: shortened(u64::from(voucher.product.number()))?,
            country: voucher.country,
            currency: voucher.currency.numeric().to_le_bytes(),
            state: state_number(voucher.state),
            amounts: [[0; 6]; 5],
            times: [NEVER; 3],
            version: shortened(voucher.version.0)?,
        };
        for (short, amount) in packed.amounts.iter_mut().zip(amounts) {
            *short = shortened(u64::try_from(amount).ok()?)?;
        }
        for (short, time) in packed.times.iter_mut().zip(times) {
            if time != Timestamp::NEVER {
                *short = shortened(u64::try_from(time.0).ok()?)?;
                if *short == NEVER {
                    return None;
                }
            }
        }
        Some(packed)
    }

    fn serial(&self) -> Serial {
        Serial::new(number(&self.serial)).expect("it was a serial when it was packed")
    }

    fn voucher(&self) -> Voucher {
        let [face, remaining, held, spent, fees] =
            self.amounts.map(|short| number(&short).cast_signed());
        let [activated_at, expires_at, fee_due_at] = self.times.map(|short| match short {
            NEVER => Timestamp::NEVER,
            short => Timestamp(number(&short).cast_signed()),
        });
        let product = u32::try_from(number(&self.product)).expect("three bytes");
        Voucher {
            serial: self.serial(),
            pin: self.pin,
            distributor: DistributorId::new(number(&self.distributor))
                .expect("it was a distributor when it was packed"),
            product: ProductId::new(product).expect("it was a product when it was packed"),
            country: self.country,
            currency: Currency::from_numeric(u16::from_le_bytes(self.currency))
                .expect("it was a currency when it was packed"),
            state: state(self.state),
            face,
            remaining,
            held,
            spent,
            fees,
            activated_at,
            expires_at,
            fee_due_at,
            version: Sequence(number(&self.version)),
        }
    }
}

/// The lowest bytes, if the others are 0.
fn shortened<const LENGTH: usize>(number: u64) -> Option<[u8; LENGTH]> {
    let bytes = number.to_le_bytes();
    let (low, high) = bytes.split_first_chunk()?;
    high.iter().all(|byte| *byte == 0).then_some(*low)
}

fn number(low: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    bytes[..low.len()].copy_from_slice(low);
    u64::from_le_bytes(bytes)
}

const STATES: [State; 10] = [
    State::Issued,
    State::Activated,
    State::PartlySpent,
    State::Spent,
    State::Frozen(FreezeCause::Owner),
    State::Frozen(FreezeCause::Issuer),
    State::Frozen(FreezeCause::Mismatch),
    State::Expired,
    State::Voided,
    State::Frozen(FreezeCause::Risk),
];

/// The place in [`STATES`].
fn state_number(state: State) -> u8 {
    match state {
        State::Issued => 0,
        State::Activated => 1,
        State::PartlySpent => 2,
        State::Spent => 3,
        State::Frozen(FreezeCause::Owner) => 4,
        State::Frozen(FreezeCause::Issuer) => 5,
        State::Frozen(FreezeCause::Mismatch) => 6,
        State::Expired => 7,
        State::Voided => 8,
        State::Frozen(FreezeCause::Risk) => 9,
    }
}

fn state(number: u8) -> State {
    STATES[usize::from(number)]
}

#[cfg(test)]
mod tests;
