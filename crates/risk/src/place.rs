//! Places: points that have a distance from each other.

use crate::math;

const EARTH_RADIUS_KM: f64 = 6_371.0;

/// A point in kilometres from the middle of the earth, or on a plane of its own.
///
/// The straight line between two such points needs no trigonometry, and is as good as the way around: the one grows with
/// the other, and below a thousand kilometres they differ by a thousandth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    pub(crate) kilometres: [f32; 3],
}

/// Coordinates that are no place on earth.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "a latitude is -90 to 90 degrees and a longitude -180 to 180, and this is {latitude}, {longitude}"
)]
pub struct NoPlace {
    pub latitude: f64,
    pub longitude: f64,
}

/// Kilometres on a plane, either way.
pub const PLANE_MAX: f64 = 100_000.0;

impl Place {
    /// A place on the earth, which is taken for a ball.
    pub fn on_earth(latitude: f64, longitude: f64) -> Result<Place, NoPlace> {
        let is_there = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        if !is_there {
            return Err(NoPlace {
                latitude,
                longitude,
            });
        }
        let (north, east) = (math::sine(latitude), math::sine(longitude));
        let along = math::sine(90.0 - latitude.abs());
        let ahead = math::sine(90.0 - longitude.abs());
        let point = [along * ahead, along * east, north];
        Ok(Place {
            kilometres: point.map(|part| (part * EARTH_RADIUS_KM) as f32),
        })
    }

    /// A point on a plane, in kilometres; none if it is not a number or further out than [`PLANE_MAX`].
    pub fn on_plane(x: f64, y: f64) -> Option<Place> {
        let is_within = |part: f64| part.abs() <= PLANE_MAX;
        (is_within(x) && is_within(y)).then_some(Place {
            kilometres: [x as f32, y as f32, 0.0],
        })
    }

    /// Kilometres along the straight line.
    pub fn distance(self, other: Place) -> f32 {
        let parts = self.kilometres.iter().zip(other.kilometres);
        let squares = parts.map(|(one, other)| (one - other) * (one - other));
        squares.sum::<f32>().sqrt()
    }

    /// This place moved towards another one by a share of the way.
    pub(crate) fn towards(self, other: Place, share: f32) -> Place {
        let mut moved = self;
        for (part, goal) in moved.kilometres.iter_mut().zip(other.kilometres) {
            *part += (goal - *part) * share;
        }
        moved
    }
}

/// A place to within a quarter of a kilometre, for profiles, of which there are many. On a plane it reaches 8,000 kilometres
/// either way; what lies beyond is held at the edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spot(pub(crate) [i16; 3]);

const SPOTS_A_KILOMETRE: f32 = 4.0;

impl Spot {
    pub(crate) fn of(place: Place) -> Spot {
        // A cast from a number that is too large takes the largest there is.
        Spot(
            place
                .kilometres
                .map(|part| (part * SPOTS_A_KILOMETRE).round() as i16),
        )
    }

    pub(crate) fn place(self) -> Place {
        Place {
            kilometres: self.0.map(|part| f32::from(part) / SPOTS_A_KILOMETRE),
        }
    }
}

#[cfg(test)]
mod tests;
