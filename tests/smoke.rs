use crate::helpers::app::TestApp;
use crate::helpers::make;

#[tokio::test]
async fn a_published_article_is_in_the_list() {
    let app = TestApp::start().await;
    make::article("第一篇").about(&["130104"]).published(&app).await;
    let answer = app.anon.query("{ articles { nodes { title regions { path } } } }").await;
    assert_eq!(answer.each("/articles/nodes", "title"), ["第一篇"]);
}
