//! Leaves, what receipts show of them, and promises.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use tlog::hash::TreeHash;
use tlog::key::KeyKind;
use tlog::leaf::{Commitment, FieldGroup, Leaf, LeafError, LeafKind, Opening, Salt};
use tlog::promise::{Promise, PromiseError, Promises};
use tlog::proof_file::ProofFile;
use tlog::receipt::{ReceiptError, View};
use verifier::failure::{Failure, InclusionFailure, LeafFailure, OpeningFailure, SignatureFailure};
use verifier::promise::Standing;
use verifier::receipt::Receipt;

use crate::support::{CLOCK, Key, Log, NOW, leaf, openings, policy, policy_text};

fn log() -> Log {
    Log::grown_to([12], |index| leaf(index).encode())
}

fn receipt(log: &Log, index: u64, view: View) -> ProofFile {
    let head = log.edge.head();
    let mut checkpoint = Key::log().checkpoint(head);
    Key::witness(0).cosign(&mut checkpoint, NOW);
    view.into_receipt(log.inclusion(index, head.size), checkpoint)
}

fn verify(receipt: &ProofFile) -> Result<Receipt, Failure> {
    Receipt::verify(receipt.to_string().as_bytes(), &policy("all", 1), CLOCK)
}

#[test]
fn a_leaf_is_laid_out_as_the_format_says() {
    let leaf = Leaf::new(
        LeafKind::ENTRY,
        0x0102_0304_0506_0708,
        vec![Commitment::new([7; 32]), Commitment::new([8; 32])],
    )
    .unwrap();
    let mut expected = vec![1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 2];
    expected.extend([7; 32]);
    expected.extend([8; 32]);
    assert_eq!(leaf.encode().as_bytes(), expected);
    assert_eq!(Leaf::parse(&expected), Ok(leaf));
    let linked = [&expected[..], &[1], &[9; 32]].concat();
    assert_eq!(
        Leaf::parse(&linked).unwrap().links(),
        [TreeHash::new([9; 32])]
    );
    for bad in [
        vec![],
        vec![1],
        [&[2], &expected[1..]].concat(),
        expected[..expected.len() - 1].to_vec(),
        [&expected[..], &[0]].concat(),
        [&expected[..], &[1]].concat(),
        [&linked[..], &[0]].concat(),
    ] {
        assert!(Leaf::parse(&bad).is_err(), "{bad:?}");
        assert!(verifier::leaf::Leaf::parse(&bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_commitment_is_the_digest_that_the_format_says() {
    use sha2::{Digest, Sha256};
    let opening = Opening {
        group: FieldGroup::Merchant,
        salt: Salt::new([5; 32]),
        content: b"MID".to_vec(),
    };
    let mut bytes = b"scrip/commit/v1".to_vec();
    bytes.extend([0, 2]);
    bytes.extend([5; 32]);
    bytes.extend(b"MID");
    let expected: [u8; 32] = Sha256::digest(&bytes).into();
    assert_eq!(opening.commitment(), Commitment::new(expected));
    assert_eq!(format!("{:?}", opening.salt), "Salt(..)");
}

#[test]
fn a_receipt_opens_what_it_shows_and_nothing_else() {
    let log = log();
    for index in 0..12 {
        for group in FieldGroup::ALL {
            let shown: Vec<Opening> = openings(index)
                .into_iter()
                .filter(|opening| opening.group == group)
                .collect();
            let view = View::new(leaf(index), shown.clone()).unwrap();
            let file = receipt(&log, index, view.clone());
            assert_eq!(View::of_receipt(&file), Ok(view));
            let verified = verify(&file).unwrap();
            assert_eq!(verified.openings.len(), 1);
            assert_eq!(verified.openings[0].group, group.position());
            assert_eq!(verified.openings[0].content, shown[0].content);
            let text = file.to_string();
            for hidden in openings(index).iter().filter(|one| one.group != group) {
                let extra = file.extra.as_ref().unwrap();
                let is_in = |part: &[u8]| extra.windows(part.len()).any(|found| found == part);
                assert!(
                    !is_in(&hidden.content) && !is_in(hidden.salt.as_bytes()),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn erasing_what_one_party_saw_leaves_the_other_receipts_valid() {
    let log = log();
    let kept: Vec<Opening> = openings(4)
        .into_iter()
        .filter(|opening| opening.group != FieldGroup::Payer)
        .collect();
    let file = receipt(&log, 4, View::new(leaf(4), kept).unwrap());
    assert_eq!(verify(&file).unwrap().openings.len(), 4);
}

#[test]
fn equal_contents_under_different_salts_look_different() {
    let of = |salt| Opening {
        group: FieldGroup::Core,
        salt: Salt::new([salt; 32]),
        content: b"EUR 10.00".to_vec(),
    };
    assert_ne!(of(1).commitment(), of(2).commitment());
    let other_group = Opening {
        group: FieldGroup::Payer,
        ..of(1)
    };
    assert_ne!(of(1).commitment(), other_group.commitment());
}

#[test]
fn views_that_do_not_fit_their_leaf_cannot_be_made() {
    let order = openings(3).into_iter().rev().collect();
    assert_eq!(View::new(leaf(3), order), Err(ReceiptError::Order));
    let twice = vec![openings(3)[0].clone(), openings(3)[0].clone()];
    assert_eq!(View::new(leaf(3), twice), Err(ReceiptError::Order));
    assert!(matches!(
        View::new(leaf(3), openings(4)),
        Err(ReceiptError::Leaf(LeafError::OtherContent { .. }))
    ));
    let short = Leaf::new(LeafKind::ENTRY, 3, Vec::new()).unwrap();
    assert!(matches!(
        View::new(short, openings(3)),
        Err(ReceiptError::Leaf(LeafError::NoSuchGroup { .. }))
    ));
    let long = Opening {
        content: vec![0; 65_536],
        ..openings(3)[0].clone()
    };
    assert!(matches!(
        View::new(leaf(3), vec![long]),
        Err(ReceiptError::TooLong { found: 65_536 })
    ));
    let many = vec![Commitment::new([0; 32]); 256];
    assert_eq!(Leaf::new(LeafKind::ENTRY, 3, many), Err(LeafError::TooMany));
}

#[test]
fn receipts_of_another_place_are_refused() {
    let log = log();
    let good = receipt(&log, 4, View::new(leaf(4), openings(4)).unwrap());
    assert!(verify(&good).is_ok());

    let moved = ProofFile {
        index: 5,
        ..good.clone()
    };
    assert_eq!(
        verify(&moved).unwrap_err(),
        Failure::Inclusion(InclusionFailure::OtherRoot)
    );
    assert!(matches!(
        View::of_receipt(&moved),
        Err(ReceiptError::OtherLeaf { .. })
    ));

    let beyond = ProofFile {
        index: 12,
        ..good.clone()
    };
    assert_eq!(
        verify(&beyond).unwrap_err(),
        Failure::Inclusion(InclusionFailure::NoSuchLeaf {
            index: 12,
            size: 12
        })
    );

    let blind = ProofFile {
        extra: None,
        ..good
    };
    assert_eq!(
        verify(&blind).unwrap_err(),
        Failure::Opening(OpeningFailure::NoView)
    );
    assert_eq!(View::of_receipt(&blind), Err(ReceiptError::NoView));
}

#[test]
fn a_leaf_that_stands_in_anothers_place_is_noticed() {
    // A log that leaves out leaf 4 and goes on: every proof holds, and the leaves tell.
    let log = Log::grown_to([12], |index| match index {
        0..4 => leaf(index).encode(),
        _ => leaf(index + 1).encode(),
    });
    let view = View::new(leaf(5), openings(5)).unwrap();
    let file = ProofFile {
        index: 4,
        proof: log.inclusion(4, 12),
        ..receipt(&log, 5, view)
    };
    assert_eq!(
        verify(&file).unwrap_err(),
        Failure::Leaf(LeafFailure::Elsewhere {
            index: 4,
            claimed: 5
        })
    );
}

fn promise(index: u64, deadline: u64) -> String {
    let key = Key::log();
    let first = index.saturating_sub(2);
    let leaves = (first..index + 3).map(|index| leaf(index).hash());
    let sign = |text: &[u8]| key.sign(text);
    let Ok(promises) = Promises::sign(key.public.clone(), first, leaves.collect(), deadline, sign);
    let promise = promises.at(index).expect("it is of the run");
    let text = promise.to_string();
    assert_eq!(Promise::verify(text.as_bytes(), &key.public), Ok(promise));
    text
}

fn read_promise(text: &str) -> Result<verifier::promise::Promise, Failure> {
    verifier::promise::Promise::verify(text.as_bytes(), &policy("2", 2))
}

#[test]
fn a_promise_is_kept_by_its_leaf_and_broken_by_another() {
    let log = log();
    let given = read_promise(&promise(4, NOW)).unwrap();
    let kept = receipt(&log, 4, View::new(leaf(4), openings(4)).unwrap());
    assert_eq!(given.after_receipt(&verify(&kept).unwrap()), Standing::Kept);
    let elsewhere = receipt(&log, 5, View::new(leaf(5), openings(5)).unwrap());
    assert_eq!(
        given.after_receipt(&verify(&elsewhere).unwrap()),
        Standing::Open
    );
    let forged_leaf = Leaf::new(LeafKind::ENTRY, 4, Vec::new()).unwrap();
    let forged = Log::grown_to([12], |index| match index {
        4 => forged_leaf.encode(),
        _ => leaf(index).encode(),
    });
    let file = receipt(
        &forged,
        4,
        View::new(forged_leaf.clone(), Vec::new()).unwrap(),
    );
    assert_eq!(
        given.after_receipt(&verify(&file).unwrap()),
        Standing::Broken
    );
}

#[test]
fn a_promise_is_broken_when_enough_witnesses_saw_too_small_a_tree_after_the_deadline() {
    let head = log().edge.head();
    let policy = policy("2", 2);
    for (index, deadline, cosigned_at, standing) in [
        (12, NOW, [NOW + 1, NOW + 1], Standing::Broken),
        (12, NOW, [NOW + 1, NOW], Standing::Open),
        (12, NOW + 5, [NOW + 5, NOW + 5], Standing::Open),
        (11, NOW, [NOW + 1, NOW + 1], Standing::Open),
    ] {
        let mut checkpoint = Key::log().checkpoint(head);
        for (number, at) in (0..).zip(cosigned_at) {
            Key::witness(number).cosign(&mut checkpoint, at);
        }
        let checkpoint = checkpoint.to_string();
        let checkpoint =
            verifier::checkpoint::Checkpoint::verify(checkpoint.as_bytes(), &policy, CLOCK);
        let given = read_promise(&promise(index, deadline)).unwrap();
        assert_eq!(
            given.after_checkpoint(&checkpoint.unwrap(), &policy),
            standing,
            "leaf {index} promised until {deadline}"
        );
    }
}

#[test]
fn a_promise_and_a_checkpoint_cannot_be_taken_for_each_other() {
    let text = promise(4, NOW);
    assert!(tlog::checkpoint::SignedCheckpoint::parse(text.as_bytes()).is_err());
    let checkpoint = Key::log().checkpoint(log().edge.head()).to_string();
    assert_eq!(
        Promise::verify(checkpoint.as_bytes(), &Key::log().public),
        Err(PromiseError::Form)
    );
    assert!(read_promise(&checkpoint).is_err());
    let key = Key::log();
    let other = Key::new("voucher.example/log2", KeyKind::Note, 7);
    assert!(matches!(
        Promise::verify(text.as_bytes(), &other.public),
        Err(PromiseError::OtherKey { .. })
    ));
    let witness = Key::new("voucher.example/log1", KeyKind::Cosignature, 7);
    assert!(matches!(
        Promise::verify(text.as_bytes(), &witness.public),
        Err(PromiseError::OtherKind { .. })
    ));
    // The log's own signature, under the text of a run that names another key.
    let name = key.public.to_string();
    let sign = |text: &[u8]| {
        let text = str::from_utf8(text).expect("it is text");
        key.sign(text.replace(&name, &witness.public.to_string()).as_bytes())
    };
    let Ok(mixed) = Promises::sign(key.public.clone(), 4, vec![leaf(4).hash()], NOW, sign);
    let mixed = mixed.at(4).expect("it is of the run").to_string();
    assert!(matches!(
        Promise::verify(mixed.as_bytes(), &key.public),
        Err(PromiseError::WrongSignature { .. })
    ));
    assert!(matches!(
        read_promise(&mixed),
        Err(Failure::LogSignature(SignatureFailure::Wrong { .. }))
    ));
}

#[test]
fn a_promise_reads_as_its_format_says() {
    let key = Key::log();
    let leaves: Vec<TreeHash> = (7..10).map(|index| leaf(index).hash()).collect();
    let mut signed = Vec::new();
    let sign = |text: &[u8]| {
        signed = text.to_vec();
        key.sign(text)
    };
    let Ok(promises) = Promises::sign(key.public.clone(), 7, leaves.clone(), 5, sign);
    let root = TreeHash::of_node(TreeHash::of_node(leaves[0], leaves[1]), leaves[2]);
    let text = format!("scrip/promised-run/v1\n{}\n7\n3\n{root}\n5\n", key.public);
    assert_eq!(str::from_utf8(&signed), Ok(&text[..]));
    let Ok(signature) = key.sign(&signed);
    let parts: [&[u8]; 10] = [
        &[3],
        &8_u64.to_be_bytes(),
        leaves[1].as_bytes(),
        &key.public.id().0,
        &1_u32.to_be_bytes(),
        &3_u32.to_be_bytes(),
        &5_u64.to_be_bytes(),
        &signature,
        leaves[0].as_bytes(),
        leaves[2].as_bytes(),
    ];
    let given = promises.at(8).expect("it is of the run").to_string();
    assert_eq!(given, STANDARD.encode(parts.concat()));
    let read = read_promise(&given).expect("it holds");
    assert_eq!((read.index, read.deadline), (8, 5));
    // A hash too many, part of one, a place outside of the run, and a run that begins before the log.
    let spelled = |bytes: &[u8]| STANDARD.encode(bytes);
    let whole = parts.concat();
    let mut outside = whole.clone();
    outside[48] = 3;
    let mut before = whole.clone();
    before[1..9].fill(0);
    for bad in [
        spelled(&[&whole[..], leaves[0].as_bytes()].concat()),
        spelled(&[&whole[..], &[0; 15 * 32]].concat()),
        spelled(&whole[..whole.len() - 1]),
        spelled(&whole[..60]),
        spelled(&outside),
        spelled(&before),
        format!("{given}\n"),
        String::new(),
    ] {
        assert!(
            Promise::verify(bad.as_bytes(), &key.public).is_err(),
            "{bad}"
        );
        assert!(read_promise(&bad).is_err(), "{bad}");
    }
}

#[test]
fn a_promise_of_a_run_that_is_too_long_is_refused() {
    let key = Key::log();
    for (count, is_read) in [(1 << 16, true), ((1 << 16) + 1, false)] {
        let leaves = vec![leaf(0).hash(); count];
        let Ok(promises) =
            Promises::sign(key.public.clone(), 0, leaves, NOW, |text| key.sign(text));
        let text = promises.at(0).expect("it is of the run").to_string();
        let ours = Promise::verify(text.as_bytes(), &key.public).is_ok();
        assert_eq!((ours, read_promise(&text).is_ok()), (is_read, is_read));
    }
}

#[test]
fn reports_say_what_holds_and_what_does_not() {
    let log = log();
    let file = receipt(
        &log,
        4,
        View::new(leaf(4), vec![openings(4)[0].clone()]).unwrap(),
    );
    let policy = policy_text("all", 1);
    let report = verifier::report::receipt(policy.as_bytes(), file.to_string().as_bytes(), NOW);
    let head = log.edge.head();
    assert_eq!(
        report,
        format!(
            "{{\"valid\":true,\"origin\":\"voucher.example/log1\",\"size\":\"12\",\"root\":\"{}\",\
             \"cosigned\":[{{\"witness\":\"w0\",\"at\":\"{NOW}\"}}],\"index\":\"4\",\"leaf\":\"{}\",\"kind\":1,\
             \"groups\":[{{\"group\":0,\"name\":\"core\",\"content\":\"Q29yZSBvZiA0\",\"unreadable\":true}}]}}",
            head.root,
            leaf(4).hash()
        )
    );
    let moved = ProofFile { index: 5, ..file };
    assert_eq!(
        verifier::report::receipt(policy.as_bytes(), moved.to_string().as_bytes(), NOW),
        "{\"valid\":false,\"check\":\"inclusion\",\"reason\":\"inclusion: the proof leads to another root\"}"
    );
    assert_eq!(
        verifier::report::receipt(b"log \"\n", b"", NOW),
        "{\"valid\":false,\"check\":\"policy\",\"reason\":\"policy: line 1 has a key that cannot be read: it reads name+id+key\"}"
    );
}

proptest! {
    #[test]
    fn leaves_and_views_read_back(
        index in any::<u64>(),
        contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 5),
        salt in any::<[u8; 32]>(),
        shown in proptest::collection::vec(any::<bool>(), 5),
    ) {
        let all: Vec<Opening> = FieldGroup::ALL.into_iter().zip(contents).map(|(group, content)| Opening {
            group,
            salt: Salt::new(salt),
            content,
        }).collect();
        let commitments = all.iter().map(Opening::commitment).collect();
        let leaf = Leaf::new(LeafKind::ENTRY, index, commitments).unwrap();
        let entry = leaf.encode();
        prop_assert_eq!(Leaf::parse(entry.as_bytes()), Ok(leaf.clone()));
        let read = verifier::leaf::Leaf::parse(entry.as_bytes()).unwrap();
        prop_assert_eq!(read.index, index);
        let seen: Vec<Opening> = all.into_iter().zip(shown).filter_map(|(one, is_shown)| is_shown.then_some(one)).collect();
        let view = View::new(leaf, seen).unwrap();
        prop_assert_eq!(View::parse(&view.encode()), Ok(view));
    }
}
