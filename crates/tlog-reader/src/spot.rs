//! Where the bytes of one file are kept, or are to be.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use crate::durable;
use crate::error::{FetchError, ReadError};
use crate::objects::Object;
use crate::objects::failure::ObjectError;
use crate::source::read_file;

/// A place for one file, which is there whole or not at all.
#[derive(Clone, Debug)]
pub enum Spot {
    File(PathBuf),
    Object(Object),
}

/// Which writing of a file was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// None; there was no file.
    Nothing,
    /// The one that the store gave this name to.
    Tagged(String),
    /// One that nothing tells from another.
    Unknown,
}

impl Spot {
    /// Nothing if there is no file.
    pub(crate) async fn read(&self, bytes_max: usize) -> Result<Option<Vec<u8>>, FetchError> {
        Ok(self.read_edition(bytes_max).await?.0)
    }

    pub(crate) async fn read_edition(
        &self,
        bytes_max: usize,
    ) -> Result<(Option<Vec<u8>>, Edition), FetchError> {
        match self {
            Self::File(path) => Ok((read_file(path, bytes_max).await?, Edition::Unknown)),
            Self::Object(object) => Ok(object.read(bytes_max).await?),
        }
    }

    /// When this returns, the bytes stay.
    pub(crate) async fn write(self, bytes: Vec<u8>) -> Result<(), ReadError> {
        match self {
            Self::File(path) => durable::write(path, bytes).await,
            Self::Object(object) => stored(&object, object.write(bytes).await),
        }
    }

    /// The same, unless somebody else has written in the meantime and the store says so. In a directory nobody else
    /// can, while it is locked.
    pub(crate) async fn replace(&self, bytes: Vec<u8>, read: &Edition) -> Result<(), ReadError> {
        match self {
            Self::File(path) => durable::write(path.clone(), bytes).await,
            Self::Object(object) => stored(object, object.replace(bytes, read).await),
        }
    }

    /// Another one, whose name begins with the name of this one.
    pub(crate) fn beside(&self, ending: &str) -> Self {
        match self {
            Self::File(path) => {
                let mut path = path.as_os_str().to_owned();
                path.push(ending);
                Self::File(path.into())
            }
            Self::Object(object) => Self::Object(object.beside(ending)),
        }
    }
}

impl Display for Spot {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(formatter),
            Self::Object(object) => object.fmt(formatter),
        }
    }
}

fn stored(object: &Object, result: Result<(), ObjectError>) -> Result<(), ReadError> {
    result.map_err(|why| match why {
        ObjectError::Overtaken => ReadError::Overtaken {
            spot: Spot::Object(object.clone()),
        },
        why => ReadError::Store {
            place: object.to_string(),
            why,
        },
    })
}
