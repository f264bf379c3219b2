//! The suite that every backend passes.

use store::conformance::{Harness, debts};

use crate::harness::OnServer;

store::conformance_suite!(OnServer);

#[test]
fn debts_are_kept_by_the_clock_of_the_database() {
    let server = OnServer::create();
    debts::debts_add_up(&server, server.backend());
    debts::time_pays_debts(&server, server.backend(), std::thread::sleep);
}
