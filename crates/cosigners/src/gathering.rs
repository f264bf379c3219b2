//! All witnesses at once.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tlog::checkpoint::SignedCheckpoint;
use tlog::key::PublicKey;
use tlog::note::Note;
use tokio::time::{Instant, timeout_at};

use crate::peer::{Peer, PeerError, Prover};
use crate::quorum::Quorum;

/// How long witnesses are waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For one question to one witness.
    pub answer: Duration,
    /// For all of them together.
    pub all: Duration,
    /// For the others once enough have cosigned.
    pub rest: Duration,
}

impl Patience {
    /// So that a proof is there within two seconds of its entry, whatever the witnesses do.
    pub const USUAL: Patience = Patience {
        answer: Duration::from_secs(1),
        all: Duration::from_millis(1_200),
        rest: Duration::from_millis(100),
    };
}

/// The witnesses of one log.
pub struct Cosigners {
    log: PublicKey,
    quorum: Quorum,
    peers: Vec<Peer>,
    patience: Patience,
}

/// What the witnesses said of one checkpoint.
#[derive(Debug)]
pub struct Gathered {
    /// With each cosignature that counts.
    pub checkpoint: SignedCheckpoint,
    /// Who cosigned, by the names of the policy.
    pub cosigned: Vec<String>,
    /// Whether they are enough.
    pub is_enough: bool,
    /// Whose cosignature is missing, and why.
    pub missing: Vec<(String, PeerError)>,
}

impl Cosigners {
    /// The error says why an HTTP client cannot be made.
    pub fn new(
        log: PublicKey,
        quorum: Quorum,
        patience: Patience,
    ) -> Result<Cosigners, reqwest::Error> {
        let peers = quorum.witnesses().iter();
        let peers = peers.map(|named| Peer::new(named, patience.answer));
        Ok(Cosigners {
            peers: peers.collect::<Result<_, _>>()?,
            log,
            quorum,
            patience,
        })
    }

    /// Asks all witnesses for their cosignatures of a checkpoint that the log signed. `now` is in seconds since 1970.
    pub async fn gather(
        &self,
        checkpoint: SignedCheckpoint,
        prover: &impl Prover,
        now: u64,
    ) -> Gathered {
        let checkpoint = self.without_cosignatures(checkpoint);
        let mut deadline = Instant::now() + self.patience.all;
        let mut asked: FuturesUnordered<_> = self
            .peers
            .iter()
            .enumerate()
            .map(|(place, peer)| {
                let checkpoint = &checkpoint;
                async move { (place, peer.cosign(checkpoint, &self.log, prover, now).await) }
            })
            .collect();
        let mut answers: Vec<Option<Result<SignedCheckpoint, PeerError>>> =
            self.peers.iter().map(|_| None).collect();
        let mut is_enough = self.is_enough(&answers);
        while let Ok(Some((place, answer))) = timeout_at(deadline, asked.next()).await {
            answers[place] = Some(answer);
            if !is_enough && self.is_enough(&answers) {
                is_enough = true;
                deadline = deadline.min(Instant::now() + self.patience.rest);
            }
        }
        drop(asked);
        self.sum_up(checkpoint, answers, is_enough)
    }

    /// With the log's own line alone: a cosignature that is there already would stand beside the new one.
    fn without_cosignatures(&self, checkpoint: SignedCheckpoint) -> SignedCheckpoint {
        let note = checkpoint.note();
        let own = note.lines().iter().find(|line| line.is_of(&self.log));
        let alone = own.and_then(|own| Note::new(note.text().to_owned(), own.clone()).ok());
        let alone =
            alone.and_then(|note| SignedCheckpoint::parse(note.to_string().as_bytes()).ok());
        alone.unwrap_or(checkpoint)
    }

    fn is_enough(&self, answers: &[Option<Result<SignedCheckpoint, PeerError>>]) -> bool {
        let named = self.peers.iter().zip(answers);
        let cosigned = named.filter(|(_, answer)| matches!(answer, Some(Ok(_))));
        let names: Vec<&str> = cosigned.map(|(peer, _)| peer.name.as_str()).collect();
        self.quorum.is_enough(&names)
    }

    /// Lines stand in the order of the policy, so that the same cosignatures make the same bytes.
    fn sum_up(
        &self,
        mut checkpoint: SignedCheckpoint,
        answers: Vec<Option<Result<SignedCheckpoint, PeerError>>>,
        is_enough: bool,
    ) -> Gathered {
        let own_lines = checkpoint.note().lines().len();
        let (mut cosigned, mut missing) = (Vec::new(), Vec::new());
        for (peer, answer) in self.peers.iter().zip(answers) {
            match answer.unwrap_or(Err(PeerError::Late)) {
                Ok(with_line) => {
                    let lines = with_line.note().lines().iter().skip(own_lines);
                    lines.for_each(|line| checkpoint.add(line.clone()));
                    cosigned.push(peer.name.clone());
                }
                Err(why) => missing.push((peer.name.clone(), why)),
            }
        }
        Gathered {
            checkpoint,
            cosigned,
            is_enough,
            missing,
        }
    }
}
