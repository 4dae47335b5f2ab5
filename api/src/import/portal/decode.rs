//! Bytes to text, strictly (rule 1).

use encoding_rs::DecoderResult;
use encoding_rs::GB18030;

use super::failure::Code;
use super::failure::Failure;
use super::failure::of_page;

/// One of these must stand in a page that is read as GB18030: nearly any bytes are valid GB18030.
const LABELS: [&str; 3] = ["更新时间", "浏览次数", "推荐阅读"];

/// Decodes a page and makes its line ends LF.
///
/// # Errors
/// `too_large` above `max_bytes`, `empty_document` where nothing but white space stands,
/// `invalid_encoding` where the bytes are neither UTF-8 nor a page in GB18030.
pub fn decode(bytes: &[u8], max_bytes: usize) -> Result<String, Failure> {
    if bytes.len() > max_bytes {
        let size = bytes.len();
        let message =
            format!("The page has {size} bytes, more than the {max_bytes} that are read.");
        return Err(of_page(Code::TooLarge, message));
    }
    let text = strict(bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.trim().is_empty() {
        let message = "Looked for text in the whole page and found none but white space.";
        return Err(of_page(Code::EmptyDocument, message.to_owned()));
    }
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

fn strict(bytes: &[u8]) -> Result<String, Failure> {
    let utf8_error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(text.to_owned()),
        Err(error) => error.valid_up_to(),
    };
    let (text, gb_error) = gb18030(bytes);
    let labelled = LABELS.iter().any(|label| text.contains(label));
    match gb_error {
        None if labelled => Ok(text),
        // A damaged page in GB18030: its own first bad byte says more than the first Chinese
        // character.
        Some(offset) if labelled => Err(invalid(bytes, offset, "GB18030")),
        _ => Err(invalid(bytes, utf8_error, "UTF-8")),
    }
}

/// The text up to the first bad byte, and the offset of that byte.
fn gb18030(bytes: &[u8]) -> (String, Option<usize>) {
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let capacity = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(capacity.unwrap_or(0));
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    match result {
        DecoderResult::InputEmpty => (text, None),
        DecoderResult::Malformed(bad, after) => {
            let from_end = usize::from(bad) + usize::from(after);
            (text, Some(read.saturating_sub(from_end)))
        }
        DecoderResult::OutputFull => (text, Some(read)),
    }
}

fn invalid(bytes: &[u8], offset: usize, encoding: &str) -> Failure {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let message = format!(
        "Looked for UTF-8, or GB18030 with 更新时间, 浏览次数 or 推荐阅读 in it, \
         and found a byte that is not {encoding} at offset {offset}, line {line}."
    );
    Failure { code: Code::InvalidEncoding, message, line, offset: Some(offset) }
}
