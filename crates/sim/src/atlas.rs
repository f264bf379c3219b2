//! Files of addresses for tests, in the MaxMind DB format (version 2.0 of its specification).

use std::net::{IpAddr, Ipv4Addr};

/// What a file says of one network.
#[derive(Clone, Copy, Debug)]
pub struct Located {
    pub network: IpAddr,
    pub prefix: u8,
    /// As in `AT`; empty for a record that names none.
    pub country: &'static str,
    /// Latitude and longitude in degrees.
    pub coordinates: Option<(f64, f64)>,
}

/// A network of 256 IPv4 addresses.
pub fn network(first: [u8; 3], country: &'static str) -> Located {
    let [a, b, c] = first;
    Located {
        network: IpAddr::V4(Ipv4Addr::new(a, b, c, 0)),
        prefix: 24,
        country,
        coordinates: None,
    }
}

/// The bytes of a file of this kind, such as `GeoLite2-City`. Of networks that overlap the later one counts.
pub fn file(kind: &str, networks: &[Located]) -> Vec<u8> {
    let mut tree = Tree(vec![[Branch::Nothing; 2]]);
    let mut data = Vec::new();
    for located in networks {
        tree.place(located, data.len());
        write_record(located, &mut data);
    }
    let mut bytes = tree.bytes();
    bytes.extend([0; SEPARATOR_BYTES]);
    bytes.extend(data);
    bytes.extend(b"\xab\xcd\xefMaxMind.com");
    write_metadata(kind, tree.0.len(), &mut bytes);
    bytes
}

const SEPARATOR_BYTES: usize = 16;

/// A tree of IPv6 addresses, in which the IPv4 addresses are those that begin with 96 zeros.
struct Tree(Vec<[Branch; 2]>);

#[derive(Clone, Copy)]
enum Branch {
    Nothing,
    Node(usize),
    /// At this place of the data.
    Record(usize),
}

impl Tree {
    fn place(&mut self, located: &Located, at: usize) {
        let (address, prefix) = match located.network {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 96 + located.prefix),
            IpAddr::V6(address) => (u128::from(address), located.prefix),
        };
        let bit = |place: u8| (address >> (127 - place) & 1) as usize;
        let mut node = 0;
        for place in 0..prefix - 1 {
            node = match self.0[node][bit(place)] {
                Branch::Node(next) => next,
                // What was said of the whole goes on being said of both halves.
                whole @ (Branch::Nothing | Branch::Record(_)) => {
                    self.0.push([whole; 2]);
                    let next = self.0.len() - 1;
                    self.0[node][bit(place)] = Branch::Node(next);
                    next
                }
            };
        }
        self.0[node][bit(prefix - 1)] = Branch::Record(at);
    }

    /// Two numbers of 24 bits for each node.
    fn bytes(&self) -> Vec<u8> {
        let count = self.0.len();
        let number = |branch: Branch| match branch {
            Branch::Node(node) => node,
            Branch::Nothing => count,
            Branch::Record(at) => count + SEPARATOR_BYTES + at,
        };
        let numbers = self.0.iter().flatten().map(|branch| number(*branch) as u32);
        numbers
            .flat_map(|number| number.to_be_bytes()[1..].to_vec())
            .collect()
    }
}

const TEXT: u8 = 2;
const DOUBLE: u8 = 3;
const WORD: u8 = 5;
const LONG_WORD: u8 = 6;
const MAP: u8 = 7;
/// Types from 8 on have their number, less 7, in a byte of its own.
const EXTENDED: u8 = 0;
const HUGE_WORD: u8 = 9 - 7;
const LIST: u8 = 11 - 7;

/// The type in three bits, and a size below 29 in five.
fn write_head(kind: u8, size: usize, out: &mut Vec<u8>) {
    assert!(size < 29, "longer values have another form");
    out.push(kind << 5 | size as u8);
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    write_head(TEXT, text.len(), out);
    out.extend(text.as_bytes());
}

fn write_record(located: &Located, out: &mut Vec<u8>) {
    let has_country = usize::from(!located.country.is_empty());
    write_head(
        MAP,
        has_country + usize::from(located.coordinates.is_some()),
        out,
    );
    if !located.country.is_empty() {
        write_text("country", out);
        write_head(MAP, 1, out);
        write_text("iso_code", out);
        write_text(located.country, out);
    }
    if let Some((latitude, longitude)) = located.coordinates {
        write_text("location", out);
        write_head(MAP, 2, out);
        for (name, degrees) in [("latitude", latitude), ("longitude", longitude)] {
            write_text(name, out);
            write_head(DOUBLE, 8, out);
            out.extend(degrees.to_be_bytes());
        }
    }
}

fn write_metadata(kind: &str, nodes: usize, out: &mut Vec<u8>) {
    write_head(MAP, 9, out);
    for (name, word) in [
        ("binary_format_major_version", 2),
        ("binary_format_minor_version", 0),
        ("ip_version", 6),
        ("record_size", 24_u16),
    ] {
        write_text(name, out);
        write_head(WORD, 2, out);
        out.extend(word.to_be_bytes());
    }
    write_text("node_count", out);
    write_head(LONG_WORD, 4, out);
    out.extend((nodes as u32).to_be_bytes());
    write_text("build_epoch", out);
    write_head(EXTENDED, 1, out);
    out.extend([HUGE_WORD, 1]);
    write_text("database_type", out);
    write_text(kind, out);
    write_text("description", out);
    write_head(MAP, 1, out);
    write_text("en", out);
    write_text("made for a test", out);
    write_text("languages", out);
    write_head(EXTENDED, 1, out);
    out.push(LIST);
    write_text("en", out);
}
