//! Running programs to their end, and telling what they said where that goes wrong.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// Runs the command and answers what it printed. Any exit code but zero is an error with all of its output.
pub fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start {}", in_words(command)))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} ended with {}: {said}{complaint}",
            in_words(command),
            output.status
        );
    }
    Ok(said)
}

/// Program and arguments; not the variables, among which are passwords.
pub fn in_words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    format!("`{}`", words.join(" "))
}

#[cfg(test)]
mod tests;
