//! From the descriptions in the OpenAPI document to HTML: text in which backticks mark code.

/// HTML of a description: one paragraph for each block of lines.
pub fn paragraphs(text: &str) -> String {
    text.split("\n\n")
        .map(|block| format!("<p>{}</p>", inline(block)))
        .collect()
}

/// HTML of one line of text.
pub fn inline(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    for (place, part) in text.split('`').enumerate() {
        // The parts at odd places stand between two backticks.
        if place % 2 == 1 {
            html.push_str("<code>");
            escape(part, &mut html);
            html.push_str("</code>");
        } else {
            escape(part, &mut html);
        }
    }
    html
}

fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' => html.push(' '),
            other => html.push(other),
        }
    }
}
