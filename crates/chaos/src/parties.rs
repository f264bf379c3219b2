//! Who sells, who is paid, and where both call.

use anyhow::Context;

/// Who takes part, and how the platform is reached.
#[derive(Clone, Debug)]
pub struct Parties {
    pub base_url: String,
    pub origin: Origin,
    pub merchant_key: String,
    pub distributor_key: String,
}

/// Where clients call from.
#[derive(Clone, Copy, Debug)]
pub enum Origin {
    /// Each from an address of its own, as in the sandbox.
    OwnAddress,
    /// All from this machine.
    ThisMachine,
}

/// A currency, and where and as what its vouchers are sold.
pub struct Trade {
    pub currency: &'static str,
    pub country: &'static str,
    pub product: &'static str,
}

pub const TRADES: [Trade; 2] = [
    Trade {
        currency: "EUR",
        country: "AT",
        product: "00002",
    },
    Trade {
        currency: "PLN",
        country: "PL",
        product: "00003",
    },
];
/// What one voucher is worth, in units of either currency.
pub const DENOMINATION: &str = "25";
/// Where a node keeps its key.
pub const DATA: &str = "/var/lib/scrip";
const PLACE: [&str; 2] = ["--data", DATA];

/// Adds products, a merchant and a distributor with the program, which `scrip` runs on a node.
pub fn found(
    base_url: &str,
    origin: Origin,
    scrip: impl Fn(&[&str]) -> anyhow::Result<String>,
) -> anyhow::Result<Parties> {
    for trade in &TRADES {
        let what = [
            "product",
            "--id",
            trade.product,
            "--country",
            trade.country,
            "--currency",
            trade.currency,
            "--denomination",
            DENOMINATION,
            "--validity-days",
            "365",
        ];
        scrip(&[&what[..], &PLACE].concat())?;
    }
    let currencies = TRADES.map(|trade| ["--currency", trade.currency]).concat();
    let merchant = scrip(&[&["merchant", "--name", "Shop"], &currencies[..], &PLACE].concat())?;
    let distributor = scrip(&[&["distributor", "--name", "Kiosk"], &PLACE[..]].concat())?;
    Ok(Parties {
        base_url: base_url.to_owned(),
        origin,
        merchant_key: api_key(&merchant)?,
        distributor_key: api_key(&distributor)?,
    })
}

fn api_key(text: &str) -> anyhow::Result<String> {
    let key = text
        .lines()
        .find_map(|line| line.strip_prefix("API key (shown once): "));
    Ok(key.context("no API key was printed")?.to_owned())
}
