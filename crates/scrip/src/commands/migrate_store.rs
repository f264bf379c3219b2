//! `scrip migrate-store`: a platform from its directory into PostgreSQL, or back.

use anyhow::Context;

use crate::cli::MigrateStore;
use crate::commands::serve::stop_signal;
use crate::moving::{self, Ends, Place};

pub async fn run(arguments: MigrateStore) -> anyhow::Result<()> {
    if let Some(place) = &arguments.reopen {
        return moving::reopen(&Place::parse(place).context("--reopen")?).await;
    }
    let (from, to) = (arguments.from.as_deref(), arguments.to.as_deref());
    let ends = Ends {
        from: Place::parse(from.unwrap_or_default()).context("--from")?,
        to: Place::parse(to.unwrap_or_default()).context("--to")?,
    };
    moving::run(&ends, &stop_signal()?).await?;
    print_next(&ends);
    Ok(())
}

/// How the platform is started where it is now.
fn print_next(ends: &Ends) {
    match (&ends.from, &ends.to) {
        (Place::Directory(data), Place::Database(_)) => println!(
            "start the nodes with `store` set to this database; each needs a copy of {} in its own data directory, and \
             {} can be that of one of them",
            data.join("vault.key").display(),
            data.display()
        ),
        (_, Place::Directory(data)) => println!(
            "start `scrip serve` with data = {:?} and without `store`",
            data.display().to_string()
        ),
        (_, Place::Database(_)) => {}
    }
}
