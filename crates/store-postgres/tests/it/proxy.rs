//! A proxy between a store and its server that cuts a connection at the worst moment.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

/// What happens to the next large request, which is a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cut {
    Nothing,
    /// It never arrives.
    BeforeTheServer,
    /// It is carried out, and the answer never arrives.
    BeforeTheAnswer,
    /// The client is cut off at once, and the request arrives when the client has long asked elsewhere.
    AndDeliverLate,
}

/// Requests of fewer bytes are no commits.
const COMMIT_BYTES_MIN: usize = 700;
const LATE: Duration = Duration::from_millis(400);

/// How often a silent connection looks whether it may speak again.
const SILENT_FOR: Duration = Duration::from_millis(20);

pub struct Proxy {
    next: Arc<AtomicU8>,
    silent: Arc<AtomicBool>,
    port: u16,
}

impl Proxy {
    pub fn start(server: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let next = Arc::new(AtomicU8::new(0));
        let shared = Arc::clone(&next);
        let silent = Arc::new(AtomicBool::new(false));
        let shared_silence = Arc::clone(&silent);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
                    continue;
                };
                let next = Arc::clone(&shared);
                let [silent, silent_too] = [(); 2].map(|()| Arc::clone(&shared_silence));
                let (from_server, to_client) = (clone(&server), clone(&client));
                thread::spawn(move || copy(from_server, to_client, &silent));
                thread::spawn(move || forward(client, server, &next, &silent_too));
            }
        });
        Proxy { next, silent, port }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn cut_next(&self, cut: Cut) {
        self.next.store(cut as u8, Ordering::SeqCst);
    }

    /// From now on nothing arrives anywhere, and no connection ends.
    pub fn fall_silent(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    /// What was held back arrives.
    pub fn speak(&self) {
        self.silent.store(false, Ordering::SeqCst);
    }

    /// Whether what was asked for has happened.
    pub fn is_done(&self) -> bool {
        self.next.load(Ordering::SeqCst) == Cut::Nothing as u8
    }
}

fn clone(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a stream can be shared")
}

fn copy(mut source: TcpStream, mut target: TcpStream, silent: &AtomicBool) {
    let mut buffer = [0; 65_536];
    while let Ok(count @ 1..) = source.read(&mut buffer) {
        wait_while(silent);
        if target.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = target.shutdown(Shutdown::Both);
}

fn wait_while(silent: &AtomicBool) {
    while silent.load(Ordering::SeqCst) {
        thread::sleep(SILENT_FOR);
    }
}

fn forward(mut client: TcpStream, mut server: TcpStream, next: &AtomicU8, silent: &AtomicBool) {
    let mut buffer = [0; 65_536];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        wait_while(silent);
        let request = &buffer[..count];
        let is_commit = COMMIT_BYTES_MIN <= count;
        let cut = if is_commit {
            next.swap(0, Ordering::SeqCst)
        } else {
            0
        };
        if cut == Cut::BeforeTheServer as u8 {
            break;
        }
        if cut == Cut::BeforeTheAnswer as u8 || cut == Cut::AndDeliverLate as u8 {
            let _ = client.shutdown(Shutdown::Both);
            if cut == Cut::AndDeliverLate as u8 {
                thread::sleep(LATE);
            }
            let _ = server.write_all(request);
            // The server finishes what it has begun before it looks at the connection again.
            thread::sleep(LATE);
            break;
        }
        if server.write_all(request).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}
