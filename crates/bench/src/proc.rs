//! What the kernel says of this process.

use std::time::Duration;

/// Resident memory, bytes.
pub fn resident() -> u64 {
    status("/proc/self/status", "VmRSS:").map_or(0, |kilobytes| kilobytes * 1_024)
}

/// What the kernel tells of a process. Times are in hundredths of a second, whatever its own tick (proc(5), USER_HZ).
#[derive(Clone, Copy, Default)]
struct Stat {
    parent: u64,
    ticks: u64,
    /// Of children that have ended.
    ticks_of_children: u64,
}

/// Processor time that this process has used, in user code and in the kernel.
pub fn processor_time() -> Duration {
    let stat = stat("self").unwrap_or_default();
    Duration::from_millis(10 * stat.ticks)
}

/// Processor time that a process and its children have used, those included that have ended.
pub fn processor_time_of_family(process: u32) -> Duration {
    let own = stat(&process.to_string()).unwrap_or_default();
    let processes = std::fs::read_dir("/proc").into_iter().flatten();
    let stats = processes.filter_map(|entry| stat(entry.ok()?.file_name().to_str()?));
    let children = stats.filter(|stat| stat.parent == u64::from(process));
    let ticks = children.map(|child| child.ticks + child.ticks_of_children);
    Duration::from_millis(10 * (own.ticks + own.ticks_of_children + ticks.sum::<u64>()))
}

fn stat(process: &str) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, behind_name) = text.rsplit_once(')')?;
    let fields: Vec<&str> = behind_name.split_whitespace().collect();
    let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some(Stat {
        parent: number(1)?,
        ticks: number(11)? + number(12)?,
        ticks_of_children: number(13)? + number(14)?,
    })
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
