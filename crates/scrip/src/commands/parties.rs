//! Adding merchants, distributors and products while the server is stopped.

use std::io::Read;

use accounting::fact::Party;
use anyhow::{Context, bail};
use ids::command::Sequence;
use ids::party::{DistributorId, MerchantId};
use ids::time::Span;
use money::decimal;
use payment::merchant::{Merchant, NotificationMode};
use payment::state::CaptureMode;
use secrecy::ExposeSecret;
use voucher::distributor::{Distributor, LIMITS_DEFAULT};
use voucher::product::{MaintenanceFee, Product, ProductKey, Validity};

use crate::cli;
use crate::platform::Platform;

/// Days between two maintenance fees.
const FEE_EVERY_DAYS: i64 = 30;

pub async fn save_merchant(arguments: cli::Merchant) -> anyhow::Result<()> {
    let platform = Platform::open(&arguments.directory.data)?;
    let merchants = platform.merchants();
    let id = match arguments.id {
        Some(number) => {
            MerchantId::new(number).context("--id: a merchant's number has seven digits")?
        }
        None => {
            let mut id = MerchantId::FIRST;
            while merchants.merchant(id).await?.is_some() {
                id = MerchantId::new(id.number() + 1)?;
            }
            id
        }
    };
    let known = merchants.merchant(id).await?;
    let standing = payment::merchant::Standing::Active;
    let submerchant = |id: String| payment::merchant::Submerchant { id, standing };
    let merchant = Merchant {
        id,
        name: arguments.name,
        standing,
        currencies: arguments.currencies,
        capture_window: Span::SECOND.times(arguments.capture_window),
        capture: known
            .as_ref()
            .map_or(CaptureMode::Manual, |known| known.capture),
        fee_basis_points: arguments.fee_basis_points,
        submerchants: arguments
            .submerchants
            .into_iter()
            .map(submerchant)
            .collect(),
        webhook: known.as_ref().and_then(|known| known.webhook.clone()),
        notification: known
            .as_ref()
            .map_or(NotificationMode::Classic, |known| known.notification),
        version: Sequence(0),
    };
    platform.operator().save_merchant(merchant).await?;
    match known {
        Some(_) => println!("merchant {id} is changed; its API keys stay as they are"),
        None => print_new_key(&platform, Party::Merchant(id), &format!("merchant {id}")).await?,
    }
    platform.close()
}

pub async fn save_distributor(arguments: cli::Distributor) -> anyhow::Result<()> {
    let platform = Platform::open(&arguments.directory.data)?;
    let distributors = platform.distributors();
    let id = match arguments.id {
        Some(number) => {
            DistributorId::new(number).context("--id: a distributor's number has ten digits")?
        }
        None => {
            let mut id = DistributorId::FIRST;
            while distributors.distributor(id).await?.is_some() {
                id = DistributorId::new(id.number() + 1)?;
            }
            id
        }
    };
    let known = distributors.distributor(id).await?;
    let distributor = Distributor {
        id,
        name: arguments.name,
        standing: voucher::distributor::Standing::Active,
        cancel_window: Span::SECOND.times(arguments.cancel_window),
        terminal_limits: known
            .as_ref()
            .map_or(LIMITS_DEFAULT, |known| known.terminal_limits),
    };
    platform.operator().save_distributor(distributor).await?;
    match known {
        Some(_) => println!("distributor {id} is changed; its API keys stay as they are"),
        None => {
            print_new_key(
                &platform,
                Party::Distributor(id),
                &format!("distributor {id}"),
            )
            .await?
        }
    }
    platform.close()
}

pub async fn save_product(arguments: cli::Product) -> anyhow::Result<()> {
    let currency = arguments.currency;
    let minor = |text: &String| {
        let amount = decimal::parse(text, currency)
            .with_context(|| format!("`{text}` is not an amount in {currency}"))?;
        anyhow::Ok(amount.minor)
    };
    let mut denominations = arguments
        .denominations
        .iter()
        .map(minor)
        .collect::<Result<Vec<i64>, _>>()?;
    denominations.sort_unstable();
    denominations.dedup();
    if denominations.first().is_some_and(|smallest| *smallest <= 0) {
        bail!("--denomination must be more than zero");
    }
    let days = |days: u32| Span::DAY.times(i64::from(days));
    let fee = match (&arguments.fee, arguments.fee_after_days) {
        (Some(text), Some(after)) => Some(MaintenanceFee {
            after: days(after),
            every: Span::DAY.times(FEE_EVERY_DAYS),
            minor: minor(text)?,
        }),
        (Some(_) | None, Some(_) | None) => None,
    };
    let product = Product {
        key: ProductKey {
            product: arguments.id,
            country: arguments.country,
            currency,
        },
        denominations,
        validity: arguments
            .validity_days
            .map_or(Validity::Unlimited, |count| Validity::For(days(count))),
        maintenance_fee: fee,
    };
    let platform = Platform::open(&arguments.directory.data)?;
    platform.operator().save_product(product).await?;
    println!(
        "product {} is sold in {} in {currency}",
        arguments.id, arguments.country
    );
    platform.close()
}

pub async fn revoke_key(arguments: cli::DataDirectory) -> anyhow::Result<()> {
    let mut api_key = String::new();
    std::io::stdin()
        .read_to_string(&mut api_key)
        .context("cannot read the API key from standard input")?;
    let platform = Platform::open(&arguments.data)?;
    platform
        .operator()
        .revoke_api_key(api_key.trim())
        .await
        .context("the API key was not revoked")?;
    println!("the API key is revoked");
    platform.close()
}

async fn print_new_key(platform: &Platform, owner: Party, name: &str) -> anyhow::Result<()> {
    let api_key = platform.operator().issue_api_key(owner).await?;
    println!("{name} is added");
    println!("API key (shown once): {}", api_key.expose_secret());
    Ok(())
}
