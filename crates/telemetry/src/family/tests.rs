use std::time::Duration;

use engine::figures::times::Times;

use super::{Distribution, Family, label, to_text};

#[test]
fn families_are_written_as_openmetrics_says() {
    let requests = [("a\"b\\c\nd", 2.0), ("plain", 3.0)];
    let requests = requests.map(|(route, count)| (label("route", route), count));
    let families = vec![
        Family::counters("scrip_requests", "Requests.", requests.to_vec()),
        Family::gauge("scrip_waiting", "What waits.", 0.5),
        Family::gauges("scrip_nothing", "Nothing yet.", Vec::new()),
    ];
    let expected = "\
# HELP scrip_requests Requests.
# TYPE scrip_requests counter
scrip_requests_total{route=\"a\\\"b\\\\c\\nd\"} 2.0
scrip_requests_total{route=\"plain\"} 3.0
# HELP scrip_waiting What waits.
# TYPE scrip_waiting gauge
scrip_waiting 0.5
# HELP scrip_nothing Nothing yet.
# TYPE scrip_nothing gauge
# EOF
";
    assert_eq!(to_text(families), expected);
}

#[test]
fn buckets_count_what_is_below_their_bound() {
    let times = Times::default();
    for microseconds in [5, 10, 20, 1_000, 60_000_000] {
        times.note(Duration::from_micros(microseconds));
    }
    let samples = vec![(Vec::new(), Distribution::of(&times))];
    let text = to_text(vec![Family::times("scrip_seconds", "Times.", samples)]);
    let lines: Vec<&str> = text.lines().collect();
    for line in [
        "scrip_seconds_count 5",
        "scrip_seconds_sum 60.001035",
        "scrip_seconds_bucket{le=\"0.000008192\"} 1",
        "scrip_seconds_bucket{le=\"0.000016384\"} 2",
        "scrip_seconds_bucket{le=\"0.000032768\"} 3",
        "scrip_seconds_bucket{le=\"0.001048576\"} 4",
        "scrip_seconds_bucket{le=\"17.179869184\"} 4",
        "scrip_seconds_bucket{le=\"+Inf\"} 5",
    ] {
        assert!(lines.contains(&line), "{line} is not in\n{text}");
    }
}
