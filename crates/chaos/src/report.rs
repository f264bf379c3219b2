//! What a run found, as text and as a table.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::checker::history::History;
use crate::checker::money::{self, Totals};
use crate::checker::search;
use crate::clients::tally::Refusals;
use crate::fault::Fault;

/// The longest of each kind of failure, over all rounds.
#[derive(Default)]
pub struct Figures(BTreeMap<Fault, Worst>);

#[derive(Default)]
struct Worst {
    times: usize,
    standstill: Duration,
    standstill_sum: Duration,
    waited_max: Duration,
    failed: usize,
    done: usize,
}

impl Figures {
    pub fn add(&mut self, fault: Fault, refusals: &Refusals) {
        let worst = self.0.entry(fault).or_default();
        worst.times += 1;
        worst.standstill = worst.standstill.max(refusals.standstill);
        worst.standstill_sum += refusals.standstill;
        worst.waited_max = worst.waited_max.max(refusals.waited_max);
        worst.failed += refusals.failed;
        worst.done += refusals.done;
    }

    /// A table in Markdown.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "| failure | times | no command went through, mean | longest | longest wait of one caller | failed attempts | commands |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        );
        for (fault, worst) in &self.0 {
            let mean = worst.standstill_sum.as_secs_f64() / worst.times.max(1) as f64;
            text.push_str(&format!(
                "| {} | {} | {mean:.1} s | {:.1} s | {:.1} s | {} | {} |\n",
                fault.name(),
                worst.times,
                worst.standstill.as_secs_f64(),
                worst.waited_max.as_secs_f64(),
                worst.failed,
                worst.done,
            ));
        }
        text
    }
}

/// One failure in a line.
pub fn line(fault: &str, refusals: &Refusals) -> String {
    let ways: Vec<String> = refusals
        .ways
        .iter()
        .map(|(way, count)| format!("{count} x {way}"))
        .collect();
    format!(
        "{:<24} standstill {:>5.2} s, longest wait {:>5.2} s, {} commands, {} failed attempts ({})",
        fault,
        refusals.standstill.as_secs_f64(),
        refusals.waited_max.as_secs_f64(),
        refusals.done,
        refusals.failed,
        ways.join(", "),
    )
}

/// What is wrong with the histories of a round; nothing where all is well.
pub fn faults(histories: &[History]) -> Vec<String> {
    let mut faults: Vec<String> = histories
        .iter()
        .filter_map(|history| {
            let fault = search::judge(history).err()?;
            Some(format!(
                "a voucher's history is not right: {fault:#?}\npayments of {:?}",
                history.amounts
            ))
        })
        .collect();
    for (currency, totals) in money::totals(histories) {
        let Totals {
            sold,
            left,
            held,
            with_shop,
        } = totals;
        println!("{currency}: sold {sold}, left {left}, held {held}, with the shop {with_shop}");
        if totals.missing() != 0 {
            faults.push(format!(
                "{currency}: {} is missing of {totals:?}",
                totals.missing()
            ));
        }
    }
    faults
}
