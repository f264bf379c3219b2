use super::*;
use crate::fact::{FactType, Facts, Kind};
use crate::model::drift::Drift;
use crate::model::limits::FEATURES_MAX;
use crate::model::settings::Settings;
use crate::model::stream::{self, Dice, quick_settings, training_set};
use crate::model::train::train;
use ids::time::Timestamp;
use proptest::prelude::*;
use std::sync::LazyLock;

fn catalogue() -> Catalogue {
    let mut types: Vec<FactType> = stream::feature_names()
        .into_iter()
        .map(|name| FactType {
            name,
            kind: Kind::Number,
            unit: "attempts",
            meaning: "A value of the stream.".into(),
        })
        .collect();
    types.reverse();
    types.push(FactType {
        name: "address.text".into(),
        kind: Kind::Text,
        unit: "",
        meaning: "The address.".into(),
    });
    Catalogue::new(types)
}

fn made(algorithm: Algorithm) -> Artifact {
    let set = training_set(4_000, 1);
    let settings = Settings {
        algorithm,
        trees_max: 12,
        depth: 3,
        ..quick_settings()
    };
    let trained = train(&set.known_at(Timestamp::NEVER), &settings, 5).unwrap();
    let definitions = Definitions::of(set.features(), &catalogue(), 1).unwrap();
    Artifact::of_training(trained, definitions).unwrap()
}

static HESSBOOST: LazyLock<Vec<u8>> = LazyLock::new(|| made(Algorithm::Hessboost).bytes().to_vec());
static FORUST: LazyLock<Vec<u8>> = LazyLock::new(|| made(Algorithm::Forust).bytes().to_vec());

/// Gives changed bytes the hash that they should have, so that what is behind the hash is tried too.
fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let body = bytes.len() - HASH_BYTES;
    let hash = Sha256::digest(&bytes[..body]);
    bytes[body..].copy_from_slice(&hash);
    bytes
}

/// The file with another manifest or other trees.
fn with_parts(bytes: &[u8], change: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>)) -> Vec<u8> {
    let (manifest, trees) = parts(bytes).unwrap();
    let (mut manifest, mut trees) = (manifest.to_vec(), trees.to_vec());
    change(&mut manifest, &mut trees);
    let mut changed = MAGIC.to_vec();
    for number in [VERSION, manifest.len() as u32, trees.len() as u32] {
        changed.extend_from_slice(&number.to_le_bytes());
    }
    changed.extend(manifest);
    changed.extend(trees);
    let hash = Sha256::digest(&changed);
    changed.extend_from_slice(&hash);
    changed
}

fn with_manifest(bytes: &[u8], change: impl FnOnce(&mut Manifest)) -> Vec<u8> {
    with_parts(bytes, |manifest, _| {
        let mut changed: Manifest = serde_json::from_slice(manifest).unwrap();
        change(&mut changed);
        *manifest = serde_json::to_vec(&changed).unwrap();
    })
}

fn refusal(bytes: Vec<u8>) -> ArtifactRefusal {
    Artifact::decode(bytes).expect_err("the file is not sound")
}

/// Whatever is taken must also serve.
fn serves_or_is_refused(bytes: Vec<u8>) {
    if let Ok(artifact) = Artifact::decode(bytes) {
        let width = artifact.manifest().features.len();
        for row in [
            vec![f32::NAN; width],
            vec![0.5; width],
            vec![f32::MAX; width],
        ] {
            let judged = artifact.judge(&row);
            assert!((0.0..=1.0).contains(&judged.score), "{judged:?}");
            assert!((0.0..=1.0).contains(&judged.probability), "{judged:?}");
            artifact.contributions(&row);
            artifact.level_by_budget(judged);
            artifact.level_by_costs(judged, 1_000);
        }
        if let Some(reference) = &artifact.manifest().reference {
            let mut drift = Drift::new(reference.clone(), 100);
            drift.observe(&vec![0.5; width], 0.5);
            drift.report();
        }
    }
}

#[test]
fn a_model_file_is_the_same_after_reading_and_judges_the_same_bits() {
    for bytes in [&*HESSBOOST, &*FORUST] {
        let one = Artifact::decode(bytes.clone()).unwrap();
        let (_, trees) = parts(bytes).unwrap();
        let other = Artifact::seal(one.manifest(), trees).unwrap();
        assert_eq!(one.hash(), other.hash());
        assert_eq!(one.manifest(), other.manifest());
        let mut dice = Dice(3);
        for _ in 0..200 {
            let row = stream::row(&mut dice);
            assert_eq!(one.judge(&row), other.judge(&row));
        }
        assert_eq!(one.hash().to_string().len(), 64);
    }
}

struct OneFact<'a>(&'a [f32]);

impl Facts for OneFact<'_> {
    fn number(&self, index: usize) -> f32 {
        self.0.get(index).copied().unwrap_or(f32::NAN)
    }

    fn text(&self, _: usize) -> Option<&str> {
        None
    }
}

#[test]
fn a_binding_puts_facts_into_the_order_of_the_model() {
    let artifact = Artifact::decode(HESSBOOST.clone()).unwrap();
    let binding = artifact.bind(&catalogue(), 1).unwrap();
    let facts: Vec<f32> = (0..8).map(|at| at as f32).collect();
    let mut room = [0.0; FEATURES_MAX];
    let row = binding.row(&OneFact(&facts), &mut room);
    assert_eq!(row, [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0]);
}

#[test]
fn a_model_of_other_facts_is_refused() {
    let artifact = Artifact::decode(HESSBOOST.clone()).unwrap();
    assert_eq!(artifact.bind(&catalogue(), 2), Err(BindingRefusal::Changed));
    let mut types = catalogue().types().to_vec();
    types[0].unit = "seconds";
    let changed = Catalogue::new(types.clone());
    assert_eq!(artifact.bind(&changed, 1), Err(BindingRefusal::Changed));
    types[0].kind = Kind::Text;
    let text = artifact.bind(&Catalogue::new(types.clone()), 1);
    assert!(matches!(text, Err(BindingRefusal::Text { .. })));
    types.remove(0);
    let missing = artifact.bind(&Catalogue::new(types), 1);
    let names = "stream.value_7".to_owned();
    assert_eq!(missing, Err(BindingRefusal::Unknown { names, count: 1 }));
}

#[test]
fn every_kind_of_damage_has_its_own_refusal() {
    let sound = HESSBOOST.clone();
    assert_eq!(
        refusal(b"tree\nversion=v4\n".to_vec()),
        ArtifactRefusal::Foreign
    );
    assert_eq!(refusal(Vec::new()), ArtifactRefusal::Foreign);
    let mut newer = sound.clone();
    newer[8] = 2;
    assert_eq!(refusal(newer), ArtifactRefusal::Version { found: 2 });
    let (expected, found) = (sound.len(), sound.len() - 1);
    let cut = sound[..found].to_vec();
    assert_eq!(refusal(cut), ArtifactRefusal::Length { expected, found });
    let mut flipped = sound.clone();
    flipped[100] ^= 1;
    assert_eq!(refusal(flipped), ArtifactRefusal::Damaged);
    let huge = [MAGIC.to_vec(), vec![0; ARTIFACT_BYTES_MAX]].concat();
    assert_eq!(refusal(huge), ArtifactRefusal::TooLarge);
    let no_manifest = with_parts(&sound, |manifest, _| *manifest = b"{}".to_vec());
    assert!(matches!(
        refusal(no_manifest),
        ArtifactRefusal::Manifest { .. }
    ));
    let deep = with_parts(&sound, |manifest, _| *manifest = vec![b'['; 1 << 20]);
    assert!(matches!(refusal(deep), ArtifactRefusal::Manifest { .. }));
    let no_trees = with_parts(&sound, |_, trees| trees.clear());
    assert!(matches!(refusal(no_trees), ArtifactRefusal::Trees(_)));
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused() {
    let unsound = |change: &dyn Fn(&mut Manifest)| refusal(with_manifest(&HESSBOOST, change));
    let refused = [
        unsound(&|manifest| manifest.features[1] = manifest.features[0].clone()),
        unsound(&|manifest| manifest.features.truncate(3)),
        unsound(&|manifest| manifest.features.push("more.than_trees".into())),
        unsound(&|manifest| manifest.calibration = Calibration::Isotonic { knots: Vec::new() }),
        unsound(&|manifest| {
            manifest.calibration = Calibration::Platt {
                slope: -1.0,
                offset: 0.0,
            }
        }),
        unsound(&|manifest| manifest.thresholds.as_mut().unwrap().block = 0.0),
        unsound(&|manifest| manifest.reference.as_mut().unwrap().features.truncate(1)),
        unsound(&|manifest| manifest.report.as_mut().unwrap().importance.truncate(1)),
        unsound(&|manifest| manifest.costs.review = -1.0),
        unsound(&|manifest| manifest.budget.alarm_share = 2.0),
        unsound(&|manifest| manifest.algorithm = Algorithm::Forust),
    ];
    for refusal in refused {
        assert!(!matches!(refusal, ArtifactRefusal::Damaged), "{refusal}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_cut_file_is_refused(keep in any::<prop::sample::Index>()) {
        let keep = keep.index(HESSBOOST.len());
        prop_assert!(Artifact::decode(HESSBOOST[..keep].to_vec()).is_err());
    }

    #[test]
    fn a_file_with_any_bit_flipped_is_refused(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = HESSBOOST.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(Artifact::decode(bytes).is_err());
    }

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), is_marked in any::<bool>()) {
        let marked = if is_marked { [MAGIC.to_vec(), 1u32.to_le_bytes().to_vec(), bytes].concat() } else { bytes };
        prop_assert!(Artifact::decode(marked).is_err());
    }

    /// As from somebody who knows the form and hashes what he has made.
    #[test]
    fn forged_files_are_refused_or_serve(
        is_forust in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = if is_forust { FORUST.clone() } else { HESSBOOST.clone() };
        let body = bytes.len() - HASH_BYTES;
        for (at, value) in changes {
            bytes[HEADER_BYTES + at.index(body - HEADER_BYTES)] = value;
        }
        serves_or_is_refused(resealed(bytes));
    }

    #[test]
    fn forged_trees_are_refused_or_serve(
        is_forust in any::<bool>(),
        at in any::<prop::sample::Index>(),
        patch in prop::collection::vec(any::<u8>(), 0..12),
        cut in 0usize..12,
    ) {
        let bytes = if is_forust { &*FORUST } else { &*HESSBOOST };
        serves_or_is_refused(with_parts(bytes, |_, trees| {
            let at = at.index(trees.len());
            let end = trees.len().min(at + cut);
            trees.splice(at..end, patch);
            reseal_container(trees);
        }));
    }
}

/// hessboost's trees end with a checksum of their own; a forger would set it right.
fn reseal_container(trees: &mut [u8]) {
    if !trees.starts_with(b"HBM\0") || trees.len() < 16 {
        return;
    }
    let body = trees.len() - 8;
    let checksum = xxh64(&trees[..body]).to_le_bytes();
    trees[body..].copy_from_slice(&checksum);
}

/// XXH64 with seed 0, from its specification.
fn xxh64(bytes: &[u8]) -> u64 {
    const P: [u64; 5] = [
        0x9E37_79B1_85EB_CA87,
        0xC2B2_AE3D_27D4_EB4F,
        0x1656_67B1_9E37_79F9,
        0x85EB_CA77_C2B2_AE63,
        0x27D4_EB2F_1656_67C5,
    ];
    let lane = |at: &[u8]| u64::from_le_bytes(at[..8].try_into().unwrap());
    let round = |acc: u64, input: u64| {
        acc.wrapping_add(input.wrapping_mul(P[1]))
            .rotate_left(31)
            .wrapping_mul(P[0])
    };
    let mut rest = bytes;
    let mut hash = if 32 <= bytes.len() {
        let mut acc = [P[0].wrapping_add(P[1]), P[1], 0, 0u64.wrapping_sub(P[0])];
        while 32 <= rest.len() {
            for (place, acc) in acc.iter_mut().enumerate() {
                *acc = round(*acc, lane(&rest[place * 8..]));
            }
            rest = &rest[32..];
        }
        let turned = [1, 7, 12, 18];
        let start = (0..4).fold(0u64, |sum, place| {
            sum.wrapping_add(acc[place].rotate_left(turned[place]))
        });
        acc.iter().fold(start, |hash, acc| {
            (hash ^ round(0, *acc))
                .wrapping_mul(P[0])
                .wrapping_add(P[3])
        })
    } else {
        P[4]
    };
    hash = hash.wrapping_add(bytes.len() as u64);
    while 8 <= rest.len() {
        hash = (hash ^ round(0, lane(rest)))
            .rotate_left(27)
            .wrapping_mul(P[0])
            .wrapping_add(P[3]);
        rest = &rest[8..];
    }
    if 4 <= rest.len() {
        let half = u64::from(u32::from_le_bytes(rest[..4].try_into().unwrap()));
        hash = (hash ^ half.wrapping_mul(P[0]))
            .rotate_left(23)
            .wrapping_mul(P[1])
            .wrapping_add(P[2]);
        rest = &rest[4..];
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte).wrapping_mul(P[4]))
            .rotate_left(11)
            .wrapping_mul(P[0]);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(P[1]);
    hash = (hash ^ (hash >> 29)).wrapping_mul(P[2]);
    hash ^ (hash >> 32)
}

#[test]
fn the_forger_s_checksum_is_the_one_that_the_reader_wants() {
    let (_, trees) = parts(&HESSBOOST).unwrap();
    let mut forged = trees.to_vec();
    reseal_container(&mut forged);
    assert!(forged == trees);
}
