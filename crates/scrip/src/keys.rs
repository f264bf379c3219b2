//! The keys of a platform: a file in the data directory, and a note of which keys the data belongs to.

use std::path::Path;

use anyhow::{Context, bail};
use store_postgres::store::PostgresStore;
use vault::vault::Vault;

/// The file of the data directory that holds the keys.
pub const KEY_FILE: &str = "vault.key";
/// The file that says which keys the data belongs to.
const KEY_ID_FILE: &str = "vault.id";
/// The fact that says so in a shared database.
const KEY_ID_SETTING: &str = "vault key id";

/// The keys of the directory. Data that exists is never opened with other keys than its own.
pub fn open(data: &Path) -> anyhow::Result<Vault> {
    let key_file = data.join(KEY_FILE);
    let id_file = data.join(KEY_ID_FILE);
    let vault = if id_file.exists() {
        Vault::open(&key_file)?
    } else {
        Vault::open_or_create(&key_file)?
    };
    let id = vault.key_id().to_string();
    match std::fs::read_to_string(&id_file) {
        Ok(found) if found.trim() == id => Ok(vault),
        Ok(found) => bail!(
            "{} is not the key of this data directory: it has the id {id}, the data belongs to {}; put the right key file back",
            key_file.display(),
            found.trim()
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::write(&id_file, format!("{id}\n"))
                .with_context(|| format!("cannot write {}", id_file.display()))?;
            Ok(vault)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", id_file.display())),
    }
}

/// Which keys the data of a directory belongs to; none if it holds no data.
pub fn noted_id(data: &Path) -> anyhow::Result<Option<String>> {
    let id_file = data.join(KEY_ID_FILE);
    match std::fs::read_to_string(&id_file) {
        Ok(found) => Ok(Some(found.trim().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", id_file.display())),
    }
}

/// Which keys the data of a database belongs to; none if it holds no data.
pub async fn noted_id_of(store: &PostgresStore) -> anyhow::Result<Option<String>> {
    Ok(store.setting(KEY_ID_SETTING).await?)
}

/// Notes in an empty directory, or finds there, that its data belongs to the keys with this id, which must lie in it.
pub fn claim(data: &Path, id: &str) -> anyhow::Result<()> {
    let key_file = data.join(KEY_FILE);
    if !key_file.exists() {
        bail!(
            "{} is missing: the data belongs to the key {id}, so copy {KEY_FILE} from the data directory of a node first",
            key_file.display()
        );
    }
    let vault = open(data)?;
    require_same(&vault.key_id().to_string(), id, &data.display().to_string())
}

/// Notes in an empty database, or finds there, that its data belongs to the keys with this id.
pub async fn claim_for(store: &PostgresStore, id: &str) -> anyhow::Result<()> {
    let found = store.claim_setting(KEY_ID_SETTING, id.to_owned()).await?;
    require_same(&found, id, store.place())
}

fn require_same(found: &str, id: &str, place: &str) -> anyhow::Result<()> {
    if found != id {
        bail!(
            "{place} belongs to the key {found}, what is to be moved there to the key {id}: they are different platforms"
        );
    }
    Ok(())
}

/// The keys of a node over a shared database: those that the data there belongs to, or new ones if it is empty.
pub async fn open_for(data: &Path, store: &PostgresStore) -> anyhow::Result<Vault> {
    let key_file = data.join(KEY_FILE);
    let belongs_to = store.setting(KEY_ID_SETTING).await?;
    let vault = match belongs_to {
        Some(_) => Vault::open(&key_file).with_context(|| {
            format!(
                "every node needs the same {KEY_FILE}: copy it from another node to {}",
                key_file.display()
            )
        })?,
        None => Vault::open_or_create(&key_file)?,
    };
    let id = vault.key_id().to_string();
    // Of two first nodes that start at once, one finds the key of the other.
    let found = store.claim_setting(KEY_ID_SETTING, id.clone()).await?;
    if found != id {
        bail!(
            "{} is not the key of {}: it has the id {id}, the data there belongs to {found}; \
             every node needs the same {KEY_FILE}, so copy it from another node",
            key_file.display(),
            store.place()
        );
    }
    Ok(vault)
}
