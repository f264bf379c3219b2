//! `fdatasync` alone: what the disk takes for one durable write.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::figures::Figures;
use crate::load::quantile;

const BLOCK: usize = 4_096;
const BLOCKS: u64 = 4_096;

pub fn measure(directory: &Path, duration: Duration, figures: &mut Figures) -> anyhow::Result<()> {
    let mut file = File::create(directory.join("sync"))?;
    let block = [0x5a; BLOCK];
    for _ in 0..BLOCKS {
        file.write_all(&block)?;
    }
    file.sync_all()?;
    let mut times = Vec::new();
    let end = Instant::now() + duration.min(Duration::from_secs(5));
    while Instant::now() < end {
        let place = times.len() as u64 % BLOCKS * BLOCK as u64;
        file.seek(SeekFrom::Start(place))?;
        file.write_all(&block)?;
        let start = Instant::now();
        file.sync_data()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    figures.put("sync.p50", micros(quantile(&times, 0.5)), "us");
    figures.put("sync.p99", micros(quantile(&times, 0.99)), "us");
    Ok(())
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
