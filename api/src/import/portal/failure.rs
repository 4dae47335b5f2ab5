//! Why a page cannot be imported. Nothing of such a page is written.

/// An unusable page, with the place a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong.
    pub code: Code,
    /// One sentence: what was looked for, and where.
    pub message: String,
    /// Line, from 1.
    pub line: usize,
    /// Byte offset, from 0, of the first byte that cannot be decoded; only with `InvalidEncoding`.
    pub offset: Option<usize>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// What is wrong with a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Nothing but white space.
    EmptyDocument,
    /// Neither UTF-8 nor a page in GB18030.
    InvalidEncoding,
    /// No header line.
    UnrecognisedPage,
    /// Above the limit of size.
    TooLarge,
}

impl Code {
    /// The code as reports print it.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::EmptyDocument => "empty_document",
            Code::InvalidEncoding => "invalid_encoding",
            Code::UnrecognisedPage => "unrecognised_page",
            Code::TooLarge => "too_large",
        }
    }
}

/// A failure that concerns the page as a whole: its line is the first one.
pub fn of_page(code: Code, message: String) -> Failure {
    Failure { code, message, line: 1, offset: None }
}
