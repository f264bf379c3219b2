//! Leases: never two holders, and a lost one is known to be lost.

use std::time::{Duration, Instant};

use crate::conformance::Harness;
use crate::conformance::world::World;
use crate::lease::{FencingToken, Held, Holder, LeaseName, Leases, Renewal};

const NAME: LeaseName = LeaseName::Timers;
const FIRST: Holder = Holder([1; 16]);
const SECOND: Holder = Holder([2; 16]);
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(80);

pub fn a_lease_has_one_holder<H: Harness>() {
    let world = World::<H>::new();
    let token = acquire(&world, FIRST, LONG).expect("nobody has it");
    assert_eq!(acquire(&world, SECOND, LONG), None);
    // Not even its holder takes it twice: a second start of one node is somebody else.
    assert_eq!(acquire(&world, FIRST, LONG), None);
    assert_eq!(renew(&world, held(FIRST, token), LONG), Renewal::Prolonged);
    let strangers = [
        held(SECOND, token),
        held(FIRST, FencingToken(token.0 + 1)),
        Held {
            name: LeaseName::MessageReader,
            ..held(FIRST, token)
        },
    ];
    for stranger in strangers {
        assert_eq!(renew(&world, stranger, LONG), Renewal::Lost);
        release(&world, stranger);
    }
    assert_eq!(acquire(&world, SECOND, LONG), None);
}

pub fn a_released_lease_is_free<H: Harness>() {
    let world = World::<H>::new();
    let token = acquire(&world, FIRST, LONG).expect("nobody has it");
    release(&world, held(FIRST, token));
    assert_eq!(renew(&world, held(FIRST, token), LONG), Renewal::Lost);
    let later = acquire(&world, SECOND, LONG).expect("it was released");
    assert!(token < later);
    release(&world, held(FIRST, token));
    assert_eq!(acquire(&world, FIRST, LONG), None);
}

pub fn a_lease_ends_by_itself<H: Harness>() {
    let world = World::<H>::new();
    let begun = Instant::now();
    let token = acquire(&world, FIRST, SHORT).expect("nobody has it");
    let later = loop {
        if let Some(later) = acquire(&world, SECOND, LONG) {
            break later;
        }
        assert!(begun.elapsed() < SHORT * 100, "the lease does not end");
        std::thread::sleep(Duration::from_millis(2));
    };
    // A holder that measures from before it asked has stopped by now.
    assert!(SHORT <= begun.elapsed());
    assert!(token < later);
    assert_eq!(renew(&world, held(FIRST, token), LONG), Renewal::Lost);
    assert_eq!(renew(&world, held(SECOND, later), LONG), Renewal::Prolonged);
}

fn held(holder: Holder, token: FencingToken) -> Held {
    Held {
        name: NAME,
        holder,
        token,
    }
}

fn acquire<H: Harness>(world: &World<H>, holder: Holder, span: Duration) -> Option<FencingToken> {
    let acquired = world.harness.backend().acquire(NAME, holder, span);
    world.harness.wait(acquired).expect("leases are kept")
}

fn renew<H: Harness>(world: &World<H>, held: Held, span: Duration) -> Renewal {
    let renewed = world.harness.backend().renew(held, span);
    world.harness.wait(renewed).expect("leases are kept")
}

fn release<H: Harness>(world: &World<H>, held: Held) {
    let released = world.harness.backend().release(held);
    world.harness.wait(released).expect("leases are kept");
}
