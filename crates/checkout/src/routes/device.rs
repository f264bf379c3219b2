//! The browser that was here before: a cookie of this server alone, which says nothing but that.

use axum::http::HeaderMap;
use http::HeaderValue;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, USER_AGENT};
use payment::attempt::{Behaviour, Device, Sign};
use vault::random::random_bytes;
use web::security::Transport;

/// How long a browser keeps the cookie, in seconds: 90 days.
const COOKIE_AGE: u32 = 90 * 24 * 60 * 60;
/// Bytes of the cookie's value: nobody guesses another browser's.
const VALUE_LENGTH: usize = 16;

/// The device that a request comes from; none without the cookie, or with a made-up one.
pub fn of(headers: &HeaderMap, transport: Transport) -> Option<Device> {
    let name = cookie_name(transport);
    let cookies = headers.get_all(COOKIE).iter();
    let mut pairs = cookies
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'));
    let value = pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))?;
    let value: [u8; VALUE_LENGTH] = hex::decode(value).ok()?.try_into().ok()?;
    Some(engine::service::payer::device(&value))
}

/// A cookie for a browser that has none.
pub fn cookie(transport: Transport) -> HeaderValue {
    let value = hex::encode(random_bytes::<VALUE_LENGTH>());
    let name = cookie_name(transport);
    let secure = match transport {
        Transport::Tls => "; Secure",
        Transport::Plain => "",
    };
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={COOKIE_AGE}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(cookie).expect("hexadecimal digits and constants are visible characters")
}

/// What the headers of a form's sending add to what its page noticed.
pub fn with_signs(behaviour: Behaviour, headers: &HeaderMap, device: Option<Device>) -> Behaviour {
    let mut signs = behaviour.signs;
    let usual = [
        (ACCEPT, Sign::NoAccept),
        (ACCEPT_LANGUAGE, Sign::NoLanguage),
        (USER_AGENT, Sign::NoUserAgent),
    ];
    for (name, sign) in usual {
        if !headers.contains_key(name) {
            signs = signs.with(sign);
        }
    }
    if device.is_none() {
        signs = signs.with(Sign::NoCookie);
    }
    Behaviour { signs, ..behaviour }
}

/// Browsers bind a cookie of this prefix to this very host, and take it over TLS alone.
fn cookie_name(transport: Transport) -> &'static str {
    match transport {
        Transport::Tls => "__Host-scrip-device",
        Transport::Plain => "scrip-device",
    }
}

#[cfg(test)]
mod tests;
