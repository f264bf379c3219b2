//! What the kernel says of this process.

/// Resident memory, bytes.
pub fn resident() -> u64 {
    status("/proc/self/status", "VmRSS:").map_or(0, |kilobytes| kilobytes * 1_024)
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
