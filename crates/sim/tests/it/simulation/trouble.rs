//! What goes wrong with machines and with the ways between them.

use std::time::Duration;

use ids::time::Span;
use sim::network::{Distance, Weather};
use sim::schedule::Schedule;
use tokio::time::sleep;

use crate::simulation::world::World;

/// Troubles of one simulation at most.
const TROUBLES_MAX: u64 = 12;

/// How bad it is this time; some seeds are calm in some respects.
pub fn weather(schedule: &Schedule) -> Weather {
    let choose = |choices: [u32; 4]| choices[schedule.below(4) as usize];
    Weather {
        lost_requests: choose([0, 0, 5, 40]),
        lost_answers: choose([0, 0, 5, 40]),
        doubled_requests: choose([0, 0, 50, 200]),
        late: choose([0, 0, 3, 15]),
        conflicts: choose([0, 10, 100, 650]),
        refusals: choose([0, 0, 0, 30]),
        crashes: choose([0, 0, 1, 6]),
        distance: Distance::Some,
    }
}

/// One trouble after the other.
pub async fn make(world: World) {
    let count = world.schedule().below(TROUBLES_MAX);
    for _ in 0..count {
        let pause = world.schedule().below(800);
        sleep(Duration::from_millis(pause)).await;
        make_one(&world);
    }
}

fn make_one(world: &World) {
    let schedule = world.schedule();
    let place = world.any_machine();
    let machine = &world.machines()[place];
    match schedule.below(100) {
        0..20 => {
            if let Some(process) = world.process(place) {
                schedule.note("crash", machine.number, 0);
                process.life.crash();
            }
        }
        20..40 => pause(world, place),
        40..58 => {
            let by = jump(schedule);
            schedule.note("clock jumps", machine.number, by.0 as u64);
            machine.jump(by);
        }
        58..85 => {
            let by = passage(schedule);
            schedule.note("time passes", 0, by.0 as u64);
            world.machines().iter().for_each(|machine| machine.jump(by));
        }
        _ => cut(world, place),
    }
}

fn pause(world: &World, place: usize) {
    let schedule = world.schedule();
    let Some(process) = world.process(place) else {
        return;
    };
    let ms = match schedule.below(3) {
        0 => schedule.below(300),
        1 => schedule.below(3_000),
        // Longer than any lease lasts.
        _ => 6_000 + schedule.below(4_000),
    };
    schedule.note("pause", place as u64, ms);
    process.life.pause();
    schedule.spawn(async move {
        sleep(Duration::from_millis(ms)).await;
        process.life.resume();
    });
}

fn cut(world: &World, place: usize) {
    let (network, number) = (world.network().clone(), place as u64);
    let ms = world.schedule().below(5_000);
    world.schedule().note("cut off", number, ms);
    network.cut(number);
    world.schedule().spawn(async move {
        sleep(Duration::from_millis(ms)).await;
        network.mend(number);
    });
}

/// By how much one clock jumps, to either side.
fn jump(schedule: &Schedule) -> Span {
    let most = match schedule.below(10) {
        0..5 => Span::SECOND.times(10),
        5..9 => Span::MINUTE.times(20),
        _ => Span::HOUR.times(3),
    };
    let by = schedule.below(most.0 as u64 * 2) as i64 - most.0;
    Span(by)
}

/// How much time passes for all.
fn passage(schedule: &Schedule) -> Span {
    let most = match schedule.below(10) {
        0..4 => Span::MINUTE,
        4..7 => Span::MINUTE.times(40),
        7..9 => Span::HOUR.times(30),
        _ => Span::DAY.times(6),
    };
    Span(schedule.below(most.0 as u64) as i64)
}
