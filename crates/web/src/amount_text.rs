//! Amounts of money as people write them.

use money::amount::Amount;

use crate::language::Language;

/// `€1,234.50` in English, `1.234,50 €` in German. From integer minor units; no space in it can break a line.
pub fn amount_text(amount: Amount, language: Language) -> String {
    let number = number_text(amount, language);
    let code = amount.currency.code();
    let symbol = symbol(code, language);
    let sign = if amount.minor < 0 { "\u{2212}" } else { "" };
    match (language, symbol) {
        (Language::English, Some(symbol)) => format!("{sign}{symbol}{number}"),
        (Language::English, None) => format!("{sign}{code}{NO_BREAK_SPACE}{number}"),
        (Language::German | Language::French | Language::Polish, symbol) => {
            format!("{sign}{number}{NO_BREAK_SPACE}{}", symbol.unwrap_or(code))
        }
    }
}

fn number_text(amount: Amount, language: Language) -> String {
    let decimals = amount.currency.exponent() as usize;
    let digits = format!(
        "{:0>width$}",
        amount.minor.unsigned_abs(),
        width = decimals + 1
    );
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let whole = grouped(whole, language);
    if fraction.is_empty() {
        whole
    } else {
        format!("{whole}{}{fraction}", decimal_mark(language))
    }
}

fn grouped(whole: &str, language: Language) -> String {
    // Polish writes four digits without a gap (CLDR, minimumGroupingDigits).
    if language == Language::Polish && whole.len() <= 4 {
        return whole.to_owned();
    }
    let mut text = String::with_capacity(whole.len() + whole.len() / 3);
    for (position, digit) in whole.char_indices() {
        if 0 < position && (whole.len() - position).is_multiple_of(3) {
            text.push(group_mark(language));
        }
        text.push(digit);
    }
    text
}

fn symbol(code: &str, language: Language) -> Option<&'static str> {
    match code {
        "EUR" => Some("€"),
        "GBP" => Some("£"),
        "PLN" if language == Language::Polish => Some("zł"),
        // Dollars, francs and crowns are of several kinds: their code says which.
        _ => None,
    }
}

fn decimal_mark(language: Language) -> char {
    match language {
        Language::English => '.',
        Language::German | Language::French | Language::Polish => ',',
    }
}

fn group_mark(language: Language) -> char {
    match language {
        Language::English => ',',
        Language::German => '.',
        Language::French => '\u{202f}',
        Language::Polish => NO_BREAK_SPACE,
    }
}

const NO_BREAK_SPACE: char = '\u{a0}';

#[cfg(test)]
mod tests;
