//! Where addresses are, by a file in the MaxMind DB format.
//!
//! What it says goes into the entry of the attempt, so that nothing that follows from it needs the file again.

use std::net::IpAddr;
use std::sync::Arc;

use ids::voucher::Country;
use maxminddb::{MaxMindDbError, Reader, WithinOptions};
use parking_lot::RwLock;
use payment::attempt::{Coordinates, Whereabouts};
use serde::Deserialize;

/// Bytes of a file, which is held in memory; while another one takes its place, both are.
pub const ATLAS_BYTES_MAX: u64 = 512 << 20;

/// Networks that are looked through for one that names a country.
const NETWORKS_TRIED: usize = 100_000;

/// The whereabouts of addresses; of none before a map is given.
#[derive(Debug, Default)]
pub struct Atlas {
    map: RwLock<Option<Arc<Map>>>,
}

impl Atlas {
    /// Takes the place of the map before; whoever is looking something up ends with that one.
    pub fn replace(&self, map: Map) {
        *self.map.write() = Some(Arc::new(map));
    }

    /// Where an address is, if that is known.
    pub fn locate(&self, address: IpAddr) -> Option<Whereabouts> {
        let map = self.map.read().clone()?;
        map.locate(address.to_canonical())
    }
}

/// A sound file that names countries.
pub struct Map {
    reader: Reader<Vec<u8>>,
}

/// Why a file says nothing about addresses.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    #[error(
        "it has more than {ATLAS_BYTES_MAX} bytes; take a file of countries or cities without further columns"
    )]
    TooLarge,
    #[error(
        "it is damaged, or no MaxMind DB; download it again, and give the .mmdb that the archive holds"
    )]
    Damaged(#[from] MaxMindDbError),
    #[error("it is a {kind}, which names no countries; give a file of countries or cities")]
    NoCountries { kind: String },
}

impl Map {
    /// Reads the whole of a file and every record in it, which takes seconds for a large one.
    pub fn read(bytes: Vec<u8>) -> Result<Map, MapError> {
        if ATLAS_BYTES_MAX < bytes.len() as u64 {
            return Err(MapError::TooLarge);
        }
        let reader = Reader::from_source(bytes)?;
        reader.verify()?;
        let map = Map { reader };
        match map.names_countries()? {
            true => Ok(map),
            false => Err(MapError::NoCountries {
                kind: map.kind().to_owned(),
            }),
        }
    }

    /// What the file says of itself, as in `GeoLite2-City`.
    pub fn kind(&self) -> &str {
        &self.reader.metadata().database_type
    }

    fn names_countries(&self) -> Result<bool, MaxMindDbError> {
        let networks = self.reader.networks(WithinOptions::default())?;
        for network in networks.take(NETWORKS_TRIED) {
            // Of another kind of file the fields that are wanted may be something else.
            let found = network?.decode::<Found<'_>>().unwrap_or(None);
            if found.is_some_and(|found| found.country().is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn locate(&self, address: IpAddr) -> Option<Whereabouts> {
        // A file of IPv4 addresses knows no others.
        let found = self.reader.lookup(address).ok()?;
        let found: Found<'_> = found.decode().ok()??;
        let whereabouts = Whereabouts {
            country: found.country(),
            coordinates: found.coordinates(),
        };
        (whereabouts != Whereabouts::default()).then_some(whereabouts)
    }
}

impl std::fmt::Debug for Map {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Map").field(&self.kind()).finish()
    }
}

/// What is wanted of a record.
#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow)]
    country: Option<Named<'a>>,
    location: Option<Located>,
}

#[derive(Deserialize)]
struct Named<'a> {
    iso_code: Option<&'a str>,
}

#[derive(Deserialize)]
struct Located {
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl Found<'_> {
    fn country(&self) -> Option<Country> {
        self.country.as_ref()?.iso_code?.parse().ok()
    }

    fn coordinates(&self) -> Option<Coordinates> {
        let location = self.location.as_ref()?;
        // What is no number or too large for one becomes the nearest that can be held, and is no place.
        let hundredths = |degrees: f64| (degrees * 100.0).round() as i16;
        let latitude = location.latitude.filter(|degrees| degrees.is_finite())?;
        let longitude = location.longitude.filter(|degrees| degrees.is_finite())?;
        Coordinates::new(hundredths(latitude), hundredths(longitude))
    }
}
