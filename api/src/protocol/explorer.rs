//! The page that a browser gets: one file, which needs nothing else, not even the internet.

/// Its scripts share a scope. The last one begins.
pub const PAGE: &str = concat!(
    include_str!("explorer/page.html"),
    "<script type=\"module\">\n",
    include_str!("explorer/element.js"),
    include_str!("explorer/document.js"),
    include_str!("explorer/schema.js"),
    include_str!("explorer/complete.js"),
    include_str!("explorer/editor.js"),
    include_str!("explorer/docs.js"),
    include_str!("explorer/send.js"),
    include_str!("explorer/answer.js"),
    include_str!("explorer/examples.js"),
    include_str!("explorer/main.js"),
    "</script>\n</body>\n</html>\n",
);
