//! Snapshots: a store as bytes, and back.
//!
//! Little-endian throughout:
//!
//! ```text
//! magic "scrip-profiles-3", entities_max u64, ahead_of_utc i64, evicted u64
//! for each kind: newcomers, then regulars, each as a count u64 and profiles from the one heard of longest ago
//! sketches: a count u64, then from the one used longest ago: key u64, length u32, bytes of an HLL sketch
//! SHA-256 of all before
//! ```
//!
//! A snapshot of a store with another bound is no snapshot of this one: what would have left by now cannot be known.

use datasketches::hll::HllSketch;
use ids::time::{Span, Timestamp};
use sha2::{Digest, Sha256};

use super::record::{Profile, SketchHandle, Standing};
use super::store::{ENTITIES_MAX, ENTITIES_MIN, ProfileSettings, Profiles};
use crate::entity::{EntityKey, EntityKind};

const MAGIC: &[u8; 16] = b"scrip-profiles-3";
const DIGEST_BYTES: usize = 32;
/// A key and a profile.
const PROFILE_BYTES: usize = 8 + 8 + 4 * FLOATS + 4 * WORDS + 2 * HALVES + 3;
const HALVES: usize = 6;
const FLOATS: usize = 31;
const WORDS: usize = 8;
/// No sketch of ours is longer.
const SKETCH_BYTES_MAX: usize = 4_096;

/// The bytes are no snapshot that this version can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    #[error("not a snapshot of profiles, or one of another version")]
    Foreign,
    #[error("the snapshot of profiles is damaged")]
    Damaged,
    #[error("the snapshot of profiles ends too soon or says more than its bounds allow")]
    Malformed,
}

impl Profiles {
    /// All profiles, in an order that continues as this store would.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 + self.count() * PROFILE_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&(self.settings.entities_max as u64).to_le_bytes());
        bytes.extend_from_slice(&self.settings.ahead_of_utc.0.to_le_bytes());
        bytes.extend_from_slice(&self.evicted().to_le_bytes());
        for kind in EntityKind::ALL {
            for standing in [Standing::Newcomer, Standing::Regular] {
                let count = self.in_order(kind, standing).count();
                bytes.extend_from_slice(&(count as u64).to_le_bytes());
                for slot in self.in_order(kind, standing) {
                    let slot = self.slot(slot);
                    write_profile(&mut bytes, slot.key, &slot.profile);
                }
            }
        }
        bytes.extend_from_slice(&(self.sketches() as u64).to_le_bytes());
        for (owner, sketch) in self.sketches.in_order() {
            bytes.extend_from_slice(&self.slot(owner).key.bits().to_le_bytes());
            bytes.extend_from_slice(&(sketch.len() as u32).to_le_bytes());
            bytes.extend_from_slice(&sketch);
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        bytes
    }

    /// The store that a snapshot was taken of. Whether it has the settings that are wanted is for the caller to see.
    pub fn restore(bytes: &[u8]) -> Result<Profiles, SnapshotError> {
        if !bytes.starts_with(MAGIC) {
            return Err(SnapshotError::Foreign);
        }
        let body_length = bytes.len().checked_sub(DIGEST_BYTES);
        let (body, digest) = bytes.split_at(body_length.ok_or(SnapshotError::Malformed)?);
        if Sha256::digest(body).as_slice() != digest {
            return Err(SnapshotError::Damaged);
        }
        let mut reader = Reader(&body[MAGIC.len()..]);
        let entities_max = reader.count(ENTITIES_MAX)?;
        if entities_max < ENTITIES_MIN {
            return Err(SnapshotError::Malformed);
        }
        let mut profiles = Profiles::new(ProfileSettings {
            entities_max,
            ahead_of_utc: Span(reader.word()? as i64),
        });
        let evicted = reader.word()?;
        for kind in EntityKind::ALL {
            for standing in [Standing::Newcomer, Standing::Regular] {
                reader.profiles(&mut profiles, kind, standing)?;
            }
        }
        reader.sketches(&mut profiles)?;
        profiles.restore_evicted(evicted);
        match reader.0.is_empty() {
            true => Ok(profiles),
            false => Err(SnapshotError::Malformed),
        }
    }
}

fn write_profile(bytes: &mut Vec<u8>, key: EntityKey, profile: &Profile) {
    bytes.extend_from_slice(&key.bits().to_le_bytes());
    bytes.extend_from_slice(&profile.at.0.to_le_bytes());
    let mut copy = profile.clone();
    for float in floats(&mut copy) {
        bytes.extend_from_slice(&float.to_bits().to_le_bytes());
    }
    for word in words(&mut copy) {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    for half in halves(&mut copy) {
        bytes.extend_from_slice(&half.to_le_bytes());
    }
    bytes.extend_from_slice(&[profile.run, profile.places, profile.devices]);
}

/// Every number of a profile, in the order of its bytes; one list for writing and reading.
fn floats(profile: &mut Profile) -> [&mut f32; FLOATS] {
    let [a0, a1, a2, a3] = &mut profile.attempts;
    let [m0, m1] = &mut profile.amount;
    let [l0, l1, l2] = &mut profile.labels;
    let [f0, f1, f2] = &mut profile.frauds;
    let [w0, w1] = &mut profile.wrong;
    let [n0, n1] = &mut profile.newcomers;
    [
        a0,
        a1,
        a2,
        a3,
        m0,
        m1,
        &mut profile.amounts,
        &mut profile.amount_logs,
        &mut profile.amount_log_squares,
        l0,
        l1,
        l2,
        f0,
        f1,
        f2,
        &mut profile.frauds_known,
        w0,
        w1,
        &mut profile.failed,
        &mut profile.near_limit,
        &mut profile.turnover,
        &mut profile.refunds,
        &mut profile.disputes,
        &mut profile.hour_cosines,
        &mut profile.hour_sines,
        &mut profile.nights,
        n0,
        n1,
        &mut profile.last_amount,
        &mut profile.surprises,
        &mut profile.plain_frauds,
    ]
}

fn words(profile: &mut Profile) -> [&mut u32; WORDS] {
    let [p0, p1, p2] = &mut profile.partners;
    [
        p0,
        p1,
        p2,
        &mut profile.first.0,
        &mut profile.last_fraud.0,
        &mut profile.last_good.0,
        &mut profile.run_start.0,
        &mut profile.last_placed.0,
    ]
}

fn halves(profile: &mut Profile) -> [&mut i16; HALVES] {
    let [u0, u1, u2] = &mut profile.usual_place.0;
    let [p0, p1, p2] = &mut profile.last_place.0;
    [u0, u1, u2, p0, p1, p2]
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let (head, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(SnapshotError::Malformed)?;
        self.0 = rest;
        Ok(*head)
    }

    fn word(&mut self) -> Result<u64, SnapshotError> {
        Ok(u64::from_le_bytes(self.take()?))
    }

    fn count(&mut self, bound: usize) -> Result<usize, SnapshotError> {
        let count = usize::try_from(self.word()?).map_err(|_| SnapshotError::Malformed)?;
        (count <= bound)
            .then_some(count)
            .ok_or(SnapshotError::Malformed)
    }

    fn key(&mut self) -> Result<EntityKey, SnapshotError> {
        EntityKey::from_bits(self.word()?).ok_or(SnapshotError::Malformed)
    }

    fn profiles(
        &mut self,
        profiles: &mut Profiles,
        kind: EntityKind,
        standing: Standing,
    ) -> Result<(), SnapshotError> {
        let room = profiles.settings.entities_max - profiles.count();
        for _ in 0..self.count(room)? {
            let key = self.key()?;
            let profile = Profile {
                standing,
                ..self.profile()?
            };
            if key.kind() != kind || profiles.find(key).is_some() {
                return Err(SnapshotError::Malformed);
            }
            profiles.insert(key, profile);
        }
        Ok(())
    }

    fn profile(&mut self) -> Result<Profile, SnapshotError> {
        let mut profile = Profile {
            at: Timestamp(self.word()? as i64),
            ..Profile::default()
        };
        for float in floats(&mut profile) {
            *float = f32::from_bits(u32::from_le_bytes(self.take()?));
        }
        for word in words(&mut profile) {
            *word = u32::from_le_bytes(self.take()?);
        }
        for half in halves(&mut profile) {
            *half = i16::from_le_bytes(self.take()?);
        }
        [profile.run, profile.places, profile.devices] = self.take()?;
        Ok(profile)
    }

    fn sketches(&mut self, profiles: &mut Profiles) -> Result<(), SnapshotError> {
        let room = profiles.count();
        for _ in 0..self.count(room)? {
            let key = self.key()?;
            let length = u32::from_le_bytes(self.take()?) as usize;
            if length > SKETCH_BYTES_MAX || length > self.0.len() {
                return Err(SnapshotError::Malformed);
            }
            let (sketch, rest) = self.0.split_at(length);
            self.0 = rest;
            let sketch = HllSketch::deserialize(sketch).map_err(|_| SnapshotError::Malformed)?;
            let slot = *profiles.find(key).ok_or(SnapshotError::Malformed)?;
            let (handle, robbed) = profiles.sketches.lend_filled(slot, sketch);
            let owned = &mut profiles.slot_mut(slot).profile.sketch;
            if robbed.is_some() || *owned != SketchHandle::default() {
                return Err(SnapshotError::Malformed);
            }
            *owned = handle;
        }
        Ok(())
    }
}
