//! QR codes, drawn.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode as Squares};

use crate::pages::QrCode;

/// The light margin on each side that scanners need (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

/// The code of a text; none if it is too long for one. Little is corrected: it is read from a screen or fresh from paper, and
/// smaller squares are harder to read.
pub fn code(text: &str) -> Option<QrCode> {
    let code = Squares::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (place, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (place % width + QUIET_ZONE, place / width + QUIET_ZONE);
            write!(path, "M{x} {y}h1v1h-1z").expect("writing to memory does not fail");
        }
    }
    Some(QrCode {
        width: width + 2 * QUIET_ZONE,
        path,
    })
}
