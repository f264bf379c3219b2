//! Objects of the public API: `pay_{mid}_{token}_{CUR}`, `ref_…` and `order_{did}_{token}`.

use std::fmt;
use std::str::FromStr;

use crate::line::Line;
use crate::party::{DistributorId, Mid};
use crate::token::{TOKEN_LENGTH_MAX, Token};

/// A payment: `pay_{mid}_{token}_{CUR}`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentId {
    pub mid: Mid,
    pub token: Token,
}

/// A refund: `ref_{mid}_{token}_{CUR}`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefundId {
    pub mid: Mid,
    pub token: Token,
}

/// A distributor's pin-on-demand order: `order_{did}_{token}`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId {
    pub distributor: DistributorId,
    pub token: Token,
}

/// The text is not an identifier of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of this kind of object")]
pub struct InvalidObjectId;

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show("pay_", self.mid, &self.token, f)
    }
}

impl fmt::Display for RefundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show("ref_", self.mid, &self.token, f)
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order_{}_{}", self.distributor, self.token)
    }
}

impl FromStr for PaymentId {
    type Err = InvalidObjectId;

    fn from_str(text: &str) -> Result<PaymentId, InvalidObjectId> {
        let (mid, token) = mid_and_token(text, "pay_")?;
        Ok(PaymentId { mid, token })
    }
}

impl FromStr for RefundId {
    type Err = InvalidObjectId;

    fn from_str(text: &str) -> Result<RefundId, InvalidObjectId> {
        let (mid, token) = mid_and_token(text, "ref_")?;
        Ok(RefundId { mid, token })
    }
}

impl FromStr for OrderId {
    type Err = InvalidObjectId;

    fn from_str(text: &str) -> Result<OrderId, InvalidObjectId> {
        let rest = text.strip_prefix("order_").ok_or(InvalidObjectId)?;
        let (number, token) = rest.split_once('_').ok_or(InvalidObjectId)?;
        let number = number.parse().map_err(|_| InvalidObjectId)?;
        Ok(OrderId {
            distributor: DistributorId::new(number).map_err(|_| InvalidObjectId)?,
            token: token.parse().map_err(|_| InvalidObjectId)?,
        })
    }
}

/// Writes `{prefix}{mid}_{token}_{CUR}`.
fn show(prefix: &str, mid: Mid, token: &Token, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    Line::<TEXT_LENGTH_MAX>::new()
        .push(prefix)
        .push_number(u64::from(mid.merchant.number()), 7)
        .push_number(u64::from(mid.currency.numeric()), 3)
        .push("_")
        .push(token.as_str())
        .push("_")
        .push(mid.currency.code())
        .show(f)
}

/// A prefix, a MID, a token and a currency, with what stands between.
const TEXT_LENGTH_MAX: usize = 4 + 10 + 1 + TOKEN_LENGTH_MAX + 1 + 3;

/// Reads `{prefix}{mid}_{token}_{CUR}`; the currency must be the one that the MID names.
fn mid_and_token(text: &str, prefix: &str) -> Result<(Mid, Token), InvalidObjectId> {
    let rest = text.strip_prefix(prefix).ok_or(InvalidObjectId)?;
    let (mid, rest) = rest.split_once('_').ok_or(InvalidObjectId)?;
    let (token, currency) = rest.rsplit_once('_').ok_or(InvalidObjectId)?;
    let mid: Mid = mid.parse().map_err(|_| InvalidObjectId)?;
    if mid.currency.code() != currency {
        return Err(InvalidObjectId);
    }
    let token = token.parse().map_err(|_| InvalidObjectId)?;
    Ok((mid, token))
}

impl fmt::Debug for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for RefundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
