use super::*;

const SENDER: &str = "Scrip <scrip@issuer.example>";

#[test]
fn servers_are_named_by_urls_and_only_this_machine_is_trusted_without_tls() {
    let check = |server: &str, expected: Option<&str>| {
        let refusal = SmtpServer::new(server, SENDER).err();
        let words = refusal.map(|refusal| refusal.to_string());
        match expected {
            None => assert_eq!(words, None, "{server}"),
            Some(part) => assert!(words.is_some_and(|it| it.contains(part)), "{server}"),
        }
    };
    check("smtps://anna:secret@mail.example:465", None);
    check("smtps://anna:p%40ss@mail.example", None);
    check("smtp+starttls://anna:secret@mail.example:587", None);
    check("smtp+plain://127.0.0.1:2525", None);
    check("smtp+plain://localhost:2525", None);
    check("smtp+plain://[::1]:2525", None);
    for server in [
        "smtp+plain://mail.example:25",
        "smtp+plain://10.0.0.1:25",
        "smtp+plain://127.0.0.1.example:25",
    ] {
        check(server, Some("on this machine alone"));
    }
    for server in [
        "",
        "mail.example",
        "smtp://mail.example:25",
        "https://mail.example",
        "smtps://",
        "smtps://mail.example/path",
        "smtp+starttls://mail.example?tls=none",
        "smtps://mail.example#x",
    ] {
        check(server, Some("it must be smtps://"));
    }
}

#[test]
fn signs_of_passwords_are_read_as_they_were_meant() {
    let check = |encoded: &str, expected: Option<&str>| {
        assert_eq!(plain_text(encoded).as_deref(), expected, "{encoded}");
    };
    check("p%40ss+1", Some("p@ss+1"));
    check("%C3%A9", Some("é"));
    check("", Some(""));
    for broken in ["%", "%4", "%4x", "%FF"] {
        check(broken, None);
    }
}

#[test]
fn a_refused_server_shows_no_password() {
    let refusal = SmtpServer::new("smtp://anna:secret@mail.example", SENDER).unwrap_err();
    assert!(!format!("{refusal:?} {refusal}").contains("secret"));
}

#[test]
fn the_sender_is_an_address() {
    for sender in ["", "scrip", "Scrip <scrip@>"] {
        let refusal = SmtpServer::new("smtp+plain://127.0.0.1", sender).unwrap_err();
        assert!(matches!(refusal, SmtpRefusal::NoSender), "{sender}");
    }
}

#[tokio::test]
async fn nothing_of_the_text_reaches_the_head_of_a_letter() {
    let server = SmtpServer::new("smtp+plain://127.0.0.1", SENDER).unwrap();
    let address = EmailAddress::parse("anna@example.org").unwrap();
    let written = Written {
        subject: "Bon d’achat\r\nBcc: eve@example.org".to_owned(),
        body: "Ein Text mit Ümlauten.\n.\n".to_owned(),
    };
    let envelope = Envelope {
        to: &address,
        written: &written,
        id: "letter-7",
        at: Timestamp(1_796_212_800_000),
    };
    let message = server.message(envelope).unwrap();
    let text = String::from_utf8(message.formatted()).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    assert!(!head.lines().any(|line| line.starts_with("Bcc:")), "{head}");
    for line in [
        "To: anna@example.org",
        "Message-ID: <letter-7@issuer.example>",
        "Auto-Submitted: auto-generated",
        "Date: Wed, 02 Dec 2026 12:00:00 +0000",
    ] {
        assert!(head.lines().any(|it| it == line), "{line} in {head}");
    }
    let recipients = message.envelope().to();
    assert_eq!(recipients.len(), 1);
}
