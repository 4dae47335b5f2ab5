//! The blocks of a body, for clients that render natively.

use serde::Deserialize;
use serde::Serialize;

/// A block. Every one has a plain text, so that a client that does not know a
/// new kind can show that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Block {
    /// A section's heading.
    Heading {
        /// From 1 to 6.
        level: u8,
        /// Its text.
        #[serde(flatten)]
        content: Inline,
    },
    /// A paragraph.
    Paragraph(Inline),
    /// A list.
    List {
        /// The number of the first item; `None` in a list of bullets.
        start: Option<u64>,
        /// The items; inner lists are part of their item.
        items: Vec<Inline>,
    },
    /// A quotation.
    Quote(Inline),
    /// An image on its own.
    Image {
        /// Where it is.
        url: String,
        /// What it shows, for those who do not see it.
        alt: String,
        /// What is printed below it.
        caption: Option<String>,
    },
    /// Program text.
    Code {
        /// The language, where it is told.
        language: Option<String>,
        /// The program, lines separated by LF.
        text: String,
    },
    /// A table.
    Table {
        /// The cells of the first row.
        header: Vec<String>,
        /// The other rows.
        rows: Vec<Vec<String>>,
    },
    /// A break between parts.
    Divider,
}

/// Text with inline marks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inline {
    /// Without marks.
    pub text: String,
    /// Sanitised HTML, where it is more than the escaped text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

impl Inline {
    /// Sanitised HTML of the text.
    pub fn html(&self) -> String {
        self.html.clone().unwrap_or_else(|| escape(&self.text))
    }
}

impl Block {
    /// The plain text, lines separated by LF.
    pub fn text(&self) -> String {
        match self {
            Self::Heading { content, .. } | Self::Paragraph(content) | Self::Quote(content) => {
                content.text.clone()
            }
            Self::List { start, items } => list_text(*start, items),
            Self::Image { alt, caption, .. } => caption.clone().unwrap_or_else(|| alt.clone()),
            Self::Code { text, .. } => text.clone(),
            Self::Table { header, rows } => {
                let lines: Vec<String> =
                    std::iter::once(header).chain(rows).map(|row| row.join("\t")).collect();
                lines.join("\n")
            }
            Self::Divider => "———".into(),
        }
    }
}

/// The plain text of blocks, one after the other, separated by LF.
pub fn text(blocks: &[Block]) -> String {
    let texts: Vec<String> = blocks.iter().map(Block::text).collect();
    texts.join("\n")
}

/// Escapes text for HTML, as content and as the value of an attribute.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
    html
}

fn list_text(start: Option<u64>, items: &[Inline]) -> String {
    let line = |(number, item): (u64, &Inline)| match start {
        Some(start) => format!("{}. {}", start.saturating_add(number), item.text),
        None => format!("• {}", item.text),
    };
    let lines: Vec<String> = (0..).zip(items).map(line).collect();
    lines.join("\n")
}
