//! The sample data: a merchant, a distributor, products and vouchers.

use accounting::fact::Party;
use engine::service::analyst::people::KeyChange;
use engine::service::operator::{BatchPart, OperatorService};
use engine::service::person::{Scope, Scopes};
use ids::command::Sequence;
use ids::party::{DistributorId, MerchantId};
use ids::time::Span;
use ids::voucher::BatchId;
use money::amount::Amount;
use money::currency::Currency;
use money::decimal;
use payment::merchant::Merchant;
use payment::state::CaptureMode;
use secrecy::{ExposeSecret, SecretString};
use vault::pin::Pin;
use vault::random::random_bytes;
use vault::serial::random_serial;
use voucher::distributor::{Distributor, LIMITS_DEFAULT};
use voucher::product::{Product, ProductKey, Validity};
use voucher::voucher::NewVoucher;

use crate::commands::demo::{DemoFile, SampleVoucher};
use crate::platform::Platform;

const MERCHANT: MerchantId = MerchantId::FIRST;
const DISTRIBUTOR: DistributorId = DistributorId::FIRST;
const OPERATOR: &str = "Ada";
/// Vouchers of each denomination.
const VOUCHERS_EACH: usize = 3;

/// Currency, country, and face values in whole units.
const PRODUCTS: [(Currency, &str, &[i64]); 4] = [
    (Currency::EUR, "AT", &[10, 25, 50, 100]),
    (Currency::GBP, "GB", &[10, 25, 50]),
    (Currency::CHF, "CH", &[25, 75, 150]),
    (Currency::PLN, "PL", &[20, 50, 100]),
];

/// Makes everything anew; after an interrupted first start that does no harm.
pub async fn create(
    platform: &Platform,
    base_url: &str,
    shop_url: &str,
) -> anyhow::Result<DemoFile> {
    let operator = platform.operator();
    operator.save_merchant(merchant()).await?;
    operator.save_distributor(distributor()).await?;
    let mut vouchers = Vec::new();
    for (currency, country, units) in PRODUCTS {
        let product = product(currency, country, units)?;
        operator.save_product(product.clone()).await?;
        vouchers.extend(issue(platform, &operator, &product).await?);
    }
    let api_key = operator.issue_api_key(Party::Merchant(MERCHANT)).await?;
    let distributor_key = operator
        .issue_api_key(Party::Distributor(DISTRIBUTOR))
        .await?;
    let operator_key = operator_key(platform).await?;
    Ok(DemoFile {
        base_url: base_url.to_owned(),
        api_key: api_key.expose_secret().to_owned(),
        distributor_key: distributor_key.expose_secret().to_owned(),
        operator_key: operator_key.expose_secret().to_owned(),
        shop_url: shop_url.to_owned(),
        metrics_url: String::new(),
        webhook_secret: String::new(),
        vouchers,
    })
}

/// The key of one person who may do everything.
async fn operator_key(platform: &Platform) -> anyhow::Result<SecretString> {
    let analysts = platform.analysts();
    let person = match analysts.people().await?.into_iter().next() {
        Some(person) => person,
        None => {
            let scopes = Scope::ALL.into_iter().fold(Scopes::default(), Scopes::with);
            analysts.add_person(OPERATOR, scopes).await?
        }
    };
    Ok(analysts.new_key(KeyChange::Offline, person.id).await?)
}

fn merchant() -> Merchant {
    Merchant {
        id: MERCHANT,
        name: "Corner Shop".to_owned(),
        standing: payment::merchant::Standing::Active,
        currencies: PRODUCTS.iter().map(|(currency, _, _)| *currency).collect(),
        capture_window: Span::MINUTE.times(10),
        capture: CaptureMode::Manual,
        fee_basis_points: 0,
        submerchants: vec![payment::merchant::Submerchant {
            id: "1".to_owned(),
            standing: payment::merchant::Standing::Active,
        }],
        webhook: None,
        notification: payment::merchant::NotificationMode::Classic,
        version: Sequence(0),
        duplicates: payment::duplicate::DuplicateTerms::default(),
    }
}

fn distributor() -> Distributor {
    Distributor {
        id: DISTRIBUTOR,
        name: "Kiosk".to_owned(),
        standing: voucher::distributor::Standing::Active,
        cancel_window: Span::MINUTE.times(5),
        terminal_limits: LIMITS_DEFAULT,
        confirmation_window: None,
    }
}

fn product(currency: Currency, country: &str, units: &[i64]) -> anyhow::Result<Product> {
    let scale = 10_i64.pow(currency.exponent());
    Ok(Product {
        key: ProductKey {
            product: "00002".parse()?,
            country: country.parse()?,
            currency,
        },
        denominations: units.iter().map(|units| units * scale).collect(),
        validity: Validity::For(Span::DAY.times(3 * 365)),
        maintenance_fee: None,
    })
}

async fn issue(
    platform: &Platform,
    operator: &OperatorService,
    product: &Product,
) -> anyhow::Result<Vec<SampleVoucher>> {
    let mut shown = Vec::new();
    let mut vouchers = Vec::new();
    for minor in product
        .denominations
        .iter()
        .flat_map(|minor| [*minor; VOUCHERS_EACH])
    {
        let pin = Pin::generate();
        let serial = random_serial();
        let face = Amount::new(minor, product.key.currency);
        vouchers.push(NewVoucher {
            serial,
            pin: platform.vault.pin_index(&pin),
            distributor: DISTRIBUTOR,
            product: product.key.product,
            country: product.key.country,
            face,
            activation: product.activation(operator.now()),
        });
        shown.push(SampleVoucher {
            pin: pin.expose().expose_secret().to_owned(),
            serial: serial.to_string(),
            amount: decimal::print(face),
            currency: face.currency.to_string(),
        });
    }
    let batch = BatchId(u64::from_be_bytes(random_bytes()));
    operator
        .issue(BatchPart {
            batch,
            part: 0,
            vouchers,
        })
        .await?;
    Ok(shown)
}
