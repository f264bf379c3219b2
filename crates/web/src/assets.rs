//! Styles, scripts and pictures of the pages: part of the binary, under names that change with their content.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use rust_embed::RustEmbed;

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

/// Serves the assets. A name stands for one content for ever, so browsers may keep it.
pub fn router() -> Router {
    Router::new().route("/assets/{file}", get(serve))
}

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

struct Asset {
    url: String,
    content_type: &'static str,
    content: Cow<'static, [u8]>,
}

static BY_NAME: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| Asset::embedded(&name).map(|asset| (name.into_owned(), asset)))
        .collect()
});

impl Asset {
    fn embedded(name: &str) -> Option<Self> {
        let file = Files::get(name)?;
        let (stem, extension) = name.rsplit_once('.')?;
        let hash = file.metadata.sha256_hash();
        let hash = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        Some(Self {
            url: format!("/assets/{stem}.{hash:08x}.{extension}"),
            content_type: content_type(extension)?,
            content: file.data,
        })
    }
}

fn content_type(extension: &str) -> Option<&'static str> {
    match extension {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
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
