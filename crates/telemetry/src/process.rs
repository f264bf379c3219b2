//! The process as the operating system sees it, under the names that every client library of Prometheus gives.

use std::fs;

use ids::time::Timestamp;

use crate::family::Family;

/// What Linux tells of the process itself in `/proc`, which is what a unit of systemd may see of it; elsewhere nothing but when it
/// started.
pub fn families(started_at: Timestamp) -> Vec<Family> {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let cpu = cpu_seconds(&stat).map(|seconds| {
        let (name, help) = ("process_cpu_seconds", "Processor time, of user and system.");
        Family::counter(name, help, seconds)
    });
    let gauge =
        |name, help, value: Option<f64>| value.map(|value| Family::gauge(name, help, value));
    let open = fs::read_dir("/proc/self/fd").map(|files| files.count() as f64);
    [
        cpu,
        gauge(
            "process_resident_memory_bytes",
            "Memory that is really held.",
            status_number(&status, "VmRSS").map(|kibibytes| kibibytes * 1024.0),
        ),
        gauge(
            "process_threads",
            "Threads.",
            status_number(&status, "Threads"),
        ),
        gauge("process_open_fds", "Open files and connections.", open.ok()),
        gauge(
            "process_max_fds",
            "As many may be open.",
            open_files_max(&limits),
        ),
        gauge(
            "process_start_time_seconds",
            "When it started, seconds since 1970.",
            Some(started_at.0 as f64 / 1_000.0),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Ticks in a second: the kernel tells it to nobody but C libraries, and it has been the same for twenty years.
const TICKS_PER_SECOND: f64 = 100.0;

/// Fields of `proc(5)`, counted from 1; the second one may hold anything, in parentheses.
fn field(stat: &str, number: usize) -> Option<f64> {
    let (_, behind) = stat.rsplit_once(')')?;
    behind.split_whitespace().nth(number - 3)?.parse().ok()
}

fn cpu_seconds(stat: &str) -> Option<f64> {
    Some((field(stat, 14)? + field(stat, 15)?) / TICKS_PER_SECOND)
}

fn status_number(status: &str, name: &str) -> Option<f64> {
    let mut lines = status.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    value.split_whitespace().next()?.parse().ok()
}

/// The soft limit; none where there is no limit.
fn open_files_max(limits: &str) -> Option<f64> {
    let mut lines = limits.lines();
    let value = lines.find_map(|line| line.strip_prefix("Max open files"))?;
    value.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests;
