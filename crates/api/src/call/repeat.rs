//! Requests that may arrive twice: under a key that the caller chose, or under the name that it gave.

use accounting::entry::Idempotency;
use engine::error::CommandError;
use engine::idempotency::NamedRequest;
use ids::command::Fingerprint;
use vault::vault::Vault;

use crate::answer::Result;
use crate::call::{CORRELATION_ID, Call, Caller};
use crate::problem::catalogue as kinds;
use crate::problem::{Refused, Subject, of};

/// What makes the same request again the same command.
#[derive(Clone, Copy, Debug)]
pub struct Repeat {
    pub idempotency: Option<Idempotency>,
    /// What an earlier release would have kept of the same request, where that is something else.
    former: Option<Idempotency>,
    chosen_by: ChosenBy,
}

/// Where the key comes from; a caller that reuses it is told in the words that it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChosenBy {
    /// The header `Idempotency-Key`, or nothing.
    Caller,
    /// The operation and the header `Correlation-ID`.
    Name,
}

impl<P: Caller> Call<P> {
    /// The key of a request that creates or changes something. `step` tells apart what one path can be asked for.
    ///
    /// Not for operations whose Correlation-ID names the object that they change: there it names no request.
    pub fn repeat(&self, step: &str) -> Result<Repeat> {
        if let Some(idempotency) = self.idempotency()? {
            return Ok(Repeat {
                idempotency: Some(idempotency),
                former: None,
                chosen_by: ChosenBy::Caller,
            });
        }
        let name = self.header(CORRELATION_ID, "Correlation-ID")?;
        let idempotency = name.filter(|name| !name.is_empty()).map(|name| {
            let address = self.parts.uri.path_and_query();
            let address = address.map_or("", |address| address.as_str());
            let operation = format!("{} {address}\n{step}", self.parts.method);
            let request = NamedRequest {
                party: self.party.party(),
                name,
                operation: &operation,
                body: &self.body,
            };
            request.digest()
        });
        Ok(Repeat {
            idempotency,
            former: None,
            chosen_by: ChosenBy::Name,
        })
    }
}

impl Repeat {
    /// The same for a request that holds an address of a person: the journal keeps its fingerprint for ever, and whoever reads
    /// the journal could try guesses at a plain one.
    pub fn keyed_if(self, holds_address: bool, vault: &Vault) -> Repeat {
        if !holds_address {
            return self;
        }
        let keyed = |plain: Idempotency| Idempotency {
            key: plain.key,
            fingerprint: Fingerprint(vault.request_fingerprint(&plain.fingerprint.0)),
        };
        Repeat {
            idempotency: self.idempotency.map(keyed),
            former: self.idempotency,
            chosen_by: self.chosen_by,
        }
    }

    /// Asks under this key.
    pub async fn ask<T, F>(
        &self,
        ask: impl Fn(Option<Idempotency>) -> F,
    ) -> std::result::Result<T, CommandError>
    where
        F: Future<Output = std::result::Result<T, CommandError>>,
    {
        match ask(self.idempotency).await {
            // The key is taken. By the same request, if an earlier release has kept it; nothing new can come of asking so.
            Err(CommandError::IdempotencyKeyReused) if self.former.is_some() => {
                ask(self.former).await
            }
            answer => answer,
        }
    }

    /// The answer to a command that had no effect.
    pub fn refused(self, error: CommandError, subject: Subject) -> Refused {
        match (error, self.chosen_by) {
            (CommandError::IdempotencyKeyReused, ChosenBy::Name) => named_before(subject),
            (error, ChosenBy::Caller | ChosenBy::Name) => of(error, subject),
        }
    }
}

fn named_before(subject: Subject) -> Refused {
    let kind = match subject {
        Subject::Order => &kinds::DUPLICATE_CORRELATION_ID,
        Subject::Payment(_) | Subject::Refund(_) | Subject::Account => {
            &kinds::DUPLICATE_TRANSACTION_ID
        }
    };
    kind.of_param(
        "Correlation-ID",
        "This Correlation-ID came with another body before. The same request again is answered as it was then.",
    )
}
