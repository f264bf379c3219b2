//! `scrip anchors`, which prepares a chain, and `scrip verify anchors`: the log against what the chain says of it.

use std::path::Path;
use std::time::Duration;

use anchors::anchoring::{
    AnchorError, Pending, Place, Submitter, Terms as TransactionTerms, deploy, require_contract,
};
use anchors::node::Node;
use anchors::reading::{Anchored, Pins, anchored};
use anyhow::{Context, bail};
use tlog_reader::check::{Served, Terms};
use tlog_reader::error::Contradiction;
use tlog_reader::source::Source;
use vault::vault::Vault;
use verifier::checkpoint::Checkpoint;
use verifier::merkle::Hash;

use super::{clock, load, load_policy, load_receipt, open_source, print_signed};
use crate::anchored::{Account, WEI_IN_GWEI};
use crate::cli::log::{Anchors, DeployContract, VerifyAnchors};
use crate::keys::KEY_FILE;

/// For one question to one node of the chain.
const NODE_PATIENCE: Duration = Duration::from_secs(30);
/// A contract's code in hexadecimal has at most twice 24,576 bytes (EIP-170), and what deploys it a little more.
const CODE_BYTES_MAX: u64 = 128 * 1024;
/// How often, and every when, a block is looked for that holds the contract.
const BLOCK_LOOKS: u32 = 60;
const BLOCK_LOOK_EVERY: Duration = Duration::from_secs(2);

pub async fn prepare(arguments: Anchors) -> anyhow::Result<()> {
    match arguments {
        Anchors::Account { data } => {
            println!("{}", account(&data)?.address());
            Ok(())
        }
        Anchors::Deploy(arguments) => deploy_contract(&arguments).await,
    }
}

fn account(data: &Path) -> anyhow::Result<Account> {
    Ok(Account::of(&Vault::open(&data.join(KEY_FILE))?))
}

async fn deploy_contract(arguments: &DeployContract) -> anyhow::Result<()> {
    let account = account(&arguments.data)?;
    let code = load(&arguments.code, CODE_BYTES_MAX)?;
    let code = hex::decode(code.trim_ascii());
    let code = code.with_context(|| {
        let name = arguments.code.display();
        format!("{name} is not in hexadecimal; `cargo xtask contract` prints where the code lies")
    })?;
    let node = Node::new(arguments.node.clone(), NODE_PATIENCE)?;
    let terms = TransactionTerms {
        fee_max: u128::from(arguments.gwei_max) * WEI_IN_GWEI,
        urgency: 0,
        pending: Pending::AwaitIt,
    };
    let deployed = deploy(&node, arguments.chain, terms, &account, &code).await;
    let (transaction, contract) = deployed.with_context(|| {
        let address = account.address();
        format!("the contract was not made; the account {address} pays for it")
    })?;
    println!("sent: transaction {transaction}");
    let place = Place {
        chain: arguments.chain,
        contract,
    };
    for _ in 0..BLOCK_LOOKS {
        match require_contract(&node, place).await {
            Ok(()) => {
                println!("[anchors]");
                println!("contract = \"{contract}\"");
                println!("chain = {}", arguments.chain);
                return Ok(());
            }
            Err(AnchorError::NoContract { .. }) => tokio::time::sleep(BLOCK_LOOK_EVERY).await,
            Err(error) => return Err(error.into()),
        }
    }
    bail!(
        "no block holds the transaction yet; if one does later, the contract is at {contract}. If the chain asks for more \
         than --gwei-max = {}, raise it",
        arguments.gwei_max
    )
}

pub async fn verify(arguments: &VerifyAnchors) -> anyhow::Result<()> {
    let policy = load_policy(&arguments.keys.policy)?;
    let receipt = match &arguments.receipt {
        Some(file) => Some(load_receipt(file, &policy)?),
        None => None,
    };
    let source = open_source(&arguments.place).await?;
    // How old cosignatures are does not matter: what was anchored is older.
    let terms = Terms {
        policy: &policy,
        clock: clock(None),
    };
    let served = Served::fetch(&source, &terms).await?;
    print_signed(&served.checkpoint);
    let nodes = arguments.nodes.iter();
    let nodes = nodes.map(|url| Node::new(url.clone(), NODE_PATIENCE));
    let nodes: Vec<Node> = nodes.collect::<Result<_, _>>()?;
    let pins = Pins {
        place: Place {
            chain: arguments.chain,
            contract: arguments.contract,
        },
        submitter: arguments.submitter,
        from_block: arguments.from_block,
    };
    let found = anchored(&nodes, &pins, &served.checkpoint.origin).await?;
    match &nodes[..] {
        [one] => println!(
            "chain: final up to block {}, as {} alone says; a second --node would notice if it lies",
            found.until,
            one.place()
        ),
        several => println!(
            "chain: final up to block {}, as {} nodes say that agree",
            found.until,
            several.len()
        ),
    }
    if found.anchored.is_empty() {
        bail!(
            "{} anchored nothing of this log up to block {}: compare chain, contract and submitter with what the issuer says",
            arguments.submitter,
            found.until
        );
    }
    for anchor in &found.anchored {
        hold(&source, &served, anchor).await?;
    }
    if let Some(receipt) = receipt {
        if let Some(contradiction) = served.contradicts(&source, &receipt.checkpoint).await? {
            bail!("the receipt's checkpoint is none of this log: {contradiction}");
        }
        tell_of_receipt(&found.anchored, receipt.leaf.index)?;
    }
    println!("the log is as it was anchored");
    Ok(())
}

async fn hold(source: &Source, served: &Served, anchor: &Anchored) -> anyhow::Result<()> {
    let Anchored {
        head,
        block,
        transaction,
        ..
    } = anchor;
    let older = Checkpoint {
        origin: served.checkpoint.origin.clone(),
        size: head.size,
        root: Hash(head.root.0),
        cosigned: Vec::new(),
    };
    match served.contradicts(source, &older).await? {
        None => {}
        Some(Contradiction::Shorter { old, new }) => bail!(
            "what is here ends with {new} entries, and block {block} of the chain holds {old}: it is a copy of before, or the log went back; bring a copy up to date, and ask the log itself"
        ),
        Some(contradiction) => bail!(
            "{contradiction}; block {block} of the chain holds the other tree, in transaction {transaction}"
        ),
    }
    println!(
        "anchor: the log begins with the {} entries of block {block}, transaction {transaction}",
        head.size
    );
    Ok(())
}

/// The first anchor whose tree has the entry.
fn tell_of_receipt(anchored: &[Anchored], index: u64) -> anyhow::Result<()> {
    match anchored.iter().find(|anchor| index < anchor.head.size) {
        Some(anchor) => {
            println!(
                "receipt: entry {index} is held fast since block {} of the chain",
                anchor.block
            );
            Ok(())
        }
        None => {
            bail!("entry {index} of the receipt is younger than the last anchor; try again later")
        }
    }
}
