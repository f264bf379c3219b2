//! The arguments of the commands for the issuer's people.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ids::object::PaymentId;
use risk::model::artifact::ModelHash;

use super::DataDirectory;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Operator {
    #[command(subcommand)]
    pub action: Option<PersonAction>,
    #[command(flatten)]
    pub directory: DataDirectory,
    /// The person's number, to change what one may do; leave it out to add a person.
    #[arg(long)]
    pub id: Option<u32>,
    #[arg(long, required = true)]
    pub name: Option<String>,
    /// Repeat for each thing that the person may do; what is left out is taken away.
    #[arg(long = "scope", required = true, value_enum)]
    pub scopes: Vec<ScopeChoice>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ScopeChoice {
    /// Decide about payments that wait, and say what payments turned out to be.
    Reviews,
    /// Change rules and lists.
    Rules,
    /// Register, promote and roll back models.
    Models,
    /// See who the people are, give them new keys and take keys away.
    People,
    /// Erase payers.
    Privacy,
}

#[derive(Debug, Subcommand)]
pub enum PersonAction {
    /// Show the people, what each may do, and who has a key.
    List(Place),
    /// Give a person a new key; the one before stops at once.
    NewKey {
        /// The person's number.
        id: u32,
        #[command(flatten)]
        place: Place,
    },
    /// Take a person's key away; it stops at once.
    RevokeKey {
        /// The person's number.
        id: u32,
        #[command(flatten)]
        place: Place,
    },
}

/// Where people are looked after: on a running platform, or on its data.
#[derive(Debug, Args)]
pub struct Place {
    /// Work on this data directory instead of asking a running platform, and without anybody's key; the server must not be
    /// running on it.
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
    #[command(flatten)]
    pub remote: Remote,
}

/// A running platform, and the key to ask it.
#[derive(Debug, Args)]
pub struct Remote {
    /// Where the platform is.
    #[arg(
        long,
        global = true,
        env = "SCRIP_URL",
        default_value = "http://127.0.0.1:8080"
    )]
    pub url: String,
    /// The key of an operator; better in the environment than on the command line.
    #[arg(
        long,
        global = true,
        env = "SCRIP_OPERATOR_KEY",
        hide_env_values = true,
        default_value = "",
        hide_default_value = true
    )]
    pub key: String,
}

#[derive(Debug, Args)]
pub struct Reviews {
    #[command(flatten)]
    pub remote: Remote,
    #[command(subcommand)]
    pub action: Option<ReviewAction>,
}

#[derive(Debug, Subcommand)]
pub enum ReviewAction {
    /// Show what waits; the same as no action.
    List,
    /// Let a payment go.
    Release { payment: PaymentId },
    /// End a payment; its value goes back.
    Refuse { payment: PaymentId },
}

#[derive(Debug, Args)]
pub struct ErasePayer {
    /// The payment whose payer is erased; it must have ended.
    pub payment: PaymentId,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct Risk {
    #[command(flatten)]
    pub remote: Remote,
    #[command(subcommand)]
    pub action: RiskAction,
}

#[derive(Debug, Subcommand)]
pub enum RiskAction {
    /// Tell how each attempt at a payment was judged, and why.
    Explain { payment: PaymentId },
    /// Say what a payment turned out to be.
    Label {
        payment: PaymentId,
        #[arg(value_enum)]
        truth: TruthChoice,
        #[arg(long, value_enum, default_value = "analyst")]
        source: SourceChoice,
    },
    /// Show the rules and lists in force.
    Rules,
    /// Save a rule from a JSON file, after a check.
    #[command(after_help = super::examples::RULE)]
    SaveRule { name: String, file: PathBuf },
    /// Tell what a rule from a JSON file would have done to past attempts; nothing is saved.
    #[command(after_help = super::examples::RULE)]
    Backtest {
        file: PathBuf,
        #[arg(long, default_value_t = 30)]
        days: u32,
    },
    /// Take a rule out; decisions that it took part in keep it.
    RemoveRule { name: String },
    /// Put an entry on a list, or give it another end.
    AddEntry {
        list: String,
        entry: String,
        /// Seconds from now after which it leaves the list; it stays if left out.
        #[arg(long)]
        seconds: Option<u32>,
    },
    /// Take an entry off a list.
    RemoveEntry { list: String, entry: String },
    /// Play a labelled stream of payments through the risk engine as if live, and say how much fraud it finds.
    #[command(
        after_help = "Example:\n  scrip risk evaluate payments.csv --mapping map.toml --train-until 2018-08-01 --test-from 2018-08-08 \\\n    --label-delay 7d --scores scores.csv\n\nThe mapping names the file's columns:\n  time = \"TX_DATETIME\"\n  amount = \"TX_AMOUNT\"\n  payer = \"CUSTOMER_ID\"\n  payee = \"TERMINAL_ID\"\n  label = \"TX_FRAUD\"\nand, if there are such columns, address, device, scenario, id, numbers and categories (lists); time_format is text,\nseconds or milliseconds. Times without a zone are UTC."
    )]
    Evaluate(super::evaluate::Evaluate),
    /// Show every fact that rules may ask.
    Facts,
    #[command(flatten)]
    Model(ModelAction),
    /// Take every decision of the journal again, and compare every bit.
    Replay {
        #[command(flatten)]
        directory: DataDirectory,
    },
}

/// What is done about models and the settings of judging.
#[derive(Debug, Subcommand)]
pub enum ModelAction {
    /// Show the models and how they do.
    Models,
    /// Train a model from the journal now, print what came of it, and register it.
    Train {
        #[command(flatten)]
        directory: DataDirectory,
        /// Days after which silence counts as good, instead of what the settings say.
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=180))]
        maturity_days: Option<u16>,
    },
    /// Register a model file of Scrip.
    Register { file: PathBuf },
    /// Import a LightGBM text model or an XGBoost JSON model on the same facts.
    Import { file: PathBuf },
    /// Let a model decide from now on.
    Promote { model: ModelHash },
    /// Ask a model alongside from now on.
    Challenge { model: ModelHash },
    /// Ask a challenger no more.
    Withdraw { model: ModelHash },
    /// Forget a model that does nothing.
    Retire { model: ModelHash },
    /// Bring the champion before back.
    RollBack,
    /// Say by a JSON file when a challenger becomes champion without a person; without a file, never.
    #[command(after_help = super::examples::PROMOTION_RULE)]
    PromotionRule { file: Option<PathBuf> },
    /// Show the settings of judging, or change them by a JSON file.
    #[command(after_help = super::examples::SETTINGS)]
    Settings { file: Option<PathBuf> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TruthChoice {
    Fraud,
    Good,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SourceChoice {
    Analyst,
    Dispute,
    Chargeback,
    Confirmation,
}
