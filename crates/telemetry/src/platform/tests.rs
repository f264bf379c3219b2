use accounting::chart::CHART;
use ids::time::Timestamp;
use ledger::account::AccountId;
use ledger::balances::Balances;
use money::currency::Currency;

use super::{money, seconds, word};
use crate::family::to_text;

#[test]
fn every_account_of_the_chart_has_a_word_of_its_own() {
    let mut words: Vec<&str> = CHART.iter().map(|(code, _)| word(*code)).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), CHART.len());
    assert!(!words.contains(&"other"), "{words:?}");
}

#[test]
fn accounts_of_parties_are_summed_and_what_does_not_add_up_shows() {
    let euro = "EUR".parse::<Currency>().expect("a currency");
    let mut balances = Balances::default();
    let mut put = |code: usize, owner, minor| {
        let account = AccountId {
            code: CHART[code].0,
            owner,
            currency: euro,
        };
        balances.put(account, minor);
    };
    put(1, 7, 300);
    put(1, 8, 200);
    put(2, 0, -499);
    let text = to_text(money(&balances).to_vec());
    for line in [
        r#"scrip_ledger_balance_minor{account="distributor_receivable",currency="EUR"} 500.0"#,
        r#"scrip_ledger_balance_minor{account="vouchers_remaining",currency="EUR"} -499.0"#,
        r#"scrip_ledger_imbalance_minor{currency="EUR"} 1.0"#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn a_clock_that_is_behind_gives_no_time_below_zero() {
    assert_eq!(seconds(Timestamp(5_000), Timestamp(6_500)), 1.5);
    assert_eq!(seconds(Timestamp(5_000), Timestamp(4_000)), 0.0);
}
