//! Labels: whom they reach, and what a correction takes back.

use super::*;

#[tokio::test]
async fn a_label_reaches_the_next_attempt_of_the_same_device_and_freezes_its_voucher() {
    let judged = Judged::new().await;
    let thief = payer(3);
    let order = judged.platform.sell(1, 1_000).await;
    let (id, outcome) = judged.attempt(thief, 700, &order.pin).await;
    assert!(matches!(outcome, PayOutcome::Paid(_)));
    let label = Label {
        truth: Truth::Fraud,
        source: Source::Chargeback,
    };
    let ada = person(1);
    judged.analysts.label(&ada, id, label).await.unwrap();
    judged.follow().await;
    let again = judged.analysts.label(&ada, id, label).await;
    assert!(matches!(
        again,
        Err(CommandError::Refused(Refusal::Payment(
            PaymentRefusal::Labelled
        )))
    ));
    let other = Payer {
        address: payer(4).address,
        ..thief
    };
    let order = judged.platform.sell(1, 1_000).await;
    let (_, outcome) = judged.attempt(other, 700, &order.pin).await;
    assert!(
        matches!(
            outcome,
            PayOutcome::Canceled {
                by: Canceler::Risk,
                ..
            }
        ),
        "{outcome:?}"
    );
    let serial = order.order.serial;
    let rows = judged
        .platform
        .store
        .load(&[Key::Voucher(serial)])
        .await
        .unwrap();
    let voucher = rows.voucher(serial).unwrap();
    assert_eq!(voucher.state, State::Frozen(FreezeCause::Risk));
    judged.platform.operator.unfreeze(serial).await.unwrap();
    judged.replayed().await;
}

#[tokio::test]
async fn a_label_that_is_corrected_counts_no_more() {
    let judged = Judged::new().await;
    let somebody = payer(1);
    let order = judged.platform.sell(1, 1_000).await;
    let (id, _) = judged.attempt(somebody, 700, &order.pin).await;
    let ada = person(1);
    let frauds = async || {
        let order = judged.platform.sell(1, 1_000).await;
        let next = judged.create(somebody, 700).await;
        let serial = order.order.serial;
        let record = judged.record(&judged.risk, next, serial).await;
        let facts = Record::decode(&record).unwrap().facts;
        let catalogue = judged.risk.schema().catalogue();
        ["device.frauds_30d", "merchant.labels_7d"].map(|name| {
            let (index, _) = catalogue.find(name).unwrap();
            facts.number(index)
        })
    };
    let label = async |truth| {
        let source = Source::Analyst;
        let label = Label { truth, source };
        judged.analysts.label(&ada, id, label).await.unwrap();
        judged.follow().await;
    };
    label(Truth::Fraud).await;
    assert_eq!(frauds().await, [1.0, 1.0]);
    label(Truth::Good).await;
    assert_eq!(frauds().await, [0.0, 1.0]);
    label(Truth::Fraud).await;
    assert_eq!(frauds().await, [1.0, 1.0]);
}

#[tokio::test]
async fn a_label_speaks_of_the_attempt_before_it_however_late_it_is_read() {
    let judged = Judged::new().await;
    let rule = judged.save("ask-all", "attempt.amount >= 0", Verdict::Challenge);
    rule.await.unwrap();
    let (first, second) = (payer(1), payer(2));
    let order = judged.platform.sell(1, 1_000).await;
    let (id, _) = judged.attempt(first, 700, &order.pin).await;
    let label = async |truth| {
        let source = Source::Analyst;
        let label = Label { truth, source };
        judged.analysts.label(&person(1), id, label).await.unwrap();
    };
    label(Truth::Fraud).await;
    let other = judged.platform.sell(1, 1_000).await;
    let offered = judged.offer(second, id, Vec::new(), Some(&other.pin), Vec::new());
    let outcome = offered.await;
    assert!(
        matches!(outcome, PayOutcome::Challenged { .. }),
        "{outcome:?}"
    );
    label(Truth::Good).await;
    // Whoever reads all of it at once learns what one learns who had read it from entry to entry.
    let vault = judged.platform.engine.vault();
    let late = Risk::new(Arc::clone(vault), 10_000);
    follow(&late, &judged.platform).await;
    let catalogue = judged.risk.schema().catalogue();
    let facts = async |payer: Payer| {
        let next = judged.create(payer, 700).await;
        let serial = judged.platform.sell(1, 1_000).await.order.serial;
        let record = judged.record_of(&late, payer, next, serial).await;
        let facts = Record::decode(&record).unwrap().facts;
        let (index, _) = catalogue.find("device.frauds_30d").unwrap();
        facts.number(index)
    };
    assert_eq!(facts(first).await, 1.0);
    assert_eq!(facts(second).await, 0.0);
}
