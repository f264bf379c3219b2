use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::base64;
use crate::merkle::{Hash, check_consistency, check_inclusion, empty_root, leaf_hash, node_hash};
use crate::reading::decimal;

#[test]
fn base64_has_one_spelling() {
    for (bytes, text) in [
        (&b""[..], ""),
        (b"f", "Zg=="),
        (b"fo", "Zm8="),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg=="),
        (b"\xfb\xff\xfe", "+//+"),
    ] {
        assert_eq!(base64::encode(bytes), text);
        assert_eq!(base64::decode(text).as_deref(), Some(bytes));
    }
    for text in [
        "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "====", "Z===", "Zm9v\n", "Zm-v", "Zm9vYg",
    ] {
        assert_eq!(base64::decode(text), None, "{text}");
    }
}

#[test]
fn decimals_have_one_spelling() {
    for (text, number) in [
        ("0", Some(0)),
        ("18446744073709551615", Some(u64::MAX)),
        ("18446744073709551616", None),
        ("", None),
        ("00", None),
        ("01", None),
        ("+1", None),
        ("1 ", None),
    ] {
        assert_eq!(decimal(text), number, "{text}");
    }
}

#[test]
fn hashes_are_those_of_rfc_6962() {
    assert_eq!(
        empty_root().to_string(),
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    );
    // No leaf is a node: the same bytes hash differently.
    let (left, right) = (leaf_hash(b"a"), leaf_hash(b"b"));
    let joined: Vec<u8> = [left.0, right.0].concat();
    assert_ne!(node_hash(left, right), leaf_hash(&joined));
}

/// The trees of one to seven leaves of RFC 6962, section 2.1.3, whose proofs the section spells out.
#[test]
fn proofs_are_those_that_rfc_6962_spells_out() {
    let leaves: Vec<Hash> = (0..7_u8).map(|number| leaf_hash(&[b'd', number])).collect();
    let [a, b, c, d, e, f, j] = leaves[..] else {
        unreachable!("seven leaves were made");
    };
    let (g, h, i) = (node_hash(a, b), node_hash(c, d), node_hash(e, f));
    let (k, l) = (node_hash(g, h), node_hash(i, j));
    let root = node_hash(k, l);
    let tree = (7, root);
    for (leaf, index, proof) in [
        (a, 0, &[b, h, l][..]),
        (d, 3, &[c, g, l]),
        (e, 4, &[f, j, k]),
        (j, 6, &[i, k]),
    ] {
        assert_eq!(check_inclusion(leaf, index, tree, proof), Ok(()));
    }
    for (old, proof) in [
        ((3, node_hash(g, c)), &[c, d, g, l][..]),
        ((4, k), &[l]),
        ((6, node_hash(k, i)), &[i, j, k]),
        ((7, root), &[]),
        ((0, empty_root()), &[]),
    ] {
        assert_eq!(check_consistency(old, tree, proof), Ok(()));
    }
}

#[test]
fn names_of_checks_begin_each_reason() {
    let failure = check_inclusion(leaf_hash(b""), 7, (7, empty_root()), &[]).unwrap_err();
    let text: String = failure.to_string();
    assert_eq!(text, "inclusion: a tree of 7 leaves has no leaf 7");
}
