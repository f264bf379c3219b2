//! The Damm check digit (H. Michael Damm, "Total anti-symmetrische Quasigruppen", 2004).
//!
//! A totally anti-symmetric quasigroup of order 10 detects every single wrong digit and every swap of two
//! neighbours, which ISO/IEC 7812 (Luhn) does not: Luhn misses 09 against 90.

#[cfg(test)]
mod tests;

/// Row: the state so far. Column: the next digit.
const QUASIGROUP: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The digit to append to `ascii_digits`.
pub(crate) fn check_digit(ascii_digits: &[u8]) -> u8 {
    b'0' + fold(ascii_digits)
}

/// Whether the last of `ascii_digits` is the check digit of those before it.
pub(crate) fn ends_in_check_digit(ascii_digits: &[u8]) -> bool {
    // The diagonal is zero, so the matching check digit takes any state to zero.
    fold(ascii_digits) == 0
}

fn fold(ascii_digits: &[u8]) -> u8 {
    ascii_digits.iter().fold(0, |state, &digit| {
        QUASIGROUP[usize::from(state)][usize::from(digit - b'0')]
    })
}
