//! Wrong tries are counted, forgiven, and bounded in memory and in number.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ids::time::{Span, Timestamp};
use proptest::prelude::*;

use crate::clock::ManualClock;
use crate::guard::{Budget, Guard, GuardLimits, Scope, TRACKED_MAX};

const HUGE: Budget = Budget {
    burst: 1_000_000,
    under_way_max: 1_000_000,
    refill: Span(1),
};
const SMALL: Budget = Budget {
    burst: 3,
    under_way_max: 2,
    refill: Span::MINUTE,
};

fn guard(address: Budget, network: Budget, system: Budget) -> (Guard, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(Timestamp(1_000_000)));
    let limits = GuardLimits {
        address,
        network,
        system,
    };
    (Guard::new(limits, clock.clone()), clock)
}

fn v4(last: [u8; 4]) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(last))
}

fn tries(guard: &Guard, address: IpAddr) -> u32 {
    let mut count = 0;
    while guard.begin(address, Scope::Ordinary).is_ok() {
        count += 1;
        assert!(count < 2_000_000);
    }
    count
}

#[test]
fn the_system_forgives_as_many_an_hour_as_are_configured_and_a_sixth_at_once() {
    assert_eq!(
        GuardLimits::forgiving(7_200),
        Some(GuardLimits::default()),
        "the limits that SECURITY.md tells"
    );
    for (per_hour, at_once) in [(1, 1), (7, 1), (60, 10), (7_200, 1_200), (360_000, 60_000)] {
        let limits = GuardLimits::forgiving(per_hour).expect("within the bounds");
        let (guard, clock) = guard(HUGE, HUGE, limits.system);
        assert_eq!(tries(&guard, v4([10, 0, 0, 1])), at_once, "{per_hour}");
        clock.advance(Span::HOUR);
        let forgiven = tries(&guard, v4([10, 0, 0, 1]));
        // A full budget forgives no more; with it no more than is configured begins in the hour.
        assert_eq!(forgiven, at_once, "{per_hour}");
    }
    let limits = GuardLimits::forgiving(7).expect("within the bounds");
    let (guard, clock) = guard(HUGE, HUGE, limits.system);
    let mut begun = 0;
    for _ in 0..3_600 {
        begun += tries(&guard, v4([10, 0, 0, 1]));
        clock.advance(Span::SECOND);
    }
    assert_eq!(begun, 7);
    assert_eq!(GuardLimits::forgiving(0), None);
    assert_eq!(GuardLimits::forgiving(360_001), None);
}

#[test]
fn each_budget_bounds_the_tries_on_its_own() {
    let (by_address, _) = guard(SMALL, HUGE, HUGE);
    assert_eq!(tries(&by_address, v4([10, 0, 0, 1])), 3);
    assert_eq!(tries(&by_address, v4([10, 0, 0, 2])), 3);
    let (by_network, _) = guard(HUGE, SMALL, HUGE);
    assert_eq!(tries(&by_network, v4([10, 0, 0, 1])), 3);
    assert_eq!(tries(&by_network, v4([10, 0, 99, 2])), 0);
    assert_eq!(tries(&by_network, v4([10, 1, 0, 1])), 3);
    let (by_system, _) = guard(HUGE, HUGE, SMALL);
    assert_eq!(tries(&by_system, v4([10, 0, 0, 1])), 3);
    assert_eq!(tries(&by_system, v4([99, 0, 0, 1])), 0);
}

#[test]
fn a_refused_try_says_when_to_come_back_and_costs_nothing() {
    let (guard, clock) = guard(SMALL, HUGE, HUGE);
    let address = v4([10, 0, 0, 1]);
    tries(&guard, address);
    for _ in 0..5 {
        let refusal = guard
            .begin(address, Scope::Ordinary)
            .map(|_| ())
            .unwrap_err();
        assert_eq!(refusal.retry_after, Span::MINUTE);
    }
    clock.advance(Span(Span::MINUTE.0 - 1));
    assert_eq!(tries(&guard, address), 0);
    clock.advance(Span(1));
    assert_eq!(tries(&guard, address), 1);
    clock.advance(Span::DAY);
    assert_eq!(tries(&guard, address), 3, "rest does not add to the burst");
}

#[test]
fn a_right_pin_costs_nothing_in_any_budget() {
    let (guard, _) = guard(SMALL, SMALL, SMALL);
    let address = v4([10, 0, 0, 1]);
    for _ in 0..100 {
        guard.begin(address, Scope::Ordinary).unwrap().forgive();
    }
    assert_eq!(tries(&guard, address), 3);
}

#[test]
fn tries_under_way_are_bounded_and_are_owed_when_they_are_given_up() {
    let (guard, _) = guard(SMALL, HUGE, HUGE);
    let address = v4([10, 0, 0, 1]);
    let first = guard.begin(address, Scope::Ordinary).unwrap();
    let second = guard.begin(address, Scope::Ordinary).unwrap();
    assert!(
        guard.begin(address, Scope::Ordinary).is_err(),
        "two are under way"
    );
    drop(first);
    second.forgive();
    assert_eq!(tries(&guard, address), 2, "one of three is owed");
}

#[test]
fn the_first_try_of_a_payment_begins_in_spite_of_its_neighbours_but_not_of_the_system() {
    let first = |guard: &Guard| {
        guard
            .begin(v4([10, 0, 0, 1]), Scope::FirstOfPayment)
            .is_ok()
    };
    let (by_address, _) = guard(SMALL, HUGE, HUGE);
    let (by_network, _) = guard(HUGE, SMALL, HUGE);
    let (by_system, _) = guard(HUGE, HUGE, SMALL);
    for guard in [&by_address, &by_network, &by_system] {
        assert_eq!(tries(guard, v4([10, 0, 0, 1])), 3);
    }
    assert!(first(&by_address) && first(&by_network) && !first(&by_system));
    let (crowded, _) = guard(SMALL, HUGE, HUGE);
    let address = v4([10, 0, 0, 1]);
    let _under_way = [(); 2].map(|()| crowded.begin(address, Scope::FirstOfPayment).unwrap());
    assert!(!first(&crowded), "two are under way");
}

#[test]
fn first_tries_of_payments_are_owed_up_to_a_spent_budget() {
    let (guard, clock) = guard(SMALL, HUGE, HUGE);
    let address = v4([10, 0, 0, 1]);
    for _ in 0..50 {
        drop(guard.begin(address, Scope::FirstOfPayment).unwrap());
    }
    assert_eq!(tries(&guard, address), 0);
    clock.advance(Span::MINUTE);
    assert_eq!(tries(&guard, address), 1);
}

#[test]
fn who_owes_nothing_is_not_remembered() {
    let (guard, _) = guard(SMALL, HUGE, HUGE);
    guard
        .begin(v4([10, 0, 0, 1]), Scope::Ordinary)
        .unwrap()
        .forgive();
    assert_eq!(guard.tracked(), 0);
    drop(guard.begin(v4([10, 0, 0, 1]), Scope::Ordinary));
    assert_eq!(guard.tracked(), 3);
}

#[test]
fn an_address_is_one_subscriber_however_it_is_written() {
    let (guard, _) = guard(SMALL, HUGE, HUGE);
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    assert_eq!(tries(&guard, address("2001:db8:1:2:3::1")), 3);
    assert_eq!(tries(&guard, address("2001:db8:1:2:ffff::9")), 0, "one /64");
    assert_eq!(tries(&guard, address("2001:db8:1:3::1")), 3, "another /64");
    assert_eq!(tries(&guard, v4([10, 0, 0, 1])), 3);
    assert_eq!(
        tries(&guard, address("::ffff:10.0.0.1")),
        0,
        "the same host"
    );
}

#[test]
fn a_network_is_the_first_32_bits_of_an_ipv6_address() {
    let (guard, _) = guard(HUGE, SMALL, HUGE);
    let host = |high: u128, low: u128| IpAddr::V6(Ipv6Addr::from(high << 96 | low));
    assert_eq!(tries(&guard, host(0x2001_0db8, 1)), 3);
    assert_eq!(tries(&guard, host(0x2001_0db8, 1 << 95)), 0);
    assert_eq!(tries(&guard, host(0x2001_0db9, 1)), 3);
}

#[test]
fn many_threads_get_no_more_than_the_burst_and_what_was_under_way() {
    let burst = Budget {
        burst: 50,
        under_way_max: 4,
        refill: Span::MINUTE,
    };
    let (guard, _) = guard(burst, HUGE, HUGE);
    let address = v4([10, 0, 0, 1]);
    let patient = || {
        (0..1_000)
            .filter(|_| guard.begin(address, Scope::Ordinary).is_ok())
            .count()
    };
    let total: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8).map(|_| scope.spawn(patient)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    // The last try of the burst may have had company that began before it was owed.
    assert!((50..50 + 4).contains(&total), "{total} tries got through");
}

#[test]
fn a_flood_of_addresses_takes_bounded_memory_and_does_not_refill_the_system() {
    let system = Budget {
        burst: TRACKED_MAX as u32 * 2,
        under_way_max: 10,
        refill: Span::HOUR,
    };
    let (guard, clock) = guard(SMALL, SMALL, system);
    let mut allowed = 0;
    for number in 0..TRACKED_MAX as u32 * 3 {
        if number % 1_000 == 0 {
            clock.advance(Span(1));
        }
        let address = IpAddr::V4(Ipv4Addr::from(number.wrapping_mul(0x9e37_79b1)));
        allowed += u32::from(guard.begin(address, Scope::Ordinary).is_ok());
        assert!(guard.tracked() <= TRACKED_MAX + 3);
    }
    assert!(allowed <= system.burst, "{allowed} tries got through");
}

proptest! {
    #[test]
    fn wrong_tries_never_exceed_the_burst_and_what_time_forgave(
        steps in prop::collection::vec((0_i64..90_000, any::<bool>()), 1..200)
    ) {
        let (guard, clock) = guard(SMALL, HUGE, HUGE);
        let (mut wrong, mut passed) = (0, 0);
        for (pause, is_right) in steps {
            clock.advance(Span(pause));
            passed += pause;
            match guard.begin(v4([10, 0, 0, 1]), Scope::Ordinary) {
                Ok(attempt) if is_right => attempt.forgive(),
                Ok(_) => wrong += 1,
                Err(refusal) => prop_assert!(0 < refusal.retry_after.0),
            }
        }
        let most = i64::from(SMALL.burst) + passed / SMALL.refill.0;
        prop_assert!(wrong <= most, "{wrong} wrong tries where {most} are allowed");
    }
}
