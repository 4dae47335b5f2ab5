//! From Markdown (CommonMark with tables and strikethrough) to sanitised HTML
//! and blocks. Rendered when an article is written, never when it is read.
//!
//! HTML tags in Markdown are shown as text; a comment `<!--more-->` on a line
//! of its own is the fold.

use pulldown_cmark::CodeBlockKind;
use pulldown_cmark::Event;
use pulldown_cmark::Options;
use pulldown_cmark::Parser;
use pulldown_cmark::Tag;
use pulldown_cmark::TagEnd;

use super::block;
use super::block::Block;
use super::block::Inline;
use super::block::escape;

/// Rises when the same Markdown would render differently.
pub const RENDERER_VERSION: i32 = 1;

/// What is made of a body.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// Sanitised HTML.
    pub html: String,
    /// The blocks.
    pub blocks: Vec<Block>,
    /// So many blocks stand before the fold.
    pub fold_at: Option<usize>,
    /// Latin words and numbers, and each Chinese character as one.
    pub word_count: usize,
    /// The plain text before the fold; without one, of the first paragraph.
    pub teaser: String,
}

/// Renders a body.
pub fn render(markdown: &str) -> Rendered {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events: Vec<Event> = Parser::new_ext(markdown, options).filter_map(plain_html).collect();
    let mut blocks = Vec::new();
    let mut html = String::with_capacity(markdown.len() * 2);
    let mut fold_at = None;
    for part in parts(&events) {
        match part {
            [Event::Start(Tag::HtmlBlock), inner @ ..] if is_fold(inner) => {
                fold_at = fold_at.or(Some(blocks.len()));
            }
            part => {
                let block = to_block(part);
                match &block {
                    Some(Block::Image { url, alt, caption }) => {
                        html.push_str(&figure(url, alt, caption.as_deref()));
                    }
                    _ => pulldown_cmark::html::push_html(&mut html, part.iter().cloned()),
                }
                blocks.extend(block);
            }
        }
    }
    let word_count = blocks.iter().map(|block| count_words(&block.text())).sum();
    let teaser = teaser(&blocks, fold_at);
    Rendered { html: ammonia::clean(&html), blocks, fold_at, word_count, teaser }
}

fn teaser(blocks: &[Block], fold_at: Option<usize>) -> String {
    match fold_at.and_then(|count| blocks.get(..count)) {
        Some(before) => block::text(before),
        None => {
            let first = blocks.iter().find(|block| matches!(block, Block::Paragraph(_)));
            first.map(Block::text).unwrap_or_default()
        }
    }
}

/// Tags become text and comments vanish, but for the fold.
fn plain_html(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(html) if html.trim() == "<!--more-->" => Some(Event::Html(html)),
        Event::Html(html) | Event::InlineHtml(html) => {
            let comment = html.trim_start().starts_with("<!--");
            (!comment).then_some(Event::Text(html))
        }
        other => Some(other),
    }
}

fn is_fold(events: &[Event]) -> bool {
    matches!(events, [Event::Html(_), ..])
}

/// Cuts a document into its top-level parts.
fn parts<'a, 'e>(events: &'a [Event<'e>]) -> impl Iterator<Item = &'a [Event<'e>]> {
    let mut depth = 0_usize;
    events.split_inclusive(move |event| {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })
}

fn to_block(part: &[Event]) -> Option<Block> {
    let (start, inner) = match part {
        [Event::Start(start), inner @ .., Event::End(_)] => (start, inner),
        [Event::Rule] => return Some(Block::Divider),
        _ => return None,
    };
    match start {
        Tag::Heading { level, .. } => {
            Some(Block::Heading { level: *level as u8, content: inline(inner) })
        }
        Tag::List(start) => Some(Block::List { start: *start, items: items(inner) }),
        Tag::BlockQuote(_) => Some(Block::Quote(inline(inner))),
        Tag::CodeBlock(kind) => {
            let language = match kind {
                CodeBlockKind::Fenced(info) => info.split_whitespace().next().map(str::to_owned),
                CodeBlockKind::Indented => None,
            };
            let text = plain_text(inner);
            Some(Block::Code { language, text: text.trim_end_matches('\n').to_owned() })
        }
        Tag::Table(_) => Some(table(inner)),
        _ => image(inner).or_else(|| {
            let content = inline(inner);
            (!content.text.is_empty()).then_some(Block::Paragraph(content))
        }),
    }
}

fn image(inner: &[Event]) -> Option<Block> {
    let [Event::Start(Tag::Image { dest_url, title, .. }), alt @ .., Event::End(TagEnd::Image)] =
        inner
    else {
        return None;
    };
    // A second image in the same paragraph would be part of `alt`.
    let single = !alt.iter().any(|event| matches!(event, Event::End(TagEnd::Image)));
    let shown = single && is_web(dest_url);
    let caption = Some(title.to_string()).filter(|title| !title.is_empty());
    shown.then(|| Block::Image { url: dest_url.to_string(), alt: plain_text(alt), caption })
}

/// Whether an image's address is relative or begins with http: or https:.
fn is_web(url: &str) -> bool {
    match url.split(['/', '?', '#']).next().and_then(|head| head.split_once(':')) {
        Some((scheme, _)) => ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web)),
        None => true,
    }
}

fn figure(url: &str, alt: &str, caption: Option<&str>) -> String {
    let caption = caption.map(|text| format!("<figcaption>{}</figcaption>", escape(text)));
    let (url, alt) = (escape(url), escape(alt));
    format!("<figure><img src=\"{url}\" alt=\"{alt}\">{}</figure>\n", caption.unwrap_or_default())
}

fn inline(events: &[Event]) -> Inline {
    let text = plain_text(events);
    let plain = events.iter().all(|event| matches!(event, Event::Text(_)));
    let html = (!plain).then(|| {
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, events.iter().cloned());
        ammonia::clean(html.trim_end())
    });
    Inline { text, html }
}

fn items(inner: &[Event]) -> Vec<Inline> {
    let item = |part: &[Event]| match part {
        [Event::Start(Tag::Item), inner @ .., Event::End(TagEnd::Item)] => Some(inline(inner)),
        _ => None,
    };
    parts(inner).filter_map(item).collect()
}

fn table(inner: &[Event]) -> Block {
    let mut rows: Vec<Vec<String>> = parts(inner)
        .filter_map(|row| match row {
            [Event::Start(_), cells @ .., Event::End(_)] => {
                Some(parts(cells).map(plain_text).collect())
            }
            _ => None,
        })
        .collect();
    let header = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
    Block::Table { header, rows }
}

/// The text of events; inner blocks stand on lines of their own.
fn plain_text(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak => text.push(' '),
            Event::HardBreak => text.push('\n'),
            Event::Start(Tag::Paragraph | Tag::Item | Tag::CodeBlock(_) | Tag::Heading { .. })
                if !text.is_empty() && !text.ends_with('\n') =>
            {
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}

/// Counts runs of letters and digits as words, and each ideograph as one.
fn count_words(text: &str) -> usize {
    let mut count = 0;
    let mut inside = false;
    for c in text.chars() {
        let ideograph = matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}');
        let letter = !ideograph && c.is_alphanumeric();
        count += usize::from(ideograph || (letter && !inside));
        inside = letter;
    }
    count
}

/// Escapes text so that it renders as one paragraph of exactly that text.
/// NUL, which Markdown cannot hold, becomes U+FFFD.
pub fn escape_markdown(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len() + 8);
    let body = text.trim();
    let lead = text.len() - text.trim_start().len();
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in text.char_indices() {
        let in_body = at >= lead && at < lead + body.len();
        let at_start = at == lead;
        let after_digits = at == lead + digits;
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '&' | '|' | '~' | '#' => {
                markdown.push('\\');
                markdown.push(c);
            }
            '-' | '+' | '=' | '>' | ':' if at_start => {
                markdown.push('\\');
                markdown.push(c);
            }
            '.' | ')' if digits > 0 && after_digits => {
                markdown.push('\\');
                markdown.push(c);
            }
            ' ' if in_body && !body[at - lead..].starts_with("  ") => markdown.push(c),
            c if c.is_whitespace() || c.is_control() => {
                markdown.push_str(&format!("&#{};", u32::from(c)));
            }
            c => markdown.push(c),
        }
    }
    markdown
}
