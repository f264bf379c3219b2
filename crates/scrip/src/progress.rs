//! The progress bar of what takes long.

use std::fmt::Write;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// A bar that tells what is done, the rate in whole things a second, and the time that is left.
pub fn bar(what: &'static str, length: u64) -> anyhow::Result<ProgressBar> {
    let template = format!("{what} {{bar:40}} {{human_pos}}/{{human_len}} {{rate}} {{eta}}");
    let style = ProgressStyle::with_template(&template).context("the progress bar's template")?;
    let rate = |state: &ProgressState, out: &mut dyn Write| {
        // A terminal that takes no text has no bar either.
        let _ = write!(out, "{:.0}/s", state.per_sec());
    };
    let bar = ProgressBar::new(length);
    bar.set_style(style.with_key("rate", rate));
    Ok(bar)
}
