//! Three libraries that others wrote: they read what we write, and we read what they write.

use ct_merkle::RootHash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use signed_note::{Note as PeerNote, StandardVerifier, VerifierList};
use tlog::checkpoint::SignedCheckpoint;
use tlog::hash::TreeHash;
use tlog::key::PublicKey;
use tlog::note::Note;
use tlog::tile::TilePath;
use tlog_tiles::{
    Tile, TileHashReader, TileReader, check_record, check_tree, prove_record, prove_tree,
};

use crate::support::{Key, Log, entry};

fn log(sizes: impl IntoIterator<Item = u64>) -> Log {
    Log::grown_to(sizes, |index| entry(&index.to_be_bytes()))
}

fn for_peer(hashes: &[TreeHash]) -> Vec<tlog_tiles::Hash> {
    let hashes = hashes.iter();
    hashes
        .map(|hash| tlog_tiles::Hash(*hash.as_bytes()))
        .collect()
}

/// Our files, as the peer asks for tiles.
impl TileReader for Log {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        Ok(tiles
            .iter()
            .map(|tile| self.files[&path(tile)].clone())
            .collect())
    }

    fn save_tiles(&self, _tiles: &[Tile], _data: &[Vec<u8>]) {}
}

/// The peer spells paths as Go's checksum database does, with the tile's height in front.
fn path(tile: &Tile) -> TilePath {
    let spelled = tile.path();
    let ours = spelled
        .replace("tile/8/data/", "tile/entries/")
        .replace("tile/8/", "tile/");
    TilePath::parse(&ours).unwrap_or_else(|error| panic!("{spelled}: {error}"))
}

#[test]
fn tlog_tiles_builds_the_same_proofs_from_our_tiles() {
    let sizes = [1, 2, 3, 7, 200, 255, 256, 257, 300, 65_536, 66_000];
    let log = log(sizes);
    for size in sizes {
        let root = for_peer(&[log.heads[&size].root])[0];
        let reader = TileHashReader::new(size, root, &log);
        for index in [0, size / 3, size / 2, size - 1] {
            let theirs = prove_record(size, index, &reader).expect("the tiles hold");
            assert_eq!(
                theirs,
                for_peer(&log.inclusion(index, size)),
                "leaf {index} of {size}"
            );
            let leaf = for_peer(&[log.leaves[usize::try_from(index).unwrap()]])[0];
            check_record(&theirs, size, root, index, leaf).expect("the proof holds");
        }
        for old in sizes.into_iter().filter(|old| *old <= size) {
            let theirs = prove_tree(size, old, &reader).expect("the tiles hold");
            assert_eq!(
                theirs,
                for_peer(&log.consistency(old, size)),
                "{old} to {size}"
            );
            let old_root = for_peer(&[log.heads[&old].root])[0];
            check_tree(&theirs, size, root, old, old_root).expect("the proof holds");
        }
    }
}

#[test]
fn tlog_tiles_reads_our_checkpoint_and_writes_it_alike() {
    let checkpoint = Key::log().checkpoint(log([300]).edge.head());
    let text = checkpoint.note().text();
    let theirs = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).expect("it reads");
    assert_eq!(
        (theirs.origin(), theirs.size()),
        ("voucher.example/log1", 300)
    );
    assert_eq!(theirs.to_bytes(), text.as_bytes());
}

#[test]
fn signed_note_accepts_our_notes_and_we_accept_theirs() {
    let key = Key::log();
    let text = key.checkpoint(log([5]).edge.head()).to_string();
    let verifier = StandardVerifier::new(&key.public.to_string()).expect("our key reads");
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let theirs = PeerNote::from_bytes(text.as_bytes()).expect("our note reads");
    assert_eq!(theirs.verify(&known).expect("it holds").0.len(), 1);
    assert_eq!(theirs.to_bytes(), text.as_bytes());

    let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let signer = signed_note::StandardSigner::new(secret).expect("their key reads");
    let mut note = PeerNote::new(b"If you think cryptography is the answer to your problem,\n\nthen you don't know what your problem is.\n", &[]).expect("the text is good");
    note.add_sigs(&[&signer]).expect("they sign");
    let ours = Note::parse(&note.to_bytes()).expect("their note reads");
    assert_eq!(ours.verify(&PublicKey::parse(public).unwrap()), Ok(()));
    assert_eq!(ours.to_string().into_bytes(), note.to_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn ct_merkle_has_the_same_roots_and_accepts_our_proofs(old in 1_u64..500, more in 0_u64..500, place in any::<u64>()) {
        let new = old + more;
        let log = log([old, new]);
        let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        (0..new).for_each(|index| theirs.push(index.to_be_bytes().to_vec()));
        let root = theirs.root();
        prop_assert_eq!(root.as_bytes().as_slice(), log.heads[&new].root.as_bytes());

        let bytes = |hashes: &[TreeHash]| hashes.iter().flat_map(|hash| *hash.as_bytes()).collect::<Vec<u8>>();
        let index = place % new;
        let inclusion = ct_merkle::InclusionProof::<Sha256>::try_from_bytes(bytes(&log.inclusion(index, new))).unwrap();
        prop_assert!(theirs.root().verify_inclusion(&index.to_be_bytes().to_vec(), index, &inclusion).is_ok());
        let usize_index = usize::try_from(index).unwrap();
        let proved = theirs.prove_inclusion(usize_index);
        prop_assert_eq!(proved.as_bytes(), bytes(&log.inclusion(index, new)));

        let consistency = ct_merkle::ConsistencyProof::<Sha256>::try_from_bytes(bytes(&log.consistency(old, new))).unwrap();
        let old_root = RootHash::<Sha256>::new((*log.heads[&old].root.as_bytes()).into(), old);
        prop_assert!(theirs.root().verify_consistency(&old_root, &consistency).is_ok());
    }

    #[test]
    fn signed_note_and_we_agree_on_what_a_changed_checkpoint_is_worth(position in any::<usize>(), bit in 0_u8..8) {
        let key = Key::log();
        let mut bytes = key.checkpoint(log([5]).edge.head()).to_string().into_bytes();
        let position = position % bytes.len();
        bytes[position] ^= 1 << bit;
        let verifier = StandardVerifier::new(&key.public.to_string()).unwrap();
        let known = VerifierList::new(vec![Box::new(verifier)]);
        let theirs = PeerNote::from_bytes(&bytes).is_ok_and(|note| note.verify(&known).is_ok());
        let ours = SignedCheckpoint::parse(&bytes).is_ok_and(|checkpoint| checkpoint.verify(&key.public).is_ok());
        prop_assert_eq!((theirs, ours), (false, false));
    }
}
