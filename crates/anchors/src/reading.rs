//! Reading: what a submitter anchored, at blocks that are final, from nodes that agree.

use serde_json::{Value, json};
use thiserror::Error;

use crate::anchoring::Place;
use crate::contract::{Head, topics};
use crate::node::{At, Block, Node, NodeError};
use crate::words::{Address, Word, parse_quantity, quantity};

/// Blocks whose events are asked for at once.
const BLOCKS_AT_ONCE: u64 = 5_000;

/// Whose anchors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pins {
    pub place: Place,
    pub submitter: Address,
    /// The block of the contract, or any before the log's first anchor.
    pub from_block: u64,
}

/// A head that stands on the chain for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchored {
    pub head: Head,
    pub block: u64,
    pub block_hash: Word,
    pub transaction: Word,
}

/// What was found, and how far it was looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchors {
    /// From the smallest.
    pub anchored: Vec<Anchored>,
    /// The last block that every node that was asked calls final.
    pub until: u64,
}

/// Why nothing can be said. `node` is the one to look at.
#[derive(Debug, Error)]
pub enum ReadError {
    #[error("no node of the chain was named")]
    NoNode,
    #[error("{node}")]
    Node {
        node: String,
        #[source]
        why: NodeError,
    },
    #[error("{node} is on chain {found} and not on {named}")]
    OtherChain {
        node: String,
        named: u64,
        found: u64,
    },
    #[error("{node} calls no block final")]
    NothingFinal { node: String },
    #[error(
        "{node} calls block {number} final, and has got no further than {latest}: what it says of finality cannot be so"
    )]
    Finality {
        node: String,
        number: u64,
        latest: u64,
    },
    #[error(
        "{one} and {other} disagree about {what}: one of them is wrong or lies, so nothing is believed"
    )]
    Disagreement {
        one: String,
        other: String,
        what: String,
    },
    #[error(
        "{node} tells of an anchor that was not asked for, or in no form that the contract has"
    )]
    Foreign { node: String },
    #[error("{node} tells of anchors that do not grow, which the contract refuses")]
    Order { node: String },
}

/// All that the submitter anchored of an origin. Nodes that disagree about a final block or an anchor are believed nothing;
/// one alone is believed whatever it says of itself that is not contradictory.
pub async fn anchored(nodes: &[Node], pins: &Pins, origin: &str) -> Result<Anchors, ReadError> {
    let (first, others) = nodes.split_first().ok_or(ReadError::NoNode)?;
    let mut until = u64::MAX;
    for node in nodes {
        until = until.min(final_block(node, pins.place.chain).await?);
    }
    let block = block(first, until).await?;
    for other in others {
        let theirs = self::block(other, until).await?;
        require_same(first, other, block.hash == theirs.hash, || {
            format!("block {until}")
        })?;
    }
    let anchored = events(first, pins, origin, until).await?;
    for other in others {
        let theirs = events(other, pins, origin, until).await?;
        require_same(first, other, anchored == theirs, || {
            "what was anchored".to_owned()
        })?;
    }
    Ok(Anchors { anchored, until })
}

fn require_same(
    one: &Node,
    other: &Node,
    is_same: bool,
    what: impl Fn() -> String,
) -> Result<(), ReadError> {
    match is_same {
        true => Ok(()),
        false => Err(ReadError::Disagreement {
            one: one.place(),
            other: other.place(),
            what: what(),
        }),
    }
}

fn of_node<T>(node: &Node, answer: Result<T, NodeError>) -> Result<T, ReadError> {
    answer.map_err(|why| ReadError::Node {
        node: node.place(),
        why,
    })
}

async fn final_block(node: &Node, chain: u64) -> Result<u64, ReadError> {
    let place = || node.place();
    let found = of_node(node, node.chain().await)?;
    if found != chain {
        return Err(ReadError::OtherChain {
            node: place(),
            named: chain,
            found,
        });
    }
    let finalized = of_node(node, node.block(At::Finalized).await)?;
    let latest = of_node(node, node.block(At::Latest).await)?;
    let (Some(finalized), Some(latest)) = (finalized, latest) else {
        return Err(ReadError::NothingFinal { node: place() });
    };
    match finalized.number <= latest.number {
        true => Ok(finalized.number),
        false => Err(ReadError::Finality {
            node: place(),
            number: finalized.number,
            latest: latest.number,
        }),
    }
}

async fn block(node: &Node, number: u64) -> Result<Block, ReadError> {
    let found = of_node(node, node.block(At::Number(number)).await)?;
    let foreign = ReadError::Foreign { node: node.place() };
    found.filter(|block| block.number == number).ok_or(foreign)
}

async fn events(
    node: &Node,
    pins: &Pins,
    origin: &str,
    until: u64,
) -> Result<Vec<Anchored>, ReadError> {
    let mut found: Vec<Anchored> = Vec::new();
    let mut from = pins.from_block;
    while from <= until {
        let to = until.min(from.saturating_add(BLOCKS_AT_ONCE - 1));
        let question = json!([{
            "address": pins.place.contract.to_string(),
            "topics": topics(pins.submitter, origin),
            "fromBlock": quantity(u128::from(from)),
            "toBlock": quantity(u128::from(to)),
        }]);
        let answer = of_node(node, node.call("eth_getLogs", question).await)?;
        let foreign = || ReadError::Foreign { node: node.place() };
        for event in answer.as_array().ok_or_else(foreign)? {
            let anchored = parse(event, pins, origin).ok_or_else(foreign)?;
            if anchored.block < from || to < anchored.block {
                return Err(foreign());
            }
            if block(node, anchored.block).await?.hash != anchored.block_hash {
                return Err(foreign());
            }
            let last = found.last().map_or(0, |last| last.head.size);
            if anchored.head.size <= last {
                return Err(ReadError::Order { node: node.place() });
            }
            found.push(anchored);
        }
        from = to + 1;
    }
    Ok(found)
}

/// One event, if it is the contract's and what was asked for.
fn parse(event: &Value, pins: &Pins, origin: &str) -> Option<Anchored> {
    let word = |value: &Value| -> Option<Word> { value.as_str()?.parse().ok() };
    let address: Address = event["address"].as_str()?.parse().ok()?;
    let topics_found = event["topics"].as_array()?;
    let wanted = topics(pins.submitter, origin);
    let is_wanted = topics_found.len() == 4
        && wanted
            .as_array()?
            .iter()
            .zip(topics_found)
            .all(|(wanted, found)| word(wanted) == word(found));
    let is_gone = event["removed"].as_bool().unwrap_or(false);
    if address != pins.place.contract || !is_wanted || is_gone {
        return None;
    }
    let data = hex::decode(event["data"].as_str()?.strip_prefix("0x")?).ok()?;
    let (root, note_hash) = (data.get(..32)?, data.get(32..)?);
    let block = parse_quantity(event["blockNumber"].as_str()?)?;
    Some(Anchored {
        head: Head {
            size: word(&topics_found[3])?.number()?,
            root: Word(root.try_into().ok()?),
            note_hash: Word(note_hash.try_into().ok()?),
        },
        block: u64::try_from(block).ok()?,
        block_hash: word(&event["blockHash"])?,
        transaction: word(&event["transactionHash"])?,
    })
}
