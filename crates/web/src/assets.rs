//! Styles, scripts and pictures of the pages, and the verifier of the transparency log: part of the binary, under names
//! that change with their content.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

/// The address of an asset by its plain name: `style.css` is `/assets/style.0a1b2c3d.css`.
///
/// # Panics
/// When there is no asset of that name; names stand in templates only, and a test renders each.
pub fn url(name: &str) -> &'static str {
    &BY_NAME
        .get(name)
        .unwrap_or_else(|| panic!("no asset is called {name}"))
        .url
}

/// The address of the verifier for browsers; none in a build whose toolchain could not make it.
///
/// `verifier.mjs` loads it: a script imports that from its address and gives it the bytes at this one. The page needs the
/// headers of [`crate::security::PageHeaders::letting_verify`].
pub fn verifier() -> Option<&'static str> {
    BY_NAME.get(VERIFIER).map(|asset| asset.url.as_str())
}

/// Type and content of an asset, for pages that carry it with them.
pub fn content(name: &str) -> Option<(&'static str, &'static [u8])> {
    let asset = BY_NAME.get(name)?;
    Some((asset.content_type, &asset.content))
}

/// Serves the assets. A name stands for one content for ever, so browsers may keep it.
pub fn router() -> Router {
    Router::new().route("/assets/{file}", get(serve))
}

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// The name of the verifier for browsers.
pub const VERIFIER: &str = "verifier.wasm";

// `const MODULE: Option<&[u8]>`, by the build script.
include!(concat!(env!("OUT_DIR"), "/verifier.rs"));

/// What calls it; the library's own.
const LOADER: &[u8] = include_bytes!("../../../libs/verifier/wasm/verifier.mjs");

struct Asset {
    url: String,
    content_type: &'static str,
    content: Cow<'static, [u8]>,
}

static BY_NAME: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    let files = Files::iter().filter_map(|name| {
        let file = Files::get(&name)?;
        Some((name.into_owned(), file.data))
    });
    let module = MODULE.map(|module| (VERIFIER.to_owned(), Cow::Borrowed(module)));
    let loader = ("verifier.mjs".to_owned(), Cow::Borrowed(LOADER));
    files
        .chain(module)
        .chain([loader])
        .filter_map(|(name, content)| Some((name.clone(), Asset::of(&name, content)?)))
        .collect()
});

impl Asset {
    fn of(name: &str, content: Cow<'static, [u8]>) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        let hash = Sha256::digest(&content);
        let hash = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        Some(Self {
            url: format!("/assets/{stem}.{hash:08x}.{extension}"),
            content_type: content_type(extension)?,
            content,
        })
    }
}

fn content_type(extension: &str) -> Option<&'static str> {
    match extension {
        "css" => Some("text/css; charset=utf-8"),
        "js" | "mjs" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "wasm" => Some("application/wasm"),
        _ => None,
    }
}

async fn serve(Path(file): Path<String>) -> Response {
    let wanted = format!("/assets/{file}");
    match BY_NAME.values().find(|asset| asset.url == wanted) {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.content.clone()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests;
