//! Bodies and queries of the merchant API: whatever comes is read or refused.
#![no_main]

use api::merchant::payment_request;
use api::query::Query;
use ids::command::Sequence;
use ids::party::MerchantId;
use ids::time::Span;
use libfuzzer_sys::fuzz_target;
use money::currency::Currency;
use payment::merchant::{Merchant, NotificationMode, Standing};
use payment::state::CaptureMode;

fn merchant() -> Merchant {
    Merchant {
        id: MerchantId::FIRST,
        name: "Fuzz".to_owned(),
        standing: Standing::Active,
        currencies: vec![Currency::EUR],
        capture_window: Span::MINUTE,
        capture: CaptureMode::Manual,
        fee_basis_points: 0,
        submerchants: Vec::new(),
        webhook: None,
        notification: NotificationMode::Classic,
        version: Sequence(0), duplicates: payment::duplicate::DuplicateTerms::default(), }
}

fuzz_target!(|bytes: &[u8]| {
    let token = "fuzz".parse().expect("a token");
    if let Ok((request, _)) = payment_request::read(bytes, &merchant(), token) {
        assert!(0 < request.amount.minor);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let mut query = Query::parse(Some(text));
        let _ = query.text("status");
        let _ = query.time("created_from");
        let _ = query.finish();
    }
});
