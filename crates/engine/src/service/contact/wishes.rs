//! What an e-mail address was asked and has answered, whatever voucher it was given for.
//!
//! A stranger may give somebody's address with many vouchers, and each asks it to confirm. So each question is counted in a
//! document of the journal, named by a keyed digest of the address, before it is written; nodes that count at the same
//! moment find each other's count by its version. Whoever answers that the letters are not for them is not asked again.

use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
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
const FORMAT: u8 = 2;
/// The same of releases that did not keep for which voucher an address was asked.
const FORMAT_WITHOUT_VOUCHERS: u8 = 1;
/// Stands for the voucher of a question that such a release has counted.
const UNKNOWN_VOUCHER: [u8; 8] = [0; 8];

/// What is known of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wishes {
    answer: Answer,
    /// Oldest first; what is older than [`QUESTIONS_WITHIN`] is forgotten with the next question.
    questions: Vec<Question>,
}

/// A question that was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    asked_at: Timestamp,
    /// Tells whether two were asked for one voucher, and not for which.
    voucher: [u8; 8],
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

/// Counts one more question to the address, if one more may be asked. For one voucher it is asked once within
/// [`QUESTIONS_WITHIN`], or whoever knows one PIN could keep everybody else from asking.
pub async fn count_question(
    engine: &Engine,
    actor: Actor,
    (address, serial): (&EmailAddress, Serial),
) -> Result<Question, ContactError> {
    let digest = digest(engine.vault(), address);
    let question = Question {
        asked_at: engine.clock().now(),
        voucher: engine.vault().owner_question(&digest, serial.number()),
    };
    let name = DocumentName::OwnerAddress(digest);
    change(engine, actor, name, |mut wishes| {
        let from = question.asked_at.minus(QUESTIONS_WITHIN);
        wishes.questions.retain(|other| from < other.asked_at);
        let is_asked = |other: &Question| other.voucher == question.voucher;
        if wishes.answer == Answer::Refuses
            || QUESTIONS_MAX <= wishes.questions.len()
            || wishes.questions.iter().any(is_asked)
        {
            return Err(ContactError::AddressRests);
        }
        wishes.questions.push(question);
        Ok(wishes)
    })
    .await?;
    Ok(question)
}

/// Takes a question back that is not asked after all.
pub async fn uncount_question(
    engine: &Engine,
    actor: Actor,
    (address, question): (&EmailAddress, Question),
) -> Result<(), ContactError> {
    let name = name(engine.vault(), address);
    change(engine, actor, name, |mut wishes| {
        wishes.questions.retain(|other| *other != question);
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
        for question in &self.questions {
            bytes.extend(question.asked_at.0.to_be_bytes());
            bytes.extend(question.voucher);
        }
        bytes.into()
    }

    /// What a later release has written says nothing here but this: the address is better not asked.
    fn decode(bytes: &[u8]) -> Wishes {
        let unknown = Wishes {
            answer: Answer::Refuses,
            questions: Vec::new(),
        };
        let [format, refuses, questions @ ..] = bytes else {
            return unknown;
        };
        let questions: Vec<Question> = match *format {
            FORMAT => {
                let (questions, _) = questions.as_chunks::<16>();
                questions.iter().map(Question::decode).collect()
            }
            FORMAT_WITHOUT_VOUCHERS => {
                let (times, _) = questions.as_chunks::<8>();
                let question = |at: &[u8; 8]| Question {
                    asked_at: Timestamp(i64::from_be_bytes(*at)),
                    voucher: UNKNOWN_VOUCHER,
                };
                times.iter().map(question).collect()
            }
            _ => return unknown,
        };
        let answer = match refuses {
            0 => Answer::None,
            _ => Answer::Refuses,
        };
        Wishes { answer, questions }
    }
}

impl Question {
    fn decode(bytes: &[u8; 16]) -> Question {
        let (at, voucher) = bytes.split_at(8);
        let eight = "half of sixteen bytes";
        Question {
            asked_at: Timestamp(i64::from_be_bytes(at.try_into().expect(eight))),
            voucher: voucher.try_into().expect(eight),
        }
    }
}

#[cfg(test)]
mod tests;
