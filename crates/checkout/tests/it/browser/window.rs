//! What a person does in a browser window, and what a test asks of it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Query, Request};
use axum::response::Html;
use axum::routing::get;
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use ids::object::PaymentId;
use payment::payment::PaymentRequest;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::LocalSet;
use tower::ServiceExt;

use super::driver::{Driver, Setup, tool};
use crate::platform::{Card, Platform, request};

/// How long one search waits for an element.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a proof may take on a machine that does other things as well.
const COMPUTING_MAX: Duration = Duration::from_secs(60);
/// Searches until a test gives up.
const ATTEMPTS_MAX: u32 = 10;

/// A browser window beside the platform whose pages it shows.
pub struct Window {
    pub platform: Platform,
    client: Client,
    pub site: String,
    downloads: PathBuf,
    /// What the site is made of at the moment.
    served: Served,
    shop: String,
}

type Served = Arc<Mutex<Router>>;

/// Runs the test with a browser, and closes the browser also when it fails.
pub async fn in_browser<F: AsyncFnOnce(Arc<Window>) + 'static>(setup: Setup, test: F) {
    in_browser_at(Platform::start().await, setup, test).await;
}

/// Runs the test with a browser and this platform.
pub async fn in_browser_at<F: AsyncFnOnce(Arc<Window>) + 'static>(
    mut platform: Platform,
    setup: Setup,
    test: F,
) {
    let driver = Driver::start(setup).await;
    // The test tries what it does beside the browser from the browser's own address.
    platform.peer = ([127, 0, 0, 1], 50_000).into();
    let served = Arc::new(Mutex::new(platform.router.clone()));
    let window = Arc::new(Window {
        site: serve(site(&served)).await,
        served,
        shop: serve(shop()).await,
        platform,
        downloads: driver.downloads.clone(),
        client: driver.client.clone(),
    });
    let tasks = LocalSet::new();
    let outcome = tasks
        .run_until(tasks.spawn_local(async move { test(window).await }))
        .await;
    driver.close().await;
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

impl Window {
    pub async fn go(&self, address: &str) {
        let url = format!("{}{address}", self.site);
        self.client.goto(&url).await.unwrap();
    }

    /// From now on this is what is at the site's address.
    pub fn serve_instead(&self, router: Router) {
        *self.served.lock().unwrap() = router;
    }

    /// Opens a file of this machine.
    pub async fn open_file(&self, file: &Path) {
        let url = format!("file://{}", file.display());
        self.client.goto(&url).await.unwrap();
    }

    /// What stands in a field of any kind.
    pub async fn text_of(&self, id: &str) -> String {
        let script = "return document.getElementById(arguments[0]).value";
        let value = self.run(script, vec![json!(id)]).await;
        value.as_str().unwrap().to_owned()
    }

    /// Puts a text into a field at once, as pasting does.
    pub async fn put_into(&self, id: &str, text: &str) {
        let script = "document.getElementById(arguments[0]).value = arguments[1]";
        self.run(script, vec![json!(id), json!(text)]).await;
    }

    /// Chooses a file in a field.
    pub async fn choose_file(&self, id: &str, file: &Path) {
        self.type_into(id, &file.display().to_string()).await;
    }

    /// The content of a file that the browser saves under this name.
    pub async fn saved(&self, name: &str) -> Vec<u8> {
        let file = self.downloads.join(name);
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Ok(bytes) = std::fs::read(&file) {
                return bytes;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the browser has saved no {name}");
    }

    /// Every address that the page has asked for, and its own.
    pub async fn asked_for(&self) -> Vec<String> {
        let script = "return performance.getEntries().map(one => one.name)";
        let names = self.run(script, vec![]).await;
        let names = names.as_array().unwrap().iter();
        names
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect()
    }

    /// The page's address as the browser shows it.
    pub async fn address(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    pub async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    /// A new payment's page, as the shop's customer opens it.
    pub async fn open_payment(&self, minor: i64) -> PaymentId {
        let payment = self.platform.payment_of(self.request(minor)).await;
        self.go(&self.platform.link(payment.id)).await;
        payment.id
    }

    /// What this shop asks for.
    pub fn request(&self, minor: i64) -> PaymentRequest {
        PaymentRequest {
            success_url: format!("{}/ok?id={{payment_id}}", self.shop),
            failure_url: format!("{}/failed?id={{payment_id}}", self.shop),
            ..request(minor)
        }
    }

    /// The payment's page in a second window, opened by a script of the shop.
    pub async fn open_from_shop(&self, payment: PaymentId) {
        self.client
            .goto(&format!("{}/ok?id=first", self.shop))
            .await
            .unwrap();
        let page = format!("{}{}", self.site, self.platform.link(payment));
        self.run(
            "window.open(arguments[0], 'checkout', 'popup')",
            vec![json!(page)],
        )
        .await;
        let windows = self.client.windows().await.unwrap();
        let first = self.client.window().await.unwrap();
        let second = windows.into_iter().find(|window| *window != first).unwrap();
        self.client.switch_to_window(second).await.unwrap();
    }

    pub async fn pay_behind_the_scenes(&self, card: &Card, minor: i64) {
        let payment = self.platform.payment(minor).await;
        let pay = self.platform.pay_link(payment.id);
        self.platform.submit(&pay, &[("pin", &card.pin)]).await;
    }

    pub async fn type_into(&self, id: &str, text: &str) {
        self.field(id).await.send_keys(text).await.unwrap();
    }

    pub async fn clear(&self, id: &str) {
        self.field(id).await.clear().await.unwrap();
    }

    /// Fills a date field, whose keys depend on the browser's language.
    pub async fn fill_date(&self, id: &str, date: &str) {
        let script = "document.getElementById(arguments[0]).value = arguments[1]";
        self.run(script, vec![json!(id), json!(date)]).await;
    }

    pub async fn value_of(&self, id: &str) -> String {
        let value = self.field(id).await.prop("value").await.unwrap();
        value.unwrap_or_default()
    }

    /// Presses Enter in a field.
    pub async fn submit(&self, id: &str) {
        self.type_into(id, "\u{E007}").await;
    }

    /// Copies a text as from another page.
    pub async fn copy(&self, text: &str) {
        let page = format!("{}/ok?id={}", self.shop, text.replace(' ', "%20"));
        self.client.goto(&page).await.unwrap();
        self.field("id")
            .await
            .send_keys("\u{E009}ac\u{E000}")
            .await
            .unwrap();
    }

    pub async fn paste_into(&self, id: &str) {
        self.type_into(id, "\u{E009}v\u{E000}").await;
    }

    /// Presses the button with this text.
    pub async fn press(&self, text: &str) {
        let button = format!("//button[normalize-space()=\"{text}\"]");
        self.find(&button).await.click().await.unwrap();
    }

    /// Clicks the link that begins with this text.
    pub async fn follow(&self, text: &str) {
        let link = format!("//main//a[starts-with(normalize-space(), \"{text}\")]");
        self.find(&link).await.click().await.unwrap();
    }

    pub async fn open_languages(&self) {
        self.find("//summary").await.click().await.unwrap();
    }

    /// Waits until the page shows this text where people can see it.
    pub async fn see(&self, text: &str) {
        let place = format!("//body[contains(normalize-space(), \"{text}\")]");
        let mut page = String::new();
        for _ in 0..ATTEMPTS_MAX {
            if let Some(body) = self.look_for(&place).await {
                page = body.text().await.unwrap_or_default();
            }
            if page.replace(['\n', '\u{a0}'], " ").contains(text) {
                return;
            }
        }
        if page.is_empty() {
            page = self.find("//body").await.text().await.unwrap_or_default();
        }
        panic!("`{text}` is not on the page:\n{page}");
    }

    /// The same for what takes seconds to be computed.
    pub async fn see_in_time(&self, text: &str) {
        let begun = Instant::now();
        while begun.elapsed() < COMPUTING_MAX {
            let body = self.find("//body").await.text().await.unwrap_or_default();
            if body.replace(['\n', '\u{a0}'], " ").contains(text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.see(text).await;
    }

    /// The id of the element that has the focus.
    pub async fn focus(&self) -> String {
        let id = self.run("return document.activeElement.id", vec![]).await;
        id.as_str().unwrap_or_default().to_owned()
    }

    /// Sends keys to whatever has the focus.
    pub async fn keys(&self, keys: &str) {
        let element = self.client.active_element().await.unwrap();
        element.send_keys(keys).await.unwrap();
    }

    /// Presses the tabulator until the element has the focus.
    pub async fn tab_to(&self, id: &str) {
        for _ in 0..30 {
            if self.focus().await == id {
                return;
            }
            self.keys("\u{E004}").await;
        }
        panic!("the tabulator does not lead to {id}");
    }

    /// Checks what holds of every page: it fits the screen, and the accessibility rules find nothing.
    pub async fn check(&self, name: &str) {
        self.picture(name).await;
        let overflow = "return document.documentElement.scrollWidth - window.innerWidth";
        let overflow = self.run(overflow, vec![]).await.as_f64().unwrap();
        assert!(
            overflow <= 0.0,
            "{name} is wider than the screen by {overflow}"
        );
        let rules = tool("SCRIP_TEST_NODE_MODULES").join("axe-core/axe.min.js");
        let rules = std::fs::read_to_string(rules).unwrap();
        self.run(&rules, vec![]).await;
        let script = "const done = arguments[0]; axe.run().then(found => done(found.violations.map(
            violation => violation.id + ': ' + violation.nodes.map(node => node.html).join(' '))))";
        let found = self.client.execute_async(script, vec![]).await.unwrap();
        assert_eq!(found, json!([]), "accessibility of {name}");
    }

    /// Keeps a picture of the page among the previews, for people to look at.
    pub async fn picture(&self, name: &str) {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/page-preview");
        std::fs::create_dir_all(&directory).unwrap();
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(directory.join(format!("flow-{name}.png")), picture).unwrap();
    }

    async fn field(&self, id: &str) -> Element {
        self.find(&format!("//input[@id='{id}']")).await
    }

    async fn find(&self, xpath: &str) -> Element {
        for _ in 0..ATTEMPTS_MAX {
            if let Some(element) = self.look_for(xpath).await {
                return element;
            }
        }
        panic!("{xpath} is not on the page");
    }

    /// Waits a while for an element. A search that meets a change of page fails; the next one finds the new page.
    async fn look_for(&self, xpath: &str) -> Option<Element> {
        let wait = self.client.wait().at_most(PATIENCE);
        wait.for_element(Locator::XPath(xpath)).await.ok()
    }

    async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap()
    }
}

/// Answers with whatever is served at the moment.
fn site(served: &Served) -> Router {
    let served = Arc::clone(served);
    Router::new().fallback(move |request: Request| {
        let router = served.lock().unwrap().clone();
        router.oneshot(request)
    })
}

/// Serves on a free port until the test ends, and says where.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    format!("http://{address}")
}

#[derive(Deserialize)]
struct ShopQuery {
    id: String,
}

/// A shop: one page after a payment, one after none.
fn shop() -> Router {
    let ok = |Query(query): Query<ShopQuery>| async move {
        Html(format!(
            "<!doctype html><title>Shop</title><h1>Thank you for {id}</h1><input id=id value=\"{id}\"><p id=first></p>
             <script>if (window.opener) document.getElementById('first').textContent =
               'The shop\\'s first window is still there';</script>",
            id = query.id
        ))
    };
    let failed = |Query(query): Query<ShopQuery>| async move {
        Html(format!(
            "<!doctype html><h1>Nothing bought with {}</h1>",
            query.id
        ))
    };
    Router::new()
        .route("/ok", get(ok))
        .route("/failed", get(failed))
}
