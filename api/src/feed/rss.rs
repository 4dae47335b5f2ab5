//! RSS 2.0, with the author's name by Dublin Core, the whole text by the content module and its
//! own address by Atom.

use std::collections::BTreeMap;

use rss::CategoryBuilder;
use rss::ChannelBuilder;
use rss::EnclosureBuilder;
use rss::GuidBuilder;
use rss::ItemBuilder;
use rss::extension::atom::AtomExtension;
use rss::extension::atom::Link;
use rss::extension::dublincore::DublinCoreExtension;

use super::Feed;
use super::Item;
use crate::article::block::escape;
use crate::error::Error;

/// The media type of lead images: which one it is nobody told.
pub const IMAGE: &str = "image/jpeg";

/// Writes a feed.
pub fn write(feed: &Feed) -> Result<String, Error> {
    let names = [
        ("atom", "http://www.w3.org/2005/Atom"),
        ("content", "http://purl.org/rss/1.0/modules/content/"),
        ("dc", "http://purl.org/dc/elements/1.1/"),
    ];
    let names = names.map(|(name, address)| (name.to_owned(), address.to_owned()));
    let itself = Link { rel: "self".into(), href: feed.address.clone(), ..Link::default() };
    let channel = ChannelBuilder::default()
        .namespaces(BTreeMap::from(names))
        .title(&*feed.title)
        .link(&*feed.home)
        .description(&*feed.title)
        .language(feed.language.clone())
        .atom_ext(AtomExtension { links: vec![itself] })
        .last_build_date((!feed.items.is_empty()).then(|| feed.updated.to_rfc2822()))
        .items(feed.items.iter().map(item).collect::<Vec<_>>())
        .build();
    Ok(channel.to_string())
}

fn item(item: &Item) -> rss::Item {
    let tag = |tag: &String| CategoryBuilder::default().name(&**tag).build();
    let creators = item.byline.iter().cloned().collect::<Vec<_>>();
    let author = (!creators.is_empty())
        .then(|| DublinCoreExtension { creators, ..DublinCoreExtension::default() });
    // The length of a file that is elsewhere is not known: 0, as the specification advises.
    let image = item.image.as_ref().map(|image| {
        EnclosureBuilder::default().url(&**image).length("0").mime_type(IMAGE).build()
    });
    ItemBuilder::default()
        .title(item.title.clone())
        .link(item.url.clone())
        .guid(GuidBuilder::default().value(&*item.id).permalink(false).build())
        .pub_date(item.published.to_rfc2822())
        // It is read as HTML.
        .description(escape(&item.summary))
        .content(item.html.clone())
        .dublin_core_ext(author)
        .enclosure(image)
        .categories(item.tags.iter().map(tag).collect::<Vec<_>>())
        .build()
}
