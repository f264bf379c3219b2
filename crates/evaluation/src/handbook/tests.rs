use super::*;

fn small(seed: u64) -> Handbook {
    Handbook {
        cards: 300,
        terminals: 600,
        days: 60,
        radius: 5.0,
        cards_stolen_from: 0,
        seed,
    }
}

#[test]
fn one_seed_gives_one_stream_and_another_seed_another() {
    assert_eq!(simulate(&small(1)), simulate(&small(1)));
    assert_ne!(simulate(&small(1)), simulate(&small(2)));
}

#[test]
fn payments_come_in_order_and_every_large_amount_is_a_fraud() {
    let payments = simulate(&small(3));
    assert!(payments.is_sorted_by_key(|payment| payment.second));
    for payment in &payments {
        assert!(
            payment.amount_minor <= 22_000 || payment.scenario != 0,
            "{payment:?}"
        );
    }
}

#[test]
fn whole_stream_has_the_size_and_the_share_of_frauds_that_the_handbook_reports() {
    let handbook = Handbook {
        cards: 1_000,
        terminals: 2_000,
        days: 60,
        ..Handbook::whole(4)
    };
    let payments = simulate(&handbook);
    // Two a day and card on average; 3 % fall outside of the day.
    let expected = 2.0 * 0.97 * 60.0 * 1_000.0;
    assert!(
        (payments.len() as f64 / expected - 1.0).abs() < 0.05,
        "{}",
        payments.len()
    );
    for scenario in 1..=3 {
        assert!(
            payments.iter().any(|payment| payment.scenario == scenario),
            "{scenario}"
        );
    }
}

#[test]
fn cards_stolen_later_leave_everything_else_as_it_was() {
    let early = simulate(&small(6));
    let late = simulate(&Handbook {
        cards_stolen_from: 40,
        ..small(6)
    });
    assert!(late.iter().any(|payment| payment.scenario == 3));
    assert_eq!(early.len(), late.len());
    for (early, late) in early.iter().zip(&late) {
        match late.day() < 40 {
            true => assert_ne!(late.scenario, 3, "{late:?}"),
            // A theft before the day counts until it is over, so fewer are stolen on the first days.
            false if late.scenario == 3 => assert_eq!(early.scenario, 3, "{late:?}"),
            false => {}
        }
        if early.scenario != 3 {
            assert_eq!(early, late);
        }
    }
}
