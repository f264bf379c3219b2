//! The bugs.

/// One bug.
pub struct Mutant {
    pub name: &'static str,
    pub what: &'static str,
    pub edits: &'static [Edit],
}

/// An expression, or a statement with its semicolon, and what stands there instead.
pub struct Edit {
    pub file: &'static str,
    pub old: &'static str,
    pub new: &'static str,
}

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "voucher-precondition",
        what: "a batch is written although a voucher has changed since it was loaded",
        edits: &[Edit {
            file: "crates/store/src/snapshot.rs",
            old: "changes.preconditions.push(Precondition {
                key: key(id),
                expected,
            });",
            new: "let key = key(id); if !matches!(key, Key::Voucher(_)) { changes.preconditions.push(Precondition { key, expected }); }",
        }],
    },
    Mutant {
        name: "key-precondition",
        what: "a batch is written although its idempotency key was used meanwhile",
        edits: &[Edit {
            file: "crates/store/src/snapshot.rs",
            old: "changes.preconditions.push(Precondition {
                key: key(id),
                expected,
            });",
            new: "let key = key(id); if !matches!(key, Key::Command(_)) { changes.preconditions.push(Precondition { key, expected }); }",
        }],
    },
    Mutant {
        name: "early-acknowledgement",
        what: "a command is acknowledged before its commit",
        edits: &[Edit {
            file: "crates/engine/src/core/batch.rs",
            old: "self.store.commit(batch).await?",
            new: "{ let store = Arc::clone(&self.store); tokio::spawn(async move { let _ = store.commit(batch).await; }); Shift::NONE }",
        }],
    },
    Mutant {
        name: "refund-cap",
        what: "more is refunded than was captured",
        edits: &[
            Edit {
                file: "crates/payment/src/decide.rs",
                old: "refundable_minor < request.minor",
                new: "false",
            },
            Edit {
                file: "crates/payment/src/decide.rs",
                old: "allocate(request.minor, &refundable).ok_or(Refusal::RefundExceedsCapture {
        refundable_minor: refundable.iter().sum(),
    })?",
                new: "{ let mut shares = vec![0; refundable.len()]; shares[0] = request.minor; shares }",
            },
            Edit {
                file: "crates/payment/src/payment.rs",
                old: "share.minor <= 0 || part.captured - part.refunded < share.minor",
                new: "false",
            },
        ],
    },
    Mutant {
        name: "forgotten-key",
        what: "a used idempotency key is not recorded",
        edits: &[Edit {
            file: "crates/store/src/fold.rs",
            old: "rows.put(Row::Command(Command {
            key,
            fingerprint,
            entry: entry.sequence(),
        }));",
            new: "let _ = (key, fingerprint);",
        }],
    },
    Mutant {
        name: "hold-kept",
        what: "a payment that expires leaves its holds on the vouchers",
        edits: &[Edit {
            file: "crates/engine/src/decide/payments.rs",
            old: "let change = decide::expire(payment, now)?;
    Ok(releasing(payment, change))",
            new: "let change = decide::expire(payment, now)?; Ok(unaided(payment.id, change))",
        }],
    },
    Mutant {
        name: "lease-end",
        what: "a node goes on with its work when its lease has ended",
        edits: &[Edit {
            file: "crates/engine/src/lease.rs",
            old: "sleep_until(ends_at)",
            new: "sleep_until(ends_at + Duration::from_secs(1_000_000))",
        }],
    },
    Mutant {
        name: "unshifted-answer",
        what: "an answer has the numbers that its node had assumed",
        edits: &[Edit {
            file: "crates/engine/src/core/batch.rs",
            old: "verdicts
                .iter_mut()
                .for_each(|verdict| verdict.follow(&shift));",
            new: "let _ = &mut verdicts;",
        }],
    },
    Mutant {
        name: "answer-of-now",
        what: "a repeated request is answered with the payment as it is now",
        edits: &[Edit {
            file: "crates/engine/src/history.rs",
            old: "*entry <= until",
            new: "{ let _ = entry; true }",
        }],
    },
    Mutant {
        name: "fee-unposted",
        what: "the fee on a capture is kept in the payment and not in the books",
        edits: &[Edit {
            file: "crates/accounting/src/rules.rs",
            old: "amount(self.fee)",
            new: "amount(0)",
        }],
    },
    Mutant {
        name: "time-goes-back",
        what: "entries are dated by the node's clock alone",
        edits: &[Edit {
            file: "crates/engine/src/core/batch.rs",
            old: "self.clock.now().max(self.latest).max(journal.latest)",
            new: "self.clock.now()",
        }],
    },
    Mutant {
        name: "reader-remembers",
        what: "the reader of messages goes on after a failure with what it remembers",
        edits: &[Edit {
            file: "crates/api/src/webhook/reader.rs",
            old: "self = Reader::new(self.store, self.outbox);",
            new: "",
        }],
    },
    Mutant {
        name: "watch-gives-up",
        what: "the watch forgets what it could not put right because the storage failed",
        edits: &[Edit {
            file: "crates/engine/src/reversal.rs",
            old: "execute(&self.engine, command).await?;",
            new: "let _ = execute(&self.engine, command).await;",
        }],
    },
    Mutant {
        name: "watch-starts-late",
        what: "after a start the watch reads only what is new",
        edits: &[Edit {
            file: "crates/engine/src/reversal.rs",
            old: "by_time.min(Sequence(head.0.saturating_sub(HORIZON_ENTRIES)))",
            new: "{ let _ = by_time; head }",
        }],
    },
];
