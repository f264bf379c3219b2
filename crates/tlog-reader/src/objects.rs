//! Files as objects in a bucket of a store that speaks S3.

pub mod failure;

use std::fmt::{self, Debug, Display, Formatter};
use std::sync::Arc;

use futures_util::StreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientOptions, ObjectStore as _, ObjectStoreExt as _,
    PutMode, PutOptions, RetryConfig, UpdateVersion,
};

use crate::check::CHECKPOINT;
use crate::error::ReadError;
use crate::objects::failure::ObjectError;
use crate::source::Patience;
use crate::spot::{Edition, Spot};

const SCHEME: &str = "s3://";
/// What the log's own server says of the same files.
const CHECKPOINT_CACHING: &str = "public, max-age=1";
const FILE_CACHING: &str = "public, max-age=31536000, immutable";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
const SMALLEST_BUCKET_NAME: usize = 3;
const LARGEST_BUCKET_NAME: usize = 63;

/// How a store is reached: where it is, who asks, and whatever else is said in the variables that other tools for S3 read.
pub struct Access(Vec<(AmazonS3ConfigKey, String)>);

/// The objects of a bucket whose keys begin with a prefix.
#[derive(Clone, Debug)]
pub struct Objects {
    bucket: Arc<Bucket>,
    prefix: Path,
}

struct Bucket {
    store: AmazonS3,
    name: String,
}

/// One object, or the place for one.
#[derive(Clone, Debug)]
pub struct Object {
    bucket: Arc<Bucket>,
    key: Path,
}

impl Access {
    /// From the variables of the environment; those that do not begin with `AWS_`, and empty ones, are not looked at.
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let known = variables.into_iter().filter_map(|(name, value)| {
            let is_given = name.starts_with("AWS_") && !value.is_empty();
            let key = is_given.then(|| name.to_ascii_lowercase().parse())?;
            Some((key.ok()?, value))
        });
        Self(known.collect())
    }

    fn value(&self, asked: &AmazonS3ConfigKey) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == asked);
        found.map(|(_, value)| value.as_str())
    }

    fn connect(&self, bucket: &str, patience: Patience) -> Result<AmazonS3, object_store::Error> {
        let mut builder = AmazonS3Builder::new()
            .with_client_options(ClientOptions::new().with_timeout(patience.file_timeout))
            .with_retry(retries(patience));
        for (key, value) in &self.0 {
            builder = builder.with_config(*key, value);
        }
        let endpoints = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint];
        let endpoint = endpoints.iter().find_map(|key| self.value(key));
        // Whoever writes http:// means it. What is read is checked all the same, and secrets are not sent.
        if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
            builder = builder.with_allow_http(true);
        }
        builder.with_bucket_name(bucket).build()
    }

    /// For a bucket that everybody may read.
    fn is_anonymous(&self) -> bool {
        let value = self.value(&AmazonS3ConfigKey::SkipSignature);
        // The words that the library takes for yes.
        let is_yes = |value: &str| ["true", "1", "on", "yes", "y"].contains(&value);
        value.is_some_and(|value| is_yes(&value.to_ascii_lowercase()))
    }
}

fn retries(patience: Patience) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: patience.first_pause,
            ..BackoffConfig::default()
        },
        max_retries: patience.attempts.saturating_sub(1) as usize,
        retry_timeout: patience.file_timeout * patience.attempts,
    }
}

impl Objects {
    /// Whether this is written as a place in an object store.
    pub fn is_meant_by(place: &str) -> bool {
        place.starts_with(SCHEME)
    }

    /// Finds out who asks, but not yet whether the bucket is there.
    pub async fn open(place: &str, access: &Access, patience: Patience) -> Result<Self, ReadError> {
        let (bucket, prefix) = parse(place).ok_or(ReadError::Bucket)?;
        let failed = |why| ReadError::Store {
            place: place.to_owned(),
            why,
        };
        let store = access.connect(bucket, patience);
        let store = store.map_err(|error| failed(ObjectError::of_settings(&error)))?;
        if !access.is_anonymous() {
            let found = store.credentials().get_credential().await;
            found.map_err(|error| failed(ObjectError::of_credentials(&error)))?;
        }
        let name = bucket.to_owned();
        let bucket = Arc::new(Bucket { store, name });
        Ok(Self { bucket, prefix })
    }

    pub(crate) fn spot(&self, name: &str) -> Spot {
        let below = Path::from(name);
        Spot::Object(Object {
            key: self.prefix.parts().chain(below.parts()).collect(),
            bucket: self.bucket.clone(),
        })
    }
}

/// Without the credentials that the store knows.
impl Debug for Bucket {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.name, formatter)
    }
}

/// Bucket and prefix. The rules for names are those of S3, which keep out credentials and ports too.
fn parse(place: &str) -> Option<(&str, Path)> {
    let place = place.strip_prefix(SCHEME)?;
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_within = (SMALLEST_BUCKET_NAME..=LARGEST_BUCKET_NAME).contains(&bucket.len());
    let is_bucket = bucket
        .bytes()
        .all(|byte| is_good(byte) || b".-_".contains(&byte));
    let prefix = Path::parse(prefix).ok()?;
    (is_within && is_bucket).then_some((bucket, prefix))
}

impl Object {
    /// The bytes, or nothing if there is no such object; and which writing of it that was.
    pub(crate) async fn read(
        &self,
        bytes_max: usize,
    ) -> Result<(Option<Vec<u8>>, Edition), ObjectError> {
        let found = match self.bucket.store.get(&self.key).await {
            Ok(found) => found,
            Err(error) => match self.judge(&error) {
                ObjectError::Missing => return Ok((None, Edition::Nothing)),
                error => return Err(error),
            },
        };
        let edition = match &found.meta.e_tag {
            Some(tag) => Edition::Tagged(tag.clone()),
            None => Edition::Unknown,
        };
        let mut chunks = found.into_stream();
        let mut bytes = Vec::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| self.judge(&error))?;
            if bytes_max - bytes.len() < chunk.len() {
                return Err(ObjectError::TooLong { bytes_max });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok((Some(bytes), edition))
    }

    /// Whatever is there.
    pub(crate) async fn write(&self, bytes: Vec<u8>) -> Result<(), ObjectError> {
        self.put(bytes, PutMode::Overwrite).await
    }

    /// Only if nobody else wrote since it was read, where the store can say that.
    pub(crate) async fn replace(
        &self,
        bytes: Vec<u8>,
        edition: &Edition,
    ) -> Result<(), ObjectError> {
        let mode = match edition {
            Edition::Nothing => PutMode::Create,
            Edition::Tagged(tag) => PutMode::Update(UpdateVersion {
                e_tag: Some(tag.clone()),
                version: None,
            }),
            Edition::Unknown => PutMode::Overwrite,
        };
        match self.put(bytes.clone(), mode).await {
            Err(ObjectError::Unconditional) => self.write(bytes).await,
            result => result,
        }
    }

    pub(crate) fn beside(&self, ending: &str) -> Self {
        Self {
            key: Path::from(format!("{}{ending}", self.key)),
            bucket: self.bucket.clone(),
        }
    }

    async fn put(&self, bytes: Vec<u8>, mode: PutMode) -> Result<(), ObjectError> {
        let is_text = self
            .key
            .filename()
            .is_some_and(|name| name.starts_with(CHECKPOINT));
        let (kind, caching) = match is_text {
            true => (TEXT, CHECKPOINT_CACHING),
            false => (BYTES, FILE_CACHING),
        };
        let options = PutOptions {
            mode,
            attributes: Attributes::from_iter([
                (Attribute::ContentType, kind),
                (Attribute::CacheControl, caching),
            ]),
            ..PutOptions::default()
        };
        match self
            .bucket
            .store
            .put_opts(&self.key, bytes.into(), options)
            .await
        {
            Ok(_) => Ok(()),
            // Where an object is to be, only the bucket can be missing.
            Err(error) => Err(match self.judge(&error) {
                ObjectError::Missing => ObjectError::NoBucket {
                    bucket: self.bucket.name.clone(),
                },
                error => error,
            }),
        }
    }

    fn judge(&self, error: &object_store::Error) -> ObjectError {
        ObjectError::of(error, &self.bucket.name)
    }
}

impl Display for Object {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{SCHEME}{}/{}", self.bucket.name, self.key)
    }
}
