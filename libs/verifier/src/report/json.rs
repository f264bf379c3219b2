//! JSON (RFC 8259), written.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub fn object(members: impl IntoIterator<Item = String>) -> String {
    let members: Vec<String> = members.into_iter().collect();
    format!("{{{}}}", members.join(","))
}

/// The name needs no escape.
pub fn member(name: &str, value: String) -> String {
    format!("\"{name}\":{value}")
}

pub fn list(values: impl IntoIterator<Item = String>) -> String {
    let values: Vec<String> = values.into_iter().collect();
    format!("[{}]", values.join(","))
}

/// A text (section 7).
pub fn text(content: &str) -> String {
    let mut json = String::from("\"");
    for character in content.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            control if u32::from(control) < 0x20 => {
                json.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => json.push(other),
        }
    }
    json.push('"');
    json
}
