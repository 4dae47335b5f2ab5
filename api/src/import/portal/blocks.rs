//! A body line to the text of an article (rules 2, 4, 6 and 7).

use super::breaks;
use super::decoys;
use super::marks;
use super::page::Block;
use super::page::Body;

/// Cleans one body. `raw` is the line as decoded; lines of one text are joined by LF.
pub fn read(raw: &str) -> Body {
    let line = breaks::read(&html_escape::decode_html_entities(raw));
    let (text, decoys) = decoys::strip(line);
    let mut body = Body { decoys, raw: raw.to_owned(), ..Body::default() };
    let text = take_source(&text, &mut body);
    let mut heading = 1;
    for block in text.split('\n').map(str::trim) {
        take_block(block, &mut heading, &mut body);
    }
    body
}

/// Takes 返回X,查看更多 off the end.
fn take_source(text: &str, body: &mut Body) -> String {
    let chars: Vec<char> = text.chars().collect();
    let Some(source) = marks::source(&chars) else {
        return text.to_owned();
    };
    let kept = chars.get(..source.start).unwrap_or_default().iter().collect();
    body.source = Some(source.name);
    body.source_raw = Some(source.raw);
    kept
}

fn take_block(block: &str, heading: &mut u32, body: &mut Body) {
    if let Some(rest) = block.strip_suffix(marks::FOLD) {
        let before: Vec<char> = rest.trim_end().chars().collect();
        if before.is_empty() || breaks::closes(&before) {
            take_block(rest.trim_end(), heading, body);
            body.fold_at.get_or_insert(body.blocks.len());
            return;
        }
    }
    let chars: Vec<char> = block.chars().collect();
    if chars.is_empty() || take_byline(&chars, body) {
        return;
    }
    if marks::heading_number(&chars, *heading) {
        *heading += 1;
        let (no, text) = chars.split_at_checked(2).unwrap_or_default();
        let text: String = text.iter().collect();
        let text = text.trim().to_owned();
        body.blocks.push(Block::Heading { no: no.iter().collect(), text });
        return;
    }
    body.blocks.push(Block::Paragraph(block.to_owned()));
}

/// Takes a block that is a byline and nothing else; the first one names the author.
fn take_byline(block: &[char], body: &mut Body) -> bool {
    let Some(byline) = marks::byline_block(block) else {
        return false;
    };
    let name: String = block.get(byline..).unwrap_or_default().iter().collect();
    body.author.get_or_insert(name);
    body.byline_raw.get_or_insert_with(|| block.iter().collect());
    true
}
