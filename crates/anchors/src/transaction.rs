//! Transactions with a fee market (EIP-1559, type 2), spelled in RLP.

use alloy_rlp::{Encodable, Header};

use crate::words::{Address, Word, keccak};

const TYPE: u8 = 2;

/// A transaction that moves no coins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    pub chain: u64,
    pub nonce: u64,
    /// Wei for each unit of gas that goes to whoever makes the block.
    pub tip: u128,
    /// Wei for each unit of gas at most, with the tip.
    pub fee_max: u128,
    pub gas: u64,
    /// None makes a contract.
    pub to: Option<Address>,
    pub data: Vec<u8>,
}

/// A signature of secp256k1 from which the signer follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    pub r: [u8; 32],
    /// Not above half of the curve's order (EIP-2).
    pub s: [u8; 32],
    pub y_is_odd: bool,
}

impl Transaction {
    /// What is signed.
    pub fn digest(&self) -> Word {
        keccak(&self.spelled(None))
    }

    /// What is sent, and the hash by which the chain knows it.
    pub fn signed(&self, signature: &Signature) -> (Vec<u8>, Word) {
        let bytes = self.spelled(Some(signature));
        let hash = keccak(&bytes);
        (bytes, hash)
    }

    fn spelled(&self, signature: Option<&Signature>) -> Vec<u8> {
        let mut fields = Vec::new();
        self.chain.encode(&mut fields);
        self.nonce.encode(&mut fields);
        self.tip.encode(&mut fields);
        self.fee_max.encode(&mut fields);
        self.gas.encode(&mut fields);
        let to = self.to.as_ref().map_or(&[][..], |to| &to.0);
        to.encode(&mut fields);
        // No coins, and no list of what will be accessed.
        0_u64.encode(&mut fields);
        self.data.as_slice().encode(&mut fields);
        fields.extend(list(&[]));
        if let Some(Signature { r, s, y_is_odd }) = signature {
            u64::from(*y_is_odd).encode(&mut fields);
            number(r).encode(&mut fields);
            number(s).encode(&mut fields);
        }
        [vec![TYPE], list(&fields)].concat()
    }
}

/// A list of what is spelled already.
pub(crate) fn list(fields: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = Header {
        list: true,
        payload_length: fields.len(),
    };
    header.encode(&mut bytes);
    bytes.extend_from_slice(fields);
    bytes
}

/// Numbers have no zeros in front.
fn number(bytes: &[u8; 32]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}
