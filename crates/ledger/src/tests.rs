use money::amount::Amount;
use money::currency::Currency;
use proptest::prelude::*;

use crate::account::{AccountCode, AccountId};
use crate::balances::Balances;
use crate::postings::{Leg, Posting, Postings, Unbalanced};

fn account(code: u16, currency: Currency) -> AccountId {
    AccountId {
        code: AccountCode(code),
        owner: 0,
        currency,
    }
}

#[test]
fn unbalanced_postings_cannot_be_constructed() {
    let legs = vec![
        Posting {
            account: account(1, Currency::EUR),
            minor: 5,
        },
        Posting {
            account: account(2, Currency::GBP),
            minor: -5,
        },
    ];
    assert_eq!(Postings::balanced(legs), Err(Unbalanced(Currency::EUR)));
}

#[test]
fn an_overflowing_posting_changes_nothing() {
    let mut balances = Balances::default();
    let full = account(1, Currency::EUR);
    balances.put(full, i64::MAX);
    let debit = Leg {
        code: AccountCode(1),
        owner: 0,
    };
    let credit = Leg {
        code: AccountCode(2),
        owner: 0,
    };
    let before = balances.clone();
    let postings = Postings::transfer(debit, credit, Amount::new(1, Currency::EUR));
    assert!(balances.post(&postings).is_err());
    assert_eq!(balances, before);
}

proptest! {
    #[test]
    fn all_accounts_of_a_currency_sum_to_zero(
        transfers in prop::collection::vec((0_u16..4, 0_u16..4, 0_i64..1_000_000), 0..50)
    ) {
        let mut balances = Balances::default();
        for (debit, credit, minor) in transfers {
            let leg = |code| Leg { code: AccountCode(code), owner: 7 };
            let postings = Postings::transfer(leg(debit), leg(credit), Amount::new(minor, Currency::EUR));
            prop_assert!(balances.post(&postings).is_ok());
        }
        prop_assert_eq!(balances.sum(Currency::EUR), 0);
    }
}
