//! Who comes back goes on where it was: nothing is missed, nothing comes twice.

use chrono::TimeDelta;
use redian::event;
use redian::live::cursor::Cursor;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::dice::Dice;
use crate::helpers::make;
use crate::helpers::socket::Socket;
use crate::helpers::stream;
use crate::helpers::stream::Stream;

const PUBLISHED: &str = "subscription { articlePublished { cursor article { title } } }";

fn after(cursor: &Value) -> String {
    format!("subscription {{ articlePublished(after: {cursor}) {{ cursor article {{ title }} }} }}")
}

async fn refused(app: &TestApp, cursor: Cursor) -> Value {
    let mut socket = Socket::begun(&app.anon).await;
    socket.subscribe("1", &after(&json!(cursor.encode()))).await;
    let message = socket.next().await;
    assert_eq!(message["type"], "error", "{message}");
    message["payload"][0]["extensions"]["code"].clone()
}

#[tokio::test]
async fn a_socket_goes_on_after_the_last_cursor() {
    let app = TestApp::start().await;
    let mut socket = Socket::begun(&app.anon).await;
    socket.subscribe("1", PUBLISHED).await;
    app.listened_to_by(1).await;
    make::article("甲").published(&app).await;
    let heard = socket.answer("1").await["articlePublished"].clone();
    drop(socket);
    app.listened_to_by(0).await;
    let gone = make::article("乙").published(&app).await;
    make::article("丙").published(&app).await;
    make::withdraw(&app, &gone).await;
    let mut socket = Socket::begun(&app.anon).await;
    socket.subscribe("1", &after(&heard["cursor"])).await;
    // What is gone again is no news; all others come in their order.
    let mut titles = Vec::new();
    titles.push(socket.answer("1").await["articlePublished"]["article"]["title"].clone());
    app.listened_to_by(1).await;
    make::article("丁").published(&app).await;
    titles.push(socket.answer("1").await["articlePublished"]["article"]["title"].clone());
    assert_eq!(titles, ["丙", "丁"]);
    socket.settle().await;
}

#[tokio::test]
async fn an_article_that_went_meanwhile_is_told_by_its_tombstone() {
    let app = TestApp::start().await;
    let article = make::article("甲").published(&app).await;
    let newest = event::newest(&app.app.db.read).await.unwrap();
    let cursor = Cursor { id: newest, at: app.app.clock.now() }.encode();
    make::withdraw(&app, &make::renamed(&app, &article, "other").await).await;
    make::delete(&app, &article).await;
    let mut socket = Socket::begun(&app.anon).await;
    let query = format!(
        "subscription {{ articleChanged(id: \"{}\", after: \"{cursor}\") {{ kind article {{ title }} \
         }} }}",
        article.id
    );
    socket.subscribe("1", &query).await;
    let change = socket.answer("1").await["articleChanged"].clone();
    assert_eq!(change, json!({ "kind": "WITHDRAWN", "article": null }));
    socket.settle().await;
}

#[tokio::test]
async fn a_stream_goes_on_after_the_last_event_id_also_when_there_was_no_event_yet() {
    let app = TestApp::start().await;
    let mut stream = Stream::open(&app.anon, PUBLISHED).await;
    let begun = stream.next().await.unwrap();
    assert_eq!((begun.name.as_str(), &begun.data), ("", &None));
    drop(stream);
    make::article("甲").published(&app).await;
    let mut last = begun.id.unwrap();
    for (expected, more) in [("甲", "乙"), ("乙", "丙"), ("丙", "丁")] {
        let request = stream::request(&app.anon, PUBLISHED).header("last-event-id", &last);
        let mut stream = Stream::of(request).await;
        let event = loop {
            let event = stream.next().await.unwrap();
            if event.name == "next" {
                break event;
            }
        };
        assert_eq!(event.response()["data"]["articlePublished"]["article"]["title"], expected);
        last = event.id.unwrap();
        drop(stream);
        make::article(more).published(&app).await;
    }
}

#[tokio::test]
async fn a_cursor_of_an_instance_that_is_ahead_is_known() {
    let app = TestApp::start().await;
    let behind = app.second_quiet_server().await;
    make::article("甲").published(&app).await;
    let newest = event::newest(&app.app.db.read).await.unwrap();
    let cursor = Cursor { id: newest, at: app.app.clock.now() };
    let mut socket = Socket::begun(&behind.anon).await;
    socket.subscribe("1", &after(&json!(cursor.encode()))).await;
    behind.listened_to_by(1).await;
    make::article("乙").published(&app).await;
    behind.caught_up().await;
    let heard = socket.answer("1").await;
    assert_eq!(heard["articlePublished"]["article"]["title"], "乙");
}

#[tokio::test]
async fn what_can_no_longer_be_told_is_to_be_read_anew() {
    let app = TestApp::quiet().await;
    let now = app.app.clock.now();
    let newest = event::newest(&app.app.db.read).await.unwrap();
    let old = Cursor { id: 0, at: now - TimeDelta::days(event::KEPT_DAYS) };
    assert_eq!(refused(&app, old).await, "RESYNC_REQUIRED");
    let unknown = Cursor { id: newest + 1, at: now };
    assert_eq!(refused(&app, unknown).await, "RESYNC_REQUIRED");
}

#[tokio::test]
async fn whoever_breaks_off_at_any_time_hears_all_of_it_once() {
    let app = TestApp::start().await;
    let (mut dice, mut heard) = (Dice(6), Vec::new());
    let newest = event::newest(&app.app.db.read).await.unwrap();
    let mut cursor = json!(Cursor { id: newest, at: app.app.clock.now() }.encode());
    let mut published = Vec::new();
    while published.len() < 40 {
        let mut socket = Socket::begun(&app.anon).await;
        socket.subscribe("1", &after(&cursor)).await;
        for _ in 0..=dice.below(4) {
            let title = format!("第{}篇", published.len());
            make::article(&title).published(&app).await;
            published.push(title);
        }
        for _ in 0..dice.below(4) {
            if heard.len() == published.len() {
                break;
            }
            let answer = socket.answer("1").await["articlePublished"].clone();
            heard.push(answer["article"]["title"].as_str().unwrap().to_owned());
            cursor = answer["cursor"].clone();
        }
    }
    let mut socket = Socket::begun(&app.anon).await;
    socket.subscribe("1", &after(&cursor)).await;
    while heard.len() < published.len() {
        let answer = socket.answer("1").await["articlePublished"].clone();
        heard.push(answer["article"]["title"].as_str().unwrap().to_owned());
    }
    assert_eq!(heard, published);
}
