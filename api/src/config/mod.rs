//! Every setting: flag, variable, default, meaning. The only reader of the
//! environment and of the command line.

pub mod command;
pub mod jwt;
pub mod pages;

use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::Uri;
use chrono_tz::Tz;
use clap::Args;
use clap::Parser;
use clap::ValueEnum;
use ipnet::IpNet;

pub use self::command::Command;
use self::jwt::Jwt;
use self::pages::Pages;

/// Redian (热点): a headless content API for news portals.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Settings that all commands share.
    #[command(flatten)]
    pub config: Config,
}

/// The settings of an instance. Every flag has a variable; the flag wins.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Config {
    /// Where the data is: sqlite://FILE (created if missing) or postgres://USER:PASSWORD@HOST/NAME.
    #[arg(
        long,
        env = "REDIAN_DATABASE_URL",
        default_value = "sqlite://redian.db",
        hide_env_values = true,
        global = true
    )]
    pub database_url: String,

    /// Address and port to listen on. Only this machine reaches the default.
    #[arg(long, env = "REDIAN_LISTEN", default_value = "127.0.0.1:8000", global = true,
          value_parser = address)]
    pub listen: SocketAddr,

    /// The site's name, as `site { name }` gives it.
    #[arg(long, env = "REDIAN_SITE_NAME", default_value = "Redian", global = true)]
    pub site_name: String,

    /// How much to log, e.g. info, debug or redian=debug,warn.
    #[arg(long, env = "REDIAN_LOG", default_value = "info,sea_orm_migration=warn", global = true)]
    pub log: String,

    /// How log lines look.
    #[arg(long, env = "REDIAN_LOG_FORMAT", default_value = "text", value_enum, global = true)]
    pub log_format: LogFormat,

    /// The largest request body, in bytes.
    #[arg(long, env = "REDIAN_MAX_BODY", default_value_t = 4 << 20, global = true)]
    pub max_body: usize,

    /// The most connections at once; others wait until one ends.
    #[arg(long, env = "REDIAN_MAX_CONNECTIONS", default_value_t = 10_000, global = true,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: u32,

    /// GraphQL requests that are executed at once; others wait for a second, then are answered 503.
    #[arg(long, env = "REDIAN_MAX_REQUESTS", default_value_t = 256, global = true,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub max_requests: u32,

    /// WebSockets at once; more are closed with the code 1013.
    #[arg(long, env = "REDIAN_MAX_SOCKETS", default_value_t = 10_000, global = true)]
    pub max_sockets: u32,

    /// Subscriptions at once, over WebSockets and as event streams; more are refused.
    #[arg(long, env = "REDIAN_MAX_SUBSCRIPTIONS", default_value_t = 20_000, global = true)]
    pub max_subscriptions: u32,

    /// Operations at once on one WebSocket; more are refused.
    #[arg(long, env = "REDIAN_MAX_SOCKET_OPERATIONS", default_value_t = 100, global = true)]
    pub max_socket_operations: usize,

    /// The largest message that a WebSocket may send, in bytes; a larger one closes it with the
    /// code 1009.
    #[arg(long, env = "REDIAN_MAX_SOCKET_MESSAGE", default_value_t = 64 << 10, global = true)]
    pub max_socket_message: usize,

    /// Seconds between signs of life on WebSockets and event streams. A WebSocket is closed that
    /// takes longer to begin, or says nothing for twice as long.
    #[arg(long, env = "REDIAN_KEEP_ALIVE", default_value_t = 10, global = true,
          value_parser = clap::value_parser!(u64).range(1..=300))]
    pub keep_alive: u64,

    /// Requests that a client may send in a minute, also all at once: an address, or an IPv6
    /// /64; 0: any number.
    #[arg(long, env = "REDIAN_RATE_LIMIT", default_value_t = 60_000, global = true)]
    pub rate_limit: u32,

    /// The same of a token, wherever it is used from. Tokens with the scope `unlimited` are exempt.
    #[arg(long, env = "REDIAN_RATE_LIMIT_TOKEN", default_value_t = 600_000, global = true)]
    pub rate_limit_token: u32,

    /// How long a request may take, in seconds, and its headers and its body before.
    #[arg(long, env = "REDIAN_TIMEOUT", default_value_t = 30, global = true,
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,

    /// Web sites whose pages may use GraphQL, e.g. `https://news.example`, parted by commas;
    /// `*` for all.
    #[arg(long, env = "REDIAN_CORS_ORIGINS", value_delimiter = ',', global = true,
          value_parser = origin)]
    pub cors_origins: Vec<HeaderValue>,

    /// Executes these GraphQL operations only: a manifest of persisted queries, as Apollo's
    /// and Relay's tools write it.
    #[arg(long, env = "REDIAN_SAFELIST", value_name = "FILE", global = true)]
    pub safelist: Option<PathBuf>,

    /// Does not tell the schema by GraphQL.
    #[arg(long, env = "REDIAN_NO_INTROSPECTION", global = true)]
    pub no_introspection: bool,

    /// The largest GraphQL document, in bytes.
    #[arg(long, env = "REDIAN_MAX_DOCUMENT", default_value_t = 100_000, global = true)]
    pub max_document: usize,

    /// The largest variables of a GraphQL request, in bytes; each value counts 64 more. As
    /// large as a body may be if nothing is said.
    #[arg(long, env = "REDIAN_MAX_VARIABLES", global = true)]
    pub max_variables: Option<usize>,

    /// The most GraphQL requests in one array; 0: arrays are not taken.
    #[arg(long, env = "REDIAN_MAX_BATCH", default_value_t = 0, global = true)]
    pub max_batch: usize,

    /// The most tokens of a GraphQL document: names, values, punctuation, and spaces between.
    #[arg(long, env = "REDIAN_MAX_TOKENS", default_value_t = 15_000, global = true)]
    pub max_tokens: usize,

    /// The most fields of a GraphQL operation, with its fragments put in place.
    #[arg(long, env = "REDIAN_MAX_FIELDS", default_value_t = 10_000, global = true)]
    pub max_fields: usize,

    /// The most aliases of a GraphQL operation, with its fragments put in place.
    #[arg(long, env = "REDIAN_MAX_ALIASES", default_value_t = 200, global = true)]
    pub max_aliases: usize,

    /// The most fields of a GraphQL operation's root.
    #[arg(long, env = "REDIAN_MAX_ROOT_FIELDS", default_value_t = 50, global = true)]
    pub max_root_fields: usize,

    /// How deep a GraphQL query may nest.
    #[arg(long, env = "REDIAN_MAX_DEPTH", default_value_t = 15, global = true)]
    pub max_depth: usize,

    /// What a GraphQL query may cost: one for a field, times the length of the lists it is in.
    #[arg(long, env = "REDIAN_MAX_COMPLEXITY", default_value_t = 20_000, global = true)]
    pub max_complexity: usize,

    /// Answers to the public that are kept in memory, in MB; 0: none are.
    #[arg(long, env = "REDIAN_CACHE_SIZE", default_value_t = 64, global = true)]
    pub cache_size: u64,

    /// When the change log could not be read for so long, answers are made anew, in milliseconds.
    #[arg(long, env = "REDIAN_CACHE_LAG", default_value_t = 1000, global = true)]
    pub cache_lag: u64,

    /// The header Cache-Control of answers to GET that other caches may keep, too.
    #[arg(long, env = "REDIAN_CACHE_CONTROL", default_value = "public, no-cache", global = true)]
    pub cache_control: HeaderValue,

    /// The header that tells other caches the tags of an answer, e.g. Surrogate-Key or
    /// Cache-Tag; none by default.
    #[arg(long, env = "REDIAN_CACHE_TAG_HEADER", value_name = "NAME", global = true)]
    pub cache_tag_header: Option<HeaderName>,

    /// How old views may be that a browser shows because nothing else has changed, in seconds.
    #[arg(long, env = "REDIAN_ETAG_VIEWS", default_value_t = 60, global = true)]
    pub etag_views: u32,

    /// The site's time zone, whose calendar days views are counted by. Fixed at the first start.
    #[arg(long, env = "REDIAN_TIME_ZONE", default_value = "Asia/Shanghai", global = true)]
    pub time_zone: Tz,

    /// Where a front end shows previews, e.g. `https://news.example/preview?token={token}&slug={slug}`;
    /// `{id}` is the article's UUID.
    #[arg(long, env = "REDIAN_PREVIEW_URL", value_name = "TEMPLATE", global = true,
          value_parser = preview_url)]
    pub preview_url: Option<String>,

    /// Private networks to which webhooks may go, e.g. 127.0.0.1/32,10.0.0.0/8; to none by
    /// default.
    #[arg(long, env = "REDIAN_WEBHOOK_ALLOW", value_delimiter = ',', global = true,
          value_parser = network)]
    pub webhook_allow: Vec<IpNet>,

    /// How long a webhook may take to answer, in seconds.
    #[arg(long, env = "REDIAN_WEBHOOK_TIMEOUT", default_value_t = 15, global = true,
          value_parser = clap::value_parser!(u64).range(1..=60))]
    pub webhook_timeout: u64,

    /// Users of an identity provider.
    #[command(flatten)]
    pub jwt: Jwt,

    /// Where a front end shows articles.
    #[command(flatten)]
    pub pages: Pages,

    /// Networks of proxies whose X-Forwarded-For is believed, e.g. 127.0.0.1/32,10.0.0.0/8.
    #[arg(long, env = "REDIAN_TRUSTED_PROXIES", value_delimiter = ',', global = true,
          value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    /// A visitor's views of one article count once in so many seconds, 30 to 86400.
    #[arg(long, env = "REDIAN_VIEW_WINDOW", default_value_t = 1800, global = true,
          value_parser = clap::value_parser!(u32).range(30..=86_400))]
    pub view_window: u32,

    /// How old a view may be when it is reported, in seconds.
    #[arg(long, env = "REDIAN_VIEW_MAX_AGE", default_value_t = 3600, global = true,
          value_parser = clap::value_parser!(u64).range(60..=604_800))]
    pub view_max_age: u64,

    /// The same with an install id or a token.
    #[arg(long, env = "REDIAN_VIEW_MAX_AGE_KNOWN", default_value_t = 86_400, global = true,
          value_parser = clap::value_parser!(u64).range(60..=604_800))]
    pub view_max_age_known: u64,

    /// So many visitors from one network (IPv4 /24, IPv6 /64) count on one article in one window;
    /// 0: any number.
    #[arg(long, env = "REDIAN_VIEW_NETWORK_CAP", default_value_t = 1000, global = true)]
    pub view_network_cap: usize,

    /// So many views may wait to be stored; more are answered 503.
    #[arg(long, env = "REDIAN_VIEW_QUEUE", default_value_t = 50_000, global = true)]
    pub view_queue: usize,

    /// Lists by views have articles that so many different visitors read on one day, 0 to 500.
    #[arg(long, env = "REDIAN_RANKING_MIN_VISITORS", default_value_t = 3, global = true,
          value_parser = clap::value_parser!(u16).range(0..=500))]
    pub ranking_min_visitors: u16,

    /// How long running requests may go on after SIGTERM, in seconds.
    #[arg(long, env = "REDIAN_DRAIN", default_value_t = 20, global = true)]
    pub drain: u64,
}

/// An origin (RFC 6454, 6.2), or `*`.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let sound = text == "*"
        || text.parse::<Uri>().is_ok_and(|uri| {
            uri.scheme().is_some()
                && uri.path() == "/"
                && !text.ends_with('/')
                && uri.query().is_none()
        });
    let wrong = || "an origin is scheme://host or scheme://host:port, without a path".to_owned();
    // Browsers write it in small letters.
    HeaderValue::from_str(&text.to_ascii_lowercase()).ok().filter(|_| sound).ok_or_else(wrong)
}

impl Config {
    /// How long a request may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }

    /// The time between signs of life.
    pub fn keep_alive(&self) -> Duration {
        Duration::from_secs(self.keep_alive)
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A network, or a single address.
fn network(text: &str) -> Result<IpNet, &'static str> {
    let single = |_| text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(single).map_err(|_| "pass addresses or networks, e.g. 10.0.0.0/8")
}

/// A template of an address.
fn preview_url(text: &str) -> Result<String, &'static str> {
    let web = text.starts_with("https://") || text.starts_with("http://");
    let sound = web && text.contains("{token}");
    sound.then(|| text.to_owned()).ok_or("pass an address of the web with {token} in it")
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "pass an IP address and a port, e.g. 127.0.0.1:8000")
}

/// Reads command line and environment; prints help or a clear error and ends
/// the process when they make no sense.
pub fn read() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| {
        let failed = error.use_stderr();
        // Nobody is left to tell if the terminal is gone.
        drop(error.print());
        std::process::exit(i32::from(failed))
    })
}
