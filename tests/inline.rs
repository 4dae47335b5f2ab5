//! What is read without the driver is what the driver reads.

use chrono::TimeDelta;
use entity::article;
use entity::article_body;
use entity::article_region;
use entity::channel;
use redian::article::find;
use redian::article::find::Forms;
use redian::db::inline::Source;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use serde_json::json;
use uuid::Uuid;

use crate::helpers::app::TestApp;
use crate::helpers::make;

/// Articles with and without everything, and of other times.
async fn portal() -> TestApp {
    let app = TestApp::quiet().await;
    make::channel(&app, "news", "新闻").await;
    let full = make::article("甲“乙”😀")
        .about(&["130104", "440300"])
        .with("channel", "news")
        .with("tags", vec!["芯片", "天气"])
        .with("byline", "记者")
        .with("source", json!({ "name": "某报", "url": "https://example.com/" }))
        .with("leadImage", json!({ "url": "https://example.com/a.png", "width": 640 }))
        .with("metadata", json!({ "深": { "a": [1, 2.5, null, true] } }))
        .with("body", "一段。\n\n<!--more-->\n\n二段。");
    let times = json!({
        "publishAt": app.in_time(TimeDelta::milliseconds(1)),
        "unpublishAt": "9999-12-31T23:59:59.999Z",
    });
    full.published_with(&app, times).await;
    make::article("丙").published(&app).await;
    let bare = make::article("丁").draft(&app).await;
    make::withdraw(&app, &make::publish(&app, &bare, json!({})).await).await;
    app
}

#[tokio::test]
async fn every_row_is_the_same() {
    let app = portal().await;
    let (quick, driver) = (&app.app.db, &app.app.db.read);
    let articles = || article::Entity::find().order_by_asc(article::Column::Id);
    let found = quick.models(articles()).await.unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(found, driver.models(articles()).await.unwrap());
    let bodies = || article_body::Entity::find().order_by_asc(article_body::Column::ArticleId);
    let found = quick.models(bodies()).await.unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(found, driver.models(bodies()).await.unwrap());
    let channels = || channel::Entity::find();
    assert_eq!(quick.models(channels()).await.unwrap(), driver.models(channels()).await.unwrap());
    let regions = || {
        use article_region::Column;
        let columns = [Column::ArticleId, Column::RegionCode];
        article_region::Entity::find()
            .select_only()
            .columns(columns)
            .order_by_asc(Column::ArticleId)
            .order_by_asc(Column::RegionCode)
    };
    let found: Vec<(Uuid, String)> = quick.tuples(regions()).await.unwrap();
    assert_eq!(found.len(), 5);
    assert_eq!(found, driver.tuples(regions()).await.unwrap());
}

#[tokio::test]
async fn forms_of_a_text_are_the_same_and_others_are_not_read() {
    let app = portal().await;
    let (quick, driver) = (&app.app.db, &app.app.db.read);
    let articles = quick.models(article::Entity::find()).await.unwrap();
    let ids: Vec<_> = articles.iter().map(|article| article.id).collect();
    for choice in 0..8 {
        let [markdown, html, blocks] = [1, 2, 4].map(|bit| choice & bit != 0);
        let forms = Forms { markdown, html, blocks };
        let found = find::bodies(quick, &ids, forms).await.unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found, find::bodies(driver, &ids, forms).await.unwrap());
        for body in found.values() {
            assert_eq!(!body.markdown.is_empty(), markdown);
            assert_eq!(!body.html.is_empty(), html);
            assert_eq!(!body.blocks.is_empty(), blocks);
            assert_eq!(body.renderer_version, 1);
        }
    }
}

#[tokio::test]
async fn conditions_of_every_type_find_the_same() {
    use article::Column;
    let app = portal().await;
    let (quick, driver) = (&app.app.db, &app.app.db.read);
    let all = quick.models(article::Entity::find()).await.unwrap();
    let now = app.app.clock.now();
    let instants = [now - TimeDelta::milliseconds(1), now, now + TimeDelta::milliseconds(1)];
    let mut conditions = vec![
        Column::Id.eq(all[0].id),
        Column::Id.is_in(all.iter().map(|article| article.id)),
        Column::Id.is_in(Vec::<Uuid>::new()),
        Column::Title.eq("甲“乙”😀"),
        Column::Version.gte(2),
        Column::State.eq(article::State::Withdrawn),
        Column::ChannelId.is_null(),
        Column::ChannelId.eq(all.iter().find_map(|article| article.channel_id)),
    ];
    conditions.extend(instants.map(|at| Column::PublishedAt.lte(at)));
    conditions.extend(instants.map(|at| Column::UpdatedAt.gt(at)));
    for condition in conditions {
        let query = || {
            article::Entity::find()
                .filter(condition.clone())
                .order_by_asc(Column::Id)
                .limit(3)
                .offset(0)
        };
        let found = quick.models(query()).await.unwrap();
        assert_eq!(found, driver.models(query()).await.unwrap(), "{condition:?}");
    }
}

#[tokio::test]
async fn what_was_just_committed_is_read() {
    let app = TestApp::quiet().await;
    for count in 1..20 {
        make::article("甲").draft(&app).await;
        let found = app.app.db.models(article::Entity::find()).await.unwrap();
        assert_eq!(found.len(), count);
    }
}
