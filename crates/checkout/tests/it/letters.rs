//! The owner's address on the pages.

use engine::service::contact::link::{Link, Right};
use engine::service::contact::{self, Standing};
use http::StatusCode;
use ids::time::Span;
use ids::voucher::Serial;

use crate::platform::{Making, Page, Platform};

/// The page of a voucher, as whoever types its PIN sees it.
async fn balance(platform: &Platform, pin: &str) -> Page {
    platform.post("/balance", &[("pin", pin)]).await
}

/// What the page's form carries.
fn sealed(page: &Page) -> &str {
    let (_, rest) = page.body.split_once("name=\"page\" value=\"").unwrap();
    rest.split_once('"').unwrap().0
}

async fn standing(platform: &Platform, serial: Serial) -> Option<Standing> {
    let contact = contact::read(&platform.engine, serial).await.unwrap();
    contact.map(|contact| contact.standing)
}

/// The link that the letter to the owner has.
async fn link(platform: &Platform, serial: Serial, right: Right) -> String {
    let contact = contact::read(&platform.engine, serial).await.unwrap();
    let at = contact.unwrap().given_at;
    let link = Link {
        serial,
        at,
        refuses: None,
    };
    link.seal(&platform.vault, right)
}

#[tokio::test]
async fn an_address_is_given_confirmed_and_taken_away() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(2_500)).await;
    let page = balance(&platform, &card.pin).await;
    assert!(page.shows("Leave an e-mail address"), "{}", page.body);
    let fields = [("page", sealed(&page)), ("email", "anna%40example.org")];
    let answer = platform.post("/letters", &fields).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.shows("Look into your mailbox"), "{}", answer.body);
    let serial = card.serial;
    assert_eq!(
        standing(&platform, serial).await,
        Some(Standing::Unconfirmed)
    );
    let confirm = link(&platform, serial, Right::Confirm).await;
    let asked = platform
        .get(&format!("/letters/confirm?link={confirm}"))
        .await;
    assert!(asked.shows("Yes, write to me"), "{}", asked.body);
    // Whatever follows a link confirms nothing.
    assert_eq!(
        standing(&platform, serial).await,
        Some(Standing::Unconfirmed)
    );
    let done = platform
        .post("/letters/confirm", &[("link", &confirm)])
        .await;
    assert!(done.shows("The address is confirmed"), "{}", done.body);
    assert_eq!(standing(&platform, serial).await, Some(Standing::Confirmed));
    let page = balance(&platform, &card.pin).await;
    assert!(page.shows("An address is left with this voucher, and is told"));
    assert!(!page.shows("anna"), "the page does not say which");
    let removed = platform
        .post("/letters/remove", &[("page", sealed(&page))])
        .await;
    assert!(removed.shows("The address is removed"), "{}", removed.body);
    assert_eq!(standing(&platform, serial).await, None);
}

#[tokio::test]
async fn a_letters_link_ends_letters_without_a_pin_also_of_a_frozen_voucher() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(2_500)).await;
    let page = balance(&platform, &card.pin).await;
    let fields = [("page", sealed(&page)), ("email", "anna%40example.org")];
    platform.post("/letters", &fields).await;
    let stop = link(&platform, card.serial, Right::TakeAway).await;
    platform.operator.freeze(card.serial).await.unwrap();
    let asked = platform.get(&format!("/letters/stop?link={stop}")).await;
    assert!(asked.shows("Remove my address"), "{}", asked.body);
    let done = platform.post("/letters/stop", &[("link", &stop)]).await;
    assert!(done.shows("The address is removed"), "{}", done.body);
    assert_eq!(standing(&platform, card.serial).await, None);
    let confirm = Link {
        serial: card.serial,
        at: platform.clock_now(),
        refuses: None,
    };
    let confirm = confirm.seal(&platform.vault, Right::Confirm);
    let stale = platform
        .post("/letters/confirm", &[("link", &confirm)])
        .await;
    assert_eq!(stale.status, StatusCode::GONE);
}

#[tokio::test]
async fn what_is_no_address_or_comes_too_soon_is_told_at_its_field() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(2_500)).await;
    let page = balance(&platform, &card.pin).await;
    let give = async |email: &str| {
        let fields = [("page", sealed(&page)), ("email", email)];
        platform.post("/letters", &fields).await
    };
    let wrong = give("anna").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.shows("This is no e-mail address."), "{}", wrong.body);
    assert_eq!(give("anna%40example.org").await.status, StatusCode::OK);
    let soon = give("eve%40example.org").await;
    assert_eq!(soon.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(soon.shows("less than an hour ago"), "{}", soon.body);
    platform.wait(Span::HOUR).await;
    assert_eq!(give("eve%40example.org").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn links_that_nobody_sealed_lead_nowhere() {
    let platform = Platform::start().await;
    for (address, field) in [
        ("/letters", "page"),
        ("/letters/remove", "page"),
        ("/letters/confirm", "link"),
        ("/letters/stop", "link"),
    ] {
        let fields = [(field, "00ff"), ("email", "anna%40example.org")];
        let answer = platform.post(address, &fields).await;
        assert_eq!(answer.status, StatusCode::GONE, "{address}");
    }
}
