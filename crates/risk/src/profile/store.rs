//! The store of profiles: a bound on their number, and who leaves when it is reached.
//!
//! Every kind of entity has a share of the room that the others cannot take. When all is full, an entity leaves of the kind
//! that is furthest above its share: a flood of made-up addresses pushes out addresses. Within a kind, entities that came once
//! leave before those that came again or were labelled, as long as the former are more than an eighth. Among equals the one
//! that was heard of longest ago leaves. Keys decide nothing, so other names for the same entities change nothing.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use ids::time::{Span, Timestamp};

use super::record::{PARTNERS_NEAR, Profile, Standing};
use super::sketches::Sketches;
use crate::entity::{EntityKey, EntityKind, KINDS, mix};
use crate::profile::decay::Left;

/// Fewest profiles that a store may be bounded to: a few attempts of ten vouchers.
pub const ENTITIES_MIN: usize = 256;

/// Most profiles that a store can address.
pub const ENTITIES_MAX: usize = 1 << 30;

/// One sketch for so many entities.
const ENTITIES_PER_SKETCH: usize = 192;

/// What each kind of [`EntityKind::ALL`] may keep whatever the others do, in hundredths of the room.
const SHARES: [usize; KINDS] = [6, 15, 9, 8, 4, 8, 19, 2, 1, 11, 3, 3, 1, 1, 4];

/// Newcomers leave first while they are more than one in so many of their kind.
const NEWCOMERS_ONE_IN: usize = 8;

const CHUNK_SLOTS: usize = 4_096;

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileSettings {
    /// Most profiles held at once, between [`ENTITIES_MIN`] and [`ENTITIES_MAX`]; each takes [`BYTES_PER_ENTITY`].
    pub entities_max: usize,
    /// How far the clocks where the payers are stand ahead of UTC, for hours and nights.
    pub ahead_of_utc: Span,
}

/// What one profile takes, in bytes, with its part of the index and of the sketches.
pub const BYTES_PER_ENTITY: usize =
    size_of::<Slot>() + 11 + super::sketches::SKETCH_BYTES_MAX / ENTITIES_PER_SKETCH;

#[derive(Debug)]
pub struct Profiles {
    pub(super) settings: ProfileSettings,
    index: HashTable<u32>,
    chunks: Vec<Box<[Slot]>>,
    slots_used: u32,
    free: Vec<u32>,
    queues: [[Queue; 2]; KINDS],
    pub(super) sketches: Sketches,
    evicted: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) key: EntityKey,
    newer: u32,
    older: u32,
    pub(super) profile: Profile,
}

/// Slots from the one heard of last to the one heard of longest ago.
#[derive(Clone, Copy, Debug)]
struct Queue {
    newest: u32,
    oldest: u32,
    length: usize,
}

impl Profiles {
    /// An empty store. Bounds outside of what is possible become the nearest that is.
    pub fn new(settings: ProfileSettings) -> Profiles {
        let entities_max = settings.entities_max.clamp(ENTITIES_MIN, ENTITIES_MAX);
        let empty = Queue {
            newest: NONE,
            oldest: NONE,
            length: 0,
        };
        Profiles {
            settings: ProfileSettings {
                entities_max,
                ..settings
            },
            index: HashTable::with_capacity(entities_max),
            chunks: Vec::new(),
            slots_used: 0,
            free: Vec::new(),
            queues: [[empty; 2]; KINDS],
            sketches: Sketches::new(entities_max / ENTITIES_PER_SKETCH),
            evicted: 0,
        }
    }

    pub fn settings(&self) -> ProfileSettings {
        self.settings
    }

    /// How many profiles there are.
    pub fn count(&self) -> usize {
        self.index.len()
    }

    /// How many profiles of this kind there are.
    pub fn count_of(&self, kind: EntityKind) -> usize {
        let [newcomers, regulars] = &self.queues[kind.index()];
        newcomers.length + regulars.length
    }

    /// How many profiles had to leave since the store was made.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// How many profiles have a sketch.
    pub fn sketches(&self) -> usize {
        self.sketches.lent()
    }

    /// The profile of an entity as it stood, with what is left of its counters at `at`.
    pub(crate) fn look(&self, key: EntityKey, at: Timestamp) -> Option<Seen<'_>> {
        let slot = *self.find(key)?;
        let profile = &self.slot(slot).profile;
        Some(Seen {
            profile,
            left: Left::of(profile.at, at),
            at,
            partners: self.partners(profile),
        })
    }

    /// The profile of an entity, made at `at` if there was none, and now the one heard of last.
    pub(super) fn touch(&mut self, key: EntityKey, at: Timestamp) -> u32 {
        match self.find(key) {
            Some(&slot) => {
                self.unlink(slot);
                self.slot_mut(slot).profile.standing = Standing::Regular;
                self.link(slot);
                slot
            }
            None => self.insert(key, Profile::new(at)),
        }
    }

    /// Adds a profile for a key that has none, as the one heard of last.
    pub(super) fn insert(&mut self, key: EntityKey, profile: Profile) -> u32 {
        if self.count() >= self.settings.entities_max {
            self.evict_one();
        }
        let index = self.vacant_slot();
        *self.slot_mut(index) = Slot {
            key,
            newer: NONE,
            older: NONE,
            profile,
        };
        let chunks = &self.chunks;
        let entry = self.index.entry(
            mix(key.bits()),
            |slot| slot_in(chunks, *slot).key == key,
            |slot| mix(slot_in(chunks, *slot).key.bits()),
        );
        match entry {
            Entry::Vacant(vacant) => drop(vacant.insert(index)),
            Entry::Occupied(_) => unreachable!("the key has no profile yet"),
        }
        self.link(index);
        index
    }

    pub(super) fn slot(&self, index: u32) -> &Slot {
        slot_in(&self.chunks, index)
    }

    pub(super) fn slot_mut(&mut self, index: u32) -> &mut Slot {
        let index = index as usize;
        &mut self.chunks[index / CHUNK_SLOTS][index % CHUNK_SLOTS]
    }

    /// Records that an entity met a partner, and says how many new partners that makes: 0, or about 1.
    pub(super) fn meet(&mut self, slot: u32, partner: EntityKey) -> f32 {
        let partner_bits = mix(partner.bits());
        let short = ((partner_bits >> 32) as u32).max(1);
        let profile = &mut self.slot_mut(slot).profile;
        let place = profile.partners.iter().position(|known| *known == short);
        let handle = profile.sketch;
        let is_crowded = profile.partners[PARTNERS_NEAR - 1] != 0;
        let end = place.unwrap_or(PARTNERS_NEAR - 1);
        let met_before = profile.partners;
        profile.partners[..=end].rotate_right(1);
        profile.partners[0] = short;
        if place.is_some() {
            return 0.0;
        }
        if handle.0 != 0 {
            return self.sketches.meet(handle, u64::from(short));
        }
        if is_crowded {
            self.lend_sketch(slot, met_before, short);
        }
        1.0
    }

    /// Slots of one kind and standing, from the one heard of longest ago.
    pub(super) fn in_order(
        &self,
        kind: EntityKind,
        standing: Standing,
    ) -> impl Iterator<Item = u32> + '_ {
        let mut next = self.queues[kind.index()][standing as usize].oldest;
        std::iter::from_fn(move || {
            let index = (next != NONE).then_some(next)?;
            next = self.slot(index).newer;
            Some(index)
        })
    }

    pub(super) fn find(&self, key: EntityKey) -> Option<&u32> {
        let is_it = |slot: &u32| self.slot(*slot).key == key;
        self.index.find(mix(key.bits()), is_it)
    }

    pub(super) fn restore_evicted(&mut self, evicted: u64) {
        self.evicted = evicted;
    }

    fn partners(&self, profile: &Profile) -> f32 {
        let near = profile.partners.iter().filter(|known| **known != 0).count();
        self.sketches.count(profile.sketch).unwrap_or(near as f32)
    }

    fn lend_sketch(&mut self, slot: u32, met_before: [u32; PARTNERS_NEAR], newcomer: u32) {
        let (handle, robbed) = self.sketches.lend(slot);
        if let Some(robbed) = robbed {
            self.slot_mut(robbed).profile.sketch = Default::default();
        }
        for partner in met_before.into_iter().rev().chain([newcomer]) {
            self.sketches.meet(handle, u64::from(partner));
        }
        self.slot_mut(slot).profile.sketch = handle;
    }

    fn evict_one(&mut self) {
        let Some(slot) = self.victim() else {
            return;
        };
        self.unlink(slot);
        let (key, handle) = {
            let slot = self.slot(slot);
            (slot.key, slot.profile.sketch)
        };
        self.sketches.give_back(handle);
        let entry = self
            .index
            .find_entry(mix(key.bits()), |other| *other == slot);
        entry.expect("a linked slot is in the index").remove();
        self.free.push(slot);
        self.evicted = self.evicted.saturating_add(1);
    }

    fn victim(&self) -> Option<u32> {
        let over_share = |kind: &EntityKind| {
            let share = self.settings.entities_max * SHARES[kind.index()] / 100;
            self.count_of(*kind) as i64 - share as i64
        };
        // Ties go to the last kind; which one matters little, that it is always the same does.
        let kind = EntityKind::ALL.into_iter().max_by_key(over_share)?;
        let [newcomers, regulars] = &self.queues[kind.index()];
        let of_kind = newcomers.length + regulars.length;
        let newcomers_leave = regulars.length == 0 || newcomers.length * NEWCOMERS_ONE_IN > of_kind;
        let queue = if newcomers_leave { newcomers } else { regulars };
        (queue.oldest != NONE).then_some(queue.oldest)
    }

    fn vacant_slot(&mut self) -> u32 {
        if let Some(slot) = self.free.pop() {
            return slot;
        }
        if self.slots_used as usize == self.chunks.len() * CHUNK_SLOTS {
            let room = CHUNK_SLOTS.min(self.settings.entities_max - self.slots_used as usize);
            let vacant = Slot::vacant();
            let mut chunk = Vec::with_capacity(room);
            chunk.resize(room, vacant);
            self.chunks.push(chunk.into_boxed_slice());
        }
        self.slots_used += 1;
        self.slots_used - 1
    }

    fn link(&mut self, index: u32) {
        let (kind, standing) = self.place(index);
        let previous = self.queues[kind][standing].newest;
        let slot = self.slot_mut(index);
        slot.older = previous;
        slot.newer = NONE;
        if previous != NONE {
            self.slot_mut(previous).newer = index;
        }
        let queue = &mut self.queues[kind][standing];
        queue.newest = index;
        queue.length += 1;
        if queue.oldest == NONE {
            queue.oldest = index;
        }
    }

    fn unlink(&mut self, index: u32) {
        let (kind, standing) = self.place(index);
        let Slot { newer, older, .. } = *self.slot(index);
        if newer != NONE {
            self.slot_mut(newer).older = older;
        }
        if older != NONE {
            self.slot_mut(older).newer = newer;
        }
        let queue = &mut self.queues[kind][standing];
        queue.length -= 1;
        if newer == NONE {
            queue.newest = older;
        }
        if older == NONE {
            queue.oldest = newer;
        }
    }

    fn place(&self, index: u32) -> (usize, usize) {
        let slot = self.slot(index);
        (slot.key.kind().index(), slot.profile.standing as usize)
    }
}

impl Slot {
    fn vacant() -> Slot {
        Slot {
            key: EntityKey::default(),
            newer: NONE,
            older: NONE,
            profile: Profile::default(),
        }
    }
}

fn slot_in(chunks: &[Box<[Slot]>], index: u32) -> &Slot {
    let index = index as usize;
    &chunks[index / CHUNK_SLOTS][index % CHUNK_SLOTS]
}

/// A profile as it is looked at from one point in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) profile: &'a Profile,
    /// What is left by now of the counters, which are as of the profile's own time.
    pub(crate) left: Left,
    pub(crate) at: Timestamp,
    /// Distinct partners, exact up to 48.
    pub(crate) partners: f32,
}
