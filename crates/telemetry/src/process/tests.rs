use ids::time::Timestamp;

use super::{cpu_seconds, families, field, open_files_max, status_number};

#[test]
fn a_name_with_parentheses_and_spaces_hides_no_field() {
    let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 9 0 0 0 250 50 0 0 20 0 3 0 4242 1 1";
    assert_eq!(cpu_seconds(stat), Some(3.0));
    assert_eq!(field(stat, 22), Some(4242.0));
    assert_eq!(cpu_seconds(""), None);
}

#[test]
fn lines_of_the_kernel_are_found_by_their_whole_name() {
    let status = "VmRSSx:\t1 kB\nVmRSS:\t  2048 kB\nThreads:\t5\n";
    assert_eq!(status_number(status, "VmRSS"), Some(2048.0));
    assert_eq!(status_number(status, "Threads"), Some(5.0));
    let limits = "Max open files            1024                 4096                 files\n";
    assert_eq!(open_files_max(limits), Some(1024.0));
    let limits = "Max open files            unlimited            unlimited            files\n";
    assert_eq!(open_files_max(limits), None);
}

#[test]
#[cfg(target_os = "linux")]
fn this_process_is_told_of() {
    let families = families(Timestamp(1_500));
    let names: Vec<&str> = families.iter().map(|family| family.name).collect();
    for name in [
        "process_cpu_seconds",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_start_time_seconds",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
}
