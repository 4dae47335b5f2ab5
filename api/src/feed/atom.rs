//! Atom (RFC 4287).

use atom_syndication as atom;
use atom_syndication::CategoryBuilder;
use atom_syndication::ContentBuilder;
use atom_syndication::EntryBuilder;
use atom_syndication::FeedBuilder;
use atom_syndication::LinkBuilder;
use atom_syndication::PersonBuilder;
use atom_syndication::Text;

use super::Feed;
use super::Item;
use crate::error::Error;

/// Writes a feed.
pub fn write(feed: &Feed) -> Result<String, Error> {
    let home = LinkBuilder::default().rel("alternate").href(&*feed.home).build();
    let itself = LinkBuilder::default().rel("self").href(&*feed.address).build();
    let written = FeedBuilder::default()
        .title(Text::plain(&*feed.title))
        .id(&*feed.id)
        .lang(feed.language.clone())
        .updated(feed.updated)
        .links([home, itself])
        // Articles without a byline are the site's (4.2.1).
        .author(PersonBuilder::default().name(&*feed.title).build())
        .entries(feed.items.iter().map(entry).collect::<Vec<_>>())
        .build();
    Ok(written.to_string())
}

fn entry(item: &Item) -> atom::Entry {
    let mut links = vec![LinkBuilder::default().rel("alternate").href(&*item.url).build()];
    links.extend(item.image.iter().map(|image| {
        LinkBuilder::default()
            .rel("enclosure")
            .href(&**image)
            .mime_type(super::rss::IMAGE.to_owned())
            .build()
    }));
    let author = |byline: &String| PersonBuilder::default().name(&**byline).build();
    let tag = |tag: &String| CategoryBuilder::default().term(&**tag).build();
    let content =
        ContentBuilder::default().content_type("html".to_owned()).value(item.html.clone()).build();
    EntryBuilder::default()
        .id(&*item.id)
        .title(Text::plain(&*item.title))
        .links(links)
        .published(Some(item.published.fixed_offset()))
        .updated(item.updated)
        .authors(item.byline.iter().map(author).collect::<Vec<_>>())
        .categories(item.tags.iter().map(tag).collect::<Vec<_>>())
        .summary(Text::plain(&*item.summary))
        .content(content)
        .build()
}
