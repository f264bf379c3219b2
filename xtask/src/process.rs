//! Running other programs: shown before they start, standard input closed, a failure named by its command line.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};

/// Package registries are allowed to fail twice; a third failure is reported.
const ATTEMPTS_MAX: u32 = 3;
const PAUSE_BETWEEN_ATTEMPTS: Duration = Duration::from_secs(5);

/// Runs the command with its output shown. Any exit code but zero is an error.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = command_line(command);
    eprintln!("$ {line}");
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Like `run`, for installers: what they print goes to standard error, which leaves standard
/// output to the result of the task.
pub fn run_installer(command: &mut Command) -> anyhow::Result<()> {
    run(command.stdout(std::io::stderr()))
}

/// Runs the command and returns what it printed; its error output stays visible.
pub fn read(command: &mut Command) -> anyhow::Result<String> {
    let line = command_line(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` ended with {}", output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{line}` printed bytes that are not UTF-8"))
}

/// Repeats an installation step that talks to a package registry.
pub fn with_retries(
    what: &str,
    mut attempt: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut number = 1;
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(error) if number == ATTEMPTS_MAX => {
                return Err(error.context(format!(
                    "could not install {what} in {ATTEMPTS_MAX} attempts"
                )));
            }
            Err(error) => {
                eprintln!("installing {what}: attempt {number} failed ({error:#}), trying again")
            }
        }
        thread::sleep(PAUSE_BETWEEN_ATTEMPTS);
        number += 1;
    }
}

fn command_line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
