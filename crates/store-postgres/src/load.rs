//! Loading: all rows of a batch in one statement, which sees one moment.

use std::sync::Arc;

use ids::command::Sequence;
use ids::time::Timestamp;
use store::failure::Failure;
use store::row::{Key, Row};
use store::snapshot::{JournalSeen, Snapshot};

use crate::database::{Client, Database};
use crate::failure::Problem;
use crate::row::{self, restored, stored};
use crate::statements::LOAD;

/// The keys of a load, by the tables that they are looked up in.
#[derive(Debug, Default)]
struct Wanted {
    serials: Vec<i64>,
    pins: Vec<Vec<u8>>,
    payments: Vec<Vec<u8>>,
    orders: Vec<Vec<u8>>,
    commands: Vec<Vec<u8>>,
    party_kinds: Vec<i16>,
    parties: Vec<Vec<u8>>,
}

/// What a row of the answer is; rows of `parties` add their kind to the last.
const JOURNAL: i16 = 0;
const VOUCHER: i16 = 1;
const PAYMENT: i16 = 2;
const ORDER: i16 = 3;
const COMMAND: i16 = 4;
const PARTY: i16 = 10;

impl Database {
    pub async fn load(self: &Arc<Self>, keys: &[Key]) -> Result<Snapshot, Failure> {
        let wanted = Arc::new(Wanted::of(keys));
        self.ask(move |client| load(client, Arc::clone(&wanted)))
            .await
    }
}

async fn load(client: Client, wanted: Arc<Wanted>) -> Result<Snapshot, Problem> {
    let statement = client.prepare_cached(LOAD).await?;
    let rows = client
        .query(
            &statement,
            &[
                &wanted.serials,
                &wanted.pins,
                &wanted.payments,
                &wanted.orders,
                &wanted.commands,
                &wanted.party_kinds,
                &wanted.parties,
            ],
        )
        .await?;
    let mut snapshot = Snapshot::default();
    for row in &rows {
        read(row, &mut snapshot)?;
    }
    Ok(snapshot)
}

fn read(row: &tokio_postgres::Row, snapshot: &mut Snapshot) -> Result<(), Problem> {
    let kind: i16 = row.try_get(0)?;
    let version: i64 = row.try_get(1)?;
    let first: &[u8] = row.try_get(2)?;
    match kind {
        JOURNAL => snapshot.note_journal(JournalSeen {
            head: Sequence(restored(version)),
            latest: Timestamp(row.try_get(5)?),
        }),
        VOUCHER => snapshot.insert_loaded(Row::Voucher(row::voucher(first, version)?)),
        PAYMENT => {
            let entries: Vec<i64> = row.try_get(4)?;
            snapshot.insert_loaded(Row::Payment(row::payment(first, version, entries)?));
        }
        ORDER => snapshot.insert_loaded(Row::Order(row::order(first, version)?)),
        COMMAND => {
            let fingerprint: &[u8] = row.try_get(3)?;
            snapshot.insert_loaded(Row::Command(row::command(first, fingerprint, version)?));
        }
        party => snapshot.insert_loaded(row::party_row(party - PARTY, first, version)?),
    }
    Ok(())
}

impl Wanted {
    fn of(keys: &[Key]) -> Wanted {
        let mut wanted = Wanted::default();
        for key in keys {
            if let Some((kind, key)) = row::party(*key) {
                wanted.party_kinds.push(kind);
                wanted.parties.push(key);
                continue;
            }
            match key {
                Key::Voucher(serial) => wanted.serials.push(stored(serial.number())),
                Key::Pin(pin) => wanted.pins.push(pin.0.to_vec()),
                Key::Payment(id) => wanted.payments.push(row::key(id)),
                Key::Order(id) => wanted.orders.push(row::key(id)),
                Key::Command(key) => wanted.commands.push(key.0.to_vec()),
                Key::Merchant(_)
                | Key::Distributor(_)
                | Key::Product(_)
                | Key::ApiKey(_)
                | Key::Terminal(_)
                | Key::Document(_) => {}
            }
        }
        wanted
    }
}
