//! The words and signs of an expression.

use super::super::limits;
use super::super::refusal::Problem;
use super::Fault;
use std::fmt;

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Flag(bool),
    In,
    Name(String),
    /// None if it does not fit 64 bits.
    Whole(Option<i64>),
    Double(f64),
    Text(String),
    Sign(&'static str),
    End,
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Flag(value) => write!(formatter, "{value}"),
            Token::In => formatter.write_str("in"),
            Token::Name(name) => formatter.write_str(name),
            Token::Whole(_) | Token::Double(_) => formatter.write_str("a number"),
            Token::Text(_) => formatter.write_str("a text"),
            Token::Sign(sign) => formatter.write_str(sign),
            Token::End => formatter.write_str("the end"),
        }
    }
}

/// Longer signs first: the first that fits is the one that is meant.
const SIGNS: [&str; 22] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "-", "+", "*", "/", "%", "?", ":", ".", ",",
    "(", ")", "[", "]",
];

/// Words that CEL keeps for languages around it.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "namespace",
    "package",
    "return",
    "var",
    "void",
    "while",
];

pub struct Lexer<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str) -> Lexer<'a> {
        Lexer { text, offset: 0 }
    }

    /// The next token and where it begins.
    pub fn next(&mut self) -> Result<(usize, Token), Fault> {
        self.skip_blanks();
        let start = self.offset;
        let rest = self.rest();
        let Some(first) = rest.bytes().next() else {
            return Ok((start, Token::End));
        };
        let token = if let Some((prefix, quote)) = text_start(rest) {
            self.text(start, prefix, quote)?
        } else if first.is_ascii_digit() || is_fraction(rest) {
            self.number(start)?
        } else if first.is_ascii_alphabetic() || first == b'_' {
            let word = self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            named(start, word)?
        } else {
            let brace = rest.starts_with('{').then_some("{");
            let mut signs = SIGNS.into_iter().filter(|sign| rest.starts_with(sign));
            let sign = brace.or_else(|| signs.next()).ok_or_else(|| {
                let (found, wanted) = (
                    char::from(first).to_string(),
                    "an operator, a fact or a number",
                );
                (start, Problem::Unexpected { found, wanted })
            })?;
            self.offset += sign.len();
            Token::Sign(sign)
        };
        Ok((start, token))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn take_while(&mut self, fits: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| fits(*byte)).count();
        self.offset += length;
        &rest[..length]
    }

    fn skip_blanks(&mut self) {
        loop {
            self.take_while(|byte| byte.is_ascii_whitespace());
            if !self.rest().starts_with("//") {
                return;
            }
            self.take_while(|byte| byte != b'\n');
        }
    }

    fn number(&mut self, start: usize) -> Result<Token, Fault> {
        let rest = self.rest();
        if rest.starts_with("0x") {
            self.offset += 2;
            let digits = self.take_while(|byte| byte.is_ascii_hexdigit());
            self.check_number_end(start, digits)?;
            return Ok(Token::Whole(i64::from_str_radix(digits, 16).ok()));
        }
        let whole = self.take_while(|byte| byte.is_ascii_digit());
        let is_double = is_fraction(self.rest());
        if is_double {
            self.offset += 1;
            self.take_while(|byte| byte.is_ascii_digit());
        }
        let has_exponent = self.rest().starts_with(['e', 'E']);
        let mut last = "0";
        if has_exponent {
            self.offset += 1;
            if self.rest().starts_with(['+', '-']) {
                self.offset += 1;
            }
            last = self.take_while(|byte| byte.is_ascii_digit());
        }
        self.check_number_end(start, last)?;
        if is_double || has_exponent {
            let value = self.text[start..self.offset].parse();
            let value = value.map_err(|_| (start, Problem::InvalidNumber))?;
            return Ok(Token::Double(value));
        }
        Ok(Token::Whole(whole.parse().ok()))
    }

    /// A number ends with digits, and no word begins right behind them.
    fn check_number_end(&self, start: usize, digits: &str) -> Result<(), Fault> {
        let behind = self.rest().bytes().next();
        if matches!(behind, Some(b'u' | b'U')) {
            let (what, instead) = ("the mark u", "write the number alone");
            return Err((start, Problem::NotOffered { what, instead }));
        }
        let is_word = behind.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if digits.is_empty() || is_word {
            return Err((start, Problem::InvalidNumber));
        }
        Ok(())
    }

    fn text(&mut self, start: usize, prefix: &str, quote: &str) -> Result<Token, Fault> {
        if prefix.contains(['b', 'B']) {
            let (what, instead) = ("a text of bytes", "leave the b out");
            return Err((start, Problem::NotOffered { what, instead }));
        }
        self.offset += prefix.len() + quote.len();
        let mut value = String::new();
        loop {
            let rest = self.rest();
            if rest.starts_with(quote) {
                self.offset += quote.len();
                break;
            }
            let Some(first) = rest.chars().next() else {
                return Err((start, Problem::OpenText));
            };
            if matches!(first, '\n' | '\r') && quote.len() == 1 {
                return Err((start, Problem::OpenText));
            }
            let (length, character) = match first {
                '\\' if prefix.is_empty() => {
                    unescaped(rest).ok_or((self.offset, Problem::InvalidEscape))?
                }
                // Read as one sign by the grammar, whatever line end the author's editor writes.
                '\r' if rest.starts_with("\r\n") => (2, '\n'),
                '\r' => (1, '\n'),
                _ => (first.len_utf8(), first),
            };
            value.push(character);
            self.offset += length;
        }
        if limits::TEXT_BYTES_MAX < value.len() {
            return Err((start, Problem::TextTooLong));
        }
        Ok(Token::Text(value))
    }
}

/// The letters before a text's quotes, and the quotes.
fn text_start(rest: &str) -> Option<(&str, &'static str)> {
    let letters = rest
        .bytes()
        .take_while(|byte| b"rRbB".contains(byte))
        .count();
    let (prefix, text) = rest.split_at_checked(letters.min(3))?;
    let quotes = ["\"\"\"", "'''", "\"", "'"];
    let quote = quotes.into_iter().find(|quote| text.starts_with(quote))?;
    matches!(
        prefix,
        "" | "r" | "R" | "b" | "B" | "br" | "bR" | "Br" | "BR" | "rb" | "rB" | "Rb" | "RB"
    )
    .then_some((prefix, quote))
}

/// Whether digits follow a point.
fn is_fraction(rest: &str) -> bool {
    let mut bytes = rest.bytes();
    bytes.next() == Some(b'.') && bytes.next().is_some_and(|byte| byte.is_ascii_digit())
}

fn named(start: usize, word: &str) -> Result<Token, Fault> {
    Ok(match word {
        "true" => Token::Flag(true),
        "false" => Token::Flag(false),
        "in" => Token::In,
        "null" => {
            let instead = "ask has(fact) whether a fact is known";
            return Err((
                start,
                Problem::NotOffered {
                    what: "null",
                    instead,
                },
            ));
        }
        word if RESERVED.contains(&word) => {
            let instead = "CEL keeps it for other languages";
            return Err((
                start,
                Problem::NotOffered {
                    what: "this word",
                    instead,
                },
            ));
        }
        word => Token::Name(word.to_owned()),
    })
}

/// The length of an escape sequence and the character that it stands for.
fn unescaped(rest: &str) -> Option<(usize, char)> {
    let kind = rest.chars().nth(1)?;
    let digits = |from: usize, count: usize, radix: u32| {
        let digits = rest.get(from..from + count)?;
        let is_plain = digits.chars().all(|digit| digit.is_digit(radix));
        let code = u32::from_str_radix(digits, radix)
            .ok()
            .filter(|_| is_plain)?;
        Some((from + count, char::from_u32(code)?))
    };
    let character = match kind {
        '\\' | '\'' | '"' | '`' | '?' => kind,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' | 'X' => return digits(2, 2, 16),
        'u' => return digits(2, 4, 16),
        'U' => return digits(2, 8, 16),
        '0'..='3' => return digits(1, 3, 8),
        _ => return None,
    };
    Some((2, character))
}
