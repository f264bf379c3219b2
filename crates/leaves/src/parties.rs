//! Fields of parties, products, keys and documents.

use accounting::document::DocumentName;
use accounting::fact::Party;
use ids::command::ApiKeyDigest;
use payment::duplicate::DuplicateResponse;
use payment::merchant::{self, Merchant, NotificationMode};
use voucher::distributor::{self, Distributor};
use voucher::product::{Product, Validity};

use crate::field::{Tag, Value};
use crate::groups::Groups;
use crate::payments;

pub fn merchant_saved(groups: &mut Groups, merchant: &Merchant) {
    let group = &mut groups.merchant;
    group.put(Tag::Merchant, Value::new().word(merchant.id.number()));
    let terms = Value::new()
        .byte(merchant_standing(merchant.standing))
        .signed(merchant.capture_window.0)
        .byte(payments::capture_mode(merchant.capture))
        .short(merchant.fee_basis_points)
        .byte(match merchant.notification {
            NotificationMode::Classic => 0,
            NotificationMode::Off => 1,
        })
        .byte(match merchant.duplicates.response {
            DuplicateResponse::Off => 0,
            DuplicateResponse::Flag => 1,
            DuplicateResponse::Return => 2,
        })
        .signed(merchant.duplicates.window.0)
        .long(merchant.version.0);
    group.put(Tag::MerchantTerms, terms);
    group.put(Tag::MerchantName, Value::new().text(&merchant.name));
    let currencies = merchant.currencies.iter();
    group.put_all(
        Tag::MerchantCurrency,
        currencies.map(|currency| Value::new().currency(*currency)),
    );
    let submerchants = merchant.submerchants.iter().map(|submerchant| {
        Value::new()
            .byte(merchant_standing(submerchant.standing))
            .text(&submerchant.id)
    });
    group.put_all(Tag::Submerchant, submerchants);
    if let Some(webhook) = &merchant.webhook {
        group.put(Tag::WebhookUrl, Value::new().text(&webhook.url));
        let secret = Value::new().digest_of(&webhook.sealed_secret);
        group.put(Tag::WebhookSecret, secret);
    }
}

pub fn distributor_saved(groups: &mut Groups, distributor: &Distributor) {
    let group = &mut groups.voucher;
    group.put(Tag::Distributor, Value::new().long(distributor.id.number()));
    let standing = match distributor.standing {
        distributor::Standing::Active => 0,
        distributor::Standing::Suspended => 1,
    };
    let terms = Value::new()
        .byte(standing)
        .signed(distributor.cancel_window.0);
    let limits = distributor.terminal_limits.iter();
    let terms = limits.fold(terms, |terms, limit| terms.signed(*limit));
    group.put(Tag::DistributorTerms, terms);
    group.put(Tag::DistributorName, Value::new().text(&distributor.name));
    let window = distributor.confirmation_window;
    group.put_if(
        Tag::ConfirmationWindow,
        window.map(|window| Value::new().signed(window.0)),
    );
}

pub fn product_saved(groups: &mut Groups, product: &Product) {
    let core = &mut groups.core;
    let key = Value::new()
        .word(product.key.product.number())
        .bytes(&product.key.country.letters())
        .currency(product.key.currency);
    core.put(Tag::Product, key);
    let denominations = product.denominations.iter();
    core.put_all(
        Tag::Denomination,
        denominations.map(|minor| Value::new().signed(*minor)),
    );
    match product.validity {
        Validity::Unlimited => {}
        Validity::For(span) => core.put(Tag::Validity, Value::new().signed(span.0)),
    }
    let fee = product.maintenance_fee.map(|fee| {
        Value::new()
            .signed(fee.after.0)
            .signed(fee.every.0)
            .signed(fee.minor)
    });
    core.put_if(Tag::MaintenanceFee, fee);
}

pub fn api_key_issued(groups: &mut Groups, digest: ApiKeyDigest, owner: Party) {
    api_key_revoked(groups, digest);
    let owner = match owner {
        Party::Merchant(id) => Value::new().byte(0).long(id.number().into()),
        Party::Distributor(id) => Value::new().byte(1).long(id.number()),
        Party::Operator(id) => Value::new().byte(2).long(id.number().into()),
    };
    groups.reference.put(Tag::ApiKeyOwner, owner);
}

pub fn api_key_revoked(groups: &mut Groups, digest: ApiKeyDigest) {
    let digest = Value::new().bytes(&digest.0);
    groups.reference.put(Tag::ApiKey, digest);
}

/// A document is shown by its length and digest. Whose contact it is stands with the voucher, of which address with the payer.
pub fn document_saved(groups: &mut Groups, name: DocumentName, content: &[u8]) {
    let document = match name {
        DocumentName::Operator(id) => {
            let person = Value::new().word(id.number());
            groups.reference.put(Tag::Person, person);
            Value::new().byte(0)
        }
        DocumentName::RiskSettings => Value::new().byte(1),
        DocumentName::RiskRules(digest) => Value::new().byte(2).bytes(&digest),
        DocumentName::RiskModel(digest) => Value::new().byte(3).bytes(&digest),
        DocumentName::VoucherContact(serial) => {
            let serial = Value::new().long(serial.number());
            groups.voucher.put(Tag::ContactOf, serial);
            Value::new().byte(4)
        }
        DocumentName::OwnerAddress(digest) => {
            let digest = Value::new().bytes(&digest);
            groups.payer.put(Tag::AddressOf, digest);
            Value::new().byte(5)
        }
        DocumentName::Liabilities => Value::new().byte(6),
    };
    groups.core.put(Tag::Document, document);
    let length = u64::try_from(content.len()).expect("a length has at most 64 bits");
    let content = Value::new().long(length).digest_of(content);
    groups.core.put(Tag::DocumentContent, content);
}

fn merchant_standing(standing: merchant::Standing) -> u8 {
    match standing {
        merchant::Standing::Active => 0,
        merchant::Standing::Suspended => 1,
    }
}
