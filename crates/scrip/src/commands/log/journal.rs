//! `scrip verify journal`: the operator's own look. Every leaf of the log as everybody reads it must follow from the entry
//! with its number, and no entry may be missing on either side.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use accounting::entry::Entry;
use anyhow::{Context, bail, ensure};
use engine::clock::{Clock as _, SystemClock};
use engine::log::promise::DEADLINE;
use engine::log::seeds;
use ids::command::Sequence;
use ids::time::Timestamp;
use leaves::groups::Groups;
use leaves::leaf::leaf;
use leaves::secret::Secret;
use store::moving::Source as Storage;
use tlog::leaf::{FieldGroup, Leaf};
use tlog_reader::check::{Served, read_whole};
use tlog_reader::source::Source;
use vault::vault::Vault;
use verifier::checkpoint::CURRENT_SECONDS_MAX;

use crate::cli::RunningDataDirectory;
use crate::cli::log::VerifyJournal;
use crate::commands::log::{clock, load_policy, open_source, print_whole, show};
use crate::keys::KEY_FILE;
use crate::moving::Place;
use crate::progress::bar;

/// Entries that are read at a time.
const PAGE: usize = 1_000;

pub async fn verify(arguments: &VerifyJournal) -> anyhow::Result<()> {
    let policy = load_policy(&arguments.keys.policy)?;
    let source = open_source(&arguments.log).await?;
    let is_present_asked = matches!(source, Source::Server(_));
    let terms = tlog_reader::check::Terms {
        policy: &policy,
        clock: clock(is_present_asked.then_some(CURRENT_SECONDS_MAX)),
    };
    let mut journal = Journal::open(&arguments.directory).await?;
    let served = Served::fetch(&source, &terms).await?;
    // By now whatever was promised a minute ago has to be under it; reading the log may take longer than that.
    let fetched_at = SystemClock.now();
    let mut found = Found::default();
    let bar = bar("entries", served.checkpoint.size)?;
    let compare = async |theirs: Vec<&[u8]>| -> anyhow::Result<()> {
        for leaf in theirs {
            found.add(journal.compare(leaf, served.checkpoint.size).await?);
        }
        Ok(())
    };
    let read = read_whole(&source, &served, &mut show(&bar), compare).await;
    bar.finish_and_clear();
    read?;
    print_whole(&served);
    println!(
        "leaves: each of the {} opens to the entry with its number; the payers of {} are erased",
        found.leaves, found.erased
    );
    println!(
        "postings: {}, which sum to zero in each entry",
        found.postings
    );
    journal.print_waiting(fetched_at).await?;
    println!("the journal holds");
    Ok(())
}

/// What was found good.
#[derive(Default)]
struct Found {
    leaves: u64,
    erased: u64,
    postings: u64,
}

/// One entry that its leaf follows from.
struct Compared {
    is_erased: bool,
    postings: usize,
}

impl Found {
    fn add(&mut self, compared: Compared) {
        self.leaves += 1;
        self.erased += u64::from(compared.is_erased);
        self.postings += compared.postings as u64;
    }
}

/// The journal and its seeds, read in order beside whoever writes to it.
struct Journal {
    storage: Arc<dyn Storage>,
    vault: Vault,
    at: Sequence,
    entries: VecDeque<Arc<Entry>>,
    /// Secrets that were read, each with its entry and the first one of its run.
    secrets: VecDeque<Kept>,
    runs_read: Sequence,
}

struct Kept {
    entry: Sequence,
    run: Sequence,
    secret: Secret,
}

impl Journal {
    async fn open(directory: &RunningDataDirectory) -> anyhow::Result<Journal> {
        let vault = Vault::open(&directory.data.join(KEY_FILE))?;
        let place = match directory.store.as_str() {
            "" => Place::parse(&directory.data.to_string_lossy())?,
            store => Place::parse(store)?,
        };
        Ok(Journal {
            storage: place.open_source().await?,
            vault,
            at: Sequence(0),
            entries: VecDeque::new(),
            secrets: VecDeque::new(),
            runs_read: Sequence(0),
        })
    }

    async fn next(&mut self) -> anyhow::Result<Option<Arc<Entry>>> {
        if self.entries.is_empty() {
            let page = self.storage.read_entries(self.at, PAGE).await?;
            self.entries.extend(page);
        }
        let entry = self.entries.pop_front();
        if let Some(entry) = &entry {
            let expected = self.at.next();
            ensure!(
                entry.sequence() == expected,
                "entry {} of the journal is missing",
                expected.0
            );
            self.at = expected;
        }
        Ok(entry)
    }

    /// The secret of the entry that was read last.
    async fn secret(&mut self, entry: Sequence) -> anyhow::Result<Kept> {
        while self.secrets.front().is_none_or(|kept| kept.entry < entry) {
            self.secrets.pop_front();
            if self.secrets.is_empty() {
                let runs = self.storage.read_seed_runs(self.runs_read, 1).await?;
                let run = runs.first();
                let run = run.with_context(|| format!("entry {} has lost its seed", entry.0))?;
                self.runs_read = run.first;
                self.secrets.extend(self.opened(run)?);
            }
        }
        let kept = self.secrets.pop_front();
        kept.filter(|kept| kept.entry == entry)
            .with_context(|| format!("entry {} has lost its seed", entry.0))
    }

    fn opened(&self, run: &store::seeds::SeedRun) -> anyhow::Result<Vec<Kept>> {
        let secrets = seeds::open(&self.vault, run)?;
        let entries = (run.first.0..).map(Sequence);
        let kept = entries.zip(secrets).map(|(entry, secret)| Kept {
            entry,
            run: run.first,
            secret,
        });
        Ok(kept.collect())
    }

    /// The next entry against its leaf as the log has it.
    async fn compare(&mut self, theirs: &[u8], size: u64) -> anyhow::Result<Compared> {
        let Some(entry) = self.next().await? else {
            bail!(
                "the log has {size} leaves and the journal {} entries: those behind were taken away, or this is another \
                 journal",
                self.at.0
            );
        };
        let kept = self.secret(entry.sequence()).await?;
        let is_right = leaf(&entry, &kept.secret).encode().as_bytes() == theirs;
        if is_right && let Ok(compared) = accept(&entry, &kept.secret) {
            return Ok(compared);
        }
        // Perhaps it was erased between the two looks.
        let (entry, secret) = self.again(&kept).await?;
        let ours = leaf(&entry, &secret);
        if ours.encode().as_bytes() == theirs {
            return accept(&entry, &secret);
        }
        bail!("{}", difference(&entry, &ours, theirs))
    }

    async fn again(&self, kept: &Kept) -> anyhow::Result<(Arc<Entry>, Secret)> {
        let behind = |sequence: Sequence| Sequence(sequence.0 - 1);
        let entries = self.storage.read_entries(behind(kept.entry), 1).await?;
        let runs = self.storage.read_seed_runs(behind(kept.run), 1).await?;
        let lost = || format!("entry {} is gone", kept.entry.0);
        let entry = entries.into_iter().next().with_context(lost)?;
        let run = runs.first().with_context(lost)?;
        let secrets = self.opened(run)?.into_iter();
        let secret = secrets.into_iter().find(|one| one.entry == kept.entry);
        Ok((entry, secret.with_context(lost)?.secret))
    }

    /// What has no leaf yet. Every entry counts as promised.
    async fn print_waiting(&mut self, fetched_at: Timestamp) -> anyhow::Result<()> {
        let (mut waiting, mut oldest) = (0_u64, None::<Timestamp>);
        while let Some(entry) = self.next().await? {
            waiting += 1;
            oldest.get_or_insert(entry.at());
        }
        let Some(oldest) = oldest else {
            println!("nothing waits to become a leaf");
            return Ok(());
        };
        let seconds = (fetched_at.0 - oldest.0).div_euclid(1_000);
        ensure!(
            seconds * 1_000 <= DEADLINE.0,
            "{waiting} entries were not in the log, the oldest for {seconds} seconds: their promises are broken. See why the \
             log does not grow, and run `scrip verify promise` on what was promised"
        );
        println!("{waiting} entries wait to become leaves, the oldest for {seconds} seconds");
        Ok(())
    }
}

/// Of an entry whose leaf is right: nothing may be erased of it but its payer.
fn accept(entry: &Entry, secret: &Secret) -> anyhow::Result<Compared> {
    let groups = Groups::of(entry);
    let is_erased = |group: &FieldGroup| secret.opening(&groups, *group).is_none();
    let erased: Vec<FieldGroup> = FieldGroup::ALL.into_iter().filter(is_erased).collect();
    let number = entry.sequence().0;
    match erased[..] {
        [] => {}
        [FieldGroup::Payer] => ensure!(
            groups.bytes(FieldGroup::Payer) == Groups::EMPTY,
            "the payer of entry {number} was erased from the seeds, and the entry still tells of the payer"
        ),
        _ => bail!("of entry {number} more than the payer was erased, so it cannot be opened"),
    }
    let mut sums: BTreeMap<u16, i128> = BTreeMap::new();
    for leg in entry.postings().legs() {
        *sums.entry(leg.account.currency.numeric()).or_default() += i128::from(leg.minor);
    }
    ensure!(
        sums.values().all(|sum| *sum == 0),
        "the postings of entry {number} do not sum to zero"
    );
    Ok(Compared {
        is_erased: !erased.is_empty(),
        postings: entry.postings().legs().len(),
    })
}

/// In which groups entry and leaf differ.
fn difference(entry: &Entry, ours: &Leaf, theirs: &[u8]) -> String {
    let (number, index) = (entry.sequence().0, ours.index);
    let begin =
        format!("leaf {index} of the log was not made of entry {number} as the journal has it now");
    let Ok(theirs) = Leaf::parse(theirs) else {
        return format!("{begin}: it is no leaf of an entry");
    };
    let pairs = ours.commitments().iter().zip(theirs.commitments());
    let groups = FieldGroup::ALL.iter().zip(pairs);
    let other = groups.filter(|(_, (ours, theirs))| ours != theirs);
    let names: Vec<String> = other
        .map(|(group, _)| format!("{group:?}").to_lowercase())
        .collect();
    match names[..] {
        [] => format!("{begin}: it has another kind or number"),
        _ => format!(
            "{begin}: the groups {} differ. The journal was changed after the leaf was made, or the leaf is of something else",
            names.join(", ")
        ),
    }
}
