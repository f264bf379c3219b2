//! Many clients: a till that sells vouchers, payers who type PINs, and a shop. They use the public API and the payer's
//! pages alone, repeat with the same key what got no answer, and keep what they were told.

mod caller;
mod family;
pub mod tally;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::checker::history::History;
use crate::clients::caller::Caller;
use crate::clients::family::Family;
use crate::clients::tally::Tally;
use crate::parties::{Parties, TRADES};

/// Vouchers in use at a time.
const FAMILIES: u8 = 6;
/// Clients that use one voucher at a time.
const CLIENTS_OF_FAMILY: u8 = 3;
/// The longest pause between two calls of a client.
const PAUSE_MS_MAX: u64 = 60;

/// Vouchers that are looked at for the last time at once.
const LAST_LOOKS_MAX: usize = 12;

/// The clients at work.
pub struct Crowd {
    pub tally: Arc<Tally>,
    stop: Arc<AtomicBool>,
    work: JoinSet<anyhow::Result<Vec<Family>>>,
}

impl Crowd {
    /// Sets the clients to work.
    pub fn start(parties: &Parties, chance: &mut StdRng) -> anyhow::Result<Crowd> {
        let tally = Arc::new(Tally::new(Instant::now()));
        let stop = Arc::new(AtomicBool::new(false));
        let mut work = JoinSet::new();
        for place in 0..FAMILIES {
            let callers = (0..CLIENTS_OF_FAMILY)
                .map(|member| {
                    Caller::new(
                        place * CLIENTS_OF_FAMILY + member,
                        parties,
                        Arc::clone(&tally),
                    )
                })
                .collect::<anyhow::Result<Vec<Caller>>>()?;
            let chance = StdRng::seed_from_u64(chance.random());
            work.spawn(families(
                callers,
                Arc::clone(&stop),
                chance,
                usize::from(place),
            ));
        }
        Ok(Crowd { tally, stop, work })
    }

    /// Lets everyone finish what is under way, and looks at everything once more.
    pub async fn finish(mut self) -> anyhow::Result<Vec<History>> {
        self.stop.store(true, Ordering::Relaxed);
        let turns = Arc::new(Semaphore::new(LAST_LOOKS_MAX));
        let mut looks = JoinSet::new();
        while let Some(done) = self.work.join_next().await {
            for family in done?? {
                let turns = Arc::clone(&turns);
                looks.spawn(async move {
                    let _turn = turns.acquire().await?;
                    family.close().await
                });
            }
        }
        let mut histories = Vec::new();
        while let Some(looked) = looks.join_next().await {
            histories.push(looked??);
        }
        Ok(histories)
    }
}

/// One voucher after the other, each used by all callers at once.
async fn families(
    callers: Vec<Caller>,
    stop: Arc<AtomicBool>,
    mut chance: StdRng,
    place: usize,
) -> anyhow::Result<Vec<Family>> {
    let mut families = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let number = place + families.len() * usize::from(FAMILIES);
        let trade = &TRADES[number % TRADES.len()];
        let Some(family) = Family::found(&callers[0], trade, &stop).await? else {
            break;
        };
        let mut members = JoinSet::new();
        for caller in &callers {
            let (caller, family, stop) = (caller.clone(), family.clone(), Arc::clone(&stop));
            let chance = StdRng::seed_from_u64(chance.random());
            members.spawn(member(caller, family, stop, chance));
        }
        while let Some(done) = members.join_next().await {
            done??;
        }
        families.push(family);
    }
    Ok(families)
}

async fn member(
    caller: Caller,
    family: Family,
    stop: Arc<AtomicBool>,
    mut chance: StdRng,
) -> anyhow::Result<()> {
    while !stop.load(Ordering::Relaxed) && !family.is_old() {
        family.act(&caller, &mut chance).await?;
        let pause = chance.random_range(0..=PAUSE_MS_MAX);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    Ok(())
}
