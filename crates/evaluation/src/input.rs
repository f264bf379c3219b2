//! Streams of others: a CSV or Parquet file, and a mapping that says what its columns are.

pub mod mapping;
mod parse;
mod table;

use std::path::Path;

use ids::time::Timestamp;
use risk::stream::StreamEvent;

use mapping::Mapping;

/// Rows of a file; more are refused, because a run holds all of them.
pub const ROWS_MAX: usize = 20_000_000;

/// A stream in the order of time.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    pub events: Vec<StreamEvent>,
    /// For each event the number of its row in the file, from 1 and without the header.
    pub rows: Vec<usize>,
    /// For each event the kind of fraud: 0 for good attempts, else a place in `scenario_names`, from 1.
    pub scenarios: Vec<u32>,
    pub scenario_names: Vec<String>,
}

/// Why a file is not a stream. Rows are numbered from 1, without the header.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("the file {path} cannot be read")]
    Unreadable {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("the file {path} is not sound CSV")]
    Csv {
        path: String,
        #[source]
        source: csv::Error,
    },
    #[error("the file {path} is not Parquet that can be read (plain or snappy)")]
    Parquet {
        path: String,
        #[source]
        source: parquet::errors::ParquetError,
    },
    #[error("the mapping does not hold")]
    Mapping(#[from] mapping::MappingError),
    #[error(
        "the mapping names the column {column} for {role}, and the file has no such column; it has: {found}"
    )]
    MissingColumn {
        role: &'static str,
        column: String,
        found: String,
    },
    #[error("row {row}: {value:?} in the column {column} is not {wanted}")]
    Value {
        row: usize,
        column: String,
        value: String,
        wanted: &'static str,
    },
    #[error("row {row}: the column {column} is empty, and every row needs it")]
    Empty { row: usize, column: String },
    #[error(
        "rows {first} and {second} have the same id {id:?}; each payment may stand in the file once"
    )]
    DuplicateId {
        first: usize,
        second: usize,
        id: String,
    },
    #[error(
        "rows {first} and {second} are the same in every mapped column; name an id column if that is meant"
    )]
    DuplicateRow { first: usize, second: usize },
    #[error("the labels name the payment {id:?} in row {row}, which the stream does not have")]
    UnknownPayment { row: usize, id: String },
    #[error("the file has more than {ROWS_MAX} rows")]
    TooManyRows,
    #[error("the file has no rows")]
    NoRows,
}

/// Reads a stream; a name that ends in `.parquet` is Parquet, any other CSV with a header.
pub fn read(path: &Path, mapping: &Mapping) -> Result<Stream, InputError> {
    let columns = parse::Columns::of(mapping);
    let mut reader = parse::RowReader::new(mapping);
    let mut rows = Vec::new();
    table::for_each_row(path, &columns.names, &columns.roles, |number, cells| {
        if rows.len() == ROWS_MAX {
            return Err(InputError::TooManyRows);
        }
        rows.push(reader.row(number, &columns, cells)?);
        Ok(())
    })?;
    if rows.is_empty() {
        return Err(InputError::NoRows);
    }
    let mut labels = parse::Labels::default();
    if let Some(file) = &mapping.labels {
        let path = path.with_file_name(&file.path);
        let names = [file.id.clone(), file.label.clone()];
        table::for_each_row(
            &path,
            &names,
            &["labels.id", "labels.label"],
            |number, cells| labels.row(number, file, cells, reader.places()),
        )?;
    }
    Ok(in_order(rows, labels, reader.into_scenario_names()))
}

fn in_order(
    mut rows: Vec<parse::Row>,
    labels: parse::Labels,
    scenario_names: Vec<String>,
) -> Stream {
    labels.apply(&mut rows);
    // Stable: rows of one moment stay in the order of the file.
    rows.sort_by_key(|row| row.event.at());
    let mut stream = Stream {
        scenario_names,
        ..Stream::default()
    };
    for row in rows {
        stream.rows.push(row.number);
        stream.scenarios.push(row.scenario);
        stream.events.push(row.event);
    }
    stream
}

impl Stream {
    /// When the first and the last attempt were made; none if there is no event.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.events.first()?.at(), self.events.last()?.at()))
    }
}

#[cfg(test)]
mod tests;
