use super::*;

#[test]
fn token_is_alphanumeric_and_never_repeats() {
    let mut seen = std::collections::HashSet::new();
    for _ in 0..10_000 {
        let token = random_token();
        assert!(token.as_bytes().iter().all(u8::is_ascii_alphanumeric));
        assert_eq!(token.as_bytes().len(), TOKEN_LENGTH);
        assert!(seen.insert(token));
    }
}

#[test]
fn every_character_appears_in_tokens() {
    // Each of 64,000 characters misses a given one with 61/62, so all 62 appear but for one run in 10^449.
    let seen: std::collections::BTreeSet<u8> = (0..2_000)
        .flat_map(|_| random_token().as_bytes().to_vec())
        .collect();
    assert_eq!(seen.len(), ALPHANUMERIC.len());
}

#[test]
fn words_of_the_incomplete_cycle_are_rejected() {
    // 2^64 leaves 6 when divided by 10: exactly the six highest words would favour the digits 0 to 5.
    let mut words = [u64::MAX, u64::MAX - 5, u64::MAX - 6].into_iter();
    let number = uniform_below(10, || words.next().expect("the third word is accepted"));
    assert_eq!(number, 9);
}

#[test]
fn a_bound_that_divides_two_to_the_64_rejects_nothing() {
    assert_eq!(uniform_below(16, || u64::MAX), 15);
}
