//! Letters to the owner of a voucher: asked for, confirmed, and stopped.

use askama::Template;
use ids::time::Timestamp;
use web::frame::Frame;
use web::language::Language;
use web::texts::Texts;
use web::time_text::Moment;

use super::Emblem;
use crate::texts::texts;

/// What a page about a voucher offers of letters.
pub struct LettersView {
    /// What lets the form change the address without the PIN; sealed.
    pub page: String,
    pub address: AddressView,
    pub offer: Offer,
}

/// The address itself is not shown: whoever knows the PIN need not be its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressView {
    None,
    Unconfirmed,
    Confirmed,
}

/// Whether an address can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    Give,
    /// No letters are sent any more; an address can only be taken away.
    TakeAwayOnly,
}

/// Why an address was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressProblem {
    NoAddress,
    /// It was asked often enough for now, or wants not to be asked.
    Rests,
    /// Another one can be given from this time on.
    TooSoon(Timestamp),
}

/// What a link of a letter asks before it does anything: programs that look at links follow them too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    Confirm,
    Stop,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LettersEnd {
    /// The confirmation link is on its way.
    Asked,
    Confirmed,
    TakenAway,
    /// The link, or the page, is of no use any more.
    Stale,
}

/// The form by itself, as it comes back with a problem.
pub fn render_form(view: &LettersView, problem: AddressProblem, language: Language) -> String {
    let texts = texts(language);
    let problem = match problem {
        AddressProblem::NoAddress => texts.text("letters-no-address"),
        AddressProblem::Rests => texts.text("letters-rests"),
        AddressProblem::TooSoon(from) => {
            texts.with("letters-too-soon", "time", Moment::clock(from).human)
        }
    };
    super::rendered(&FormPage {
        frame: Frame::new(texts.text("letters-title"), language, BALANCE.to_owned()),
        letters_problem: Some(problem),
        texts,
        letters: view,
    })
}

/// The page behind a link of a letter.
pub fn render_question(
    question: Question,
    link: &str,
    serial_last_four: &str,
    language: Language,
) -> String {
    let texts = texts(language);
    let (title, text, submit, action) = match question {
        Question::Confirm => (
            "letters-confirm-title",
            "letters-confirm-text",
            "letters-confirm-submit",
            "/letters/confirm",
        ),
        Question::Stop => (
            "letters-stop-title",
            "letters-stop-text",
            "letters-stop-submit",
            "/letters/stop",
        ),
    };
    super::rendered(&QuestionPage {
        frame: Frame::new(texts.text(title), language, format!("{action}?link={link}")),
        text: texts.with(text, "digits", serial_last_four),
        submit: texts.text(submit),
        action,
        link,
    })
}

pub fn render_end(end: LettersEnd, language: Language) -> String {
    let texts = texts(language);
    let (title, text) = match end {
        LettersEnd::Asked => ("letters-asked-title", "letters-asked-text"),
        LettersEnd::Confirmed => ("letters-confirmed-title", "letters-confirmed-text"),
        LettersEnd::TakenAway => ("letters-taken-title", "letters-taken-text"),
        LettersEnd::Stale => ("letters-stale-title", "letters-stale-text"),
    };
    super::rendered(&EndPage {
        frame: Frame::new(texts.text(title), language, BALANCE.to_owned()),
        text: texts.text(text),
        end,
    })
}

const BALANCE: &str = "/balance";

impl LettersView {
    pub fn gives(&self) -> bool {
        self.offer == Offer::Give
    }

    pub fn has_address(&self) -> bool {
        self.address != AddressView::None
    }

    pub fn standing(&self, texts: &Texts) -> String {
        texts.text(match self.address {
            AddressView::None => "letters-none",
            AddressView::Unconfirmed => "letters-unconfirmed",
            AddressView::Confirmed => "letters-confirmed",
        })
    }
}

#[derive(Template)]
#[template(path = "letters_form.html")]
struct FormPage<'a> {
    frame: Frame,
    texts: Texts,
    letters: &'a LettersView,
    letters_problem: Option<String>,
}

#[derive(Template)]
#[template(path = "letters_question.html")]
struct QuestionPage<'a> {
    frame: Frame,
    text: String,
    submit: String,
    action: &'static str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "letters_end.html")]
struct EndPage {
    frame: Frame,
    text: String,
    end: LettersEnd,
}

impl EndPage {
    fn tone(&self) -> &'static str {
        match self.end {
            LettersEnd::Asked | LettersEnd::Confirmed | LettersEnd::TakenAway => "good",
            LettersEnd::Stale => "bad",
        }
    }

    fn emblem(&self) -> Emblem {
        match self.end {
            LettersEnd::Asked => Emblem::Clock,
            LettersEnd::Confirmed | LettersEnd::TakenAway => Emblem::Check,
            LettersEnd::Stale => Emblem::Question,
        }
    }
}
