//! What Scrip is, and where to go.

use askama::Template;
use money::amount::Amount;
use money::currency::Currency;
use web::amount_text::amount_text;
use web::frame::Frame;
use web::language::Language;
use web::texts::Texts;

use crate::texts::texts;

pub fn render(language: Language) -> String {
    let texts = texts(language);
    let frame = Frame::new(texts.text("home-title"), language, "/".to_owned());
    let sample = amount_text(SAMPLE, language);
    super::rendered(&HomePage {
        frame,
        texts,
        sample,
    })
}

/// What the voucher in the picture is worth.
const SAMPLE: Amount = Amount::new(2_500, Currency::EUR);

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    texts: Texts,
    sample: String,
}
