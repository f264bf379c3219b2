//! Where a log is read from.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::AsyncReadExt;
use url::Url;
use verifier::walk::LogFile;

use crate::error::{FetchError, ReadError};
pub use crate::http::Patience;
use crate::http::Server;
use crate::objects::Objects;

pub enum Source {
    Server(Server),
    Directory(PathBuf),
    Objects(Objects),
}

impl Source {
    /// An address of a server, or else the path of a directory.
    pub fn open(place: &str, patience: Patience) -> Result<Self, ReadError> {
        let is_address = place.starts_with("http://") || place.starts_with("https://");
        let directory = Path::new(place);
        match Url::parse(place) {
            Ok(prefix) if is_address => Ok(Self::Server(Server::new(prefix, patience)?)),
            _ if !is_address && directory.is_dir() => Ok(Self::Directory(directory.to_owned())),
            _ => Err(ReadError::Place {
                place: place.to_owned(),
            }),
        }
    }

    /// The bytes of a file, or nothing if it is not there.
    pub async fn read(&self, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, ReadError> {
        let bytes = match self {
            Self::Server(server) => server.fetch(path, bytes_max).await,
            Self::Directory(directory) => read_file(&directory.join(path), bytes_max).await,
            Self::Objects(objects) => objects.spot(path).read(bytes_max).await,
        };
        bytes.map_err(|why| ReadError::Fetch {
            path: path.to_owned(),
            why,
        })
    }

    /// A tile or bundle. A log may have deleted a partial one for the full one, which begins with it.
    pub async fn read_log_file(&self, file: LogFile) -> Result<Vec<u8>, ReadError> {
        let path = file.to_string();
        if let Some(bytes) = self.read(&path, file.bytes_max()).await? {
            return Ok(bytes);
        }
        if let Some(full) = file.full()
            && let Some(bytes) = self.read(&full.to_string(), full.bytes_max()).await?
        {
            let cut = file.cut_from(&bytes).map(<[u8]>::to_vec);
            return cut.map_err(|failure| ReadError::Refused { path, failure });
        }
        Err(ReadError::Missing { path })
    }
}

/// Nothing if there is no such file.
pub(crate) async fn read_file(
    path: &Path,
    bytes_max: usize,
) -> Result<Option<Vec<u8>>, FetchError> {
    let file = match File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FetchError::Disk(error)),
    };
    let mut bytes = Vec::new();
    let limit = bytes_max as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).await?;
    if bytes_max < bytes.len() {
        return Err(FetchError::TooLong { bytes_max });
    }
    Ok(Some(bytes))
}
