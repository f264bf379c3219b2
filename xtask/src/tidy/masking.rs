//! Splits Rust source into its code and its comments, without parsing it.
//!
//! The checks look for braces and words. In the masked code every comment and the inside of every literal is blanked,
//! so a brace in a string is no brace; lines and columns stay where they were.

use std::iter::Peekable;
use std::str::Chars;

/// Two texts of the same shape as the source: blanked where the other one has something to say.
pub struct Masked {
    pub code: String,
    pub comments: String,
}

pub fn mask(source: &str) -> Masked {
    let mut masker = Masker {
        rest: source.chars().peekable(),
        masked: Masked {
            code: String::with_capacity(source.len()),
            comments: String::with_capacity(source.len()),
        },
    };
    masker.run();
    masker.masked
}

struct Masker<'source> {
    rest: Peekable<Chars<'source>>,
    masked: Masked,
}

impl Masker<'_> {
    fn run(&mut self) {
        while let Some(character) = self.rest.next() {
            match character {
                '/' if self.rest.peek() == Some(&'/') => self.line_comment(),
                '/' if self.rest.peek() == Some(&'*') => self.block_comment(),
                '"' => self.string(),
                'r' if !self.is_inside_name() => self.raw_string_or_name(),
                '\'' => self.character_or_lifetime(),
                _ => self.code(character),
            }
        }
    }

    fn is_inside_name(&self) -> bool {
        // `br"..."` and `cr"..."` are raw strings too, so one leading b or c does not count as a name.
        let mut before = self.masked.code.chars().rev();
        match before.next() {
            Some('b' | 'c') => before.next().is_some_and(is_name_character),
            Some(character) => is_name_character(character),
            None => false,
        }
    }

    fn line_comment(&mut self) {
        self.comment('/');
        while let Some(character) = self.rest.next_if(|character| *character != '\n') {
            self.comment(character);
        }
    }

    /// Block comments nest.
    fn block_comment(&mut self) {
        self.comment('/');
        self.comment_next();
        let mut depth = 1_u32;
        while depth > 0 {
            let Some(character) = self.rest.next() else {
                return;
            };
            self.comment(character);
            match (character, self.rest.peek()) {
                ('*', Some('/')) => depth -= 1,
                ('/', Some('*')) => depth += 1,
                _ => continue,
            }
            self.comment_next();
        }
    }

    fn string(&mut self) {
        self.code('"');
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => {
                    self.blank(character);
                    if let Some(escaped) = self.rest.next() {
                        self.blank(escaped);
                    }
                }
                '"' => return self.code('"'),
                _ => self.blank(character),
            }
        }
    }

    fn raw_string_or_name(&mut self) {
        self.code('r');
        let mut hashes = 0;
        while self.rest.next_if_eq(&'#').is_some() {
            self.code('#');
            hashes += 1;
        }
        if self.rest.next_if_eq(&'"').is_none() {
            return;
        }
        self.code('"');
        let mut hashes_seen = None;
        while let Some(character) = self.rest.next() {
            hashes_seen = match (character, hashes_seen) {
                ('"', _) => Some(0),
                ('#', Some(seen)) => Some(seen + 1),
                _ => None,
            };
            if hashes_seen == Some(hashes) {
                return self.code(character);
            }
            self.blank(character);
        }
    }

    /// `'x'` and `'\n'` are literals, `'x` is a lifetime: two characters decide.
    fn character_or_lifetime(&mut self) {
        self.code('\'');
        let mut ahead = self.rest.clone();
        match (ahead.next(), ahead.next()) {
            (Some('\\'), Some(_)) => {
                self.blank_next();
                self.blank_next();
                while let Some(character) = self.rest.next_if(|character| *character != '\'') {
                    self.blank(character);
                }
            }
            (Some(_), Some('\'')) => self.blank_next(),
            _ => return,
        }
        if let Some(quote) = self.rest.next() {
            self.code(quote);
        }
    }

    fn code(&mut self, character: char) {
        self.masked.code.push(character);
        push_blank(&mut self.masked.comments, character);
    }

    fn comment(&mut self, character: char) {
        self.masked.comments.push(character);
        push_blank(&mut self.masked.code, character);
    }

    fn comment_next(&mut self) {
        if let Some(character) = self.rest.next() {
            self.comment(character);
        }
    }

    fn blank(&mut self, character: char) {
        push_blank(&mut self.masked.code, character);
        push_blank(&mut self.masked.comments, character);
    }

    fn blank_next(&mut self) {
        if let Some(character) = self.rest.next() {
            self.blank(character);
        }
    }
}

fn push_blank(text: &mut String, character: char) {
    text.push(if character == '\n' { '\n' } else { ' ' });
}

pub fn is_name_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests;
