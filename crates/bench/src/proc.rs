//! What the kernel says of this process.

use std::time::Duration;

/// Resident memory, bytes.
pub fn resident() -> u64 {
    status("/proc/self/status", "VmRSS:").map_or(0, |kilobytes| kilobytes * 1_024)
}

/// Processor time that this process has used, in user code and in the kernel.
pub fn processor_time() -> Duration {
    // The kernel reports it in hundredths of a second, whatever its own tick (proc(5), USER_HZ).
    let ticks = std::fs::read_to_string("/proc/self/stat")
        .ok()
        .and_then(|text| {
            let (_, behind_name) = text.rsplit_once(')')?;
            let fields: Vec<&str> = behind_name.split_whitespace().collect();
            let ticks = |place: usize| fields.get(place)?.parse::<u64>().ok();
            Some(ticks(11)? + ticks(12)?)
        });
    Duration::from_millis(10 * ticks.unwrap_or(0))
}

/// Bytes that this process has sent towards the disk.
pub fn written() -> u64 {
    status("/proc/self/io", "write_bytes:").unwrap_or(0)
}

fn status(file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
