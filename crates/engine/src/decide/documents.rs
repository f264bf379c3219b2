//! Documents, kept whole.

use accounting::document::CONTENT_MAX;
use accounting::fact::Fact;
use store::snapshot::Snapshot;

use crate::command::NewDocument;
use crate::error::Refusal;

/// Saves the document if the one that it is based on is the newest, and so is the one that gives the right to do so.
pub fn save(rows: &Snapshot, new: &NewDocument) -> Result<Fact, Refusal> {
    let stored = rows.document(new.name).map(|document| document.version);
    if stored != new.based_on {
        return Err(Refusal::DocumentChanged);
    }
    if let Some((name, version)) = new.by_right_of {
        let right = rows.document(name).map(|document| document.version);
        if right != Some(version) {
            return Err(Refusal::DocumentChanged);
        }
    }
    if CONTENT_MAX < new.content.len() {
        return Err(Refusal::DocumentTooLarge);
    }
    Ok(Fact::DocumentSaved {
        name: new.name,
        content: new.content.clone(),
    })
}
