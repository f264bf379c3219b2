//! Requests of known parties: who asks, under which names, and with which body.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use accounting::entry::Idempotency;
use accounting::fact::Party;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use engine::idempotency::{ClientKey, KEY_LENGTH_MAX};
use engine::service::person::Person;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};
use ids::token::{InvalidToken, Token};
use payment::merchant::Merchant;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use voucher::distributor::Distributor;
use zeroize::Zeroizing;

use crate::answer::Result;
use crate::problem::catalogue as kinds;
use crate::problem::{Refused, Subject, invalid, of};
use crate::state::ApiState;

pub mod repeat;

#[cfg(test)]
mod tests;

/// The largest body that is read, in bytes.
pub const BODY_LENGTH_MAX: usize = 64 * 1024;

/// The largest file that is taken, in bytes: what a document of the journal may hold.
pub const UPLOAD_LENGTH_MAX: usize = accounting::document::CONTENT_MAX;

/// A body that takes longer has its key looked at once more when it is there.
pub const BODY_PROMPT_MAX: Duration = Duration::from_secs(1);

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const CORRELATION_ID: &str = "correlation-id";

/// A request of a party whose API key is valid.
pub struct Call<P> {
    pub party: Arc<P>,
    pub body: Bytes,
    parts: Parts,
}

pub type MerchantCall = Call<Merchant>;
pub type DistributorCall = Call<Distributor>;

/// A request whose body is a file.
pub struct Upload {
    pub call: Call<Person>,
}

/// The parameters of a path.
pub struct At<T>(pub T);

/// A party that calls the interface.
pub trait Caller: Sized + Send + Sync + 'static {
    fn party(&self) -> Party;

    /// The party with this API key.
    fn authenticate(
        api: &ApiState,
        api_key: &str,
    ) -> impl Future<Output = Result<Arc<Self>>> + Send;
}

impl<P: Caller> Call<P> {
    /// The caller's own name for what it creates.
    pub fn correlation_id(&self) -> Result<Option<Token>> {
        let text = self.header(CORRELATION_ID, "Correlation-ID")?;
        let token = text.filter(|text| !text.is_empty()).map(Token::from_str);
        token
            .transpose()
            .map_err(|error: InvalidToken| invalid("Correlation-ID", error.to_string()))
    }

    /// The key under which the request may be repeated, bound to what it asks for.
    pub fn idempotency(&self) -> Result<Option<Idempotency>> {
        let Some(key) = self.header(IDEMPOTENCY_KEY, "Idempotency-Key")? else {
            return Ok(None);
        };
        if key.is_empty()
            || KEY_LENGTH_MAX < key.len()
            || !key.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(invalid(
                "Idempotency-Key",
                format!("must be 1 to {KEY_LENGTH_MAX} visible ASCII characters"),
            ));
        }
        let operation = self.operation()?;
        let key = ClientKey {
            party: self.party.party(),
            key,
            operation: &operation,
            body: &self.body,
        };
        Ok(Some(key.digest()))
    }

    /// Refuses an idempotency key where the answer is not kept: whoever sends one relies on it.
    pub fn refuse_idempotency_key(&self) -> Result<()> {
        if self.parts.headers.contains_key(IDEMPOTENCY_KEY) {
            return Err(kinds::IDEMPOTENCY_KEY_NOT_SUPPORTED
                .refused()
                .at("Idempotency-Key"));
        }
        Ok(())
    }

    pub fn query(&self) -> Option<&str> {
        self.parts.uri.query()
    }

    /// The body, where it may only be JSON. A missing content type is forgiven.
    pub fn json(&self) -> Result<&[u8]> {
        match self.parts.headers.get(header::CONTENT_TYPE) {
            Some(content_type) if !is_json(content_type) => {
                Err(kinds::UNSUPPORTED_MEDIA_TYPE.because(SENT_AS))
            }
            Some(_) | None => Ok(&self.body),
        }
    }

    /// What is asked for beside the body: the address with its query, and the name that the object is given. The body is
    /// behind a line end, which no header holds.
    fn operation(&self) -> Result<String> {
        let Parts { method, uri, .. } = &self.parts;
        let address = uri.path_and_query().map_or("", |address| address.as_str());
        let name = self.header(CORRELATION_ID, "Correlation-ID")?;
        Ok(match name.filter(|name| !name.is_empty()) {
            Some(name) => format!("{method} {address}\nCorrelation-ID: {name}"),
            None => format!("{method} {address}"),
        })
    }

    fn header(&self, name: &str, shown: &'static str) -> Result<Option<&str>> {
        let value = self.parts.headers.get(name).map(HeaderValue::to_str);
        value
            .transpose()
            .map_err(|_| invalid(shown, "must be visible ASCII characters"))
    }
}

impl<P: Caller> FromRequest<ApiState> for Call<P> {
    type Rejection = Refused;

    async fn from_request(request: Request, api: &ApiState) -> Result<Call<P>> {
        Call::within(request, api, BODY_LENGTH_MAX).await
    }
}

impl FromRequest<ApiState> for Upload {
    type Rejection = Refused;

    async fn from_request(request: Request, api: &ApiState) -> Result<Upload> {
        let call = Call::within(request, api, UPLOAD_LENGTH_MAX).await?;
        Ok(Upload { call })
    }
}

impl Upload {
    /// The file. A missing content type is forgiven.
    pub fn octets(&self) -> Result<&[u8]> {
        match self.call.parts.headers.get(header::CONTENT_TYPE) {
            Some(content_type) if content_type != OCTETS => {
                Err(kinds::UNSUPPORTED_MEDIA_TYPE.because(UPLOADED_AS))
            }
            Some(_) | None => Ok(&self.call.body),
        }
    }
}

const OCTETS: &str = "application/octet-stream";
const SENT_AS: &str = "This path takes JSON, sent as `Content-Type: application/json`.";
const UPLOADED_AS: &str =
    "This path takes a file, sent as `Content-Type: application/octet-stream`.";

impl<P: Caller> Call<P> {
    async fn within(request: Request, api: &ApiState, length_max: usize) -> Result<Call<P>> {
        let (parts, body) = request.into_parts();
        let api_key = api_key(&parts.headers).ok_or_else(|| kinds::INVALID_API_KEY.refused())?;
        let party = P::authenticate(api, &api_key).await?;
        require_single(&parts.headers)?;
        let announced = parts.headers.get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length_max < length) {
            return Err(kinds::BODY_TOO_LARGE.refused());
        }
        let begun = Instant::now();
        let body = to_bytes(body, length_max)
            .await
            .map_err(|error| body_error(&error))?;
        // Over a body that comes slowly a key may be taken away, and what a party may do may change.
        let party = if BODY_PROMPT_MAX < begun.elapsed() {
            P::authenticate(api, &api_key).await?
        } else {
            party
        };
        Ok(Call { party, body, parts })
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<At<T>> {
        let Path(path) = Path::from_request_parts(parts, state)
            .await
            .map_err(|_| kinds::NOT_FOUND.refused())?;
        Ok(At(path))
    }
}

impl Caller for Merchant {
    fn party(&self) -> Party {
        Party::Merchant(self.id)
    }

    async fn authenticate(api: &ApiState, api_key: &str) -> Result<Arc<Merchant>> {
        let failed = |error| of(error, Subject::Account);
        let found = api.merchants.authenticate(api_key).await.map_err(failed)?;
        if let Some(merchant) = found {
            return Ok(merchant);
        }
        let other = api.distributors.authenticate(api_key).await;
        Err(match other.map_err(failed)? {
            Some(_) => kinds::API_KEY_OF_OTHER_PARTY
                .because("The API key belongs to a distributor; this is for merchants."),
            None => kinds::INVALID_API_KEY.refused(),
        })
    }
}

impl Caller for Distributor {
    fn party(&self) -> Party {
        Party::Distributor(self.id)
    }

    async fn authenticate(api: &ApiState, api_key: &str) -> Result<Arc<Distributor>> {
        let failed = |error| of(error, Subject::Account);
        let found = api.distributors.authenticate(api_key).await;
        if let Some(distributor) = found.map_err(failed)? {
            return Ok(distributor);
        }
        let other = api.merchants.authenticate(api_key).await;
        Err(match other.map_err(failed)? {
            Some(_) => kinds::API_KEY_OF_OTHER_PARTY
                .because("The API key belongs to a merchant; this is for distributors."),
            None => kinds::INVALID_API_KEY.refused(),
        })
    }
}

/// A name that is given twice is none: one reader would take the first, another the last.
fn require_single(headers: &HeaderMap) -> Result<()> {
    for (name, shown) in [
        (IDEMPOTENCY_KEY, "Idempotency-Key"),
        (CORRELATION_ID, "Correlation-ID"),
    ] {
        if headers.get_all(name).iter().nth(1).is_some() {
            return Err(invalid(shown, "may stand in the request once"));
        }
    }
    Ok(())
}

/// The API key of `Authorization: Basic base64(key)`, `Basic base64(key:)` or `Bearer key`.
fn api_key(headers: &HeaderMap) -> Option<Zeroizing<String>> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.trim().split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Zeroizing::new(credentials.to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64.decode(credentials).ok()?;
    let mut key = Zeroizing::new(String::from_utf8(decoded).ok()?);
    if let Some(end) = key.find(':') {
        key.truncate(end);
    }
    Some(key)
}

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// `application/json`, `text/json` and everything that ends in `+json`, with any parameters.
fn is_json(content_type: &HeaderValue) -> bool {
    let text = content_type.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    essence
        .rsplit(['/', '+'])
        .next()
        .is_some_and(|subtype| subtype.eq_ignore_ascii_case("json"))
}

fn body_error(error: &axum::Error) -> Refused {
    // Whatever is not the length is the connection, and nobody is there to read the answer.
    let is_length = std::error::Error::source(error)
        .is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
    if is_length {
        kinds::BODY_TOO_LARGE.refused()
    } else {
        invalid("body", "the body ended before it was complete")
    }
}
