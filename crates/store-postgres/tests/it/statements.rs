//! Every statement fits the schema.

use store_postgres::statements;
use tokio_postgres::NoTls;

use crate::server::{open, runtime, server};

#[test]
fn every_statement_can_be_prepared() {
    let url = server().database();
    let runtime = runtime();
    runtime.block_on(async {
        open(&url).await.close();
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        for sql in statements::ALL {
            let prepared = client.prepare(sql).await;
            assert!(prepared.is_ok(), "{sql}: {:?}", prepared.err());
        }
    });
}
