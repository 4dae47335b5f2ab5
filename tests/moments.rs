//! Whole tables are read as of one moment.

use redian::db::scan::Moment;

use crate::helpers::app::TestApp;
use crate::helpers::views::execute;

async fn settings(moment: &mut Moment) -> i64 {
    let mut count = 0;
    let take = |row: redian::db::scan::Row| {
        count = row.get(0)?;
        Ok(())
    };
    moment.each("SELECT COUNT(*) FROM setting", take).await.unwrap();
    count
}

#[tokio::test]
async fn what_is_written_after_the_first_look_is_not_seen() {
    let app = TestApp::quiet().await;
    let mut moment = app.app.db.moment().await.unwrap();
    let before = settings(&mut moment).await;
    execute(&app, "INSERT INTO setting (name, value) VALUES ('later', '')").await;
    assert_eq!(settings(&mut moment).await, before);
    let mut later = app.app.db.moment().await.unwrap();
    assert_eq!(settings(&mut later).await, before + 1);
}
