//! What is imported: files in a folder, made-up pages, runs of the binary.

use std::path::PathBuf;

use serde_json::Value;
use serde_json::json;

use super::app::TestApp;
use super::cli;

/// A folder that is gone when dropped.
pub struct Folder {
    path: PathBuf,
}

/// What a run of the binary gave.
#[derive(Debug)]
pub struct Run {
    /// The exit status.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// A portal page to be made.
#[derive(Clone, Debug)]
pub struct Page {
    pub site: &'static str,
    pub title: &'static str,
    pub views: &'static str,
    /// Blanks part the blocks.
    pub text: &'static str,
    /// The lines below 推荐阅读.
    pub recommended: &'static str,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            site: "河畔日报",
            title: "桥头的修鞋摊",
            views: "120",
            text: "老人每天七点出摊。 他说:“鞋合脚,人才走得远。” 展开全文 傍晚他把工具锁进木箱。",
            recommended: "雨后的集市\n45",
        }
    }
}

impl Page {
    /// The page as a scraper saves it.
    pub fn file(&self) -> String {
        let Self { site, title, views, text, recommended } = self;
        format!(
            "{title}\n{site}最新热点:{title}\n更新时间:2025-03-08 09:05 浏览次数:{views}\n\
             文 | 老街坊 文 | 老街坊 {text}返回街巷周刊,查看更多\n\
             浙江省:杭州市:(上城区、拱墅区)\n推荐阅读\n{recommended}\n"
        )
    }
}

impl Folder {
    /// An empty one.
    pub fn new() -> Self {
        let name = format!("redian_files_{}", redian::clock::new_id().simple());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self { path }
    }

    /// Its path.
    pub fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// Writes a file in it; gives its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// A change of the region directory: 上城区 (330102) is closed, and 330105 follows it.
pub const CLOSED_REGION: &str = "code,name,level,type,parent,until,successor\n\
                                 330102,上城区,county,district,,2026-11-24,330105\n";

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.path));
    }
}

/// Runs the binary, while the server of the test goes on.
pub async fn run(database_url: &str, arguments: &[&str]) -> Run {
    run_with_input(database_url, arguments, b"").await
}

/// The same, with something on standard input.
pub async fn run_with_input(database_url: &str, arguments: &[&str], input: &[u8]) -> Run {
    let url = database_url.to_owned();
    let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
    let input = input.to_owned();
    let work = move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        cli::redian_with_input(&url, &arguments, &input)
    };
    let output = tokio::task::spawn_blocking(work).await.unwrap();
    Run {
        status: output.status.code(),
        out: cli::text(&output.stdout),
        err: cli::text(&output.stderr),
    }
}

/// An article that readers of a test see, with these fields besides.
pub fn record(fields: Value) -> Value {
    let mut record = json!({
        "type": "article", "title": "渡口", "body": "船来了。",
        "publishedAt": "2026-01-02T03:04:05.678Z",
    });
    for (name, value) in fields.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

/// JSON Lines.
pub fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

/// Imports a text through standard input and expects it to succeed.
#[track_caller]
pub fn import(app: &TestApp, text: &str) -> impl Future<Output = Run> {
    let text = text.to_owned();
    let caller = std::panic::Location::caller();
    async move {
        let arguments = ["import", "-"];
        let run = run_with_input(&app.database.url, &arguments, text.as_bytes()).await;
        assert_eq!(run.status, Some(0), "{caller}: {}", run.err);
        app.caught_up().await;
        run
    }
}

/// All articles as an editor sees them, up to 100.
pub async fn articles(app: &TestApp) -> Vec<Value> {
    app.caught_up().await;
    let query = "{ articles(first: 100, orderBy: RECENTLY_UPDATED) { nodes {
        id slug title state version reviewReason byline source { name url } tags
        channel { slug } regions { code } publishedAt updatedAt views { imported }
        body { markdown html foldAt blocks { text } }
        importedFrom { site column } } } }";
    let answer = app.editor.query(query).await;
    let mut found = answer.data("/articles/nodes").as_array().unwrap().clone();
    found.sort_by_key(|article| article["title"].to_string());
    found
}

/// The only article, as an editor sees it.
pub async fn only_article(app: &TestApp) -> Value {
    let found = articles(app).await;
    let [article] = &found[..] else { panic!("not one article: {found:#?}") };
    article.clone()
}

/// The last event of an article, if there is any: its id and its kind.
pub async fn last_event(app: &TestApp) -> Option<(i64, String)> {
    let events = redian::event::after(&app.app.db.read, 0).await.unwrap();
    let last = events.into_iter().rfind(|event| event.article_id.is_some())?;
    Some((last.id, last.kind))
}

/// The texts of the blocks of an article.
pub fn texts(article: &Value) -> Vec<&str> {
    let blocks = article["body"]["blocks"].as_array().unwrap();
    blocks.iter().map(|block| block["text"].as_str().unwrap()).collect()
}
