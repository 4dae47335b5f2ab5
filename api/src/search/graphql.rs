//! Search as GraphQL sees it.

use async_graphql::Context;
use async_graphql::Description;
use async_graphql::Enum;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::SimpleObject;
use async_graphql::connection::PageInfo;
use chrono::DateTime;
use chrono::Utc;

use super::graphql_results::Asked;
use super::graphql_results::Relation;
use super::graphql_results::Results;
use super::graphql_results::number;
use super::graphql_results::page;
use super::parse::Term;
use super::parse::parse;
use super::places::Question;
use super::snippet::Piece;
use super::words;
use crate::article::graphql::Article;
use crate::auth::Scope;
use crate::cache::tag;
use crate::clock::storable;
use crate::error::Error;
use crate::error::Reason;
use crate::page::Page;
use crate::protocol::connection::size;
use crate::protocol::scalar::Long;
use crate::schema::app;
use crate::schema::caller;
use crate::schema::reads;
use crate::schema::tree;

/// The order of what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum SearchOrder {
    /// The last published first.
    Newest,
    /// First what has all words in its title, then what has all of them in the first 200
    /// characters of its text, then the rest; of each the last published first.
    Relevance,
}

/// Articles that were found.
#[derive(Description)]
pub struct ArticleSearchConnection {
    question: Question,
    results: Results,
}

/// An article that was found, and why.
#[derive(SimpleObject)]
pub struct ArticleSearchEdge {
    /// For `after`.
    cursor: String,
    /// The article.
    node: Article,
    /// Its title, in pieces.
    title: Vec<TextPiece>,
    /// About 120 characters of its text around the first word that was found there, in
    /// pieces; the beginning of the text when the words are in the title.
    snippet: Vec<TextPiece>,
}

/// A piece of a text. All pieces one after the other are the text.
#[derive(SimpleObject)]
pub struct TextPiece {
    /// Plain text: escape it for HTML.
    text: String,
    /// Whether it is what was searched for.
    matched: bool,
}

/// A word or phrase of a query.
#[derive(SimpleObject)]
pub struct SearchTerm {
    /// In small letters, half width and simplified characters, as it is compared.
    text: String,
    /// Whether articles that have it are left out.
    excluded: bool,
    /// Whether it was in quotes.
    quoted: bool,
}

/// A number of articles that were found.
#[derive(SimpleObject)]
pub struct SearchCount {
    /// The number.
    value: Long,
    /// What is known of it.
    relation: SearchCountRelation,
}

/// What is known of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Relation")]
pub enum SearchCountRelation {
    /// It is the number.
    Exact,
    /// There are more: nobody counted on.
    AtLeast,
    /// It is very near: of so many articles, not each was looked at to see whether the
    /// characters of a long word or a phrase stand there one after the other.
    About,
}

#[Object(use_type_description)]
impl ArticleSearchConnection {
    /// The articles with what was found in them.
    async fn edges(&self) -> Vec<ArticleSearchEdge> {
        let pieces = |pieces: &[Piece]| {
            let told = |Piece { text, matched }| TextPiece { text, matched };
            pieces.iter().cloned().map(told).collect()
        };
        let found = self.results.found.iter();
        let edge = found.map(|found| ArticleSearchEdge {
            cursor: found.cursor(),
            node: found.article.clone(),
            title: pieces(&found.title),
            snippet: pieces(&found.snippet),
        });
        edge.collect()
    }

    /// The articles alone.
    async fn nodes(&self) -> Vec<&Article> {
        self.results.found.iter().map(|found| &found.article).collect()
    }

    /// Whether there is more, and where it begins. A page may have fewer articles than
    /// asked for, and even none, when there is more: go on behind `endCursor`.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.results.has_previous,
            has_next_page: self.results.has_next,
            start_cursor: self.results.found.first().map(|found| found.cursor()),
            end_cursor: self.results.end.clone(),
        }
    }

    /// How many there are, counted to 1,000.
    #[graphql(complexity = "20")]
    async fn total(&self, ctx: &Context<'_>) -> Result<SearchCount> {
        let (value, relation) = Box::pin(number(app(ctx), &self.question)).await?;
        let value = Long(i64::try_from(value).unwrap_or(i64::MAX));
        Ok(SearchCount { value, relation: relation.into() })
    }

    /// What the query was understood to ask for. Articles have all of it, in title or
    /// text. Empty when there is no word in it, and when there is no such region: then
    /// nothing is found, as when all of it is to be left out.
    async fn terms(&self) -> Vec<SearchTerm> {
        let told = |Term { text, excluded, quoted }| SearchTerm { text, excluded, quoted };
        self.question.terms.iter().cloned().map(told).collect()
    }
}

/// Questions about what articles say.
#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Articles that readers see and that have all words of a query in title or text. A
    /// Chinese word is found wherever its characters stand one after the other, a word of
    /// letters or a number as a whole. Letters large and small, with and without accents,
    /// full and half width, simplified and traditional characters are the same. Of very
    /// long texts the first 100,000 characters can be found.
    #[graphql(complexity = "size(Some(first), None) * child_complexity + 20")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn search_articles(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Words, at most 200 characters and 20 words: 芯片 出口. Several without spaces \
                    are taken apart: OpenAI芯片. In quotes stays what belongs together: \
                    \"人工智能\"; a minus, behind a space, leaves out what has a word: 芯片 -股市."
        )]
        query: String,
        #[graphql(desc = "About the region of this code or path, or one below it.")] region: Option<
            String,
        >,
        #[graphql(desc = "Published at this instant or later.")] from: Option<DateTime<Utc>>,
        #[graphql(desc = "Published before this instant.")] to: Option<DateTime<Utc>>,
        #[graphql(desc = "The order.", default_with = "SearchOrder::Newest")] order: SearchOrder,
        #[graphql(desc = "So many, 1 to 100.", default = 20)] first: i32,
        #[graphql(desc = "Behind this cursor of the same search.")] after: Option<String>,
    ) -> Result<ArticleSearchConnection> {
        // Checks the limit; the cursor of this list is a place of its own.
        Page::new(Some(first), None, None, None)?;
        for (name, at) in [("from", from), ("to", to)] {
            if at.is_some_and(|at| !storable(at)) {
                let message = format!("`{name}` must be of the years 0 to 9999.");
                return Err(Error::invalid(name, Reason::Invalid, message).into());
            }
        }
        [tag::ARTICLES, tag::SEARCH].into_iter().for_each(|tag| reads(ctx).tag(tag));
        let mut terms = parse(&query, &app(ctx).words)?;
        let region = match region {
            None => None,
            Some(region) => {
                let found = tree(ctx).named(&region);
                // Where there is no region, there is nothing in it.
                if found.is_none() {
                    terms.clear();
                }
                found.map(|found| found.code.clone())
            }
        };
        let now = app(ctx).clock.now();
        let question = Question { terms, region, from, until: to, now };
        let edges = ctx.look_ahead().field("edges");
        let asked = Asked {
            first: usize::try_from(first).unwrap_or(1),
            after,
            by_relevance: order == SearchOrder::Relevance,
            pieces: edges.field("snippet").exists() || edges.field("title").exists(),
        };
        let results = Box::pin(page(app(ctx), &question, asked)).await?;
        Ok(ArticleSearchConnection { question, results })
    }

    /// The words that the newsroom added, in small letters, half width and simplified
    /// characters. Needs the scope `read-drafts`.
    async fn search_words(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        caller(ctx).require(Scope::ReadDrafts)?;
        Ok(Box::pin(words::all(&app(ctx).db.read)).await?)
    }
}
