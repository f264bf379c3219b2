//! The arguments of a witness.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use tlog::key::{KeyName, PublicKey};

pub const HELP: &str = "\
Examples:
  scrip witness --data ./scrip-witness --name witness.example.org/2026 --print-key
  scrip witness --data ./scrip-witness --listen 127.0.0.1:8090 --log 'voucher.example/log1+1a8b9e92+AepKbG...'

The first one makes the witness's key and prints the public half, which the log needs. Never put the directory back
from a backup: a witness that forgets what it cosigned can be made to cosign two histories. More in docs/witness.md.";

#[derive(Debug, Args)]
pub struct Witness {
    /// Where the witness keeps its key, what it cosigned, and evidence; no other program may write there.
    #[arg(long, value_name = "DIR", default_value = "./scrip-witness")]
    pub data: PathBuf,
    /// Address and port; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// The public key of a log that is followed; repeat for each.
    #[arg(long = "log", value_name = "VKEY", required_unless_present = "print_key", value_parser = PublicKey::parse)]
    pub logs: Vec<PublicKey>,
    /// What the witness is called, such as witness.example.org/2026; needed when its key is made, and never changed.
    #[arg(long, value_parser = KeyName::parse)]
    pub name: Option<KeyName>,
    /// The witness's key, if it is not to be made in the directory.
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub key: Option<PathBuf>,
    /// Print the witness's public key, make it first if the directory is new, and end.
    #[arg(long)]
    pub print_key: bool,
    /// PEM file with the chain, to serve https without a proxy.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// PEM file with the private key of the certificate.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
}
