//! Rows of a file, cell by cell, whatever its form.

use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use super::InputError;

/// Calls `each` with the number of every row, from 1, and the text of its chosen columns; an empty text is nothing.
///
/// Numbers of Parquet become the shortest text that reads back as the same number, times milliseconds since 1970.
pub(super) fn for_each_row(
    path: &Path,
    names: &[String],
    roles: &[&'static str],
    each: impl FnMut(usize, &[&str]) -> Result<(), InputError>,
) -> Result<(), InputError> {
    match path
        .extension()
        .is_some_and(|extension| extension == "parquet")
    {
        true => parquet_rows(path, names, roles, each),
        false => csv_rows(path, names, roles, each),
    }
}

fn csv_rows(
    path: &Path,
    names: &[String],
    roles: &[&'static str],
    mut each: impl FnMut(usize, &[&str]) -> Result<(), InputError>,
) -> Result<(), InputError> {
    let unsound = |source: csv::Error| InputError::Csv {
        path: path.display().to_string(),
        source,
    };
    let mut reader = csv::Reader::from_reader(open(path)?);
    let header: Vec<String> = reader
        .headers()
        .map_err(unsound)?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let places = places(&header, names, roles)?;
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    while reader.read_record(&mut record).map_err(unsound)? {
        number += 1;
        let cell = |place: &usize| record.get(*place).unwrap_or("").trim();
        let cells: Vec<&str> = places.iter().map(cell).collect();
        each(number, &cells)?;
    }
    Ok(())
}

fn parquet_rows(
    path: &Path,
    names: &[String],
    roles: &[&'static str],
    mut each: impl FnMut(usize, &[&str]) -> Result<(), InputError>,
) -> Result<(), InputError> {
    let unsound = |source| InputError::Parquet {
        path: path.display().to_string(),
        source,
    };
    let reader = SerializedFileReader::new(open(path)?).map_err(unsound)?;
    let schema = reader.metadata().file_metadata().schema();
    let header: Vec<String> = schema
        .get_fields()
        .iter()
        .map(|field| field.name().to_owned())
        .collect();
    let places = places(&header, names, roles)?;
    for (index, row) in reader.get_row_iter(None).map_err(unsound)?.enumerate() {
        let row = row.map_err(unsound)?;
        let fields: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
        let texts: Vec<String> = places
            .iter()
            .map(|place| {
                fields
                    .get(*place)
                    .map_or(String::new(), |field| text_of(field))
            })
            .collect();
        let cells: Vec<&str> = texts.iter().map(String::as_str).collect();
        each(index + 1, &cells)?;
    }
    Ok(())
}

fn text_of(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.trim().to_owned(),
        Field::Bool(is_so) => u8::from(*is_so).to_string(),
        Field::Double(number) if !number.is_finite() => String::new(),
        Field::Float(number) if !number.is_finite() => String::new(),
        Field::TimestampMillis(ms) => ms.to_string(),
        Field::TimestampMicros(us) => us.div_euclid(1_000).to_string(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::Double(number) => number.to_string(),
        Field::Float(number) => number.to_string(),
        other => other.to_string(),
    }
}

fn open(path: &Path) -> Result<File, InputError> {
    File::open(path).map_err(|source| InputError::Unreadable {
        path: path.display().to_string(),
        source,
    })
}

fn places(
    header: &[String],
    names: &[String],
    roles: &[&'static str],
) -> Result<Vec<usize>, InputError> {
    let place = |(name, role): (&String, &&'static str)| {
        let found = header.iter().position(|column| column == name);
        found.ok_or_else(|| InputError::MissingColumn {
            role,
            column: name.clone(),
            found: header.join(", "),
        })
    };
    names.iter().zip(roles).map(place).collect()
}
