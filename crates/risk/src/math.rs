//! Powers and logarithms whose every bit is fixed.
//!
//! Those of the standard library come from the C library of the machine and differ between its versions; a decision that is
//! replayed after an update must come out the same. Here are additions and multiplications alone, which IEEE 754 fixes.

const LN_2: f64 = std::f64::consts::LN_2;

/// Coefficients 1/n! of the exponential series; the rest after the twelfth power is below 2e-12 for arguments below ln 2.
const EXPONENTIAL: [f64; 13] = [
    1.0,
    1.0,
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
];

/// What is left of one after this many halvings: 2 to the power of -`halvings`. One for negative numbers and NaN.
pub fn left_after(halvings: f64) -> f64 {
    if halvings.is_nan() || halvings <= 0.0 {
        return 1.0;
    }
    // Beyond this, nothing that a counter can hold is left.
    if halvings >= 1_000.0 {
        return 0.0;
    }
    let whole = halvings as u64;
    let argument = -(halvings - whole as f64) * LN_2;
    let mut sum = 0.0;
    for coefficient in EXPONENTIAL.iter().rev() {
        sum = sum * argument + coefficient;
    }
    sum * f64::from_bits((1_023 - whole) << 52)
}

/// The logarithm to base 2; NaN unless the argument is positive, normal and finite. Exact to about 1e-13.
pub fn log2(value: f64) -> f64 {
    if !(f64::MIN_POSITIVE..f64::INFINITY).contains(&value) {
        return f64::NAN;
    }
    let bits = value.to_bits();
    let mut exponent = ((bits >> 52) as i64 - 1_023) as f64;
    let mut mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1_023 << 52));
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        exponent += 1.0;
    }
    // ln m = 2 atanh((m - 1) / (m + 1)); the argument is at most 0.172, so the rest after 10 terms is below 1e-16.
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let square = ratio * ratio;
    let mut sum = 0.0;
    for odd in [19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * square + 1.0 / odd;
    }
    exponent + 2.0 * ratio * sum / LN_2
}

/// The sine of an angle in degrees, between -180 and 180; NaN outside of them. Exact to about 1e-15.
pub fn sine(degrees: f64) -> f64 {
    if !(-180.0..=180.0).contains(&degrees) {
        return f64::NAN;
    }
    // The sine of an angle and of what it lacks to half a turn are the same.
    let acute = degrees.abs().min(180.0 - degrees.abs());
    let radians = (acute / 180.0 * std::f64::consts::PI).copysign(degrees);
    let square = radians * radians;
    // x - x^3/3! + x^5/5! - ..; the rest after the power of 23 is below 1e-20.
    let mut sum = 1.0;
    for power in (1..=11).rev() {
        let power = f64::from(2 * power);
        sum = 1.0 - sum * square / (power * (power + 1.0));
    }
    radians * sum
}

#[cfg(test)]
mod tests;
