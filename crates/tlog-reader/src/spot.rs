//! Where the bytes of one file are kept, or are to be.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use crate::durable;
use crate::error::{FetchError, ReadError};
use crate::source::read_file;

/// A place for one file, which is there whole or not at all.
#[derive(Clone, Debug)]
pub struct Spot(pub PathBuf);

impl Spot {
    /// Nothing if there is no file.
    pub(crate) async fn read(&self, bytes_max: usize) -> Result<Option<Vec<u8>>, FetchError> {
        read_file(&self.0, bytes_max).await
    }

    /// When this returns, the bytes stay.
    pub(crate) async fn write(self, bytes: Vec<u8>) -> Result<(), ReadError> {
        durable::write(self.0, bytes).await
    }

    /// Another one, whose name begins with the name of this one.
    pub(crate) fn beside(&self, ending: &str) -> Self {
        let mut path = self.0.as_os_str().to_owned();
        path.push(ending);
        Self(path.into())
    }
}

impl Display for Spot {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(formatter)
    }
}
