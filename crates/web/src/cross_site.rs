//! Forms are accepted from our own pages alone.

use tower_http::csrf::CsrfLayer;

/// Refuses with 403 every changing request that a browser says comes from another site (`Sec-Fetch-Site`, else `Origin`
/// against `Host`). No token, hence no session; a proxy in front must hand `Host` and `Origin` on unchanged.
pub fn same_site_forms() -> CsrfLayer {
    CsrfLayer::new()
}
