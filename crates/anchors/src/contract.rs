//! `CheckpointAnchor`, as its callers and readers see it (contract ABI specification; the source is in `contract/`).

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::node::{At, Node, NodeError};
use crate::words::{Address, Word, keccak};

/// What is anchored of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Entries in the tree.
    pub size: u64,
    pub root: Word,
    /// SHA-256 of the cosigned checkpoint's bytes.
    pub note_hash: Word,
}

/// What the contract holds of a submitter and an origin; of size 0 where nothing was anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    pub size: u64,
    pub block: u64,
    pub root: Word,
}

impl Latest {
    pub const NOTHING: Latest = Latest {
        size: 0,
        block: 0,
        root: Word([0; 32]),
    };
}

static EVENT: LazyLock<Word> =
    LazyLock::new(|| keccak(b"Anchored(address,bytes32,uint64,bytes32,bytes32)"));

pub fn origin_hash(origin: &str) -> Word {
    keccak(origin.as_bytes())
}

fn call(signature: &str, words: &[Word]) -> Vec<u8> {
    let Word(selector) = keccak(signature.as_bytes());
    let words = words.iter().flat_map(|word| word.0);
    selector[..4].iter().copied().chain(words).collect()
}

/// The data of a transaction that anchors a head.
pub fn anchor_call(origin: &str, head: &Head) -> Vec<u8> {
    let size = Word::of_number(head.size);
    let words = [origin_hash(origin), size, head.root, head.note_hash];
    call("anchor(bytes32,uint64,bytes32,bytes32)", &words)
}

/// The topics of the events of one submitter and origin.
pub(crate) fn topics(submitter: Address, origin: &str) -> Value {
    let words = [*EVENT, Word::of_address(submitter), origin_hash(origin)];
    json!(words.map(|word| word.to_string()))
}

impl Node {
    pub async fn latest(
        &self,
        contract: Address,
        submitter: Address,
        origin: &str,
        at: At,
    ) -> Result<Latest, NodeError> {
        let method = "eth_call";
        let words = [Word::of_address(submitter), origin_hash(origin)];
        let data = call("latest(address,bytes32)", &words);
        let data = format!("0x{}", hex::encode(data));
        let question = json!([{"to": contract.to_string(), "data": data}, at.spelled()]);
        let answer = self.bytes(method, question).await?;
        if answer.is_empty() {
            // The contract was not there yet.
            return Ok(Latest::NOTHING);
        }
        let word = |place: usize| {
            let bytes = answer.get(32 * place..32 * (place + 1))?;
            Some(Word(bytes.try_into().ok()?))
        };
        let number = |place: usize| word(place).and_then(Word::number);
        match (number(0), number(1), word(2), answer.len()) {
            (Some(size), Some(block), Some(root), 96) => Ok(Latest { size, block, root }),
            _ => Err(NodeError::Form { method }),
        }
    }
}
