//! The arguments of the commands that check the transparency log.

use std::path::PathBuf;

use anchors::words::Address;
use clap::{Args, Subcommand};
use url::Url;

use super::RunningDataDirectory;

pub const MIRROR_HELP: &str = "\
Examples:
  scrip mirror https://log.example/ ./mirror --policy policy.txt
  scrip mirror https://log.example/ s3://bucket/log --policy policy.txt

Run it again to bring the copy up to date, or to go on after an interruption. Any server of static files can
serve the directory; a bucket that everybody may read serves itself.

An object store is reached as the environment says:
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN   who asks; without them, the role that the machine has
  AWS_REGION         the bucket's region
  AWS_ENDPOINT_URL   where the store is, if it is not Amazon's
The credentials need s3:GetObject, s3:PutObject and s3:ListBucket.";

#[derive(Debug, Subcommand)]
pub enum Verify {
    /// Check a receipt offline.
    #[command(
        after_help = "Example:\n  scrip verify receipt payment.tlog-proof --policy policy.txt\n\nNobody is asked: the file and the policy are enough. It ends with status 0 if all of it holds, else with 1."
    )]
    Receipt(VerifyReceipt),
    /// See whether a log kept its promises; evidence of broken ones is collected.
    #[command(
        after_help = "Examples:\n  scrip verify promise promises/* --policy policy.txt --log https://log.example/ --evidence ./evidence\n  scrip verify promise evidence/17.promise --policy policy.txt --against evidence/17.shown\n\nA file holds a promise as the header Scrip-Log-Promise brought it. What became of each is said on a line of\nits own; with --evidence a broken promise is kept beside what breaks it, and anybody can check the two files with\n--against, without asking the log. It ends with status 1 if any was broken or is overdue."
    )]
    Promise(VerifyPromise),
    /// Check a whole log: signatures, quorum, every tile and every entry.
    #[command(
        after_help = "Examples:\n  scrip verify log https://log.example/ --policy policy.txt --since seen.checkpoint\n  scrip verify log ./mirror --policy policy.txt\n  scrip verify log s3://bucket/log --policy policy.txt\n\nGive the same --since each time: that is what shows a log that was rewritten in between."
    )]
    Log(VerifyLog),
    /// Check what the issuer states that it owes, and whether a voucher or merchant is counted in it.
    #[command(
        after_help = "Examples:\n  scrip verify liabilities https://pay.example/log --policy policy.txt\n  scrip verify liabilities https://pay.example/log --policy policy.txt --proof mine.json\n  scrip verify liabilities mine.json --policy policy.txt\n  scrip verify liabilities https://pay.example/log --policy policy.txt --data ./scrip-data\n\nThe last one is for the issuer: everything is counted again from the journal. A proof comes from the balance page of\na voucher, or from GET /v1/liabilities/proof with a merchant's key, and holds the statement too."
    )]
    Liabilities(VerifyLiabilities),
    /// Check as the operator that every leaf of the log follows from the journal, and that no entry was left out.
    #[command(
        after_help = "Examples:\n  scrip verify journal https://log.example/ --policy policy.txt --data ./scrip-data\n  scrip verify journal ./mirror --policy policy.txt --data ./scrip-data --store postgres://scrip@db1,db2/scrip\n\nThe server may be running. It reads the log as everybody does, opens every leaf with the seeds beside the journal, and\nsays in which groups of fields an entry and its leaf differ."
    )]
    Journal(VerifyJournal),
    /// Hold a log against what was anchored of it on an EVM chain.
    #[command(
        after_help = "Example:\n  scrip verify anchors https://log.example/ --policy policy.txt --chain 1 --contract 0x5FbD... --submitter 0xf39F... \\\n    --node https://one.example/KEY --node https://another.example/KEY\n\nChain, contract and submitter come from the issuer, once, and not from the log. Name nodes of different hosts: they\nhave to agree. A log that was rewritten since it was anchored is told, whoever helped to rewrite it."
    )]
    Anchors(VerifyAnchors),
}

#[derive(Debug, Args)]
pub struct TrustedKeys {
    /// Whom to believe: a file with the keys of log and witnesses, and how many witnesses are enough.
    #[arg(long, value_name = "FILE")]
    pub policy: PathBuf,
}

#[derive(Debug, Args)]
pub struct VerifyReceipt {
    /// The receipt: a .tlog-proof file, or JSON that holds its text as `proof`.
    pub file: PathBuf,
    #[command(flatten)]
    pub keys: TrustedKeys,
}

#[derive(Debug, Args)]
pub struct VerifyPromise {
    /// The promises.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub keys: TrustedKeys,
    /// The log's address, or a copy of it: a directory, or s3://BUCKET/PREFIX in an object store.
    #[arg(
        long,
        value_name = "URL|DIR|S3",
        required_unless_present = "against",
        conflicts_with = "against"
    )]
    pub log: Option<String>,
    /// A checkpoint or a receipt that was kept, to hold the promises against offline.
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// Where evidence is collected; made if it is not there.
    #[arg(long, value_name = "DIR", requires = "log")]
    pub evidence: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct VerifyLog {
    /// The log's address, or a copy of it: a directory, or s3://BUCKET/PREFIX in an object store.
    #[arg(value_name = "URL|DIR|S3")]
    pub place: String,
    #[command(flatten)]
    pub keys: TrustedKeys,
    /// The last checkpoint that was found good; it is written when all of the log holds, and need not exist.
    #[arg(long, value_name = "CHECKPOINT-FILE")]
    pub since: Option<PathBuf>,
    /// Let old cosignatures of witnesses count, for a copy behind an address that is not kept up to date. They always do for a directory and for an object store.
    #[arg(long)]
    pub any_age: bool,
}

#[derive(Debug, Args)]
pub struct VerifyLiabilities {
    /// The log's address, or a file with a statement: JSON as the log or a holder's proof has it.
    #[arg(value_name = "URL|FILE")]
    pub place: String,
    #[command(flatten)]
    pub keys: TrustedKeys,
    /// A holder's proof, as JSON, for the statement at the place.
    #[arg(long, value_name = "FILE")]
    pub proof: Option<PathBuf>,
    /// Count the statement again from the journal of this data directory, or with the key file that is there; the server
    /// must not be running on the directory.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// With --data: the PostgreSQL of a platform with several nodes, which may be running.
    #[arg(
        long,
        value_name = "URL",
        requires = "data",
        default_value = "",
        hide_default_value = true
    )]
    pub store: String,
}

#[derive(Debug, Args)]
pub struct VerifyJournal {
    /// The log's address, or a copy of it: a directory, or s3://BUCKET/PREFIX in an object store.
    #[arg(value_name = "URL|DIR|S3")]
    pub log: String,
    #[command(flatten)]
    pub keys: TrustedKeys,
    #[command(flatten)]
    pub directory: RunningDataDirectory,
}

#[derive(Debug, Args)]
pub struct VerifyAnchors {
    /// The log's address, or a copy of it: a directory, or s3://BUCKET/PREFIX in an object store.
    #[arg(value_name = "URL|DIR|S3")]
    pub place: String,
    #[command(flatten)]
    pub keys: TrustedKeys,
    /// The chain's number (EIP-155).
    #[arg(long, value_name = "NUMBER")]
    pub chain: u64,
    #[arg(long, value_name = "ADDRESS")]
    pub contract: Address,
    /// Whose anchors count.
    #[arg(long, value_name = "ADDRESS")]
    pub submitter: Address,
    /// A node of the chain; give several, of different hosts.
    #[arg(long = "node", value_name = "URL", required = true)]
    pub nodes: Vec<Url>,
    /// The block of the contract, or another before the first anchor.
    #[arg(long, value_name = "BLOCK", default_value_t = 0)]
    pub from_block: u64,
    /// A receipt, to learn which anchor holds its entry.
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Anchors {
    /// Print the account that anchors and pays for it; it follows from the key file.
    Account {
        /// Where the key file is.
        #[arg(long, value_name = "DIR", default_value = "./scrip-data")]
        data: PathBuf,
    },
    /// Make the contract on a chain, and print where it is.
    Deploy(DeployContract),
}

#[derive(Debug, Args)]
pub struct DeployContract {
    /// Where the key file is.
    #[arg(long, value_name = "DIR", default_value = "./scrip-data")]
    pub data: PathBuf,
    /// The chain's number (EIP-155).
    #[arg(long, value_name = "NUMBER")]
    pub chain: u64,
    /// A node of the chain.
    #[arg(long, value_name = "URL")]
    pub node: Url,
    /// The contract's code in hexadecimal, as `cargo xtask contract` compiles it.
    #[arg(long, value_name = "FILE")]
    pub code: PathBuf,
    /// What a unit of gas may cost.
    #[arg(long, value_name = "GWEI", default_value_t = 100)]
    pub gwei_max: u64,
}

#[derive(Debug, Args)]
pub struct LogKey {
    /// Where the key file is.
    #[arg(long, value_name = "DIR", default_value = "./scrip-data")]
    pub data: PathBuf,
    /// Make the key file, and its directory, if there is none: before a platform's first start.
    #[arg(long)]
    pub make: bool,
    /// The log's name: `origin` below [log] in the configuration.
    pub origin: String,
}

#[derive(Debug, Args)]
pub struct Mirror {
    /// The log's address.
    pub url: String,
    /// Where the copy is, or is to be: a directory, or a bucket of an object store that speaks S3.
    #[arg(value_name = "DIR|s3://BUCKET/PREFIX")]
    pub target: PathBuf,
    #[command(flatten)]
    pub keys: TrustedKeys,
}
