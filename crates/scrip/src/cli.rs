//! The command line.

pub mod evaluate;
mod examples;
pub mod log;
pub mod people;
pub mod witness;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ids::object::PaymentId;
use ids::voucher::{Country, ProductId, Serial};
use money::currency::Currency;

/// An open prepaid-payment platform: vouchers with a PIN, payments without a bank account.
#[derive(Debug, Parser)]
#[command(
    name = "scrip",
    version,
    propagate_version = true,
    after_help = "Example:\n  scrip demo"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole platform on this machine with sample data and a demo shop.
    #[command(after_help = "Example:\n  scrip demo --data ./scrip-data --listen 127.0.0.1:8080")]
    Demo(Demo),
    /// Run the platform from a configuration file.
    #[command(after_help = crate::config::HELP)]
    Serve(Serve),
    /// Add or change a merchant.
    #[command(
        after_help = "Example:\n  scrip merchant --data ./scrip-data --name 'Corner Shop' --currency EUR --currency GBP"
    )]
    Merchant(Merchant),
    /// Add or change a distributor.
    #[command(after_help = "Example:\n  scrip distributor --data ./scrip-data --name 'Kiosk Ltd'")]
    Distributor(Distributor),
    /// Add or change what is sold in a country.
    #[command(
        after_help = "Example:\n  scrip product --data ./scrip-data --id 00002 --country AT --currency EUR \\\n    --denomination 10 --denomination 25 --denomination 50 --validity-days 1095 --fee 2.00 --fee-after-days 365"
    )]
    Product(Product),
    /// Revoke an API key; it is read from standard input.
    #[command(after_help = "Example:\n  scrip revoke-key --data ./scrip-data < key.txt")]
    RevokeKey(DataDirectory),
    /// Issue vouchers, or look after single ones.
    #[command(subcommand)]
    Vouchers(Vouchers),
    /// Let a payment go that was stopped because its record was in doubt.
    #[command(
        after_help = "Example:\n  scrip resume-payment --data ./scrip-data pay_1000001978_cart-7_EUR\n\nRun `scrip audit` first: it says whether the record is sound again."
    )]
    ResumePayment(OnePayment),
    /// Copy a data directory while it is in use.
    #[command(after_help = "Example:\n  scrip backup --data ./scrip-data /backup/2026-01-31")]
    Backup(Backup),
    /// Make a data directory from a backup.
    #[command(after_help = "Example:\n  scrip restore /backup/2026-01-31 --data ./scrip-data")]
    Restore(Restore),
    /// Move a platform from its data directory into PostgreSQL, or back, while the server runs.
    #[command(
        after_help = "Examples:\n  scrip migrate-store --from ./scrip-data --to postgres://scrip@db1,db2/scrip\n  scrip migrate-store --from postgres://scrip@db1,db2/scrip --to ./scrip-data\n\nEverything is copied while the server runs, and what it adds is followed. When the server is stopped, the rest\nis copied, both sides are compared and audited, and only then the one is closed and the other may be served. A\nrun that was interrupted, in whatever way, goes on where it stopped when the same command is given again."
    )]
    MigrateStore(MigrateStore),
    /// Add a person of the issuer who works on reviews, rules or models, change what one may do, or look after keys.
    #[command(
        after_help = "Examples:\n  scrip operator --name 'Ada Byron' --scope reviews --scope rules\n  SCRIP_OPERATOR_KEY=psc_... scrip operator list\n  SCRIP_OPERATOR_KEY=psc_... scrip operator new-key 2\n  SCRIP_OPERATOR_KEY=psc_... scrip operator revoke-key 3\n  scrip operator new-key 1 --data ./scrip-data\n\nOver the network this needs a key with the scope people. Whoever has the data directory needs none: with --data\neverybody's key can be given anew, also when all are lost."
    )]
    Operator(people::Operator),
    /// Get ready to anchor the transparency log on an EVM chain: the account, and the contract.
    #[command(
        subcommand,
        after_help = "Examples:\n  scrip anchors account --data ./scrip-data\n  scrip anchors deploy --data ./scrip-data --chain 1 --node https://one.example/KEY --code CheckpointAnchor.bin\n\nSend coins to the account first. What `deploy` prints goes below [anchors] in the configuration of `scrip serve`, which\nthen anchors by itself. `scrip verify anchors` reads it back."
    )]
    Anchors(log::Anchors),
    /// Forget who paid: what the platform knows of the payer of a payment that has ended.
    #[command(
        after_help = "Examples:\n  SCRIP_OPERATOR_KEY=psc_... scrip erase-payer pay_1000001978_cart-7_EUR\n  scrip erase-payer pay_1000001978_cart-7_EUR --data ./scrip-data\n\nAddresses, device, behaviour and the judgement go, and the e-mail address of refunds. What was paid and to whom stays, and every\nproof of the transparency log holds as before. Nothing brings it back."
    )]
    ErasePayer(people::ErasePayer),
    /// Show the payments that wait for a person, let one go or refuse it, on a running platform.
    #[command(
        after_help = "Examples:\n  SCRIP_OPERATOR_KEY=psc_... scrip reviews\n  SCRIP_OPERATOR_KEY=psc_... scrip reviews release pay_1000001978_...\n"
    )]
    Reviews(people::Reviews),
    /// Tell why attempts were judged as they were, change rules, lists, models and settings, take past decisions again.
    #[command(
        after_help = "Examples:\n  SCRIP_OPERATOR_KEY=psc_... scrip risk explain pay_1000001978_...\n  SCRIP_OPERATOR_KEY=psc_... scrip risk add-entry blocked-networks 203.0.113.0/24 --seconds 86400\n  scrip risk train --data ./scrip-data\n  SCRIP_OPERATOR_KEY=psc_... scrip risk promote 5f0c...\n  scrip risk replay --data ./scrip-data"
    )]
    Risk(people::Risk),
    /// Replay the journal from its first entry and compare everything with what is stored.
    #[command(after_help = "Example:\n  scrip audit --data ./scrip-data")]
    Audit(Audit),
    /// State now what the issuer owes, in the transparency log; by itself that happens once a day.
    #[command(
        after_help = "Examples:\n  SCRIP_OPERATOR_KEY=psc_... scrip liabilities\n  scrip liabilities --data ./scrip-data\n\nThe statement counts everything up to the last entry. `scrip verify liabilities` checks it."
    )]
    Liabilities(people::Place),
    /// Check receipts, or a whole transparency log, without believing whoever serves it.
    #[command(subcommand)]
    Verify(log::Verify),
    /// Copy a transparency log into a directory or an object store and check all of it on the way.
    #[command(after_help = log::MIRROR_HELP)]
    Mirror(log::Mirror),
    /// Print the key by which this platform's transparency log is checked: a line for a policy.
    #[command(after_help = "Example:\n  scrip log-key --data ./scrip-data pay.example/log")]
    LogKey(log::LogKey),
    /// Host a witness of transparency logs, with a directory of its own and nothing of a platform.
    #[command(after_help = witness::HELP)]
    Witness(witness::Witness),
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Where everything is kept.
    #[arg(long, value_name = "DIR", default_value = "./scrip-data")]
    pub data: PathBuf,
    /// Address and port; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
}

#[derive(Debug, Args)]
pub struct Serve {
    /// The configuration file, in TOML.
    #[arg(long, value_name = "FILE", default_value = "scrip.toml")]
    pub config: PathBuf,
}

#[derive(Debug, Args)]
pub struct DataDirectory {
    /// The data directory; the server must not be running on it.
    #[arg(long, value_name = "DIR", default_value = "./scrip-data")]
    pub data: PathBuf,
    /// The PostgreSQL of a platform with several nodes, which may be running; the data directory holds vault.key alone.
    #[arg(
        long,
        value_name = "URL",
        env = "SCRIP_STORE",
        default_value = "",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub store: String,
}

#[derive(Debug, Args)]
pub struct Merchant {
    #[command(flatten)]
    pub directory: DataDirectory,
    /// The merchant's number of seven digits, to change it; leave it out to add one.
    #[arg(long)]
    pub id: Option<u32>,
    /// Needed for a new merchant, like --currency. What is not given stays as it is.
    #[arg(long, required_unless_present = "id")]
    pub name: Option<String>,
    /// Repeat for each currency in which the merchant takes payments.
    #[arg(long = "currency", required_unless_present = "id")]
    pub currencies: Vec<Currency>,
    /// How long authorised value stays held, in seconds; 600 for a new merchant.
    #[arg(long)]
    pub capture_window: Option<i64>,
    /// The issuer's fee on captured value, in hundredths of a percent; none for a new merchant.
    #[arg(long, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    pub fee_basis_points: Option<u16>,
    /// Repeat for each reporting criterion, up to eight letters and digits; those that are given replace those that were.
    #[arg(long = "submerchant")]
    pub submerchants: Vec<String>,
    /// What is done about the second payment of one order; `flag` for a new merchant.
    #[arg(long, value_enum)]
    pub duplicates: Option<DuplicatesChoice>,
    /// How long after the first authorisation a second one is taken for a mistake, in seconds; 1800 for a new merchant.
    #[arg(long, value_parser = clap::value_parser!(i64).range(60..=86_400))]
    pub duplicate_window: Option<i64>,
    /// Whether the merchant may take payments.
    #[arg(long, value_enum)]
    pub standing: Option<StandingChoice>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum StandingChoice {
    Active,
    Suspended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DuplicatesChoice {
    /// Nothing.
    Off,
    /// It is marked, and the merchant told.
    Flag,
    /// It is cancelled, or refunded where it was captured.
    Return,
}

#[derive(Debug, Args)]
pub struct Distributor {
    #[command(flatten)]
    pub directory: DataDirectory,
    /// The distributor's number of ten digits, to change it; leave it out to add one.
    #[arg(long)]
    pub id: Option<u64>,
    /// Needed for a new distributor. What is not given stays as it is.
    #[arg(long, required_unless_present = "id")]
    pub name: Option<String>,
    /// How long after the sale an order may be cancelled, in seconds; 300 for a new distributor.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..))]
    pub cancel_window: Option<i64>,
    /// How long a till has to confirm an order before it is cancelled, in seconds; 0 for not at all, as with a new
    /// distributor.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=3_600))]
    pub confirmation_window: Option<i64>,
    /// Whether the distributor may sell vouchers.
    #[arg(long, value_enum)]
    pub standing: Option<StandingChoice>,
}

#[derive(Debug, Args)]
pub struct Product {
    #[command(flatten)]
    pub directory: DataDirectory,
    /// Five digits.
    #[arg(long)]
    pub id: ProductId,
    #[arg(long)]
    pub country: Country,
    #[arg(long)]
    pub currency: Currency,
    /// Repeat for each face value that is sold.
    #[arg(long = "denomination", required = true)]
    pub denominations: Vec<String>,
    /// How long a voucher is valid after its sale; unlimited if left out.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub validity_days: Option<u32>,
    /// The maintenance fee; none if left out.
    #[arg(long, requires = "fee_after_days")]
    pub fee: Option<String>,
    /// Days after the sale until the first fee; then one follows every 30 days.
    #[arg(long)]
    pub fee_after_days: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub enum Vouchers {
    /// Issue a batch and write its PINs into a file that only the distributor can open.
    #[command(
        after_help = "Example:\n  scrip vouchers issue --data ./scrip-data --distributor 2000000001 --product 00002 --country AT \\\n    --amount 25.00 --currency EUR --count 1000000 --recipient age1... --out batch.age\n\nA run that was interrupted goes on where it stopped when the same command is given again."
    )]
    Issue(Issue),
    /// Stop a voucher.
    #[command(
        after_help = "Example:\n  scrip vouchers freeze --data ./scrip-data 1888540789315005"
    )]
    Freeze(OneVoucher),
    /// Let a stopped voucher go.
    #[command(
        after_help = "Example:\n  scrip vouchers unfreeze --data ./scrip-data 1888540789315005"
    )]
    Unfreeze(OneVoucher),
    /// Make a sold voucher spendable that was issued without activation.
    #[command(
        after_help = "Example:\n  scrip vouchers activate --data ./scrip-data 1888540789315005"
    )]
    Activate(OneVoucher),
    /// Undo a voucher of which nothing was spent.
    #[command(after_help = "Example:\n  scrip vouchers void --data ./scrip-data 1888540789315005")]
    Void(OneVoucher),
    /// Show a voucher's state and amounts.
    #[command(after_help = "Example:\n  scrip vouchers show --data ./scrip-data 1888540789315005")]
    Show(OneVoucher),
}

#[derive(Debug, Args)]
pub struct OneVoucher {
    #[command(flatten)]
    pub directory: DataDirectory,
    /// The serial, 16 digits.
    pub serial: Serial,
}

#[derive(Debug, Args)]
pub struct OnePayment {
    #[command(flatten)]
    pub directory: DataDirectory,
    /// The payment's id.
    pub id: PaymentId,
}

#[derive(Debug, Args)]
pub struct Issue {
    #[command(flatten)]
    pub directory: DataDirectory,
    /// The distributor's number of ten digits.
    #[arg(long)]
    pub distributor: u64,
    /// Five digits.
    #[arg(long)]
    pub product: ProductId,
    #[arg(long)]
    pub country: Country,
    /// The face value of each voucher.
    #[arg(long)]
    pub amount: String,
    #[arg(long)]
    pub currency: Currency,
    #[arg(long)]
    pub count: u64,
    /// The distributor's public key, as `age-keygen` prints it.
    #[arg(long, value_name = "age1...")]
    pub recipient: String,
    /// The encrypted file to write.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// When the vouchers can be spent.
    #[arg(long, value_enum, default_value_t = ActivationChoice::Immediate)]
    pub activation: ActivationChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ActivationChoice {
    /// At once.
    Immediate,
    /// When they are activated one by one.
    Pending,
}

#[derive(Debug, Args)]
pub struct Backup {
    #[command(flatten)]
    pub directory: RunningDataDirectory,
    /// A directory that does not exist or is empty.
    pub target: PathBuf,
    /// Leave the key file out; keep it somewhere else, no PIN can be found without it.
    #[arg(long)]
    pub without_key: bool,
}

#[derive(Debug, Args)]
pub struct RunningDataDirectory {
    /// The data directory; the server may be running on it.
    #[arg(long, value_name = "DIR", default_value = "./scrip-data")]
    pub data: PathBuf,
    /// The PostgreSQL of a platform with several nodes.
    #[arg(
        long,
        value_name = "URL",
        env = "SCRIP_STORE",
        default_value = "",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub store: String,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// What `scrip backup` wrote.
    pub backup: PathBuf,
    /// The data directory to make; it must not exist or be empty.
    #[arg(long, value_name = "DIR", default_value = "./scrip-data")]
    pub data: PathBuf,
}

#[derive(Debug, Args)]
pub struct MigrateStore {
    /// What to move: a data directory, or the URL of a PostgreSQL.
    #[arg(
        long,
        value_name = "PLACE",
        required_unless_present = "reopen",
        env = "SCRIP_STORE",
        hide_env_values = true
    )]
    pub from: Option<String>,
    /// Where to: the other kind of place, empty, or one that this command has begun to fill. An URL with a password is
    /// better given by the environment than on the command line.
    #[arg(
        long,
        value_name = "PLACE",
        required_unless_present = "reopen",
        env = "SCRIP_STORE",
        hide_env_values = true
    )]
    pub to: Option<String>,
    /// Let a place be served again whose data has moved, because the other one is lost for good. What was paid there is
    /// lost with it.
    #[arg(long, value_name = "PLACE")]
    pub reopen: Option<String>,
}

#[derive(Debug, Args)]
pub struct Audit {
    /// The data directory; the server must not be running on it.
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub data: Option<PathBuf>,
    /// The configuration file that names the data directory.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}
