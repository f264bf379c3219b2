use secrecy::ExposeSecret;

use super::*;

#[test]
fn key_is_the_prefix_and_31_characters_that_need_no_escape() {
    let key = generate_api_key(API_KEY_PREFIX);
    let random = key.expose_secret().strip_prefix("psc_").unwrap();
    assert_eq!(random.len(), 31);
    assert!(
        random
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    );
    assert_ne!(
        key.expose_secret(),
        generate_api_key(API_KEY_PREFIX).expose_secret()
    );
}

#[test]
fn debug_shows_no_key() {
    let key = generate_api_key(API_KEY_PREFIX);
    assert!(!format!("{key:?}").contains(key.expose_secret()));
}
