//! Files from a web server that may be slow, broken or hostile.

use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use tokio::time::sleep;
use url::Url;

use crate::error::{FetchError, ReadError};

/// How long a server is borne with.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How often one file is asked for before its failure counts.
    pub attempts: u32,
    /// Before the second attempt; each further pause is twice as long.
    pub first_pause: Duration,
    /// For one attempt, from the connection to the last byte.
    pub file_timeout: Duration,
}

impl Patience {
    /// For logs on the internet: a file has about two minutes and a half.
    pub const USUAL: Self = Self {
        attempts: 5,
        first_pause: Duration::from_millis(250),
        file_timeout: Duration::from_secs(30),
    };
}

pub struct Server {
    client: Client,
    /// Ends with a slash.
    prefix: Url,
    patience: Patience,
}

impl Server {
    pub fn new(mut prefix: Url, patience: Patience) -> Result<Self, ReadError> {
        if !prefix.path().ends_with('/') {
            prefix.set_path(&format!("{}/", prefix.path()));
        }
        // A redirect would let a server of our choice send us to one of its own choice.
        let client = Client::builder()
            .timeout(patience.file_timeout)
            .redirect(Policy::none())
            .build()
            .map_err(ReadError::Client)?;
        Ok(Self {
            client,
            prefix,
            patience,
        })
    }

    /// The file's bytes, or nothing if the server says that there is none.
    pub async fn fetch(&self, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, FetchError> {
        let mut pause = self.patience.first_pause;
        for _ in 1..self.patience.attempts {
            match self.attempt(path, bytes_max).await {
                Err(error) if error.may_pass() => sleep(pause).await,
                result => return result,
            }
            pause *= 2;
        }
        self.attempt(path, bytes_max).await
    }

    async fn attempt(&self, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, FetchError> {
        let url = self
            .prefix
            .join(path)
            .expect("a path of a log is a good reference");
        let request = self.client.get(url).header(ACCEPT_ENCODING, "identity");
        let response = request.send().await.map_err(FetchError::Connection)?;
        let status = response.status();
        if status == StatusCode::NOT_FOUND || status == StatusCode::GONE {
            return Ok(None);
        }
        if status.is_redirection() {
            let to = header(&response, LOCATION.as_str());
            return Err(FetchError::Redirect { to });
        }
        if status != StatusCode::OK {
            let status = status.as_u16();
            return Err(FetchError::Status { status });
        }
        let encoding = header(&response, CONTENT_ENCODING.as_str());
        if !encoding.is_empty() && encoding != "identity" {
            return Err(FetchError::Compressed { encoding });
        }
        body(response, bytes_max).await.map(Some)
    }
}

/// Reads no further than an honest file goes.
async fn body(mut response: Response, bytes_max: usize) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(FetchError::Connection)? {
        if bytes_max - bytes.len() < chunk.len() {
            return Err(FetchError::TooLong { bytes_max });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The header as text that is safe to print; nothing if there is none.
fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name);
    let text = value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    text.unwrap_or_default().escape_debug().to_string()
}
