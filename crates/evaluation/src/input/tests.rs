use std::error::Error;
use std::fs;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use risk::event::{Outcome, Verdict};

use super::*;

const MAPPING: &str = r#"
time = "when"
amount = "sum"
payer = "who"
payee = "shop"
address = "ip"
label = "fraud"
numbers = ["age"]
categories = ["channel"]
"#;

const HEADER: &str = "when,sum,who,shop,ip,fraud,age,channel\n";
const SOUND: &str =
    "2026-01-01 10:00:00,12.50,a,s,192.0.2.7,0,33,web\n2026-01-01T09:00:00Z,3,b,s,,1,,\n";

fn read_text(text: &str, mapping: &str) -> Result<Stream, InputError> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("events.csv");
    fs::write(&path, text).expect("written");
    fs::write(
        directory.path().join("labels.csv"),
        "payment,outcome\n7,fraud\n",
    )
    .expect("written");
    read(&path, &Mapping::parse(mapping)?)
}

/// The refusal with what it came from.
fn refusal(text: &str, mapping: &str) -> String {
    let refused = read_text(text, mapping).expect_err("a refusal");
    let mut words = refused.to_string();
    let mut source = refused.source();
    while let Some(inner) = source {
        words = format!("{words}: {inner}");
        source = inner.source();
    }
    words
}

fn attempts(stream: &Stream) -> Vec<(&risk::event::Attempt, Option<Verdict>)> {
    let attempt = |event: &'_ StreamEvent| match event {
        StreamEvent::Attempt { .. } => true,
        StreamEvent::Other(_) => false,
    };
    assert!(stream.events.iter().all(attempt));
    let parts = stream.events.iter().filter_map(|event| match event {
        StreamEvent::Attempt {
            attempt, verdict, ..
        } => Some((attempt, *verdict)),
        StreamEvent::Other(_) => None,
    });
    parts.collect()
}

#[test]
fn rows_become_attempts_in_the_order_of_time() {
    let stream = read_text(&format!("{HEADER}{SOUND}"), MAPPING).expect("a stream");
    assert_eq!(stream.rows, [2, 1]);
    let attempts = attempts(&stream);
    let (first, verdict) = attempts[0];
    assert_eq!(verdict, Some(Verdict::Fraud));
    assert_eq!(first.amount_minor, Some(300));
    assert!(first.address.is_none() && first.network.is_none());
    assert!(first.attributes[0].is_nan() && first.categories.is_empty());
    let (second, verdict) = attempts[1];
    assert_eq!(verdict, Some(Verdict::Good));
    assert_eq!(second.at, Timestamp(1_767_261_600_000));
    assert_eq!(second.amount_minor, Some(1_250));
    assert_eq!(second.merchant, first.merchant);
    assert_ne!(second.account, first.account);
    assert!(second.network.is_some());
    assert_eq!((second.attributes[0], second.categories.len()), (33.0, 1));
}

#[test]
fn bad_files_are_refused_with_the_place_and_the_reason() {
    let table = [
        (
            "when,sum,who\n2026-01-01 10:00:00,1,a\n".to_owned(),
            "the mapping names the column shop for payee, and the file has no such column; it has: when, sum, who",
        ),
        (
            format!("{HEADER}{SOUND}yesterday,1,a,s,,0,,\n"),
            "row 3: \"yesterday\" in the column when is not a time from 1970 to 2106 in the form that the mapping says",
        ),
        (
            format!("{HEADER}1812-06-24 00:00:00,1,a,s,,0,,\n"),
            "row 1: \"1812-06-24 00:00:00\" in the column when is not a time from 1970 to 2106 in the form that the mapping says",
        ),
        (
            format!("{HEADER},1,a,s,,0,,\n"),
            "row 1: the column when is empty, and every row needs it",
        ),
        (
            format!("{HEADER}2026-01-01 10:00:00,much,a,s,,0,,\n"),
            "row 1: \"much\" in the column sum is not an amount",
        ),
        (
            format!("{HEADER}2026-01-01 10:00:00,1,a,s,,maybe,,\n"),
            "row 1: \"maybe\" in the column fraud is not a label (1, true, fraud, yes or 0, false, good, no)",
        ),
        (
            format!("{HEADER}{SOUND}{SOUND}"),
            "rows 1 and 3 are the same in every mapped column; name an id column if that is meant",
        ),
        (HEADER.to_owned(), "the file has no rows"),
    ];
    for (text, expected) in table {
        assert_eq!(refusal(&text, MAPPING), expected);
    }
    let ragged = refusal(&format!("{HEADER}2026-01-01 10:00:00,1\n"), MAPPING);
    assert!(
        ragged.contains("is not sound CSV") && ragged.contains("found record with 2 fields"),
        "{ragged}"
    );
}

#[test]
fn labels_of_their_own_file_must_speak_of_payments_that_there_are() {
    let mapping = r#"
        time = "when"
        id = "id"
        [labels]
        path = "labels.csv"
        id = "payment"
        label = "outcome"
    "#;
    let sound = "when,id\n2026-01-01 10:00:00,6\n2026-01-01 10:00:00,7\n";
    let stream = read_text(sound, mapping).expect("a stream");
    let verdicts: Vec<_> = attempts(&stream)
        .into_iter()
        .map(|(_, verdict)| verdict)
        .collect();
    assert_eq!(verdicts, [Some(Verdict::Good), Some(Verdict::Fraud)]);
    assert_eq!(stream.scenarios, [0, 1]);
    assert_eq!(
        refusal("when,id\n2026-01-01 10:00:00,6\n", mapping),
        "the labels name the payment \"7\" in row 1, which the stream does not have"
    );
    assert_eq!(
        refusal(
            "when,id\n2026-01-01 10:00:00,7\n2026-01-01 11:00:00,7\n",
            mapping
        ),
        "rows 1 and 2 have the same id \"7\"; each payment may stand in the file once"
    );
}

#[test]
fn mappings_that_do_not_hold_are_refused() {
    let table = [
        (
            "time = \"a\"",
            "neither `label` nor `labels` says what turned out to be fraud",
        ),
        ("label = \"a\"", "missing field `time`"),
        (
            "time = \"a\"\nlabel = \"b\"\nwho = \"c\"",
            "unknown field `who`",
        ),
        (
            "time = \"a\"\nlabel = \"b\"\namount_decimals = 9",
            "amount_decimals is 9; it is 0 to 6",
        ),
        (
            "time = \"a\"\nlabel = \"b\"\ncategories = [\"a\", \"b\", \"c\", \"d\", \"e\"]",
            "5 columns are listed as categories, and at most 4 can be used",
        ),
    ];
    for (mapping, expected) in table {
        let refused = refusal(HEADER, mapping);
        assert!(refused.contains(expected), "{refused}");
    }
}

#[test]
fn parquet_gives_the_same_stream_as_csv() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("events.parquet");
    let schema = "message m {
        required int64 when (TIMESTAMP_MILLIS);
        optional double sum;
        required binary who (UTF8);
        required int32 fraud;
    }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let file = fs::File::create(&path).expect("a file");
    let mut writer = SerializedFileWriter::new(file, schema, Default::default()).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let mut column = group.next_column().expect("ok").expect("when");
    let times = [1_767_261_600_000, 1_767_258_000_000];
    column
        .typed::<Int64Type>()
        .write_batch(&times, None, None)
        .expect("written");
    column.close().expect("closed");
    let mut column = group.next_column().expect("ok").expect("sum");
    column
        .typed::<DoubleType>()
        .write_batch(&[12.5], Some(&[1, 0]), None)
        .expect("written");
    column.close().expect("closed");
    let mut column = group.next_column().expect("ok").expect("who");
    let names = [ByteArray::from("a"), ByteArray::from("b")];
    column
        .typed::<ByteArrayType>()
        .write_batch(&names, None, None)
        .expect("written");
    column.close().expect("closed");
    let mut column = group.next_column().expect("ok").expect("fraud");
    column
        .typed::<Int32Type>()
        .write_batch(&[0, 1], None, None)
        .expect("written");
    column.close().expect("closed");
    group.close().expect("closed");
    writer.close().expect("closed");

    let mapping = "time = \"when\"\namount = \"sum\"\npayer = \"who\"\nlabel = \"fraud\"";
    let of_parquet = read(&path, &Mapping::parse(mapping).expect("a mapping")).expect("a stream");
    let text = "when,sum,who,fraud\n2026-01-01 10:00:00,12.5,a,0\n2026-01-01 09:00:00,,b,1\n";
    let of_csv = read_text(text, mapping).expect("a stream");
    assert_eq!(of_parquet.events, of_csv.events);
    assert_eq!(of_parquet.rows, of_csv.rows);

    fs::write(&path, b"PAR1 and nothing else PAR1").expect("written");
    let refused = read(&path, &Mapping::parse(mapping).expect("a mapping")).expect_err("a refusal");
    assert!(matches!(refused, InputError::Parquet { .. }), "{refused}");
}

const PLACES: &str = r#"
time = "when"
label = "fraud"
place = ["lat", "lon"]
payee_place = ["shop_lat", "shop_lon"]
home = ["home_lat", "home_lon"]
declined = "no"
"#;

#[test]
fn places_and_refusals_come_from_their_columns() {
    let text = "when,fraud,lat,lon,shop_lat,shop_lon,home_lat,home_lon,no\n\
        2026-01-01T09:00:00Z,0,48.2,16.4,49.2,16.4,,16.4,1\n";
    let stream = read_text(text, PLACES).expect("a stream");
    let (attempt, _) = attempts(&stream)[0];
    let (place, shop) = (attempt.place, attempt.merchant_place);
    let kilometres = place.expect("a place").distance(shop.expect("a place"));
    assert!((111.0..111.5).contains(&kilometres), "{kilometres}");
    assert_eq!(attempt.home, None, "half a place is none");
    let outcome = |event: &StreamEvent| match event {
        StreamEvent::Attempt { outcome, .. } => Some(*outcome),
        StreamEvent::Other(_) => None,
    };
    assert_eq!(outcome(&stream.events[0]), Some(Outcome::WrongPin));
    // The same numbers on a plane are a hundredth of that.
    let plane = format!("places = \"plane\"\n{PLACES}");
    let stream = read_text(text, &plane).expect("a stream");
    let (attempt, _) = attempts(&stream)[0];
    let (place, shop) = (attempt.place, attempt.merchant_place);
    let kilometres = place.expect("a place").distance(shop.expect("a place"));
    assert!((kilometres - 1.0).abs() < 1e-4, "{kilometres}");

    let wrong = text.replace("48.2,16.4", "98.2,16.4");
    let refused = refusal(&wrong, PLACES);
    assert!(
        refused.contains("row 1") && refused.contains("in degrees or on a plane"),
        "{refused}"
    );
    let wrong = text.replace(",1\n", ",maybe\n");
    let refused = refusal(&wrong, PLACES);
    assert!(refused.contains("a flag"), "{refused}");
}
