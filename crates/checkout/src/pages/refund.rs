//! Fresh vouchers from a refund, with their PINs, for the person who paid.

use askama::Template;
use money::amount::Amount;
use secrecy::{ExposeSecret, SecretString};
use web::amount_text::amount_text;
use web::frame::Frame;
use web::language::Language;
use web::texts::Texts;

use crate::texts::texts;

pub struct RefundView {
    /// The local address of this page.
    pub page: String,
    pub shop_name: String,
    /// The amount of the whole refund.
    pub amount: Amount,
    /// Empty where all of it went back to the vouchers that paid.
    pub vouchers: Vec<FreshVoucher>,
}

pub struct FreshVoucher {
    pub amount: Amount,
    pub serial: String,
    /// In groups, as printed on a voucher. This page delivers it, so it is the one place where it shows.
    pub pin: SecretString,
}

pub fn render(view: &RefundView, language: Language) -> String {
    let texts = texts(language);
    super::rendered(&RefundPage {
        frame: Frame::new(texts.text("refund-title"), language, view.page.clone()),
        texts,
        view,
    })
}

#[derive(Template)]
#[template(path = "refund.html")]
struct RefundPage<'a> {
    frame: Frame,
    texts: Texts,
    view: &'a RefundView,
}

impl RefundPage<'_> {
    fn amount(&self, amount: &Amount) -> String {
        amount_text(*amount, self.frame.language)
    }

    fn lead(&self) -> String {
        let amount = self.amount(&self.view.amount);
        let values = [("amount", amount.as_str()), ("shop", &self.view.shop_name)];
        self.texts.with_all("refund-lead", &values)
    }
}
