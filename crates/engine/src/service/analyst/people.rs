//! The issuer's people: who they are, what each may do, and their keys.
//!
//! A person has one key, or none, and the person's document says which: a new key ends the one before it, and a key that is
//! taken away stops with the entry that says so, on every node, because keys are looked up in the rows each time.

use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use accounting::fact::Party;
use ids::command::{ApiKeyDigest, Sequence};
use ids::party::OperatorId;
use secrecy::{ExposeSecret, SecretString};
use store::row::Key;
use vault::api_key::{API_KEY_PREFIX, generate_api_key};

use crate::command::{Command, Envelope, NewDocument};
use crate::error::{CommandError, Refusal};
use crate::service::analyst::AnalystService;
use crate::service::analyst::rules::RACES_MAX;
use crate::service::person::{Person, PersonKey, Scopes};

/// People that are read at once.
const PEOPLE_AT_ONCE: u32 = 64;

/// Who changes a person's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyChange<'a> {
    /// One of the people, over the network.
    By(&'a Person),
    /// Whoever has the data.
    Offline,
}

/// Why a person's key stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("there is no such person")]
    UnknownPerson,
    /// Then there might be nobody left who can look after keys.
    #[error("nobody takes the own key away")]
    OwnKey,
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// A person's document, as it was read.
struct Read {
    person: Person,
    version: Sequence,
}

impl KeyChange<'_> {
    fn actor(self) -> Actor {
        match self {
            KeyChange::By(person) => Actor::Person(person.id),
            KeyChange::Offline => Actor::Operator,
        }
    }
}

impl AnalystService {
    /// All people, by their numbers.
    pub async fn people(&self) -> Result<Vec<Person>, CommandError> {
        let mut people = Vec::new();
        let mut first = 1;
        loop {
            let ids = (first..first + PEOPLE_AT_ONCE)
                .map(number)
                .collect::<Vec<_>>();
            let names = ids.iter().map(|id| DocumentName::Operator(*id));
            let keys: Vec<Key> = names.map(Key::Document).collect();
            let rows = self.engine.store().load(&keys).await?;
            for id in ids {
                let Some(document) = rows.document(DocumentName::Operator(id)) else {
                    return Ok(people);
                };
                people.extend(Person::decode(id, &document.content));
            }
            first += PEOPLE_AT_ONCE;
        }
    }

    /// The person of this number, if there is one.
    pub async fn person(&self, id: OperatorId) -> Result<Option<Person>, CommandError> {
        Ok(self.read_person(id).await?.map(|read| read.person))
    }

    async fn read_person(&self, id: OperatorId) -> Result<Option<Read>, CommandError> {
        let name = DocumentName::Operator(id);
        let rows = self.engine.store().load(&[Key::Document(name)]).await?;
        let document = rows.document(name);
        Ok(document.and_then(|document| {
            Some(Read {
                person: Person::decode(id, &document.content)?,
                version: document.version,
            })
        }))
    }

    /// Adds a person under the lowest number that nobody has.
    pub async fn add_person(&self, name: &str, scopes: Scopes) -> Result<Person, CommandError> {
        let mut races = 0;
        loop {
            let person = Person {
                id: self.next_person().await?,
                name: name.to_owned(),
                scopes,
                key: PersonKey::None,
            };
            match self.put_person(Actor::Operator, &person, None, None).await {
                Err(CommandError::Refused(Refusal::DocumentChanged)) if races < RACES_MAX => {
                    races += 1;
                }
                done => return done.map(|()| person),
            }
        }
    }

    /// The lowest number that nobody has.
    pub async fn next_person(&self) -> Result<OperatorId, CommandError> {
        let mut next = 1;
        while self.read_person(number(next)).await?.is_some() {
            next += 1;
        }
        Ok(number(next))
    }

    /// Changes a person's name, or what one may do; the key stays. Whoever adds one asks for a number with
    /// [`AnalystService::add_person`].
    pub async fn save_person(&self, person: &Person) -> Result<(), CommandError> {
        let stored = self.read_person(person.id).await?;
        let based_on = stored.as_ref().map(|stored| stored.version);
        let person = Person {
            key: stored.map_or(PersonKey::None, |stored| stored.person.key),
            ..person.clone()
        };
        self.put_person(Actor::Operator, &person, based_on, None)
            .await
    }

    /// Gives a person a new key, which is in this answer and nowhere else. The one before stops with it.
    pub async fn new_key(
        &self,
        change: KeyChange<'_>,
        id: OperatorId,
    ) -> Result<SecretString, KeyError> {
        let api_key = generate_api_key(API_KEY_PREFIX);
        let digest = self.engine.vault().api_key_digest(api_key.expose_secret());
        let digest = ApiKeyDigest(digest);
        let stored = self.read_person(id).await?.ok_or(KeyError::UnknownPerson)?;
        // A key that no person's document names opens nothing: between the two entries nothing has changed.
        let issue = Command::IssueApiKey {
            digest,
            owner: Party::Operator(id),
        };
        self.engine
            .execute(Envelope {
                actor: change.actor(),
                idempotency: None,
                command: issue,
            })
            .await?;
        self.put_key(change, stored, PersonKey::Only(digest))
            .await?;
        Ok(api_key)
    }

    /// Takes a person's key away, at once and on every node.
    pub async fn revoke_key(&self, change: KeyChange<'_>, id: OperatorId) -> Result<(), KeyError> {
        if let KeyChange::By(person) = change
            && person.id == id
        {
            return Err(KeyError::OwnKey);
        }
        let stored = self.read_person(id).await?.ok_or(KeyError::UnknownPerson)?;
        if stored.person.key == PersonKey::None {
            return Ok(());
        }
        Ok(self.put_key(change, stored, PersonKey::None).await?)
    }

    /// Whoever changes a key has the right to do so at that moment: of two people who take each other's key away, one
    /// comes second and has none any more.
    async fn put_key(
        &self,
        change: KeyChange<'_>,
        stored: Read,
        key: PersonKey,
    ) -> Result<(), CommandError> {
        let right = match change {
            KeyChange::By(by) if by.id != stored.person.id => {
                let read = self.read_person(by.id).await?;
                let read = read.filter(|read| read.person == *by);
                let read = read.ok_or(Refusal::DocumentChanged)?;
                Some((DocumentName::Operator(by.id), read.version))
            }
            // One's own key may have been taken away since the request began.
            KeyChange::By(by) if stored.person != *by => {
                return Err(Refusal::DocumentChanged.into());
            }
            KeyChange::By(_) | KeyChange::Offline => None,
        };
        let person = Person {
            key,
            ..stored.person
        };
        self.put_person(change.actor(), &person, Some(stored.version), right)
            .await
    }

    async fn put_person(
        &self,
        actor: Actor,
        person: &Person,
        based_on: Option<Sequence>,
        by_right_of: Option<(DocumentName, Sequence)>,
    ) -> Result<(), CommandError> {
        let content: Arc<[u8]> = person.encode();
        let document = NewDocument {
            name: DocumentName::Operator(person.id),
            content,
            based_on,
            by_right_of,
        };
        self.save_document(actor, document).await
    }
}

fn number(number: u32) -> OperatorId {
    OperatorId::new(number).expect("people are numbered from 1")
}
