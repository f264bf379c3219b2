use super::*;

fn till(number: u64) -> Till {
    Till {
        distributor: DistributorId::FIRST,
        terminal: format!("till-{number}").parse().unwrap(),
    }
}

fn serial(number: u64) -> Serial {
    Serial::new(1_000_000_000_000_000 + number).unwrap()
}

#[test]
fn tills_are_forgotten_with_their_last_voucher() {
    let mut sold = Sold::default();
    let sales = SOLD_MAX as u64 + 1_000;
    for number in 0..sales {
        sold.note(serial(number), till(number));
    }
    assert_eq!(sold.till_count(), SOLD_MAX);
    assert_eq!(sold.till(serial(999)), None);
    assert_eq!(sold.till(serial(1_000)), Some(till(1_000)));
    assert_eq!(sold.till(serial(sales - 1)), Some(till(sales - 1)));
    assert_eq!(sold.iter().count(), SOLD_MAX);
}

#[test]
fn a_voucher_that_is_sold_again_is_of_its_last_till() {
    let mut sold = Sold::default();
    sold.note(serial(1), till(1));
    sold.note(serial(2), till(1));
    sold.note(serial(1), till(2));
    assert_eq!(sold.till(serial(1)), Some(till(2)));
    assert_eq!(sold.till(serial(2)), Some(till(1)));
    sold.note(serial(2), till(2));
    assert_eq!(sold.till_count(), 1);
}
