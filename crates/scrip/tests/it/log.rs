//! `scrip verify` and `scrip mirror` as their users meet them.

use std::convert::Infallible;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc;

use ed25519_dalek::{Signer, SigningKey};
use tempfile::TempDir;
use tlog::edge::RightEdge;
use tlog::hash::TreeHead;
use tlog::key::{KeyKind, KeyName, PublicKey};
use tlog::leaf::{FieldGroup, Leaf, LeafKind, Opening, Salt};
use tlog::note::{Note, SignatureLine};
use tlog::plan::{ProofPlan, Tiles};
use tlog::receipt::View;

use crate::program::{run_badly, run_well, scrip};

/// A log that asks for no witness, because cosignatures would have to be of the present.
pub struct Home {
    directory: TempDir,
}

impl Home {
    /// With a log of so many leaves, those from `marked` on of another kind, and the receipt of leaf 3.
    pub fn new(size: u64, marked: u64) -> Self {
        let home = Self {
            directory: TempDir::new().expect("a directory"),
        };
        let mut edge = RightEdge::of_nothing();
        let growth = edge.append((0..size).map(|index| leaf(index, marked).encode()));
        let mut tiles = Tiles::default();
        for file in &growth.tiles {
            let stored = tiles.insert(file.path, &file.bytes);
            stored.expect("a tile that was just made is well formed");
        }
        for file in growth.tiles.iter().chain(&growth.bundles) {
            home.write(&format!("log/{}", file.path), &file.bytes);
        }
        let checkpoint = signed(edge.head());
        home.write("log/checkpoint", checkpoint.to_string().as_bytes());
        home.write(
            "policy",
            format!("log {}\nquorum none\n", key().0).as_bytes(),
        );
        let view = View::new(leaf(3, marked), vec![opening(3)]).expect("the opening fits");
        let proof = ProofPlan::inclusion(3, size).expect("the leaf is in the tree");
        let proof = proof.build(&tiles).expect("every tile is there");
        let checkpoint = tlog::checkpoint::SignedCheckpoint::parse(checkpoint.as_bytes());
        let receipt = view.into_receipt(proof, checkpoint.expect("a checkpoint"));
        home.write("receipt", receipt.to_string().as_bytes());
        home
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("it can be made");
        fs::write(path, bytes).expect("it can be written");
    }
}

fn opening(index: u64) -> Opening {
    Opening {
        group: FieldGroup::Core,
        salt: Salt::new([7; 32]),
        content: format!("entry {index}").into_bytes(),
    }
}

pub fn leaf(index: u64, marked: u64) -> Leaf {
    let kind = LeafKind(1 + u8::from(marked <= index));
    Leaf::new(kind, index, vec![opening(index).commitment()]).expect("one commitment is few")
}

pub fn key() -> (PublicKey, SigningKey) {
    let secret = SigningKey::from_bytes(&[7; 32]);
    let name = KeyName::parse("voucher.example/log1").expect("the name is good");
    let public = PublicKey::new(name, KeyKind::Note, secret.verifying_key().as_bytes());
    (public.expect("a fresh key is not weak"), secret)
}

fn signed(head: TreeHead) -> String {
    let (public, secret) = key();
    let text = format!("{}\n{}\n{}\n", public.name(), head.size, head.root);
    let sign = |text: &[u8]| Ok::<_, Infallible>(secret.sign(text).to_bytes());
    let Ok(line) = SignatureLine::sign(&public, &text, sign);
    Note::new(text, line).expect("the text is good").to_string()
}

#[test]
fn a_receipt_is_checked_as_a_file_and_as_json() {
    let home = Home::new(300, u64::MAX);
    let policy = home.text("policy");
    let text = fs::read_to_string(home.path("receipt")).unwrap();
    let json = serde_json::json!({ "payment": "pay_1", "proof": text });
    home.write("receipt.json", json.to_string().as_bytes());
    for file in ["receipt", "receipt.json"] {
        let said = run_well(&["verify", "receipt", &home.text(file), "--policy", &policy]);
        for part in [
            "log signature:",
            "quorum:",
            "number 3",
            "group 0",
            "the receipt holds",
        ] {
            assert!(said.contains(part), "{said}");
        }
    }
    let other = text.replace("index 3", "index 4");
    home.write("other", other.as_bytes());
    home.write("no-receipt.json", b"{\"payment\": \"pay_1\"}");
    home.write("no-policy", b"log nobody\n");
    for (file, policy, says) in [
        ("other", "policy", "inclusion: "),
        ("no-receipt.json", "policy", "no text `proof`"),
        ("missing", "policy", "cannot read"),
        ("receipt", "no-policy", "policy: line 1"),
        ("receipt", "missing", "cannot read"),
    ] {
        let (file, policy) = (home.text(file), home.text(policy));
        let said = run_badly(&["verify", "receipt", &file, "--policy", &policy]);
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn a_log_is_checked_and_remembered_and_a_rewritten_one_is_told() {
    let home = Home::new(300, u64::MAX);
    let (policy, since) = (home.text("policy"), home.text("seen"));
    let verify = |log: &str| {
        let words = ["verify", "log", log, "--policy", &policy, "--since", &since];
        words.map(str::to_owned)
    };
    let run = |words: &[String; 7]| run_well(&words.each_ref().map(String::as_str));
    let honest = verify(&home.text("log"));
    assert!(run(&honest).contains("nothing was seen before"));
    assert!(run(&honest).contains("begins with the 300 entries seen before"));
    for (size, says) in [
        (300, "rewritten at the same size"),
        (301, "rewritten and extended"),
    ] {
        let forged = Home::new(size, 200);
        let forged = verify(&forged.text("log"));
        let said = run_badly(&forged.each_ref().map(String::as_str));
        assert!(
            said.contains(says) && said.contains(".evidence-300-"),
            "{said}"
        );
    }
    assert_eq!(
        fs::read(home.path("seen")).unwrap(),
        fs::read(home.path("log/checkpoint")).unwrap()
    );
}

/// Serves files, but for one: whoever asks for it is told of and waits for ever.
fn serve(directory: PathBuf, never: Option<&'static str>) -> (String, mpsc::Receiver<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (held, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            let (directory, held) = (directory.clone(), held.clone());
            std::thread::spawn(move || answer(stream, &directory, never, &held));
        }
    });
    (format!("http://{address}"), receiver)
}

fn answer(
    mut stream: TcpStream,
    directory: &Path,
    never: Option<&str>,
    held: &mpsc::Sender<TcpStream>,
) {
    use std::io::{BufRead, BufReader, Write};
    let reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let head = reader.lines().map_while(Result::ok);
    let head: Vec<String> = head.take_while(|line| !line.is_empty()).collect();
    let Some(path) = head.first().and_then(|line| line.split(' ').nth(1)) else {
        return;
    };
    let path = path.trim_start_matches('/');
    if Some(path) == never {
        // Whoever waits for it may have gone.
        let _ = held.send(stream);
        return;
    }
    let (status, bytes) = match fs::read(directory.join(path)) {
        Ok(bytes) => ("200 OK", bytes),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let length = bytes.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    // The other side may have been killed.
    let _ = stream.write_all(&[head.as_bytes(), &bytes].concat());
}

#[test]
fn a_mirror_that_is_killed_goes_on_and_holds() {
    let home = Home::new(1_500, u64::MAX);
    let policy = home.text("policy");
    for never in ["tile/entries/000", "tile/entries/003", "tile/0/004"] {
        let copy = home.text("copy");
        let (url, held) = serve(home.path("log"), Some(never));
        let mut child = scrip()
            .args(["mirror", &url, &copy, "--policy", &policy])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let stream = held.recv().expect("it asks for the file");
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        drop(stream);
        assert!(!home.path("copy/checkpoint").exists(), "{never}");
    }
    let (url, _held) = serve(home.path("log"), None);
    let copy = home.text("copy");
    let said = run_well(&["mirror", &url, &copy, "--policy", &policy]);
    assert!(said.contains("is a copy of the log"), "{said}");
    let said = run_well(&["verify", "log", &copy, "--policy", &policy]);
    assert!(said.contains("the log holds"), "{said}");
    let damaged = home.path("copy/tile/0/002");
    let mut bytes = fs::read(&damaged).unwrap();
    bytes[100] ^= 1;
    fs::write(&damaged, bytes).unwrap();
    let said = run_badly(&["verify", "log", &copy, "--policy", &policy]);
    assert!(said.contains("tile/0/002 was refused"), "{said}");
}

#[test]
fn a_copy_goes_to_no_place_that_is_not_understood_or_cannot_be_reached() {
    let home = Home::new(300, u64::MAX);
    let policy = home.text("policy");
    let (url, _held) = serve(home.path("log"), None);
    let keys: [(&str, &str); 2] = [
        ("AWS_ACCESS_KEY_ID", "somebody"),
        ("AWS_SECRET_ACCESS_KEY", "of somebody"),
    ];
    let nowhere = [("AWS_ENDPOINT_URL", "http://127.0.0.1:1")];
    let alone = [("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1")];
    for (target, variables, says) in [
        (
            "gs://bucket/log",
            &[][..],
            "gs://bucket/log is no place for a copy",
        ),
        (
            "s3://somebody:secret@bucket/log",
            &keys,
            "names no place in an object store",
        ),
        (
            "s3://bucket/log",
            &alone,
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
        (
            "s3://bucket/log",
            &[keys[0]],
            "do not say how to reach the store",
        ),
        (
            "s3://bucket/log",
            &[keys[0], keys[1], nowhere[0]],
            "look at AWS_ENDPOINT_URL",
        ),
    ] {
        let mut mirror = scrip();
        mirror.args(["mirror", &url, target, "--policy", &policy]);
        mirror.current_dir(home.path(""));
        for ambient in [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ENDPOINT_URL",
        ] {
            mirror.env_remove(ambient);
        }
        mirror.envs(variables.iter().copied());
        let output = mirror.output().expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{target}");
        assert!(said.contains(says), "{target}: {said}");
        assert!(!home.path("gs:").exists());
    }
}
