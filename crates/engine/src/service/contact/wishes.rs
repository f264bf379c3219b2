//! What an e-mail address was asked and has answered, whatever voucher it was given for.
//!
//! A stranger may give somebody's address with many vouchers, and each asks it to confirm. So each question is counted in a
//! document of the journal, named by a keyed digest of the address, before it is written; nodes that count at the same
//! moment find each other's count by its version. Whoever answers that the letters are not for them is not asked again.

use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use ids::time::{Span, Timestamp};
use store::failure::Failure;
use store::port::Store;
use store::row::Key;
use vault::vault::Vault;

use crate::command::{Command, Envelope, NewDocument};
use crate::core::Engine;
use crate::error::{CommandError, Refusal};
use crate::service::contact::{ContactError, EmailAddress, TRIES_MAX};

/// Questions to one address within [`QUESTIONS_WITHIN`], for all vouchers together.
pub const QUESTIONS_MAX: usize = 5;
/// The time in which questions to one address are counted.
pub const QUESTIONS_WITHIN: Span = Span::DAY;
/// Stands in front of the document.
const FORMAT: u8 = 1;

/// What is known of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wishes {
    answer: Answer,
    /// When it was asked, oldest first; what is older than [`QUESTIONS_WITHIN`] is forgotten with the next question.
    asked_at: Vec<Timestamp>,
}

/// What whoever reads the letters to an address has said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Answer {
    #[default]
    None,
    /// The letters are not for them.
    Refuses,
}

/// What stands for an address here: a keyed digest of the mailbox that most servers mean by it.
pub fn digest(vault: &Vault, address: &EmailAddress) -> [u8; 16] {
    vault.owner_address(&address.normalised())
}

/// The name of an address's document.
pub fn name(vault: &Vault, address: &EmailAddress) -> DocumentName {
    DocumentName::OwnerAddress(digest(vault, address))
}

/// Whether whoever reads letters to the address has said that they are not for them.
pub async fn refuses(
    store: &dyn Store,
    vault: &Vault,
    address: &EmailAddress,
) -> Result<bool, Failure> {
    let name = name(vault, address);
    let rows = store.load(&[Key::Document(name)]).await?;
    let wishes = rows.document(name).map(|it| Wishes::decode(&it.content));
    Ok(wishes.is_some_and(|wishes| wishes.answer == Answer::Refuses))
}

/// Counts one more question to the address, if one more may be asked.
pub async fn count_question(
    engine: &Engine,
    actor: Actor,
    address: &EmailAddress,
) -> Result<(), ContactError> {
    let now = engine.clock().now();
    let name = name(engine.vault(), address);
    change(engine, actor, name, |mut wishes| {
        let from = now.minus(QUESTIONS_WITHIN);
        wishes.asked_at.retain(|at| from < *at);
        if wishes.answer == Answer::Refuses || QUESTIONS_MAX <= wishes.asked_at.len() {
            return Err(ContactError::AddressRests);
        }
        wishes.asked_at.push(now);
        Ok(wishes)
    })
    .await
}

/// Keeps in mind that letters to the address of this digest are not for whoever reads them.
pub async fn refuse(engine: &Engine, digest: [u8; 16]) -> Result<(), ContactError> {
    let name = DocumentName::OwnerAddress(digest);
    change(engine, Actor::Payer, name, |wishes| {
        Ok(Wishes {
            answer: Answer::Refuses,
            ..wishes
        })
    })
    .await
}

async fn change(
    engine: &Engine,
    actor: Actor,
    name: DocumentName,
    decide: impl Fn(Wishes) -> Result<Wishes, ContactError>,
) -> Result<(), ContactError> {
    for _ in 0..TRIES_MAX {
        let rows = engine.store().load(&[Key::Document(name)]).await;
        let rows = rows.map_err(CommandError::from)?;
        let document = rows.document(name);
        let before = document.map(|document| Wishes::decode(&document.content));
        let before = before.unwrap_or_default();
        let after = decide(before.clone())?;
        if after == before {
            return Ok(());
        }
        let envelope = Envelope {
            actor,
            idempotency: None,
            command: Command::SaveDocument(NewDocument {
                name,
                content: after.encode(),
                based_on: document.map(|document| document.version),
                by_right_of: None,
            }),
        };
        match engine.execute(envelope).await {
            // Somebody else has asked it at the same moment, perhaps on another node.
            Err(CommandError::Refused(Refusal::DocumentChanged)) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(()),
        }
    }
    Err(CommandError::Refused(Refusal::ChangedMeanwhile).into())
}

impl Wishes {
    fn encode(&self) -> Arc<[u8]> {
        let refuses = u8::from(self.answer == Answer::Refuses);
        let mut bytes = vec![FORMAT, refuses];
        let times = self.asked_at.iter();
        bytes.extend(times.flat_map(|at| at.0.to_be_bytes()));
        bytes.into()
    }

    /// What a later release has written says nothing here but this: the address is better not asked.
    fn decode(bytes: &[u8]) -> Wishes {
        let unknown = Wishes {
            answer: Answer::Refuses,
            asked_at: Vec::new(),
        };
        let [FORMAT, refuses, times @ ..] = bytes else {
            return unknown;
        };
        let answer = match refuses {
            0 => Answer::None,
            _ => Answer::Refuses,
        };
        let (times, _) = times.as_chunks::<8>();
        let times = times.iter().map(|at| Timestamp(i64::from_be_bytes(*at)));
        Wishes {
            answer,
            asked_at: times.collect(),
        }
    }
}

#[cfg(test)]
mod tests;
