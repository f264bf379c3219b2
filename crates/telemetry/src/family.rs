//! Metrics as plain data, and their text form.

use std::fmt;

use engine::figures::times::Times;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

/// All samples of one name.
#[derive(Clone, Debug)]
pub struct Family {
    /// Without the ending `_total` of counters.
    pub name: &'static str,
    pub help: &'static str,
    pub samples: Samples,
}

/// Samples with their labels.
#[derive(Clone, Debug)]
pub enum Samples {
    Counters(Vec<(Labels, f64)>),
    Gauges(Vec<(Labels, f64)>),
    Histograms(Vec<(Labels, Distribution)>),
}

/// Names and values.
pub type Labels = Vec<(&'static str, String)>;

/// How many took how long.
#[derive(Clone, Debug)]
pub struct Distribution {
    sum_seconds: f64,
    count: u64,
    /// Upper bounds in seconds, each with how many are between it and the one before.
    buckets: Vec<(f64, u64)>,
}

/// Bounds of times that are told: each doubling from 2^13 ns, which is 8 microseconds, to 2^34 ns, which is 17 seconds.
const BOUNDS: std::ops::Range<u32> = 13..35;

impl Family {
    pub fn gauge(name: &'static str, help: &'static str, value: f64) -> Family {
        Family::gauges(name, help, vec![(Vec::new(), value)])
    }

    pub fn gauges(name: &'static str, help: &'static str, samples: Vec<(Labels, f64)>) -> Family {
        Family {
            name,
            help,
            samples: Samples::Gauges(samples),
        }
    }

    pub fn counter(name: &'static str, help: &'static str, value: f64) -> Family {
        Family::counters(name, help, vec![(Vec::new(), value)])
    }

    pub fn counters(name: &'static str, help: &'static str, samples: Vec<(Labels, f64)>) -> Family {
        Family {
            name,
            help,
            samples: Samples::Counters(samples),
        }
    }

    pub fn times(
        name: &'static str,
        help: &'static str,
        samples: Vec<(Labels, Distribution)>,
    ) -> Family {
        Family {
            name,
            help,
            samples: Samples::Histograms(samples),
        }
    }
}

/// One label.
pub fn label(name: &'static str, value: impl Into<String>) -> Labels {
    vec![(name, value.into())]
}

impl Distribution {
    pub fn of(times: &Times) -> Distribution {
        let (below, count) = times.below(BOUNDS);
        let mut buckets = Vec::with_capacity(below.len() + 1);
        let mut before = 0;
        for (power, below) in BOUNDS.zip(below) {
            let bound = 2_f64.powi(power as i32) / 1e9;
            buckets.push((bound, below - before));
            before = below;
        }
        buckets.push((f64::INFINITY, count - before));
        Distribution {
            sum_seconds: times.sum().as_secs_f64(),
            count,
            buckets,
        }
    }
}

/// The OpenMetrics text format, version 1.0.0.
pub fn to_text(families: Vec<Family>) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Families(families)));
    let mut written = String::new();
    text::encode(&mut written, &registry).expect("a text takes what is written");
    written
}

#[derive(Debug)]
struct Families(Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|family| family.encode(&mut encoder))
    }
}

impl Family {
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let kind = match self.samples {
            Samples::Counters(_) => MetricType::Counter,
            Samples::Gauges(_) => MetricType::Gauge,
            Samples::Histograms(_) => MetricType::Histogram,
        };
        let mut family = encoder.encode_descriptor(self.name, self.help, None, kind)?;
        match &self.samples {
            Samples::Counters(samples) => write_all(&mut family, samples, |value, sample| {
                sample.encode_counter::<NoLabelSet, f64, f64>(value, None)
            }),
            Samples::Gauges(samples) => write_all(&mut family, samples, |value, sample| {
                sample.encode_gauge(value)
            }),
            Samples::Histograms(samples) => write_all(&mut family, samples, |times, sample| {
                let Distribution {
                    sum_seconds,
                    count,
                    buckets,
                } = times;
                sample.encode_histogram::<NoLabelSet>(*sum_seconds, *count, buckets, None)
            }),
        }
    }
}

fn write_all<T>(
    family: &mut MetricEncoder<'_>,
    samples: &[(Labels, T)],
    write: impl Fn(&T, &mut MetricEncoder<'_>) -> fmt::Result,
) -> fmt::Result {
    samples.iter().try_for_each(|(labels, value)| {
        // The library would write empty braces.
        if labels.is_empty() {
            return write(value, family);
        }
        write(value, &mut family.encode_family(labels)?)
    })
}

#[cfg(test)]
mod tests;
