//! Markdown: escaped text comes back as it was, and nothing dangerous comes out.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;
use redian::article::block::Block;
use redian::article::block::Inline;
use redian::article::body::Rendered;
use redian::article::body::escape_markdown;
use redian::article::body::render;

/// Pieces that mean something in Markdown or HTML, or are easily lost.
const PIECES: &[&str] = &[
    "\\",
    "`",
    "```",
    "~~~",
    "~~",
    "*",
    "**",
    "_",
    "__",
    "#",
    "##",
    "#\t",
    "-",
    "---",
    "+",
    "=",
    "===",
    ">",
    "|",
    "|-|",
    ":",
    ":--",
    ".",
    ")",
    "1.",
    "1)",
    "12345678901.",
    "0",
    "!",
    "![",
    "[",
    "](",
    "]:",
    "[x]",
    "[^1]",
    "(",
    "{",
    "}",
    "$",
    "$$",
    "^",
    "\"",
    "'",
    "&",
    "&amp;",
    "&#32;",
    "&nbsp",
    ";",
    "<",
    "<!--more-->",
    "<!--",
    "-->",
    "<b>",
    "</p>",
    "<script>",
    "<?",
    "<![CDATA[",
    "<a@b.cd>",
    "http://a.b/",
    "www.a.b",
    "a@b.cd",
    " ",
    "  ",
    "    ",
    "\t",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\u{b}",
    "\u{c}",
    "\u{1}",
    "\u{1b}",
    "\u{7f}",
    "\u{80}",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{200b}",
    "\u{200d}",
    "\u{202e}",
    "\u{2028}",
    "\u{3000}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{10ffff}",
    "❤️",
    "👍🏽",
    "👨‍👩‍👧",
    "é",
    "e\u{301}",
    "文",
    "字。",
    "a",
    "B",
    "ok",
];

/// What makes HTML dangerous, for documents of any kind.
const THREATS: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href=\"javascript:alert(1)\">",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#10;script:alert(1))",
    "![x](javascript:alert(1) \"t\" )",
    "![\" onerror=\"alert(1)](x)",
    "[x](<x\" onclick=\"a>)",
    "<javascript:alert(1)>",
    "[r]\n\n[r]: javascript:alert(1)",
    "[x](data:text/html,<script>)",
    "[x](vbscript:a)",
    "```\"><script>\nx\n```",
    "|a|\n|-|\n|<svg onload=a>|",
    "> <iframe src=x>",
    "- <style>",
    "<!--",
    "-->",
    "\n\n",
    "\n",
    " ",
    "![x](y)",
    "&lt;script&gt;",
    "<svg/onload=a>",
];

/// Any text without NUL, rich in what could go wrong.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_filter("not NUL", |c| *c != '\0').prop_map(String::from),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn document() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(PIECES).prop_map(str::to_owned),
        proptest::sample::select(THREATS).prop_map(str::to_owned),
        any::<String>(),
    ];
    vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// The blocks of a document, as kind and text.
fn shape(rendered: &Rendered) -> Vec<(&'static str, String)> {
    let kind = |block: &Block| match block {
        Block::Paragraph(_) => "paragraph",
        Block::Heading { level: 2, .. } => "heading",
        _ => "another",
    };
    rendered.blocks.iter().map(|block| (kind(block), block.text())).collect()
}

proptest! {
    #![proptest_config(cases(4096))]

    // A text of white space alone is a paragraph too; only the empty text is none.
    #[test]
    fn escaped_text_is_one_paragraph_of_that_text(text in text()) {
        let rendered = render(&escape_markdown(&text));
        let expected =
            if text.is_empty() { vec![] } else { vec![("paragraph", text.clone())] };
        prop_assert_eq!(shape(&rendered), expected);
        prop_assert_eq!(rendered.fold_at, None);
        prop_assert_eq!(rendered.teaser, text);
    }

    // Of the empty text it is a heading without text.
    #[test]
    fn escaped_text_is_a_heading_of_that_text(text in text()) {
        let rendered = render(&format!("## {}", escape_markdown(&text)));
        prop_assert_eq!(shape(&rendered), vec![("heading", text)]);
    }

    #[test]
    fn escaped_texts_parted_by_blank_lines_keep_their_order(
        parts in vec((any::<bool>(), text().prop_filter("not empty", |text| !text.is_empty())), 1..6)
    ) {
        let part = |(heading, text): &(bool, String)| match heading {
            true => format!("## {}", escape_markdown(text)),
            false => escape_markdown(text),
        };
        let markdown: Vec<String> = parts.iter().map(part).collect();
        let rendered = render(&markdown.join("\n\n"));
        let expected: Vec<(&str, String)> = parts
            .into_iter()
            .map(|(heading, text)| (if heading { "heading" } else { "paragraph" }, text))
            .collect();
        prop_assert_eq!(shape(&rendered), expected);
    }

    #[test]
    fn the_fold_stays_between_escaped_texts(
        before in text().prop_filter("not empty", |text| !text.is_empty()),
        after in text().prop_filter("not empty", |text| !text.is_empty()),
    ) {
        let (first, second) = (escape_markdown(&before), escape_markdown(&after));
        let rendered = render(&format!("{first}\n\n<!--more-->\n\n{second}"));
        let expected = vec![("paragraph", before.clone()), ("paragraph", after)];
        prop_assert_eq!(shape(&rendered), expected);
        prop_assert_eq!(rendered.fold_at, Some(1));
        prop_assert_eq!(rendered.teaser, before);
    }

    #[test]
    fn no_markdown_renders_to_something_dangerous(markdown in document()) {
        let rendered = render(&markdown);
        check(&rendered.html)?;
        for block in &rendered.blocks {
            check_block(block)?;
        }
    }
}

fn check_block(block: &Block) -> Result<(), TestCaseError> {
    match block {
        Block::Heading { content, .. } | Block::Paragraph(content) | Block::Quote(content) => {
            check(&content.html())
        }
        Block::List { items, .. } => {
            items.iter().map(Inline::html).try_for_each(|html| check(&html))
        }
        Block::Image { url, .. } => check_address(url),
        _ => Ok(()),
    }
}

/// Fails on markup that runs something. Text that merely looks so is escaped.
fn check(html: &str) -> Result<(), TestCaseError> {
    for (name, attributes) in tags(html) {
        let known = !matches!(&*name, "script" | "style" | "iframe" | "svg" | "object" | "embed");
        prop_assert!(known, "<{}> in {}", name, html);
        for (attribute, value) in attributes {
            prop_assert!(!attribute.starts_with("on"), "{} in {}", attribute, html);
            if matches!(&*attribute, "href" | "src" | "cite") {
                check_address(&value)?;
            }
        }
    }
    Ok(())
}

/// An address without a scheme, or with one that only names a place.
fn check_address(url: &str) -> Result<(), TestCaseError> {
    let kept: String = url.chars().filter(|c| !c.is_control() && *c != ' ').collect();
    let scheme = kept.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let runs = matches!(scheme.as_deref(), Some("javascript" | "vbscript" | "data"));
    prop_assert!(!runs, "the address {}", url);
    Ok(())
}

type Tag = (String, Vec<(String, String)>);

/// The start tags of serialised HTML, in which values are always quoted.
fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once('<') {
        let end = tag.find([' ', '>']).unwrap_or(tag.len());
        let (name, mut inside) = tag.split_at(end);
        let mut attributes = Vec::new();
        while let Some((attribute, value)) = inside.split_once("=\"") {
            if attribute.contains('>') {
                break;
            }
            let (value, behind) = value.split_once('"').unwrap_or((value, ""));
            attributes.push((
                attribute.trim().to_lowercase(),
                value.replace("&amp;", "&").replace("&quot;", "\""),
            ));
            inside = behind;
        }
        tags.push((name.to_lowercase(), attributes));
        rest = inside;
    }
    tags
}

#[test]
fn the_check_finds_what_is_dangerous() {
    for html in [
        "<p>a</p><script>b</script>",
        "<a title=\"x\" onclick=\"a\">x</a>",
        "<img alt=\">\" src=\" JavaScript:a\">",
        "<a href=\"data:text/html,x\">",
    ] {
        assert!(check(html).is_err(), "{html}");
    }
    assert!(
        check("<p>&lt;script&gt; onclick=\"a\"</p><a href=\"https://a.b/?on=1\">x</a>").is_ok()
    );
}

#[test]
fn nul_is_replaced() {
    let rendered = render(&escape_markdown("a\0b"));
    assert_eq!(shape(&rendered), [("paragraph", "a\u{fffd}b".to_owned())]);
}

#[test]
fn an_image_of_a_dangerous_address_is_its_alternative_text() {
    for (url, image) in [
        ("https://a.b/c:d", true),
        ("HTTP://a.b", true),
        ("c/d:e.jpg", true),
        ("?a:b", true),
        ("javascript:alert", false),
        ("data:image/svg+xml,x", false),
        ("ftp://a.b", false),
    ] {
        let rendered = render(&format!("![旧桥]({url})"));
        let found = matches!(&rendered.blocks[..], [Block::Image { url: kept, .. }] if kept == url);
        assert_eq!(found, image, "{url}");
        assert_eq!(rendered.blocks[0].text(), "旧桥", "{url}");
    }
}
