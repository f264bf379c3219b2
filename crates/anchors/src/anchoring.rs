//! Writing: one step towards the newest checkpoint being on the chain. Taken again and again, each from what the chain says.

use alloy_rlp::Encodable;
use serde_json::json;
use thiserror::Error;

use crate::contract::{Head, Latest, anchor_call};
use crate::node::{At, Node, NodeError};
use crate::transaction::{Signature, Transaction, list};
use crate::words::{Address, Word, keccak};

/// An anchor takes about 36,000 units of gas, and 70,000 the first time.
const GAS_MAX: u64 = 150_000;
/// Half as much again as was estimated: the state may be another one when it is executed.
const GAS_MARGIN: (u64, u64) = (3, 2);
/// Nodes take the place of a waiting transaction by one that pays an eighth more.
const DEARER: (u128, u128) = (5, 4);
/// Beyond this no transaction is made dearer.
const URGENCY_MAX: u32 = 10;

/// Whoever may sign for the account that pays the fees.
pub trait Submitter: Sync {
    fn address(&self) -> Address;

    /// Signs a transaction's digest.
    fn sign(&self, digest: Word) -> Signature;
}

/// What the log has stored, as a witness of its own past.
pub trait History: Sync {
    /// Whether the head that is to be anchored grew from an older one of this size and root; says why not, or why that cannot
    /// be told.
    fn has_grown_from(
        &self,
        size: u64,
        root: Word,
    ) -> impl Future<Output = Result<(), String>> + Send;
}

/// Where a log is anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// As EIP-155 numbers it.
    pub chain: u64,
    pub contract: Address,
}

/// What a step may cost, and how much it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Wei for each unit of gas at most.
    pub fee_max: u128,
    /// How often the transaction that waits was given up waiting for: each time its successor pays a quarter more than the
    /// chain asks.
    pub urgency: u32,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The chain holds this head in a block that is final.
    Final,
    /// In a block that may still be reorganised away.
    Included,
    /// A transaction of the submitter waits for a block.
    Waiting,
    Sent {
        transaction: Word,
    },
    /// The chain is too dear at the moment.
    Dear {
        wanted: u128,
    },
}

#[derive(Debug, Error)]
pub enum AnchorError {
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error("the node is on chain {found} and not on {named}; nothing was sent")]
    OtherChain { named: u64, found: u64 },
    #[error("there is no contract at {contract} on chain {chain}; nothing was sent")]
    NoContract { chain: u64, contract: Address },
    #[error("the node's blocks tell no base fee; chains without EIP-1559 are not served")]
    NoBaseFee,
    #[error(
        "anchoring would take {gas} units of gas, and {GAS_MAX} are the most: is {contract} the right contract?"
    )]
    Gas { gas: u64, contract: Address },
    #[error(
        "the chain holds another tree of {size} entries for this origin: nothing more may be signed for it before somebody has found out why"
    )]
    Contradicted { size: u64 },
    #[error(
        "the chain holds a tree of {anchored} entries for this origin, and the log has published {ours}: its storage was set back to an older state, or this head is one of before. Nothing was sent"
    )]
    Behind { ours: u64, anchored: u64 },
    #[error(
        "the tree that the chain holds for this origin, of {size} entries, is not the beginning of this one: {why}. Nothing was sent"
    )]
    NotGrown { size: u64, why: String },
    #[error("no node of the chain was named")]
    NoNode,
    #[error("{one} and {other} disagree about the account or the contract; nothing was sent")]
    Disagreement { one: String, other: String },
    #[error("the node says that it took another transaction than the one it was sent")]
    OtherTransaction,
}

/// A log on its way to a chain.
pub struct Anchoring<'a, S, H> {
    /// What the account and the contract are must be the same on all of them; the first one is sent to.
    pub nodes: &'a [Node],
    pub place: Place,
    pub terms: Terms,
    pub submitter: &'a S,
    pub history: H,
    pub origin: &'a str,
}

/// What a step begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Situation {
    included: Latest,
    /// How many transactions of the account are in blocks.
    nonce: u64,
}

impl<S: Submitter, H: History> Anchoring<'_, S, H> {
    /// Takes one step towards the head being anchored.
    ///
    /// A chain that is down, slow, reorganised or dear makes no step fail for good: the next one begins with what the chain
    /// then says.
    pub async fn step(&self, head: &Head) -> Result<Step, AnchorError> {
        let node = self.nodes.first().ok_or(AnchorError::NoNode)?;
        let Situation { included, nonce } = self.situation(node).await?;
        self.require_growth(head, &included).await?;
        if head.size == included.size {
            let latest = self.latest(node, At::Finalized).await?;
            let is_final = head.size <= latest.size;
            return Ok(if is_final {
                Step::Final
            } else {
                Step::Included
            });
        }
        let account = self.submitter.address();
        if nonce < count(node, account, At::Pending).await? && self.terms.urgency == 0 {
            return Ok(Step::Waiting);
        }
        let (tip, fee) = price(node, self.terms.urgency).await?;
        if self.terms.fee_max < fee {
            return Ok(Step::Dear { wanted: fee });
        }
        let data = anchor_call(self.origin, head);
        let transaction = Transaction {
            chain: self.place.chain,
            nonce,
            tip,
            fee_max: fee,
            gas: gas(node, self.place, account, &data).await?,
            to: Some(self.place.contract),
            data,
        };
        let transaction = send(node, &transaction, self.submitter).await?;
        Ok(Step::Sent { transaction })
    }

    /// What the chain holds of this origin, perhaps in a block that is not final, and when that block was made, seconds since
    /// 1970; none where it holds nothing.
    pub async fn newest(&self) -> Result<Option<(Latest, u64)>, AnchorError> {
        let node = self.nodes.first().ok_or(AnchorError::NoNode)?;
        let Situation { included, .. } = self.situation(node).await?;
        if included.size == 0 {
            return Ok(None);
        }
        // A block that a reorganisation has taken since is of no time.
        let block = node.block(At::Number(included.block)).await?;
        Ok(block.map(|block| (included, block.at)))
    }

    /// As all nodes say: one that lies alone could have the account pay again and again.
    async fn situation(&self, first: &Node) -> Result<Situation, AnchorError> {
        let told = self.situation_at(first).await?;
        for other in &self.nodes[1..] {
            if self.situation_at(other).await? != told {
                return Err(AnchorError::Disagreement {
                    one: first.place(),
                    other: other.place(),
                });
            }
        }
        Ok(told)
    }

    async fn situation_at(&self, node: &Node) -> Result<Situation, AnchorError> {
        require_chain(node, self.place.chain).await?;
        require_contract(node, self.place).await?;
        Ok(Situation {
            included: self.latest(node, At::Latest).await?,
            nonce: count(node, self.submitter.address(), At::Latest).await?,
        })
    }

    async fn latest(&self, node: &Node, at: At) -> Result<Latest, NodeError> {
        let account = self.submitter.address();
        node.latest(self.place.contract, account, self.origin, at)
            .await
    }

    /// Two heads on the chain that do not belong together would speak against the log for ever.
    async fn require_growth(&self, head: &Head, included: &Latest) -> Result<(), AnchorError> {
        let size = included.size;
        if head.size < size {
            return Err(AnchorError::Behind {
                ours: head.size,
                anchored: size,
            });
        }
        if head.size == size && head.root != included.root {
            return Err(AnchorError::Contradicted { size });
        }
        if 0 < size && size < head.size {
            let grown = self.history.has_grown_from(size, included.root).await;
            grown.map_err(|why| AnchorError::NotGrown { size, why })?;
        }
        Ok(())
    }
}

async fn require_chain(node: &Node, named: u64) -> Result<(), AnchorError> {
    let found = node.chain().await?;
    match found == named {
        true => Ok(()),
        false => Err(AnchorError::OtherChain { named, found }),
    }
}

/// Makes the contract, from the bytes that `solc` gave; answers the transaction and where the contract will be.
pub async fn deploy(
    node: &Node,
    chain: u64,
    terms: Terms,
    submitter: &impl Submitter,
    code: &[u8],
) -> Result<(Word, Address), AnchorError> {
    const DEPLOYMENT_GAS: u64 = 600_000;
    require_chain(node, chain).await?;
    let account = submitter.address();
    let nonce = count(node, account, At::Latest).await?;
    let (tip, fee_max) = price(node, terms.urgency).await?;
    let transaction = Transaction {
        chain,
        nonce,
        tip,
        fee_max: fee_max.min(terms.fee_max),
        gas: DEPLOYMENT_GAS,
        to: None,
        data: code.to_vec(),
    };
    let sent = send(node, &transaction, submitter).await?;
    Ok((sent, address_of_contract(account, nonce)))
}

/// Where the contract is that an account made with the transaction of this number.
fn address_of_contract(account: Address, nonce: u64) -> Address {
    let mut fields = Vec::new();
    account.0.as_slice().encode(&mut fields);
    nonce.encode(&mut fields);
    let Word(digest) = keccak(&list(&fields));
    Address(digest[12..].try_into().expect("20 of 32 bytes"))
}

/// Fails where no contract is.
pub async fn require_contract(node: &Node, place: Place) -> Result<(), AnchorError> {
    let question = json!([place.contract.to_string(), At::Latest.spelled()]);
    let code = node.bytes("eth_getCode", question).await?;
    match code.is_empty() {
        true => Err(AnchorError::NoContract {
            chain: place.chain,
            contract: place.contract,
        }),
        false => Ok(()),
    }
}

async fn count(node: &Node, account: Address, at: At) -> Result<u64, NodeError> {
    let method = "eth_getTransactionCount";
    let question = json!([account.to_string(), at.spelled()]);
    let count = node.number(method, question).await?;
    u64::try_from(count).map_err(|_| NodeError::Form { method })
}

/// The tip, and the most that a unit of gas may cost: the base fee may double until the transaction is in a block.
async fn price(node: &Node, urgency: u32) -> Result<(u128, u128), AnchorError> {
    let block = node.block(At::Latest).await?;
    let base_fee = block.and_then(|block| block.base_fee);
    let base_fee = base_fee.ok_or(AnchorError::NoBaseFee)?;
    let tip = node.number("eth_maxPriorityFeePerGas", json!([])).await?;
    let dearer = |wei: u128| {
        let (times, parts) = DEARER;
        (0..urgency.min(URGENCY_MAX)).fold(wei, |wei, _| {
            (wei.saturating_mul(times) / parts).max(wei + 1)
        })
    };
    let fee = base_fee.saturating_mul(2).saturating_add(tip);
    Ok((dearer(tip), dearer(fee)))
}

async fn gas(node: &Node, place: Place, account: Address, data: &[u8]) -> Result<u64, AnchorError> {
    let call = json!({
        "from": account.to_string(),
        "to": place.contract.to_string(),
        "data": format!("0x{}", hex::encode(data)),
    });
    // As if the transaction that may wait were not there.
    let question = json!([call, At::Latest.spelled()]);
    let estimated = node.number("eth_estimateGas", question).await?;
    let estimated = u64::try_from(estimated).unwrap_or(u64::MAX);
    if GAS_MAX < estimated {
        return Err(AnchorError::Gas {
            gas: estimated,
            contract: place.contract,
        });
    }
    let (times, parts) = GAS_MARGIN;
    Ok(estimated * times / parts)
}

async fn send(
    node: &Node,
    transaction: &Transaction,
    submitter: &impl Submitter,
) -> Result<Word, AnchorError> {
    let method = "eth_sendRawTransaction";
    let (bytes, hash) = transaction.signed(&submitter.sign(transaction.digest()));
    let question = json!([format!("0x{}", hex::encode(bytes))]);
    let told = node.call(method, question).await?;
    let told: Option<Word> = told.as_str().and_then(|told| told.parse().ok());
    match told {
        Some(told) if told == hash => Ok(hash),
        Some(_) => Err(AnchorError::OtherTransaction),
        None => Err(NodeError::Form { method }.into()),
    }
}
