use money::currency::Currency;

use super::*;
use crate::pin_sequence::{PinSeed, PinSequence};

fn euros(minor: i64) -> Amount {
    Amount::new(minor, "EUR".parse::<Currency>().unwrap())
}

fn write_batch(
    target: &Path,
    recipient: &Recipient,
    encoding: Encoding,
    vouchers: u64,
) -> PinSequence {
    let sequence = PinSequence::from_seed(&PinSeed::generate());
    let mut writer = BatchWriter::create(target, recipient, encoding).unwrap();
    for index in 0..vouchers {
        writer
            .write_voucher(
                sequence.serial_at(index, 0),
                &sequence.pin_at(index, 0),
                euros(2_550),
            )
            .unwrap();
    }
    writer.finish().unwrap();
    sequence
}

fn read_all(bytes: &[u8], identity: &Identity) -> Result<String, DecryptError> {
    let mut text = String::new();
    let outcome = decrypt(bytes, &identity.secret_key)?.read_to_string(&mut text);
    outcome
        .map(|_| text)
        .map_err(|source| DecryptError::Read { source })
}

#[test]
fn batch_is_read_back_with_its_key_and_shows_no_pin_without() {
    let directory = tempfile::tempdir().unwrap();
    let identity = generate_identity();
    for encoding in [Encoding::Binary, Encoding::Armored] {
        let target = directory.path().join(format!("{encoding:?}.csv.age"));
        // Enough for several of age's chunks of 64 KiB.
        let sequence = write_batch(&target, &identity.recipient, encoding, 5_000);
        let bytes = fs::read(&target).unwrap();
        assert_eq!(
            bytes.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----"),
            encoding == Encoding::Armored
        );

        let text = read_all(&bytes, &identity).unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("serial,pin,amount,currency"));
        for index in 0..5_000 {
            let (serial, pin) = (sequence.serial_at(index, 0), sequence.pin_at(index, 0));
            assert_eq!(
                lines.next().unwrap(),
                format!("{serial},{},25.50,EUR", pin.as_str())
            );
            if index < 20 {
                assert!(
                    !bytes
                        .windows(16)
                        .any(|window| window == pin.as_ascii_digits())
                );
            }
        }
        assert_eq!(lines.next(), None);
    }
}

#[test]
fn name_appears_only_when_the_batch_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("batch.age");
    let partial = directory.path().join("batch.age.partial");
    fs::write(
        &partial,
        "left by a run that was killed, and longer than nothing",
    )
    .unwrap();

    let identity = generate_identity();
    let mut writer = BatchWriter::create(&target, &identity.recipient, Encoding::Binary).unwrap();
    writer
        .write_voucher(crate::serial::random_serial(), &Pin::generate(), euros(1))
        .unwrap();
    assert!(partial.exists());
    assert!(!target.exists());
    writer.finish().unwrap();
    assert!(!partial.exists());
    assert_eq!(
        read_all(&fs::read(&target).unwrap(), &identity)
            .unwrap()
            .lines()
            .count(),
        2
    );
}

#[test]
fn abandoned_batch_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("batch.age");
    drop(BatchWriter::create(&target, &generate_identity().recipient, Encoding::Binary).unwrap());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn finished_batch_is_not_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("batch.age");
    let identity = generate_identity();
    write_batch(&target, &identity.recipient, Encoding::Binary, 1);
    let before = fs::read(&target).unwrap();
    let refusal = BatchWriter::create(&target, &identity.recipient, Encoding::Binary).unwrap_err();
    assert!(matches!(refusal, BatchFileError::Exists { .. }));
    assert_eq!(fs::read(&target).unwrap(), before);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn second_writer_of_the_same_name_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("batch.age");
    let recipient = generate_identity().recipient;
    let first = BatchWriter::create(&target, &recipient, Encoding::Binary).unwrap();
    let refusal = BatchWriter::create(&target, &recipient, Encoding::Binary).unwrap_err();
    assert!(matches!(refusal, BatchFileError::Busy { .. }));
    first.finish().unwrap();
    assert!(target.exists());
}

#[test]
fn missing_directory_is_reported_with_the_path() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("absent").join("batch.age");
    let failure =
        BatchWriter::create(&target, &generate_identity().recipient, Encoding::Binary).unwrap_err();
    assert!(matches!(failure, BatchFileError::Write { .. }));
    assert!(failure.to_string().contains("absent"));
}

#[test]
fn file_does_not_open_with_another_key_nor_when_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("batch.age");
    let identity = generate_identity();
    write_batch(&target, &identity.recipient, Encoding::Binary, 10);
    let bytes = fs::read(&target).unwrap();

    assert!(matches!(
        read_all(&bytes, &generate_identity()),
        Err(DecryptError::OtherRecipient)
    ));
    assert!(matches!(
        read_all(b"serial,pin", &identity),
        Err(DecryptError::Damaged)
    ));
    assert!(matches!(
        read_all(&bytes[..bytes.len() - 1], &identity),
        Err(DecryptError::Read { .. })
    ));
    let mut tampered = bytes;
    *tampered.last_mut().unwrap() ^= 1;
    assert!(matches!(
        read_all(&tampered, &identity),
        Err(DecryptError::Read { .. })
    ));

    let no_key = decrypt(&b""[..], &SecretString::from("AGE-SECRET-KEY-1NOTHING"));
    assert!(matches!(
        no_key.err(),
        Some(DecryptError::MalformedSecretKey)
    ));
}

#[test]
fn recipient_survives_its_text() {
    let recipient = generate_identity().recipient;
    assert_eq!(Recipient::parse(&format!(" {recipient}\n")), Ok(recipient));
}

#[test]
fn text_that_is_no_recipient_is_refused_with_the_reason() {
    let identity = generate_identity();
    let mut mistyped = identity.recipient.to_string();
    let last = mistyped.pop().unwrap();
    mistyped.push(if last == 'q' { 'p' } else { 'q' });
    for (text, expected) in [
        ("", RecipientError::Empty),
        (
            identity.secret_key.expose_secret(),
            RecipientError::SecretKey,
        ),
        (mistyped.as_str(), RecipientError::Malformed),
        ("age1", RecipientError::Malformed),
        (
            "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
            RecipientError::OtherKind,
        ),
        (
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB",
            RecipientError::OtherKind,
        ),
    ] {
        assert_eq!(
            Recipient::parse(text).unwrap_err(),
            expected,
            "{expected:?}"
        );
    }
}
