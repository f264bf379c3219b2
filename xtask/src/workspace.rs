//! Where the workspace lies and which files belong to it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::process;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies directly below the workspace root")
        .to_path_buf()
}

/// A file of the project. `path` is relative to the root, with forward slashes.
pub struct ProjectFile {
    pub path: String,
    pub bytes: Vec<u8>,
}

impl ProjectFile {
    /// The text, or nothing when the file is binary.
    pub fn text(&self) -> Option<&str> {
        if self.bytes.contains(&0) {
            None
        } else {
            std::str::from_utf8(&self.bytes).ok()
        }
    }

    pub fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| found == extension)
    }

    pub fn is_named(&self, name: &str) -> bool {
        Path::new(&self.path)
            .file_name()
            .is_some_and(|found| found == name)
    }
}

/// Every file that git tracks or would track: what is ignored is left out, what is new is not.
pub fn files(root: &Path) -> anyhow::Result<Vec<ProjectFile>> {
    let listing = process::read(Command::new("git").current_dir(root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let mut paths: Vec<&str> = listing
        .split('\0')
        .filter(|path| !path.is_empty())
        .collect();
    paths.sort_unstable();
    paths.dedup();
    let present = paths.into_iter().filter(|path| root.join(path).is_file());
    present
        .map(|path| {
            let bytes =
                std::fs::read(root.join(path)).with_context(|| format!("could not read {path}"))?;
            Ok(ProjectFile {
                path: path.to_owned(),
                bytes,
            })
        })
        .collect()
}
