//! Objects of the public API: `pay_{mid}_{token}_{CUR}`, `ref_…` and `order_{did}_{token}`.

use std::fmt;
use std::str::FromStr;

use crate::party::{DistributorId, Mid};
use crate::token::Token;

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
        write!(f, "pay_{}_{}_{}", self.mid, self.token, self.mid.currency)
    }
}

impl fmt::Display for RefundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ref_{}_{}_{}", self.mid, self.token, self.mid.currency)
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
