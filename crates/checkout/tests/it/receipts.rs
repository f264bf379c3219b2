//! The receipts that whoever has a payment's link can hold.

use http::{StatusCode, header};
use ids::object::PaymentId;
use ids::party::MerchantId;
use ids::time::Span;
use payment::state::Finality;
use rqrr::PreparedImage;
use verifier::checkpoint::Clock;
use verifier::receipt::Receipt;

use crate::platform::{BASE_URL, Making, Page, Platform};

const ORIGIN: &str = "pay.example/log";
/// How large a square of a code is drawn for the reader, in dots.
const DOTS: usize = 4;

/// A platform with a payment that somebody has paid, and the local address of its receipts for that person.
async fn paid() -> (Platform, PaymentId, String) {
    let platform = Platform::logged(ORIGIN).await;
    let card = platform.card(Making::eur(2_500)).await;
    let payment = platform.payment(1_000).await;
    platform.get(&platform.link(payment.id)).await;
    let pay = platform.pay_link(payment.id);
    let ended = platform.submit(&pay, &[("pin", &card.pin)]).await;
    let receipts = link(&ended, "/receipts?");
    (platform, payment.id, receipts)
}

async fn capture(platform: &Platform, payment: PaymentId) {
    let merchants = &platform.merchants;
    let done = merchants.capture(MerchantId::FIRST, payment, None, Finality::Final, None);
    done.await.unwrap();
}

/// The address on the page that has this in it.
fn link(page: &Page, part: &str) -> String {
    links(page, part).remove(0)
}

fn links(page: &Page, part: &str) -> Vec<String> {
    let all = page.body.split("href=\"").skip(1);
    let all = all.filter_map(|rest| rest.split('"').next());
    let found: Vec<String> = all
        .filter(|address| address.contains(part))
        .map(|address| address.replace("&#38;", "&"))
        .collect();
    assert!(!found.is_empty(), "nothing leads to {part}: {}", page.body);
    found
}

fn verified(platform: &Platform, file: &Page) -> Receipt {
    let clock = Clock {
        now: u64::MAX,
        age_seconds_max: None,
    };
    let policy = platform.log.as_ref().unwrap().policy();
    Receipt::verify(file.body.as_bytes(), &policy, clock).unwrap()
}

fn groups(receipt: &Receipt) -> Vec<u8> {
    receipt.openings.iter().map(|one| one.group).collect()
}

#[tokio::test]
async fn payer_holds_a_receipt_for_each_entry_and_it_opens_all_but_the_reference() {
    let (platform, payment, receipts) = paid().await;
    capture(&platform, payment).await;
    platform.grow_log().await;
    let list = platform.get(&receipts).await;
    for words in [
        "The shop asked for €10.00",
        "The payment page was opened",
        "€10.00 was reserved on your vouchers",
        "The shop took €10.00",
    ] {
        assert!(list.shows(words), "{words}: {}", list.body);
    }
    assert_eq!(list.body.matches("In the public log").count(), 4);
    assert!(!list.shows("data-reload"), "nothing will change");
    let entries = platform.look_up(payment).await.entries.clone();
    let pages = links(&list, "/receipts/");
    assert_eq!(pages.len(), entries.len());
    for (address, entry) in pages.iter().zip(&entries) {
        let page = platform.get(address).await;
        let file = platform.get(&link(&page, "/tlog-proof?")).await;
        let receipt = verified(&platform, &file);
        assert_eq!(receipt.leaf.index + 1, entry.0);
        assert_eq!(groups(&receipt), [0, 1, 2, 3]);
    }
}

#[tokio::test]
async fn whoever_has_the_link_alone_sees_what_the_shop_may_see() {
    let (platform, payment, receipts) = paid().await;
    platform.grow_log().await;
    let (link_alone, _) = receipts.split_once("&vouchers=").unwrap();
    let list = platform.get(link_alone).await;
    for address in links(&list, "/receipts/") {
        let page = platform.get(&address).await;
        assert!(page.shows("what the shop may see too"), "{}", page.body);
        let file = platform.get(&link(&page, "/tlog-proof?")).await;
        assert_eq!(groups(&verified(&platform, &file)), [0, 2]);
    }
    // A basket of another payment opens nothing.
    let other = platform.payment(1_000).await;
    let (_, basket) = receipts.split_once("&vouchers=").unwrap();
    let foreign = format!(
        "/checkout/{}/receipts?key={}&vouchers={basket}",
        other.id,
        platform.key(other.id)
    );
    platform.grow_log().await;
    let list = platform.get(&foreign).await;
    let page = platform.get(&link(&list, "/receipts/")).await;
    assert!(page.shows("what the shop may see too"), "{}", page.body);
    assert_ne!(other.id, payment);
}

/// The shop could put a voucher of its own into the link before the payer gets it.
#[tokio::test]
async fn a_voucher_among_those_of_the_payer_does_not_make_a_payer() {
    let platform = Platform::logged(ORIGIN).await;
    let planted = platform.card(Making::eur(300)).await;
    let own = platform.card(Making::eur(2_500)).await;
    let payment = platform.payment(1_000).await;
    platform.get(&platform.link(payment.id)).await;
    let pay = platform.pay_link(payment.id);
    let half_way = platform.post(&pay, &[("pin", &planted.pin)]).await;
    let basket = half_way.location().split_once("vouchers=").unwrap().1;
    let basket = basket.split('&').next().unwrap();
    let fields = [("pin", own.pin.as_str()), ("vouchers", basket)];
    let ended = platform.submit(&pay, &fields).await;
    platform.grow_log().await;
    let receipts = link(&ended, "/receipts?");
    let seen = async |address: &str| {
        let list = platform.get(address).await;
        let page = platform.get(&links(&list, "/receipts/")[2]).await;
        let file = platform.get(&link(&page, "/tlog-proof?")).await;
        groups(&verified(&platform, &file))
    };
    assert_eq!(seen(&receipts).await, [0, 1, 2, 3]);
    let (link_alone, _) = receipts.split_once("&vouchers=").unwrap();
    let by_planted = format!("{link_alone}&vouchers={basket}");
    assert_eq!(seen(&by_planted).await, [0, 2]);
}

#[tokio::test]
async fn receipts_are_files_with_names_and_types() {
    let (platform, payment, receipts) = paid().await;
    platform.grow_log().await;
    let last = platform.look_up(payment).await.version.0;
    let list = platform.get(&receipts).await;
    let address = links(&list, "/receipts/").pop().unwrap();
    let page = platform.get(&address).await;
    for (part, kind, name) in [
        (
            "/tlog-proof?",
            "text/plain; charset=utf-8",
            format!("attachment; filename=\"receipt-{last}.tlog-proof\""),
        ),
        (
            "/json?",
            "application/json",
            format!("attachment; filename=\"receipt-{last}.json\""),
        ),
    ] {
        let file = platform.get(&link(&page, part)).await;
        assert_eq!(file.headers[header::CONTENT_TYPE], kind);
        assert_eq!(file.headers[header::CONTENT_DISPOSITION], name);
        assert_eq!(file.headers[header::CACHE_CONTROL], "no-store");
    }
    let json = platform.get(&link(&page, "/json?")).await;
    let json: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    let file = platform.get(&link(&page, "/tlog-proof?")).await;
    assert_eq!(json["proof"], file.body);
    assert_eq!(json["sequence"], last);
}

#[tokio::test]
async fn code_leads_to_the_page_that_it_stands_on() {
    let (platform, _, receipts) = paid().await;
    let list = platform.get(&receipts).await;
    for address in links(&list, "/receipts/") {
        let page = platform.get(&address).await;
        assert_eq!(read_code(&page.body), format!("{BASE_URL}{address}"));
    }
}

/// What a scanner reads of the drawing on a page.
fn read_code(page: &str) -> String {
    let (_, drawing) = page.split_once("<svg class=\"qr\" viewBox=\"0 0 ").unwrap();
    let width: usize = drawing.split(' ').next().unwrap().parse().unwrap();
    let (_, path) = drawing.split_once("<path d=\"").unwrap();
    let path = path.split('"').next().unwrap();
    let mut squares = vec![false; width * width];
    for square in path.split('M').skip(1) {
        let place = square.strip_suffix("h1v1h-1z").unwrap();
        let (x, y) = place.split_once(' ').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        squares[y * width + x] = true;
    }
    let light = |x: usize, y: usize| match squares[y / DOTS * width + x / DOTS] {
        true => 0,
        false => 255,
    };
    let mut image = PreparedImage::prepare_from_greyscale(width * DOTS, width * DOTS, light);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code is seen");
    grids[0].decode().unwrap().1
}

#[tokio::test]
async fn entry_that_the_log_does_not_show_yet_is_awaited_and_later_late() {
    let (platform, _, receipts) = paid().await;
    let list = platform.get(&receipts).await;
    assert!(list.shows("On its way into the log"), "{}", list.body);
    assert!(list.shows("data-reload=\"2\""), "{}", list.body);
    let address = link(&list, "/receipts/");
    let page = platform.get(&address).await;
    assert!(
        page.shows("on its way into the public log"),
        "{}",
        page.body
    );
    assert!(page.shows("data-reload=\"2\""));
    let file = address.replace("?", "/tlog-proof?");
    assert_eq!(platform.get(&file).await.status, StatusCode::NOT_FOUND);
    platform.clock.advance(Span::MINUTE);
    platform.clock.advance(Span(1));
    let page = platform.get(&address).await;
    assert!(page.shows("takes longer than it should"), "{}", page.body);
    assert!(page.shows("data-reload=\"30\""));
    platform.grow_log().await;
    let page = platform.get(&address).await;
    assert!(page.shows("Check this receipt"), "{}", page.body);
    assert_eq!(platform.get(&file).await.status, StatusCode::OK);
}

#[tokio::test]
async fn stopped_log_keeps_the_receipts_that_it_gave_and_gives_the_others_when_it_goes_on() {
    let (platform, payment, receipts) = paid().await;
    platform.grow_log().await;
    platform.log.as_ref().unwrap().stop();
    capture(&platform, payment).await;
    let list = platform.get(&receipts).await;
    assert!(list.shows("The public log has stopped"), "{}", list.body);
    assert!(list.shows("Not in the log yet"), "{}", list.body);
    let pages = links(&list, "/receipts/");
    let first = platform.get(&pages[0]).await;
    assert!(first.shows("Check this receipt"), "{}", first.body);
    let last = platform.get(pages.last().unwrap()).await;
    assert!(last.shows("The public log has stopped"), "{}", last.body);
    assert!(last.shows("data-reload=\"30\""), "{}", last.body);
    // Nothing contradicts it, so the next round lets it go on.
    platform.grow_log().await;
    let last = platform.get(pages.last().unwrap()).await;
    assert!(last.shows("Check this receipt"), "{}", last.body);
    let list = platform.get(&receipts).await;
    assert!(!list.shows("has stopped"), "{}", list.body);
}

#[tokio::test]
async fn closed_log_keeps_the_receipts_that_it_gave_and_gives_no_more() {
    let (platform, payment, receipts) = paid().await;
    platform.grow_log().await;
    platform.log.as_ref().unwrap().close();
    capture(&platform, payment).await;
    let list = platform.get(&receipts).await;
    assert!(list.shows("takes nothing more"), "{}", list.body);
    assert!(!list.shows("data-reload"));
    let pages = links(&list, "/receipts/");
    let first = platform.get(&pages[0]).await;
    assert!(first.shows("Check this receipt"), "{}", first.body);
    let last = platform.get(pages.last().unwrap()).await;
    assert!(last.shows("takes nothing more"), "{}", last.body);
    assert!(!last.shows("Check this receipt"));
}

#[tokio::test]
async fn damaged_log_is_told_on_the_page_and_the_list_stays() {
    let (platform, _, receipts) = paid().await;
    platform.grow_log().await;
    platform.log.as_ref().unwrap().store.lose_log_files();
    let list = platform.get(&receipts).await;
    assert_eq!(list.status, StatusCode::OK);
    let page = platform.get(&link(&list, "/receipts/")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.shows("cannot be made right now"), "{}", page.body);
}

#[tokio::test]
async fn platform_without_a_log_offers_no_receipts_and_says_so() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(2_500)).await;
    let payment = platform.payment(1_000).await;
    let pay = platform.pay_link(payment.id);
    let ended = platform.submit(&pay, &[("pin", &card.pin)]).await;
    assert!(!ended.shows("/receipts"), "{}", ended.body);
    let place = platform.link(payment.id).replace('?', "/receipts?");
    let list = platform.get(&place).await;
    assert!(list.shows("keeps no public log"), "{}", list.body);
    let page = platform.get(&link(&list, "/receipts/")).await;
    assert!(page.shows("keeps no public log"), "{}", page.body);
    assert_eq!(platform.get("/log/").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nothing_is_shown_for_a_wrong_key_or_for_an_entry_of_another_payment() {
    let (platform, payment, receipts) = paid().await;
    platform.grow_log().await;
    let other = platform.payment(1_000).await;
    platform.grow_log().await;
    let foreign = other.version.0;
    for place in ["", "/json", "/tlog-proof"] {
        for entry in [
            format!("{foreign}"),
            "0".into(),
            "x".into(),
            u64::MAX.to_string(),
        ] {
            let address = receipts.replace("/receipts?", &format!("/receipts/{entry}{place}?"));
            let status = platform.get(&address).await.status;
            assert_eq!(status, StatusCode::NOT_FOUND, "{address}");
        }
    }
    let wrong = platform.key(other.id);
    let address = format!("/checkout/{payment}/receipts?key={wrong}");
    assert_eq!(platform.get(&address).await.status, StatusCode::NOT_FOUND);
}
