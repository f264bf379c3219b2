//! Attempts to pay: what the payer's page saw, and how the attempt was judged.

use std::net::IpAddr;
use std::sync::Arc;

use ids::time::Span;
use ids::voucher::{Country, Serial};

/// How somebody tried to pay. Later attempts are judged by it, and what is not known stays unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    pub address: Option<IpAddr>,
    /// Where the address was, as far as this was known when the attempt was made.
    pub whereabouts: Option<Whereabouts>,
    pub device: Option<Device>,
    pub behaviour: Behaviour,
    /// The vouchers that were to pay; none where the PIN was wrong.
    pub vouchers: Vec<Serial>,
    /// Missing where nobody judged: a wrong PIN, a platform that judges nothing, an entry of an older format.
    pub judgement: Option<Judgement>,
}

/// Where an address is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    pub country: Option<Country>,
    pub coordinates: Option<Coordinates>,
}

/// A point on the earth in hundredths of a degree, about a kilometre: nobody knows better where an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coordinates {
    latitude: i16,
    longitude: i16,
}

impl Coordinates {
    /// From latitude and longitude in hundredths of a degree; none if there is no such place.
    pub fn new(latitude: i16, longitude: i16) -> Option<Coordinates> {
        let is_there =
            (-9_000..=9_000).contains(&latitude) && (-18_000..=18_000).contains(&longitude);
        is_there.then_some(Coordinates {
            latitude,
            longitude,
        })
    }

    pub fn latitude(self) -> i16 {
        self.latitude
    }

    pub fn longitude(self) -> i16 {
        self.longitude
    }
}

/// A browser that was here before, by the digest of its first-party cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Device(pub [u8; 16]);

/// What the page noticed of the hand that filled it in. No key that was pressed is among it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// From the page's arrival to its sending.
    pub time_on_page: Option<Span>,
    pub pin_entry: Option<PinEntry>,
    /// Mean time between two keys of the PIN, in milliseconds.
    pub key_interval_ms: Option<u32>,
    /// Standard deviation of these times, in milliseconds.
    pub key_deviation_ms: Option<u32>,
    /// What a browser driven by a program gives away, one bit for each [`Sign`].
    pub signs: Signs,
}

/// How the PIN came into its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinEntry {
    Typed,
    Pasted,
}

/// A set of signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs(pub u32);

/// Something that people's browsers rarely show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The browser says that a program drives it.
    Driven = 0,
    /// It has no languages, plug-ins or screen.
    Bare = 1,
    /// The page's script did not run.
    NoScript = 2,
    /// The form was sent without the cookie that came with the page.
    NoCookie = 3,
    /// Headers that every browser sends were missing.
    NoAccept = 4,
    NoLanguage = 5,
    NoUserAgent = 6,
}

/// What was decided about an attempt, with everything that it takes to decide it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub verdict: Verdict,
    /// Facts, score, reasons, and the versions of rules and model, as whoever judged writes them.
    pub record: Arc<[u8]>,
}

/// What may come of an attempt, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Allow,
    /// One more proof is asked for.
    Challenge,
    /// The value is held, and a person decides.
    Review,
    Block,
}

impl Signs {
    pub const NONE: Signs = Signs(0);

    #[must_use]
    pub fn with(self, sign: Sign) -> Signs {
        Signs(self.0 | 1 << sign as u32)
    }

    pub fn has(self, sign: Sign) -> bool {
        self.0 & (1 << sign as u32) != 0
    }
}
