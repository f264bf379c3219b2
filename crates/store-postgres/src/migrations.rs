//! The schema, forwards only. One node migrates at a time; the others wait for it, and those of the version before may
//! go on working meanwhile, because a migration only adds.

use std::time::Duration;

use rand::TryRngCore;
use rand::rngs::OsRng;
use store::failure::Failure;
use tokio_postgres::Client;

use crate::database::Retries;
use crate::failure::Problem;
use crate::servers::{Reached, Servers};
use crate::target::{Target, unsuitable};

refinery::embed_migrations!("src/migrations");

/// How long a node waits for another one that migrates. Its lease is as long: a node that died does not block for ever,
/// and if it lives after all, the second to write the same version is taken back by the server.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long a node that starts looks for a server. A failover should fit in.
const REACH_PATIENCE: Duration = Duration::from_secs(10);

const LEASE: &str = "
    CREATE TABLE IF NOT EXISTS migration_lease (
        id smallint PRIMARY KEY CHECK (id = 1), holder bigint NOT NULL, ends_at timestamptz NOT NULL);
    INSERT INTO migration_lease VALUES (1, 0, now()) ON CONFLICT DO NOTHING";
const TAKE: &str = "UPDATE migration_lease SET holder = $1, ends_at = now() + interval '2 minutes'
    WHERE id = 1 AND ends_at <= now()";
const LET_GO: &str = "UPDATE migration_lease SET ends_at = now() WHERE id = 1 AND holder = $1";
const HISTORY: &str = "SELECT to_regclass('refinery_schema_history') IS NOT NULL";
const NEWEST: &str = "SELECT max(version)::bigint FROM refinery_schema_history";

/// What is in the schemas that a session sees: a history of migrations, a journal, and anything at all.
const HOLDS: &str = "SELECT to_regclass('refinery_schema_history') IS NOT NULL, to_regclass('journal_head') IS NOT NULL,
    EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY (current_schemas(false)))";

/// Brings the schema up to this program, or refuses one that is ahead of it.
pub(crate) async fn migrate(target: &Target) -> Result<(), Failure> {
    let mut reached = reach(target).await?;
    let outcome = bring_up(&mut reached.client, target).await;
    drop(reached.client);
    reached.connection.abort();
    outcome
}

/// Refuses a database that does not hold a platform with the schema of this program. Nothing is changed.
pub(crate) async fn require_current(target: &Target) -> Result<(), Failure> {
    let reached = reach(target).await?;
    let outcome = examine(&reached.client, target).await;
    drop(reached.client);
    reached.connection.abort();
    outcome
}

async fn reach(target: &Target) -> Result<Reached, Failure> {
    let servers = Servers::new(target)?;
    let mut retries = Retries::new(REACH_PATIENCE);
    loop {
        match servers.reach().await.map_err(Problem::from) {
            Err(problem) if problem.is_passing() && retries.pause().await => {}
            answer => return answer.map_err(|problem| problem.at(&target.place)),
        }
    }
}

async fn examine(client: &Client, target: &Target) -> Result<(), Failure> {
    let failed = |problem: Problem| problem.at(&target.place);
    let holds = async || -> Result<[bool; 3], Problem> {
        let row = client.query_one(HOLDS, &[]).await?;
        Ok([row.try_get(0)?, row.try_get(1)?, row.try_get(2)?])
    };
    let refused = |why: &str| Err(unsuitable(&target.place, why.to_owned()));
    match holds().await.map_err(failed)? {
        [true, true, _] => {}
        [_, _, false] => {
            return refused(
                "it is empty and holds no platform; nothing was changed. Check the name of the database in the URL",
            );
        }
        [_, _, true] => {
            return refused(
                "it holds no platform but tables of something else; nothing was changed. Check the name of the \
                 database in the URL",
            );
        }
    }
    require_durable(client, target).await?;
    let (found, supported) = (newest(client).await.map_err(failed)?, supported());
    require_not_newer(target, found)?;
    if found < supported {
        return refused(&format!(
            "its schema is version {found} of an older program, and this one needs {supported}; nothing was changed. \
             Start a node of this version there first, which brings it up to date"
        ));
    }
    Ok(())
}

/// The newest schema that this program knows.
fn supported() -> i64 {
    let runner = migrations::runner();
    let versions = runner.get_migrations().iter();
    versions
        .map(|migration| i64::from(migration.version()))
        .max()
        .unwrap_or(0)
}

fn require_not_newer(target: &Target, found: i64) -> Result<(), Failure> {
    let supported = supported();
    if found <= supported {
        return Ok(());
    }
    Err(Failure::Newer {
        place: target.place.clone(),
        found: u32::try_from(found).unwrap_or(u32::MAX),
        supported: u32::try_from(supported).unwrap_or(u32::MAX),
    })
}

async fn bring_up(client: &mut Client, target: &Target) -> Result<(), Failure> {
    let supported = supported();
    let failed = |problem: Problem| problem.at(&target.place);
    require_durable(client, target).await?;
    let mut holder = [0; 8];
    OsRng
        .try_fill_bytes(&mut holder)
        .map_err(|error| unsuitable("the system's source of random bytes", error.to_string()))?;
    let holder = i64::from_le_bytes(holder);
    let mut retries = Retries::new(PATIENCE);
    loop {
        let found = newest(client).await.map_err(failed)?;
        require_not_newer(target, found)?;
        if found == supported {
            return Ok(());
        }
        if take_lease(client, holder).await {
            break;
        }
        if !retries.pause().await {
            let why =
                "another node has been changing its schema for minutes; look at that node first";
            return Err(unsuitable(&target.place, why.to_owned()));
        }
    }
    let migrated = migrations::runner().run_async(client).await;
    let let_go = client
        .execute(LET_GO, &[&holder])
        .await
        .map_err(Problem::from);
    migrated.map_err(|error| Failure::Io {
        place: target.place.clone(),
        source: Box::new(error),
    })?;
    let_go.map_err(failed)?;
    tracing::info!(
        version = supported,
        "the schema of the database is up to date"
    );
    Ok(())
}

/// An answer that the server gives before its disk has the commit would be a lie to merchants.
async fn require_durable(client: &Client, target: &Target) -> Result<(), Failure> {
    let shown = client.query_one("SHOW synchronous_commit", &[]).await;
    let shown = shown.and_then(|row| row.try_get::<_, String>(0));
    match shown
        .map_err(|error| Problem::from(error).at(&target.place))?
        .as_str()
    {
        "off" => {
            let why = "synchronous_commit is off, so a loss of power would lose what was acknowledged; switch it on";
            Err(unsuitable(&target.place, why.to_owned()))
        }
        _ => Ok(()),
    }
}

async fn newest(client: &Client) -> Result<i64, Problem> {
    let has_history: bool = client.query_one(HISTORY, &[]).await?.try_get(0)?;
    if !has_history {
        return Ok(0);
    }
    let newest: Option<i64> = client.query_one(NEWEST, &[]).await?.try_get(0)?;
    Ok(newest.unwrap_or(0))
}

/// Two nodes that make the table at once may disturb each other; the loser tries again.
async fn take_lease(client: &Client, holder: i64) -> bool {
    let made = client.batch_execute(LEASE).await;
    if let Err(error) = made {
        tracing::debug!(%error, "another node prepares the schema as well");
        return false;
    }
    client
        .execute(TAKE, &[&holder])
        .await
        .is_ok_and(|taken| taken == 1)
}
