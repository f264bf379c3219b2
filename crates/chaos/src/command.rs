//! Running programs to their end, and telling what they said where that goes wrong.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// Runs the command and answers what it printed. Any exit code but zero is an error with all of its output.
pub fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{command:?} ended with {}: {said}{complaint}",
            output.status
        );
    }
    Ok(said)
}
