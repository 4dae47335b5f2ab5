//! Everything the API offers: the merged roots, the limits, the SDL.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::MergedObject;
use async_graphql::SDLExportOptions;
use async_graphql::ValidationMode;
use async_graphql::dataloader::DataLoader;
use async_graphql::dataloader::NoCache;
use chrono::DateTime;
use chrono::Utc;

use crate::app::App;
use crate::article::graphql::ArticleQuery;
use crate::article::mutation::ArticleMutation;
use crate::article::mutation_tag::RegionTagMutation;
use crate::audit::graphql::AuditQuery;
use crate::auth::Caller;
use crate::auth::graphql::TokenQuery;
use crate::auth::mutation::TokenMutation;
use crate::cache::reads::Reads;
use crate::channel::graphql::ChannelQuery;
use crate::channel::mutation::ChannelMutation;
use crate::config::Config;
use crate::live::graphql::Subscription;
use crate::live::graphql_feed::ChangeQuery;
use crate::live::place::Place;
use crate::node::graphql::NodeQuery;
use crate::ranking::graphql::RankingQuery;
use crate::ranking::graphql_curation::CurationQuery;
use crate::ranking::mutation::CurationMutation;
use crate::recommend::graphql::RecommendationQuery;
use crate::recommend::mutation::RecommendationMutation;
use crate::region::Tree;
use crate::region::graphql_query::RegionQuery;
use crate::search::graphql::SearchQuery;
use crate::search::mutation::SearchMutation;
use crate::site::graphql::SiteQuery;
use crate::view::mutation::ViewMutation;
use crate::view::reader::Reader;
use crate::webhook::graphql::WebhookQuery;
use crate::webhook::mutation::WebhookMutation;

/// What can be asked.
#[derive(Default, MergedObject)]
pub struct Query(
    ArticleQuery,
    SearchQuery,
    RankingQuery,
    CurationQuery,
    RecommendationQuery,
    RegionQuery,
    ChannelQuery,
    SiteQuery,
    NodeQuery,
    TokenQuery,
    AuditQuery,
    ChangeQuery,
    WebhookQuery,
);

/// What can be changed; needs a token, but for counting views.
#[derive(Default, MergedObject)]
pub struct Mutation(
    ArticleMutation,
    RegionTagMutation,
    ChannelMutation,
    ViewMutation,
    CurationMutation,
    RecommendationMutation,
    SearchMutation,
    TokenMutation,
    WebhookMutation,
);

/// The executable schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

type SchemaBuilder = async_graphql::SchemaBuilder<Query, Mutation, Subscription>;

/// What front ends read of [`DateTime`].
const DATE_TIME: &str = "An instant, as RFC 3339 writes it: told in UTC, taken with any offset.";

fn roots() -> SchemaBuilder {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .override_output_type_description::<DateTime<Utc>>(DATE_TIME)
}

/// The schema with the limits of the settings.
pub fn build(config: &Config) -> SchemaBuilder {
    roots()
        .limit_complexity(config.max_complexity)
        // Documents are valid when they come here: see `protocol::document`.
        .validation_mode(ValidationMode::Fast)
}

/// The schema as a document, as `schema.graphql` has it.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    roots().finish().sdl_with_options(options.prefer_single_line_descriptions())
}

/// Fetches what belongs to many objects at once. Each feature says in its
/// `graphql.rs` what it loads.
pub struct Load {
    /// The instance.
    pub app: App,
    /// Who asks.
    pub caller: Caller,
    /// The region directory, one edition for the whole request.
    pub tree: Arc<Tree>,
    /// What the answer is made from.
    pub reads: Arc<Reads>,
    /// The last event of the change log before the request.
    pub followed: i64,
}

/// The loader of a request.
pub type Loader = DataLoader<Load, NoCache>;

/// Adds to a request what resolvers need.
pub fn with_context(
    request: async_graphql::Request,
    app: &App,
    caller: Caller,
    reader: Reader,
    place: Place,
    reads: Arc<Reads>,
) -> async_graphql::Request {
    let tree = app.tree();
    let app = app.clone();
    let load = Load {
        followed: app.followed(),
        app: app.clone(),
        caller: caller.clone(),
        tree: tree.clone(),
        reads: reads.clone(),
    };
    let loader = DataLoader::with_cache(load, tokio::spawn, NoCache);
    let loader = loader.max_batch_size(100);
    request.data(app).data(caller).data(reader).data(place).data(tree).data(reads).data(loader)
}

/// The instance of a request.
pub fn app<'a>(ctx: &Context<'a>) -> &'a App {
    ctx.data_unchecked()
}

/// Who sent a request.
pub fn caller<'a>(ctx: &Context<'a>) -> &'a Caller {
    ctx.data_unchecked()
}

/// Who reads, for the counting of views.
pub fn reader<'a>(ctx: &Context<'a>) -> &'a Reader {
    ctx.data_unchecked()
}

/// The loader of a request.
pub fn loader<'a>(ctx: &Context<'a>) -> &'a Loader {
    ctx.data_unchecked()
}

/// What the answer to a request is made from.
pub fn reads<'a>(ctx: &Context<'a>) -> &'a Arc<Reads> {
    ctx.data_unchecked()
}

/// The region directory of a request.
pub fn tree<'a>(ctx: &Context<'a>) -> &'a Arc<Tree> {
    ctx.data_unchecked()
}
