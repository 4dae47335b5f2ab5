//! Reporting views by GraphQL.

use async_graphql::Context;
use async_graphql::Enum;
use async_graphql::ID;
use async_graphql::InputObject;
use async_graphql::Object;
use async_graphql::Result;
use async_graphql::SimpleObject;

use super::base;
use super::class::Class;
use super::class::Verdict;
use super::event::Event;
use super::event::Told;
use super::record;
use super::record::MOST;
use super::record::Outcome;
use super::record::Sent;
use crate::article::Audience;
use crate::article::find;
use crate::article::graphql::Article;
use crate::audit::graphql::commit;
use crate::auth::Scope;
use crate::error::Error;
use crate::error::Reason;
use crate::id;
use crate::protocol::scalar::Long;
use crate::protocol::user_error;
use crate::protocol::user_error::UserError;
use crate::schema::app;
use crate::schema::caller;
use crate::schema::reader;

/// Changes of views.
#[derive(Default)]
pub struct ViewMutation;

/// Displays of articles.
#[derive(InputObject)]
struct RecordViewsInput {
    /// 1 to 100 of them.
    events: Vec<ViewEventInput>,
}

/// A better number of earlier views.
#[derive(InputObject)]
struct CorrectImportedViewsInput {
    /// The article's id.
    id: ID,
    /// What counts as imported from now on, 0 or more; no import changes it again.
    imported: Long,
    /// Why, in 1 to 500 characters; kept with the old number and the token.
    reason: String,
}

/// The answer to `correctImportedViews`.
#[derive(SimpleObject)]
struct CorrectImportedViewsPayload {
    /// The article; null if there are user errors.
    article: Option<Article>,
    /// What stands against it.
    user_errors: Vec<UserError>,
}

/// A display of an article to a reader.
#[derive(InputObject)]
struct ViewEventInput {
    /// A UUIDv7 (RFC 9562) that the client makes when it displays the article;
    /// its time is the view's. Send it again with the same id until it is
    /// answered.
    event_id: String,
    /// The article's id or a slug of it.
    article: String,
    /// The install id of an app, or another id of the device: 1 to 128 bytes.
    visitor_id: Option<String>,
    /// Who reads, for server-side front ends: needs a token with the scope `count`.
    reader: Option<ReaderInput>,
}

/// A reader whom a server-side front end tells of.
#[derive(InputObject)]
struct ReaderInput {
    /// The IPv4 or IPv6 address.
    ip: Option<String>,
    /// The `User-Agent`.
    user_agent: Option<String>,
}

/// What became of a display. New values may come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum ViewVerdict {
    /// It is a view now.
    Counted,
    /// This event was seen before; `first` tells what became of it.
    Duplicate,
    /// This visitor's view of this article in this window was counted before.
    Repeat,
    /// It is no reader's view; `reason` tells why.
    Excluded,
    /// It happened longer ago than is accepted.
    TooOld,
    /// It breaks a rule; `message` tells which.
    Invalid,
    /// Readers see no such article.
    UnknownArticle,
}

/// How an event was kept. New values may come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Class")]
pub enum ViewClass {
    /// A view.
    Counted,
    /// A repeated view in one window.
    Repeat,
    /// A robot's.
    Bot,
    /// Fetched ahead.
    Prefetch,
    /// Of somebody who works here.
    Staff,
    /// One of too many from one network.
    NetworkCap,
}

/// The answer to an event.
#[derive(SimpleObject)]
struct ViewResult {
    /// The event's id as it was sent.
    event_id: String,
    /// What became of it.
    verdict: ViewVerdict,
    /// Why it was excluded.
    reason: Option<ViewClass>,
    /// What became of a duplicate when it came first.
    first: Option<ViewClass>,
    /// What to do, if nothing was kept.
    message: Option<String>,
    /// The article's views as a page shows them; null when it is not known.
    total: Option<Long>,
}

/// The answer to `recordViews`.
#[derive(SimpleObject)]
struct RecordViewsPayload {
    /// One for each event, in their order; empty if there are user errors.
    results: Vec<ViewResult>,
    /// Faults of the whole input.
    user_errors: Vec<UserError>,
}

#[Object]
impl ViewMutation {
    /// Counts displays of articles; no token is needed. What is answered is
    /// stored. An error acknowledges nothing: send the events again.
    #[graphql(complexity = "100 + child_complexity")]
    async fn record_views(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The events.")] input: RecordViewsInput,
    ) -> Result<RecordViewsPayload> {
        let (outcomes, user_errors) = user_error::split(count(ctx, input).await)?;
        let outcomes = outcomes.unwrap_or_default();
        Ok(RecordViewsPayload {
            results: outcomes.into_iter().map(ViewResult::from).collect(),
            user_errors,
        })
    }

    /// Corrects `views { imported }` of an article. Who, when and why is kept.
    /// Needs the scope `publish`.
    async fn correct_imported_views(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The correction.")] input: CorrectImportedViewsInput,
    ) -> Result<CorrectImportedViewsPayload> {
        caller(ctx).require(Scope::Publish)?;
        let (article, user_errors) = user_error::split(correct(ctx, input).await)?;
        Ok(CorrectImportedViewsPayload { article: article.map(Article::alone), user_errors })
    }
}

async fn correct(
    ctx: &Context<'_>,
    input: CorrectImportedViewsInput,
) -> Result<crate::article::Article, Error> {
    let (app, now) = (app(ctx), app(ctx).clock.now());
    let id = id::uuid("Article", &input.id, "id")?;
    let txn = app.db.begin().await?;
    let found = find::by_id(&txn.db, Audience::Editor, id).await?;
    let article = found.ok_or_else(|| Error::not_found("id", "There is no such article."))?;
    let (imported, token) = (input.imported.0, caller(ctx).token);
    base::correct(&txn, id, imported, token, &input.reason, now).await?;
    commit(ctx, txn, "Article", id).await?;
    app.views.totals.set_imported(id, imported);
    Ok(article)
}

async fn count(ctx: &Context<'_>, input: RecordViewsInput) -> Result<Vec<Outcome>, Error> {
    if input.events.is_empty() || input.events.len() > MOST {
        let message = format!("Send 1 to {MOST} events.");
        return Err(Error::invalid("events", Reason::Invalid, message));
    }
    let app = app(ctx);
    let sent = input.events.into_iter().map(sent).collect();
    let now = app.clock.now();
    record::record(&app.db, &app.views, &app.config, reader(ctx), sent, now).await
}

fn sent(input: ViewEventInput) -> Sent {
    let told = |reader: ReaderInput| Told { ip: reader.ip, user_agent: reader.user_agent };
    let event = Event {
        event_id: input.event_id.clone(),
        article: input.article,
        visitor_id: input.visitor_id,
        reader: input.reader.map(told),
    };
    Sent { event_id: input.event_id, event: Ok(event) }
}

impl From<Outcome> for ViewResult {
    fn from(outcome: Outcome) -> Self {
        let verdict = &outcome.verdict;
        Self {
            reason: verdict.reason().map(Into::into),
            first: verdict.first().map(Into::into),
            message: verdict.message().map(str::to_owned),
            verdict: match verdict {
                Verdict::New(Class::Counted) => ViewVerdict::Counted,
                Verdict::New(Class::Repeat) => ViewVerdict::Repeat,
                Verdict::New(_) => ViewVerdict::Excluded,
                Verdict::Duplicate(_) => ViewVerdict::Duplicate,
                Verdict::TooOld => ViewVerdict::TooOld,
                Verdict::Invalid(_) => ViewVerdict::Invalid,
                Verdict::UnknownArticle => ViewVerdict::UnknownArticle,
            },
            event_id: outcome.event_id,
            total: outcome.total.map(Long),
        }
    }
}
