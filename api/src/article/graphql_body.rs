//! The body of an article as GraphQL sees it.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Interface;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::SimpleObject;
use entity::article_body::Model;

use super::block;
use super::block::Inline;
use super::find::Forms;
use crate::protocol::scalar::Long;

/// The text of an article, rendered when it was written.
#[derive(Description)]
pub struct ArticleBody(pub Arc<Model>);

impl ArticleBody {
    /// What its fields are made of that are asked for.
    pub fn forms(ctx: &Context<'_>) -> Forms {
        let asked = ctx.look_ahead();
        let has = |name| asked.field(name).exists();
        let blocks = has("blocks") || has("text");
        Forms { markdown: has("markdown"), html: has("html"), blocks }
    }
}

#[Object(use_type_description)]
impl ArticleBody {
    /// As written: CommonMark with tables and strikethrough; `<!--more-->` is the fold.
    async fn markdown(&self) -> &str {
        &self.0.markdown
    }

    /// Sanitised HTML.
    async fn html(&self) -> &str {
        &self.0.html
    }

    /// Plain text, the blocks' texts separated by line feeds.
    async fn text(&self) -> Result<String> {
        Ok(block::text(&blocks(&self.0)?))
    }

    /// For clients that render natively.
    async fn blocks(&self) -> Result<Vec<Block>> {
        Ok(blocks(&self.0)?.into_iter().map(to_graphql).collect())
    }

    /// So many blocks stand before the fold (展开全文); null without a fold.
    async fn fold_at(&self) -> Option<i32> {
        self.0.fold_at
    }

    /// Latin words and numbers, and each Chinese character as one.
    async fn word_count(&self) -> Long {
        Long(self.0.word_count.into())
    }

    /// Which version of the renderer made html and blocks.
    async fn renderer_version(&self) -> i32 {
        self.0.renderer_version
    }
}

fn blocks(body: &Model) -> Result<Vec<block::Block>, crate::error::Error> {
    Ok(serde_json::from_str(&body.blocks)?)
}

/// A part of a body. New kinds may come: show `text` for those you do not know.
#[derive(Interface)]
#[graphql(field(
    name = "text",
    ty = "&String",
    desc = "Plain text, for clients that do not know the kind."
))]
pub enum Block {
    /// A section's heading.
    Heading(HeadingBlock),
    /// A paragraph.
    Paragraph(ParagraphBlock),
    /// A list.
    List(ListBlock),
    /// A quotation.
    Quote(QuoteBlock),
    /// An image.
    Image(ImageBlock),
    /// Program text.
    Code(CodeBlock),
    /// A table.
    Table(TableBlock),
    /// A break between parts.
    Divider(DividerBlock),
}

/// A section's heading.
#[derive(SimpleObject)]
pub struct HeadingBlock {
    /// Plain text.
    text: String,
    /// Sanitised HTML of the text, without the heading's own tag.
    html: String,
    /// From 1 to 6.
    level: i32,
}

/// A paragraph.
#[derive(SimpleObject)]
pub struct ParagraphBlock {
    /// Plain text.
    text: String,
    /// Sanitised HTML of the text, without the paragraph's own tag.
    html: String,
}

/// A list.
#[derive(SimpleObject)]
pub struct ListBlock {
    /// Plain text, one item a line.
    text: String,
    /// Whether the items are numbered.
    ordered: bool,
    /// The number of the first item; null in a list of bullets.
    start: Option<Long>,
    /// The items; inner lists are part of their item.
    items: Vec<ListItem>,
}

/// An item of a list.
#[derive(SimpleObject)]
pub struct ListItem {
    /// Plain text.
    text: String,
    /// Sanitised HTML.
    html: String,
}

/// A quotation.
#[derive(SimpleObject)]
pub struct QuoteBlock {
    /// Plain text.
    text: String,
    /// Sanitised HTML.
    html: String,
}

/// An image on its own.
#[derive(SimpleObject)]
pub struct ImageBlock {
    /// The caption, else the alternative text.
    text: String,
    /// Its address.
    url: String,
    /// What it shows, for those who do not see it.
    alt: String,
    /// What is printed below it.
    caption: Option<String>,
}

/// Program text.
#[derive(SimpleObject)]
pub struct CodeBlock {
    /// The program.
    text: String,
    /// The language, where it is told.
    language: Option<String>,
}

/// A table.
#[derive(SimpleObject)]
pub struct TableBlock {
    /// Plain text, cells separated by tabs.
    text: String,
    /// The cells of the first row.
    header: Vec<String>,
    /// The other rows.
    rows: Vec<Vec<String>>,
}

/// A break between parts.
#[derive(SimpleObject)]
pub struct DividerBlock {
    /// A line.
    text: String,
}

fn to_graphql(block: block::Block) -> Block {
    let text = block.text();
    match block {
        block::Block::Heading { level, content } => {
            Block::Heading(HeadingBlock { html: content.html(), text, level: i32::from(level) })
        }
        block::Block::Paragraph(content) => {
            Block::Paragraph(ParagraphBlock { html: content.html(), text })
        }
        block::Block::List { start, items } => Block::List(ListBlock {
            text,
            ordered: start.is_some(),
            start: start.and_then(|start| i64::try_from(start).ok()).map(Long),
            items: items.into_iter().map(to_item).collect(),
        }),
        block::Block::Quote(content) => Block::Quote(QuoteBlock { html: content.html(), text }),
        block::Block::Image { url, alt, caption } => {
            Block::Image(ImageBlock { text, url, alt, caption })
        }
        block::Block::Code { language, .. } => Block::Code(CodeBlock { text, language }),
        block::Block::Table { header, rows } => Block::Table(TableBlock { text, header, rows }),
        block::Block::Divider => Block::Divider(DividerBlock { text }),
    }
}

fn to_item(item: Inline) -> ListItem {
    ListItem { html: item.html(), text: item.text }
}
