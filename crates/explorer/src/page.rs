//! The explorer's page: served, with addresses of assets, or alone, with the assets in it.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use web::assets;

/// The page as this server shows it.
pub fn served(origin: &str) -> String {
    let address = |name| Some(assets::url(name).to_owned());
    rendered(Page {
        origin,
        log: "/log/",
        is_served: true,
        style: address("style.css").unwrap_or_default(),
        script: address("explorer.js").unwrap_or_default(),
        loader: address("verifier.mjs").unwrap_or_default(),
        promises: address("promises.js").unwrap_or_default(),
        module: assets::verifier().map(ToOwned::to_owned),
        policy: None,
    })
}

/// The page as one file, which reads the log at this address and believes this policy.
pub fn alone(origin: &str, log: &str, policy: &str) -> String {
    rendered(Page {
        origin,
        log,
        is_served: false,
        style: carried("style.css").unwrap_or_default(),
        script: carried("explorer.js").unwrap_or_default(),
        loader: carried("verifier.mjs").unwrap_or_default(),
        promises: carried("promises.js").unwrap_or_default(),
        module: carried(assets::VERIFIER),
        policy: Some(policy),
    })
}

/// An asset as an address that holds it (RFC 2397).
fn carried(name: &str) -> Option<String> {
    let (kind, content) = assets::content(name)?;
    let kind = kind.replace(' ', "");
    Some(format!("data:{kind};base64,{}", STANDARD.encode(content)))
}

#[derive(Template)]
#[template(path = "explorer.html")]
struct Page<'a> {
    origin: &'a str,
    /// Where the log is.
    log: &'a str,
    is_served: bool,
    style: String,
    script: String,
    loader: String,
    promises: String,
    /// The verifier; none in a build that has none.
    module: Option<String>,
    /// The policy to begin with; none where the page fetches it.
    policy: Option<&'a str>,
}

fn rendered(page: Page<'_>) -> String {
    page.render()
        .expect("writing to memory does not fail, and no template calls a filter that could")
}

#[cfg(test)]
mod tests;
