//! Vouchers from the command line, while the server is stopped.

mod issue;

use anyhow::Context;
use engine::service::operator::OperatorService;
use ids::voucher::Serial;
use money::amount::Amount;
use voucher::product::ProductKey;
use voucher::voucher::Voucher;

use crate::cli::{OneVoucher, Vouchers};

pub async fn run(arguments: Vouchers) -> anyhow::Result<()> {
    match arguments {
        Vouchers::Issue(issue) => issue::run(issue).await,
        Vouchers::Freeze(one) => change(one, Change::Freeze).await,
        Vouchers::Unfreeze(one) => change(one, Change::Unfreeze).await,
        Vouchers::Activate(one) => change(one, Change::Activate).await,
        Vouchers::Void(one) => change(one, Change::Void).await,
        Vouchers::Show(one) => change(one, Change::None).await,
    }
}

/// What a sub-command does to one voucher before it shows it.
enum Change {
    Freeze,
    Unfreeze,
    Activate,
    Void,
    None,
}

async fn change(one: OneVoucher, change: Change) -> anyhow::Result<()> {
    let platform = one.directory.open().await?;
    let operator = platform.operator();
    let serial = one.serial;
    let voucher = find(&operator, serial).await?;
    match change {
        Change::Freeze => operator.freeze(serial).await?,
        Change::Unfreeze => operator.unfreeze(serial).await?,
        Change::Activate => operator.activate(serial, product_of(&voucher)).await?,
        Change::Void => operator.void(serial).await?,
        Change::None => {}
    }
    show(&find(&operator, serial).await?);
    platform.close()
}

async fn find(operator: &OperatorService, serial: Serial) -> anyhow::Result<Voucher> {
    operator
        .voucher(serial)
        .await?
        .with_context(|| format!("there is no voucher with the serial {serial}"))
}

fn product_of(voucher: &Voucher) -> ProductKey {
    ProductKey {
        product: voucher.product,
        country: voucher.country,
        currency: voucher.currency,
    }
}

fn show(voucher: &Voucher) {
    let amount = |minor| Amount::new(minor, voucher.currency);
    println!("serial: {}", voucher.serial);
    println!("state: {:?}", voucher.state);
    println!("face value: {}", amount(voucher.face));
    println!("remaining: {}", amount(voucher.remaining));
    println!("held: {}", amount(voucher.held));
    println!("spent: {}", amount(voucher.spent));
    println!("fees: {}", amount(voucher.fees));
    println!("written off: {}", amount(voucher.written_off()));
}
