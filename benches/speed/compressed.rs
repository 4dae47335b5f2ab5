//! Compressed answers while views come in, beside a bare route that sends as many bytes.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;

use crate::asked::PAGES;
use crate::asked::Work;
use crate::data;
use crate::load;
use crate::load::Load;
use crate::load::post;
use crate::server::Child;
use crate::turns;
use crate::turns::bare;
use crate::turns::ours;

/// What browsers send.
pub const ACCEPT: &str = "Accept-Encoding: br, gzip\r\n";
/// So many views come in within a second.
const VIEWS: u32 = 1_000;
const VIEWERS: u32 = 4;

/// Prints how much of the bare routes' speed is left; those start at this number.
pub fn print(hits: &Child, works: &[Work], first: usize) {
    let mut asked = Vec::new();
    for (at, work) in works.iter().enumerate() {
        asked.push(bare(hits, work.requests(format!("/bare{}", first + at), ACCEPT)));
        asked.push(ours(hits, work.requests("/graphql".into(), ACCEPT)));
    }
    let stopped = AtomicBool::new(false);
    let measured = std::thread::scope(|scope| {
        let views = scope.spawn(|| {
            let mut counted = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                counted.push(load::run(&views(&hits.address)).rate);
            }
            counted
        });
        let measured = turns::medians(&asked);
        stopped.store(true, Ordering::Relaxed);
        let counted = views.join().expect("views were counted");
        let rate = counted.iter().sum::<f64>() / counted.len() as f64;
        println!("\ncompressed (br), with {rate:.0} views/s coming in");
        measured
    });
    println!("| asked | bare | hit | of bare |\n| --- | --- | --- | --- |");
    for (work, pair) in works.iter().zip(measured.chunks(2)) {
        let (plain, hit) = (pair[0].rate, pair[1].rate);
        println!("| {} | {plain:.0}/s | {hit:.0}/s | {:.2} |", work.name, hit / plain);
    }
}

/// Views of all articles that are asked for, for a second.
pub fn views(address: &str) -> Load {
    let request = Arc::new(|number: usize| {
        let event = redian::clock::new_id();
        let article = data::id(number.wrapping_mul(31) % PAGES);
        let event = json!({ "eventId": event, "article": article, "visitorId": event });
        post("/v1/views", "", &event.to_string())
    });
    Load {
        address: address.into(),
        request,
        sound: load::any,
        connections: VIEWERS as usize,
        long: Duration::from_secs(1),
        pace: Duration::from_secs(1) * VIEWERS / VIEWS,
    }
}
