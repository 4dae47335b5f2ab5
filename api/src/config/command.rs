//! The sub-commands and what each is asked to do.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

/// The sub-commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API; creates and migrates the database first.
    Serve {
        /// Load sample content into an empty database.
        #[arg(long, env = "REDIAN_DEMO")]
        demo: bool,
    },
    /// Bring the database to this version's schema and load the region directory.
    Migrate,
    /// Import JSON Lines and scraped portal pages.
    Import(Import),
    /// Write everything as JSON Lines, as `import` reads it, to standard output.
    Export,
    /// Look after the region directory.
    Regions {
        /// What to do with it.
        #[command(subcommand)]
        command: Regions,
    },
    /// Look after the counting of views.
    Views {
        /// What to do with it.
        #[command(subcommand)]
        command: Views,
    },
    /// Look after search.
    Search {
        /// What to do with it.
        #[command(subcommand)]
        command: Search,
    },
    /// Look after API tokens.
    Token {
        /// What to do with tokens.
        #[command(subcommand)]
        command: Token,
    },
    /// Print the GraphQL schema.
    Schema,
    /// Print the OpenAPI document of the plain JSON paths.
    Openapi,
}

/// What `import` is asked to do.
#[derive(Clone, Debug, Args)]
pub struct Import {
    /// Files, folders (all files in them), or - for standard input.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Read and check, write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print one JSON object a file instead of a report.
    #[arg(long)]
    pub json: bool,
    /// State of the articles of portal pages; a record of JSON Lines has its own. By default
    /// an article with a title is published at the page's time, else at the time of import.
    #[arg(long, value_enum)]
    pub state: Option<ImportState>,
    /// File articles also under the regions that their titles and texts name.
    #[arg(long)]
    pub detect_regions: bool,
    /// Index the articles of JSON Lines for search afterwards: they are stored sooner, and found
    /// later. A running `redian serve` does it, or `redian search index`.
    #[arg(long)]
    pub index_later: bool,
}

/// The state that imported articles get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportState {
    /// To be looked at by an editor.
    Draft,
    /// Seen by readers.
    Published,
}

/// What can be done with the region directory.
#[derive(Clone, Debug, Subcommand)]
pub enum Regions {
    /// Verify a directory file and count its regions.
    Check {
        /// CSV like api/data/regions.csv; the built-in directory by default.
        file: Option<PathBuf>,
    },
    /// Find the regions that texts name, line by line.
    Detect {
        /// Print one JSON object for each line.
        #[arg(long)]
        json: bool,
        /// Files of UTF-8 text, or - for standard input.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Show what a file changes in the directory, then change it.
    Load {
        /// CSV like api/data/regions.csv; the built-in directory by default.
        file: Option<PathBuf>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// What can be done with views.
#[derive(Clone, Debug, Subcommand)]
pub enum Views {
    /// Prove that all sums agree: hours, days, months, totals, remembered events.
    Check,
    /// Make the hot scores anew from the hours.
    Rebuild,
}

/// What can be done with search.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Search {
    /// Make the index anew, also while the server runs: articles stay to be found meanwhile.
    Rebuild,
    /// Put into the index what waits for that.
    Index,
    /// Tell how many articles are in the index, and how many wait to be put there.
    Status,
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Create a token and print it; it is shown this once.
    Create {
        /// Who or what will use it.
        #[arg(long, default_value = "unnamed")]
        name: String,
        /// What it may do; repeat for several: read-drafts, write (drafts), publish (what readers
        /// see), admin (tokens, webhooks, audit); each includes those before it. And count (tells
        /// for which reader it counts views), unlimited (no rate limit).
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// It is of no use after so many days; without end by default.
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
        days: Option<u16>,
    },
    /// List tokens: id, name, scopes, when they were made, were used, and end.
    List,
    /// Revoke a token for ever.
    Revoke {
        /// Its id, as `list` tells it.
        id: String,
    },
}
