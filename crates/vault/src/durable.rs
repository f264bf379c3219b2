//! Names that survive a power cut.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes a name that was just created, renamed or removed beside `path` durable.
///
/// Syncing a file does not sync the directory entry that names it (fsync(2)).
pub(crate) fn sync_directory_of(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let directory = parent.unwrap_or(Path::new("."));
    if cfg!(unix) {
        File::open(directory)?.sync_all()
    } else {
        Ok(())
    }
}
