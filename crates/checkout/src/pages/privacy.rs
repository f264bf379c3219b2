//! What is stored about a person, and what is not.

use askama::Template;
use web::frame::Frame;
use web::language::Language;
use web::texts::Texts;

use crate::texts::texts;

pub fn render(language: Language) -> String {
    let texts = texts(language);
    let frame = Frame::new(texts.text("privacy-title"), language, "/privacy".to_owned());
    super::rendered(&PrivacyPage { frame, texts })
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage {
    frame: Frame,
    texts: Texts,
}
