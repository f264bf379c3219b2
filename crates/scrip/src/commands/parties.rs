//! Adding merchants, distributors and products while the server is stopped.

use std::io::Read;

use accounting::fact::Party;
use anyhow::{Context, bail};
use ids::command::Sequence;
use ids::party::{DistributorId, MerchantId};
use ids::time::Span;
use money::decimal;
use payment::duplicate::{DuplicateResponse, DuplicateTerms};
use payment::merchant::{Merchant, NotificationMode};
use payment::state::CaptureMode;
use secrecy::ExposeSecret;
use voucher::distributor::{Distributor, LIMITS_DEFAULT};
use voucher::product::{MaintenanceFee, Product, ProductKey, Validity};

use crate::cli::{self, DuplicatesChoice, StandingChoice};
use crate::platform::Platform;

/// Days between two maintenance fees.
const FEE_EVERY_DAYS: i64 = 30;

pub async fn save_merchant(arguments: cli::Merchant) -> anyhow::Result<()> {
    let platform = arguments.directory.open().await?;
    let merchants = platform.merchants();
    let (merchant, is_new) = match arguments.id {
        Some(number) => {
            let id =
                MerchantId::new(number).context("--id: a merchant's number has seven digits")?;
            let known = merchants.merchant(id).await?;
            let known = known
                .with_context(|| format!("there is no merchant {id}; leave --id out to add one"))?;
            (Merchant::clone(&known), false)
        }
        None => {
            let mut id = MerchantId::FIRST;
            while merchants.merchant(id).await?.is_some() {
                id = MerchantId::new(id.number() + 1)?;
            }
            (new_merchant(id), true)
        }
    };
    let id = merchant.id;
    platform
        .operator()
        .save_merchant(with_terms(merchant, arguments)?)
        .await?;
    if is_new {
        print_new_key(&platform, Party::Merchant(id), &format!("merchant {id}")).await?;
    } else {
        println!("merchant {id} is changed; its API keys stay as they are");
    }
    platform.close()
}

fn new_merchant(id: MerchantId) -> Merchant {
    Merchant {
        id,
        name: String::new(),
        standing: payment::merchant::Standing::Active,
        currencies: Vec::new(),
        capture_window: Span::MINUTE.times(10),
        capture: CaptureMode::Manual,
        fee_basis_points: 0,
        submerchants: Vec::new(),
        webhook: None,
        notification: NotificationMode::Classic,
        version: Sequence(0),
        duplicates: DuplicateTerms::default(),
    }
}

/// The merchant with what the arguments name; everything else stays.
fn with_terms(mut merchant: Merchant, arguments: cli::Merchant) -> anyhow::Result<Merchant> {
    use payment::merchant::{Standing, Submerchant};
    if let Some(name) = arguments.name {
        merchant.name = require_name(name)?;
    }
    if !arguments.currencies.is_empty() {
        merchant.currencies = arguments.currencies;
    }
    if let Some(seconds) = arguments.capture_window {
        merchant.capture_window = Span::SECOND.times(seconds);
    }
    if let Some(basis_points) = arguments.fee_basis_points {
        merchant.fee_basis_points = basis_points;
    }
    if !arguments.submerchants.is_empty() {
        let submerchant = |id: String| Submerchant {
            id,
            standing: Standing::Active,
        };
        merchant.submerchants = arguments
            .submerchants
            .into_iter()
            .map(submerchant)
            .collect();
    }
    if let Some(choice) = arguments.duplicates {
        merchant.duplicates.response = match choice {
            DuplicatesChoice::Off => DuplicateResponse::Off,
            DuplicatesChoice::Flag => DuplicateResponse::Flag,
            DuplicatesChoice::Return => DuplicateResponse::Return,
        };
    }
    if let Some(seconds) = arguments.duplicate_window {
        merchant.duplicates.window = Span::SECOND.times(seconds);
    }
    if let Some(standing) = arguments.standing {
        merchant.standing = match standing {
            StandingChoice::Active => Standing::Active,
            StandingChoice::Suspended => Standing::Suspended,
        };
    }
    Ok(merchant)
}

pub async fn save_distributor(arguments: cli::Distributor) -> anyhow::Result<()> {
    use voucher::distributor::Standing;
    let platform = arguments.directory.open().await?;
    let distributors = platform.distributors();
    let (mut distributor, is_new) = match arguments.id {
        Some(number) => {
            let id = DistributorId::new(number)
                .context("--id: a distributor's number has ten digits")?;
            let known = distributors.distributor(id).await?;
            let known = known.with_context(|| {
                format!("there is no distributor {id}; leave --id out to add one")
            })?;
            (Distributor::clone(&known), false)
        }
        None => {
            let mut id = DistributorId::FIRST;
            while distributors.distributor(id).await?.is_some() {
                id = DistributorId::new(id.number() + 1)?;
            }
            (new_distributor(id), true)
        }
    };
    if let Some(name) = arguments.name {
        distributor.name = require_name(name)?;
    }
    if let Some(seconds) = arguments.cancel_window {
        distributor.cancel_window = Span::SECOND.times(seconds);
    }
    if let Some(seconds) = arguments.confirmation_window {
        distributor.confirmation_window = (0 < seconds).then(|| Span::SECOND.times(seconds));
    }
    if let Some(standing) = arguments.standing {
        distributor.standing = match standing {
            StandingChoice::Active => Standing::Active,
            StandingChoice::Suspended => Standing::Suspended,
        };
    }
    let id = distributor.id;
    platform.operator().save_distributor(distributor).await?;
    if is_new {
        print_new_key(
            &platform,
            Party::Distributor(id),
            &format!("distributor {id}"),
        )
        .await?;
    } else {
        println!("distributor {id} is changed; its API keys stay as they are");
    }
    platform.close()
}

fn new_distributor(id: DistributorId) -> Distributor {
    Distributor {
        id,
        name: String::new(),
        standing: voucher::distributor::Standing::Active,
        cancel_window: Span::MINUTE.times(5),
        terminal_limits: LIMITS_DEFAULT,
        confirmation_window: None,
    }
}

fn require_name(name: String) -> anyhow::Result<String> {
    if name.trim().is_empty() {
        bail!("--name must not be empty: payers see it");
    }
    Ok(name)
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
    let platform = arguments.directory.open().await?;
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
    let platform = arguments.open().await?;
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
