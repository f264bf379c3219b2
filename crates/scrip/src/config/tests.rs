use super::Config;

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::parse(text, environment).map_err(|error| format!("{error:#}"))
}

#[test]
fn an_empty_file_gives_the_defaults() {
    let config = parse("", &[]).expect("the defaults");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.log.level, "info");
}

#[test]
fn the_environment_overrides_the_file() {
    let text = "listen = '127.0.0.1:1'\n[webhooks]\nallow_private_targets = false";
    let environment = [
        ("SCRIP_LISTEN", "127.0.0.1:2"),
        ("SCRIP_WEBHOOKS_ALLOW_PRIVATE_TARGETS", "true"),
        ("SCRIP_TRUSTED_PROXIES", "['10.0.0.1']"),
        ("SCRIP_LOG_FORMAT", "json"),
        ("HOME", "/root"),
    ];
    let config = parse(text, &environment).expect("a valid configuration");
    assert_eq!(config.listen.port(), 2);
    assert!(config.webhooks.allow_private_targets);
    assert_eq!(config.trusted_proxies.len(), 1);
}

#[test]
fn an_unknown_key_is_refused_with_a_hint() {
    let cases = [
        ("listne = '127.0.0.1:1'", "did you mean `listen`?"),
        (
            "[webhooks]\nallow_private_target = true",
            "did you mean `webhooks.allow_private_targets`?",
        ),
        ("zzz = 1", "lists them all"),
    ];
    for (text, hint) in cases {
        let error = parse(text, &[]).expect_err(text);
        assert!(error.contains(hint), "{error}");
    }
    let error = parse("", &[("SCRIP_LISTNE", "x")]).expect_err("an unknown variable");
    assert!(
        error.contains("SCRIP_LISTNE") && error.contains("did you mean"),
        "{error}"
    );
}

#[test]
fn half_a_tls_section_is_refused() {
    let error = parse("[tls]\ncertificate = 'chain.pem'", &[]).expect_err("half a section");
    assert!(error.contains("tls.key"), "{error}");
}

#[test]
fn values_that_cannot_work_are_refused() {
    let cases = [
        ("data = ''", "data must name a directory"),
        ("connections_max = 0", "at least 1"),
        ("wrong_pins_per_hour = 0", "between 1 and 360000"),
        ("wrong_pins_per_hour = 360001", "between 1 and 360000"),
        ("wrong_pins_per_hour = -1", "wrong_pins_per_hour"),
        (
            "wrong_pin_per_hour = 1",
            "did you mean `wrong_pins_per_hour`",
        ),
        ("public_url = 'pay.example'", "https://pay.example"),
        ("public_url = 'javascript:alert(1)'", "https://pay.example"),
        (
            "public_url = 'https://pay.example/path'",
            "https://pay.example",
        ),
        ("listen = '0.0.0.0:8080'", "public_url is needed"),
        ("[log]\nlevel = 'loud'", "one of error, warn"),
        ("metrics = '9464'", "such as 127.0.0.1:9464"),
        (
            "metrics = '127.0.0.1:8080'",
            "that payers and shops do not reach",
        ),
    ];
    for (text, expected) in cases {
        let error = parse(text, &[]).expect_err(text);
        assert!(error.contains(expected), "{error}");
    }
    let listens_anywhere = "listen = '0.0.0.0:8080'\npublic_url = 'https://pay.example'";
    assert!(parse(listens_anywhere, &[]).is_ok());
}

#[test]
fn a_text_from_the_environment_stays_a_text() {
    let config = parse("", &[("SCRIP_DATA", "12345")]).expect("a valid configuration");
    assert_eq!(config.data.to_str(), Some("12345"));
    let error = parse("", &[("SCRIP_CONNECTIONS_MAX", "many")]).expect_err("a text for a number");
    assert!(error.contains("connections_max"), "{error}");
}

#[test]
fn a_node_drains_for_a_bounded_time() {
    let config = parse("", &[("SCRIP_DRAIN_SECONDS", "5")]).expect("a valid configuration");
    assert_eq!(config.drain_seconds, 5);
    let error = parse("drain_seconds = 601", &[]).expect_err("ten minutes are enough");
    assert!(error.contains("at most 600"), "{error}");
}

#[test]
fn a_mail_server_and_its_sender_go_together_and_show_no_password() {
    let whole = "[mail]\nsmtp = 'smtps://anna:secret@mail.example'\nfrom = 'scrip@issuer.example'";
    let config = parse(whole, &[]).expect("a valid configuration");
    assert!(config.mail.server().expect("a server").is_some());
    assert!(!format!("{config:?}").contains("secret"));
    assert!(
        parse("", &[])
            .expect("the defaults")
            .mail
            .server()
            .expect("none")
            .is_none()
    );
    let cases = [
        ("smtp = 'smtps://anna:secret@mail.example'", "give both"),
        ("from = 'scrip@issuer.example'", "give both"),
        (
            "smtp = 'smtp+plain://anna:secret@mail.example'\nfrom = 'scrip@issuer.example'",
            "on this machine alone",
        ),
        (
            "smtp = 'smtp://anna:secret@mail.example'\nfrom = 'scrip@issuer.example'",
            "smtp+starttls://",
        ),
    ];
    for (text, part) in cases {
        let error = parse(&format!("[mail]\n{text}"), &[]).expect_err(text);
        assert!(error.contains(part), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn a_memory_for_risk_out_of_its_range_is_refused_with_the_range() {
    for entities in ["0", "255", "1073741825"] {
        let text = format!("[risk]\nentities_max = {entities}");
        let error = parse(&text, &[]).expect_err(&text);
        assert!(error.contains("between 256 and 1073741824"), "{error}");
    }
    for entities in ["256", "1073741824"] {
        let text = format!("[risk]\nentities_max = {entities}");
        parse(&text, &[]).expect(&text);
    }
}
