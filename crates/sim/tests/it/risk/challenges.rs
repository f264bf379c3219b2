//! Challenges: the serial number is the answer, and tries are few.

use super::*;

#[tokio::test]
async fn a_challenge_is_answered_by_the_serial_number_and_by_nothing_else() {
    let judged = Judged::new().await;
    judged
        .save("ask-all", "attempt.amount >= 0", Verdict::Challenge)
        .await
        .unwrap();
    let order = judged.platform.sell(1, 1_000).await;
    let serial = order.order.serial;
    let somebody = payer(5);
    let (id, outcome) = judged.attempt(somebody, 700, &order.pin).await;
    let PayOutcome::Challenged { payment, vouchers } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(vouchers, [serial]);
    assert_eq!(payment.held(), 0, "nothing is held before the proof");
    let wrong = judged.platform.sell(1, 1_000).await.order.serial;
    let offer = |answers| judged.offer(somebody, id, vec![serial], None, answers);
    let outcome = offer(vec![wrong]).await;
    assert!(
        matches!(outcome, PayOutcome::Unproven { payment, .. } if payment.challenge.as_ref().unwrap().failed == 1)
    );
    let outcome = offer(Vec::new()).await;
    assert!(
        matches!(outcome, PayOutcome::Challenged { payment, .. } if payment.challenge.as_ref().unwrap().failed == 1)
    );
    let outcome = offer(vec![serial]).await;
    assert!(matches!(outcome, PayOutcome::Paid(_)), "{outcome:?}");
    judged.replayed().await;
}

#[tokio::test]
async fn three_wrong_answers_end_the_payment_and_count_against_the_device() {
    let judged = Judged::new().await;
    judged
        .save("ask-all", "attempt.amount >= 0", Verdict::Challenge)
        .await
        .unwrap();
    let somebody = payer(6);
    let order = judged.platform.sell(1, 1_000).await;
    let serial = order.order.serial;
    let (id, _) = judged.attempt(somebody, 700, &order.pin).await;
    let wrong = judged.platform.sell(1, 1_000).await.order.serial;
    for last in [false, false, true] {
        let outcome = judged
            .offer(somebody, id, vec![serial], None, vec![wrong])
            .await;
        judged.follow().await;
        match outcome {
            PayOutcome::Unproven { .. } => assert!(!last),
            PayOutcome::Canceled { by, .. } => {
                assert!(last);
                assert_eq!(by, Canceler::ChallengeLimit);
            }
            other => panic!("{other:?}"),
        }
    }
    let (_, outcome) = judged.attempt(somebody, 700, &order.pin).await;
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
}

#[tokio::test]
async fn more_answers_than_questions_are_a_wrong_answer() {
    let judged = Judged::new().await;
    let rule = judged.save("ask-all", "attempt.amount >= 0", Verdict::Challenge);
    rule.await.unwrap();
    let order = judged.platform.sell(1, 1_000).await;
    let serial = order.order.serial;
    let (id, _) = judged.attempt(payer(6), 700, &order.pin).await;
    let mut guesses = vec![serial];
    guesses.push(judged.platform.sell(1, 1_000).await.order.serial);
    let outcome = judged.offer(payer(6), id, vec![serial], None, guesses);
    let outcome = outcome.await;
    assert!(
        matches!(outcome, PayOutcome::Unproven { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn no_swapping_of_vouchers_makes_challenges_without_end() {
    let judged = Judged::new().await;
    let rule = judged.save("ask-all", "attempt.amount >= 0", Verdict::Challenge);
    rule.await.unwrap();
    let mut vouchers = Vec::new();
    for _ in 0..=VOUCHERS_MAX {
        vouchers.push(judged.platform.sell(1, 1_000).await.order.serial);
    }
    let id = judged.create(payer(6), 700).await;
    let before = judged.platform.store.head().await.unwrap();
    let mut last = None;
    for round in 0..3 * vouchers.len() {
        let serial = vouchers[round % vouchers.len()];
        let offered = judged.offer(payer(6), id, vec![serial], None, Vec::new());
        let outcome = offered.await;
        if let PayOutcome::Challenged { vouchers, .. } = &outcome {
            assert_eq!(*vouchers, [serial], "only what is offered is asked for");
        }
        last = Some(outcome);
    }
    assert!(matches!(last, Some(PayOutcome::Closed)), "{last:?}");
    let after = judged.platform.store.head().await.unwrap();
    assert_eq!(after.0 - before.0, vouchers.len() as u64);
}

#[tokio::test]
async fn wrong_answers_are_owed_by_their_address_like_wrong_pins() {
    let judged = Judged::new().await;
    let rule = judged.save("ask-all", "attempt.amount >= 0", Verdict::Challenge);
    rule.await.unwrap();
    let wrong = judged.platform.sell(1, 1_000).await.order.serial;
    let mut answered = 0;
    // Every payment has a device, a customer and a voucher of its own, so that no rule remembers it.
    for (number, customer) in (10..20).zip(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]) {
        let thief = Payer {
            device: Some(Device([number; 16])),
            customer,
            ..payer(6)
        };
        let order = judged.platform.sell(1, 1_000).await;
        let serial = order.order.serial;
        let (payment, _) = judged.attempt(thief, 700, &order.pin).await;
        for _ in 0..2 {
            let offered = Offered {
                payment,
                basket: vec![serial],
                pin: None,
                answers: vec![wrong],
                address: thief.address,
                device: thief.device,
                behaviour: Behaviour::default(),
            };
            match judged.platform.payer.pay(offered).await {
                Ok(PayOutcome::Unproven { .. }) => answered += 1,
                Err(PayerError::TooManyTries(_)) => {
                    assert_eq!(answered, 11, "ten, and the first of a further payment");
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
    }
    panic!("{answered} wrong answers and no end");
}
