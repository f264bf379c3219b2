//! A node of the chain, asked by JSON-RPC 2.0 over HTTP. It may be down, slow, or lie.

use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use thiserror::Error;
use url::Url;

use crate::words::{Word, parse_quantity, quantity};

/// The longest answer that is read.
pub const ANSWER_BYTES_MAX: usize = 4 << 20;

/// Where a node answers.
pub struct Node {
    client: Client,
    url: Url,
}

/// Which state of the chain a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Latest,
    /// No longer subject to reorganisations.
    Finalized,
    Pending,
    Number(u64),
}

/// A block as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub number: u64,
    pub hash: Word,
    /// When it was made, seconds since 1970.
    pub at: u64,
    /// Wei for each unit of gas; none on chains without EIP-1559.
    pub base_fee: Option<u128>,
}

#[derive(Debug, Error)]
pub enum NodeError {
    #[error("the node cannot be reached, or did not answer in time")]
    Connection(#[source] reqwest::Error),
    #[error("the HTTP client could not be made")]
    Client(#[source] reqwest::Error),
    #[error("the node answers with status {code}")]
    Status { code: u16 },
    #[error("the node answers with more than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    #[error("the node's answer to {method} is none that the protocol knows")]
    Form { method: &'static str },
    #[error("the node refused {method}: {message}")]
    Refused {
        method: &'static str,
        message: String,
    },
}

impl Node {
    pub fn new(url: Url, patience: Duration) -> Result<Node, NodeError> {
        let client = Client::builder()
            .timeout(patience)
            .redirect(Policy::none())
            .build()
            .map_err(NodeError::Client)?;
        Ok(Node { client, url })
    }

    pub fn place(&self) -> String {
        // Keys of hosted nodes stand in the path.
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    pub(crate) async fn call(
        &self,
        method: &'static str,
        parameters: Value,
    ) -> Result<Value, NodeError> {
        let question = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
        let sent = self.client.post(self.url.clone()).json(&question).send();
        let mut response = sent.await.map_err(unreachable)?;
        let code = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if ANSWER_BYTES_MAX < bytes.len() + chunk.len() {
                return Err(NodeError::TooLong);
            }
            bytes.extend_from_slice(&chunk);
        }
        let form = NodeError::Form { method };
        let Ok(mut answer) = serde_json::from_slice::<Value>(&bytes) else {
            return Err(match code.is_success() {
                true => form,
                false => NodeError::Status {
                    code: code.as_u16(),
                },
            });
        };
        if let Some(message) = answer["error"]["message"].as_str() {
            let message = message
                .chars()
                .filter(|c| !c.is_control())
                .take(200)
                .collect();
            return Err(NodeError::Refused { method, message });
        }
        match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Err(form),
        }
    }

    pub(crate) async fn number(
        &self,
        method: &'static str,
        parameters: Value,
    ) -> Result<u128, NodeError> {
        let answer = self.call(method, parameters).await?;
        let number = answer.as_str().and_then(parse_quantity);
        number.ok_or(NodeError::Form { method })
    }

    pub async fn chain(&self) -> Result<u64, NodeError> {
        let method = "eth_chainId";
        let number = self.number(method, json!([])).await?;
        u64::try_from(number).map_err(|_| NodeError::Form { method })
    }

    /// None where the chain has no such block yet.
    pub async fn block(&self, at: At) -> Result<Option<Block>, NodeError> {
        let method = "eth_getBlockByNumber";
        let answer = self.call(method, json!([at.spelled(), false])).await?;
        if answer.is_null() {
            return Ok(None);
        }
        let number = |member: &str| {
            let number = answer[member].as_str().and_then(parse_quantity);
            number.and_then(|number| u64::try_from(number).ok())
        };
        let hash = answer["hash"].as_str().and_then(|hash| hash.parse().ok());
        match (number("number"), number("timestamp"), hash) {
            (Some(number), Some(at), Some(hash)) => Ok(Some(Block {
                number,
                hash,
                at,
                base_fee: answer["baseFeePerGas"].as_str().and_then(parse_quantity),
            })),
            _ => Err(NodeError::Form { method }),
        }
    }

    pub(crate) async fn bytes(
        &self,
        method: &'static str,
        parameters: Value,
    ) -> Result<Vec<u8>, NodeError> {
        let answer = self.call(method, parameters).await?;
        let digits = answer.as_str().and_then(|text| text.strip_prefix("0x"));
        let bytes = digits.and_then(|digits| hex::decode(digits).ok());
        bytes.ok_or(NodeError::Form { method })
    }
}

/// Keys of hosted nodes stand in the address, which is left out of the error.
fn unreachable(error: reqwest::Error) -> NodeError {
    NodeError::Connection(error.without_url())
}

impl At {
    pub(crate) fn spelled(self) -> String {
        match self {
            At::Latest => "latest".to_owned(),
            At::Finalized => "finalized".to_owned(),
            At::Pending => "pending".to_owned(),
            At::Number(number) => quantity(u128::from(number)),
        }
    }
}
