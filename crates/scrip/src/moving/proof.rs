//! The proof that nothing changed: every entry and message compared, both sides audited, all figures the same. A payer that
//! the source has erased meanwhile is erased on the way.

use anyhow::bail;
use ids::command::Sequence;
use store::audit::AuditReport;
use store::moving::{Movable, Source};

use crate::backend::Backend;
use crate::moving::erased::is_same;
use crate::moving::{Ends, erased, messages, seeds};
use crate::progress::bar;

const PAGE: usize = 2_000;

/// Fails if anything differs, and prints the figures of both.
pub async fn require_equal(ends: &Ends, from: &Backend, to: &Backend) -> anyhow::Result<()> {
    let (source, target) = (from.movable(), to.movable());
    let ends_at = [source.extent().await?, target.extent().await?];
    if ends_at[0] != ends_at[1] {
        bail!("the two sides end at different places: {ends_at:?}");
    }
    require_equal_entries(&*source, &*target, ends_at[0].head).await?;
    messages::require_equal(&*source, &*target).await?;
    seeds::require_equal(&*source, &*target).await?;
    println!("every entry and every message is the same on both sides; auditing them");
    let (before, after) = (from.audit().await?, to.audit().await?);
    print_side_by_side(ends, &before, &after);
    for (place, report) in [(&ends.from, &before), (&ends.to, &after)] {
        for difference in &report.differences {
            println!("DIFFERENCE in {}: {difference}", place.text());
        }
    }
    if !before.is_sound() || !after.is_sound() {
        bail!("an audit found differences; nothing was switched over");
    }
    if before.figures != after.figures {
        bail!("the audits differ; nothing was switched over");
    }
    println!("everything agrees with the journal, on both sides");
    Ok(())
}

fn print_side_by_side(ends: &Ends, before: &AuditReport, after: &AuditReport) {
    println!("figure: {} | {}", ends.from.text(), ends.to.text());
    let length = before.figures.len().max(after.figures.len());
    let none = (String::new(), "nothing".to_owned());
    for place in 0..length {
        let [ours, theirs] =
            [before, after].map(|report| report.figures.get(place).unwrap_or(&none));
        let names = if ours.0 == theirs.0 {
            ours.0.clone()
        } else {
            format!("{} / {}", ours.0, theirs.0)
        };
        println!("{names}: {} | {}", ours.1, theirs.1);
    }
}

async fn require_equal_entries(
    source: &dyn Source,
    target: &dyn Movable,
    head: Sequence,
) -> anyhow::Result<()> {
    let bar = bar("comparing", head.0)?;
    let mut at = Sequence(0);
    while at < head {
        let (ours, theirs) =
            tokio::join!(source.read_entries(at, PAGE), target.read_entries(at, PAGE));
        let (ours, theirs) = (ours?, theirs?);
        let mut pairs = ours.iter().zip(&theirs);
        let same = ours.len() == theirs.len() && pairs.all(|(ours, theirs)| is_same(ours, theirs));
        if same {
            let pairs = ours.iter().zip(&theirs);
            for (ours, _) in pairs.filter(|(ours, theirs)| ours != theirs) {
                erased::erase(target, ours).await?;
            }
        }
        let last = ours.last().filter(|_| same);
        let Some(last) = last else {
            bail!(
                "the journals differ behind entry {}; nothing was switched over",
                at.0
            );
        };
        at = last.sequence();
        bar.set_position(at.0);
    }
    bar.finish_and_clear();
    Ok(())
}
