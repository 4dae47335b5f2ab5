//! Any bytes whatever, at each place that strangers' bytes come to. `cargo test` replays the
//! inputs in `__fuzz__` and tries some more; the README here tells how to look for longer.

#![cfg(test)]

use std::panic::AssertUnwindSafe;

use chrono::DateTime;
use clap::Parser;
use redian::config::Cli;
use redian::config::Config;
use redian::id;
use redian::import::portal;
use redian::import::portal_records;
use redian::page::Cursor;
use redian::protocol::answer::Refusal;
use redian::protocol::document::Documents;
use redian::protocol::persisted::Persisted;
use redian::protocol::request;
use redian::protocol::request::Asked;
use redian::protocol::request::Body;
use redian::region::file;
use redian::schema;

fn config() -> Config {
    let arguments = ["redian", "--max-batch", "3", "schema"];
    Cli::try_parse_from(arguments).unwrap().config
}

fn assert_told(refusal: &Refusal) {
    let json = refusal.to_json();
    let errors = json["errors"].as_array().unwrap();
    assert!((1..=50).contains(&errors.len()));
    for error in errors {
        let message = error["message"].as_str().unwrap();
        assert!(!message.is_empty() && !message.contains('\n') && message.chars().count() <= 501);
    }
}

/// Reads a request as far as it goes without a database.
fn prepare(asked: &Asked, persisted: &Persisted, documents: &Documents, config: &Config) {
    let prepared = asked
        .extensions(config)
        .and_then(|extensions| persisted.text(asked.query.as_deref(), &extensions))
        .and_then(|(text, _)| {
            let variables = asked.variables(config)?;
            documents.prepare(&text, asked.operation_name.as_deref(), variables, config)
        });
    match prepared {
        Ok(prepared) => assert!(prepared.variables.is_object()),
        Err(refusal) => assert_told(&refusal),
    }
}

#[test]
fn requests() {
    let (config, documents) = (config(), AssertUnwindSafe(Documents::new(&schema::sdl()).unwrap()));
    let persisted = AssertUnwindSafe(Persisted::new(None).unwrap());
    bolero::check!(name = "requests").for_each(|bytes: &[u8]| {
        let asked = match request::from_body(bytes, &config) {
            Ok(Body::One(asked)) => vec![Ok(asked)],
            Ok(Body::Batch(asked)) => asked,
            Err(refusal) => vec![Err(refusal)],
        };
        let parameters = request::from_parameters(&String::from_utf8_lossy(bytes));
        for asked in asked.into_iter().chain([parameters]) {
            match asked {
                Ok(asked) => prepare(&asked, &persisted, &documents, &config),
                Err(refusal) => assert_told(&refusal),
            }
        }
    });
}

#[test]
fn documents() {
    let (config, documents) = (config(), AssertUnwindSafe(Documents::new(&schema::sdl()).unwrap()));
    bolero::check!(name = "documents").for_each(|bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        if let Err(refusal) = documents.prepare(text, None, Default::default(), &config) {
            assert_told(&refusal);
        }
    });
}

#[test]
fn cursors() {
    bolero::check!(name = "cursors").for_each(|bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        if let Ok(cursor) = Cursor::decode(text, "after") {
            assert_eq!(Cursor::decode(&cursor.encode(), "after").unwrap(), cursor);
        }
        if let Some((kind, key)) = id::decode(text) {
            assert_eq!(id::decode(&id::encode(&kind, &key)), Some((kind, key)));
        }
    });
}

#[test]
fn pages() {
    let tree = file::builtin_tree().unwrap();
    let options = portal::Options::default();
    bolero::check!(name = "pages").for_each(|bytes: &[u8]| {
        let Ok((page, text)) = portal::parse(bytes, "page.txt", &options, &tree) else { return };
        let lines = text.split('\n').count();
        assert!(page.articles.iter().all(|article| article.lines.1 <= lines));
        let articles = page.articles.len();
        let batch =
            portal_records::batch(&page, text, "page.txt", Some(&tree), DateTime::UNIX_EPOCH);
        assert_eq!(batch.articles.len() + batch.failures.len(), articles);
    });
}
