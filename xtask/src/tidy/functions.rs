//! How long each function is.

use super::finding::{Finding, Violation};
use super::masking::is_name_character;

/// A function that does not fit on a screen is read in pieces, and the pieces have no names.
const LINE_COUNT_MAX: usize = 70;

pub fn check(path: &str, code: &str) -> Vec<Finding> {
    let lengths = lengths(code);
    let too_long = lengths
        .into_iter()
        .filter(|function| LINE_COUNT_MAX < function.line_count);
    too_long
        .map(|function| {
            let violation = Violation::FunctionTooLong {
                name: function.name,
                line_count: function.line_count,
                line_count_max: LINE_COUNT_MAX,
            };
            Finding::on_line(path, function.line, violation)
        })
        .collect()
}

#[derive(Debug, PartialEq, Eq)]
struct FunctionLength {
    name: String,
    /// Where the word `fn` stands; counts from 1.
    line: usize,
    /// From that line to the one with the closing brace, both included.
    line_count: usize,
}

/// `code` is masked source. Functions without a body have no length.
fn lengths(code: &str) -> Vec<FunctionLength> {
    let mut found = Vec::new();
    for (start, _) in code.match_indices("fn ") {
        if code[..start]
            .chars()
            .next_back()
            .is_some_and(is_name_character)
        {
            continue;
        }
        let signature = &code[start + "fn ".len()..];
        let name: String = signature
            .chars()
            .take_while(|character| is_name_character(*character))
            .collect();
        let Some(body_length) = length_to_end_of_body(signature).filter(|_| !name.is_empty())
        else {
            continue;
        };
        let line_count = 1 + count_newlines(&signature[..body_length]);
        found.push(FunctionLength {
            name,
            line: 1 + count_newlines(&code[..start]),
            line_count,
        });
    }
    found
}

/// Bytes up to the brace that closes the body, or nothing where a semicolon ends the signature.
fn length_to_end_of_body(signature: &str) -> Option<usize> {
    let mut bracket_depth = 0_i32;
    let mut brace_depth = 0_i32;
    for (index, character) in signature.char_indices() {
        match character {
            '(' | '[' => bracket_depth += 1,
            ')' | ']' => bracket_depth -= 1,
            // The length of an array type also holds a semicolon: only one outside all brackets ends the signature.
            ';' if brace_depth == 0 && bracket_depth == 0 => return None,
            '{' => brace_depth += 1,
            '}' if brace_depth == 1 => return Some(index),
            '}' => brace_depth -= 1,
            _ => {}
        }
    }
    None
}

fn count_newlines(text: &str) -> usize {
    text.matches('\n').count()
}

#[cfg(test)]
mod tests;
