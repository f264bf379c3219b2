//! Why an object could not be read or stored, in words that say what to do.

use std::error::Error;

use object_store::client::{HttpError, HttpErrorKind};
use thiserror::Error;

const SAID_CHARACTERS_MAX: usize = 500;
const UNKNOWN_CREDENTIALS: [&str; 5] = [
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "RequestTimeTooSkewed",
];
const OTHER_REGION: [&str; 2] = ["AuthorizationHeaderMalformed", "PermanentRedirect"];

#[derive(Debug, Error)]
pub enum ObjectError {
    #[error("there is no such object")]
    Missing,
    #[error("it was written by somebody else in the meantime")]
    Overtaken,
    /// What a mirror asks for beyond that, every store has.
    #[error("the store does not write under conditions")]
    Unconditional,
    #[error(
        "there is no bucket {bucket}: make it with the store's own tool, or look at its name and at AWS_ENDPOINT_URL"
    )]
    NoBucket { bucket: String },
    #[error(
        "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN if there is one; the other places were asked, and: {said}"
    )]
    NoCredentials { said: String },
    #[error(
        "the store does not accept these credentials: look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and the clock"
    )]
    UnknownCredentials,
    #[error(
        "the store denies it to these credentials: they need s3:GetObject and s3:PutObject for the objects, and s3:ListBucket for the bucket, without which it does not even say that an object is missing"
    )]
    Denied,
    #[error("the bucket is in another region: set AWS_REGION to that one")]
    OtherRegion,
    #[error("the store does not answer: look at AWS_ENDPOINT_URL and AWS_REGION")]
    Unreachable,
    #[error("it has more than the {bytes_max} bytes that any such file has")]
    TooLong { bytes_max: usize },
    #[error("the variables that begin with AWS_ do not say how to reach the store: {said}")]
    Settings { said: String },
    #[error("the store says: {said}")]
    Failed { said: String },
}

impl ObjectError {
    /// What a request to a bucket failed of. S3 tells the causes apart by a code in the body of its answer.
    pub(super) fn of(error: &object_store::Error, bucket: &str) -> Self {
        let said = error.to_string();
        let has_code = |code: &&str| said.contains(&format!("<Code>{code}</Code>"));
        if has_code(&"NoSuchBucket") {
            let bucket = bucket.to_owned();
            return Self::NoBucket { bucket };
        }
        if has_code(&"NotImplemented") {
            return Self::Unconditional;
        }
        if UNKNOWN_CREDENTIALS.iter().any(has_code) {
            return Self::UnknownCredentials;
        }
        let is_redirect = said.contains("redirect without LOCATION");
        if is_redirect || OTHER_REGION.iter().any(has_code) {
            return Self::OtherRegion;
        }
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            object_store::Error::AlreadyExists { .. }
            | object_store::Error::Precondition { .. } => Self::Overtaken,
            object_store::Error::NotImplemented { .. } => Self::Unconditional,
            object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. } => Self::Denied,
            _ if is_unanswered(error) => Self::Unreachable,
            _ => Self::Failed {
                said: printable(&said),
            },
        }
    }

    pub(super) fn of_credentials(error: &object_store::Error) -> Self {
        Self::NoCredentials {
            said: printable(&error.to_string()),
        }
    }

    pub(super) fn of_settings(error: &object_store::Error) -> Self {
        Self::Settings {
            said: printable(&error.to_string()),
        }
    }
}

fn is_unanswered(error: &object_store::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref::<HttpError>().map(HttpError::kind);
        if let Some(HttpErrorKind::Connect | HttpErrorKind::Timeout | HttpErrorKind::Interrupted) =
            kind
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// What a store says may have any length, and anything in it.
fn printable(said: &str) -> String {
    let beginning: String = said.chars().take(SAID_CHARACTERS_MAX).collect();
    beginning.escape_debug().to_string()
}
