//! The text of an article: Markdown, sanitised HTML, blocks.

use serde_json::Value;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::make;

const BODY: &str = "markdown html text foldAt wordCount blocks { __typename text \
    ... on HeadingBlock { level headingHtml: html } ... on ParagraphBlock { html } \
    ... on ListBlock { ordered start items { text html } } ... on QuoteBlock { quoteHtml: html } \
    ... on ImageBlock { url alt caption } ... on CodeBlock { language } \
    ... on TableBlock { header rows } }";

async fn body(app: &TestApp, markdown: &str) -> Value {
    let made = make::article("题").with("body", markdown).published(app).await;
    let query = format!("{{ article(id: \"{}\") {{ teaser body {{ {BODY} }} }} }}", made.id);
    app.anon.query(&query).await.data("/article/body").clone()
}

#[tokio::test]
async fn a_body_with_every_kind_of_block_is_told_in_every_form() {
    let app = TestApp::start().await;
    let markdown = "\
## 一级 *重点*

导语，**2026** 年 & <b>。

<!--more-->

- 甲
- [乙](https://example.org/?a=1&b=2)

3. 三
4. 四

> 引语
> 两行

![图](https://example.org/a.jpg \"说明\")

```rust main
let a = \"<b>\";
```

| 城市 | 数 |
|------|----|
| 北京 | 1  |
| 上海 | ~~2~~ 3 |

---

末段。
";
    let body = body(&app, markdown).await;
    let quote = body["blocks"][4]["quoteHtml"].as_str().unwrap();
    assert_eq!(quote.trim(), "<p>引语\n两行</p>");
    let link = "<a href=\"https://example.org/?a=1&amp;b=2\" rel=\"noopener noreferrer\">乙</a>";
    let expected = json!([
        {
            "__typename": "HeadingBlock", "text": "一级 重点", "level": 2,
            "headingHtml": "一级 <em>重点</em>",
        },
        {
            "__typename": "ParagraphBlock", "text": "导语，2026 年 & <b>。",
            "html": "导语，<strong>2026</strong> 年 &amp; &lt;b&gt;。",
        },
        {
            "__typename": "ListBlock", "text": "• 甲\n• 乙", "ordered": false, "start": null,
            "items": [{ "text": "甲", "html": "甲" }, { "text": "乙", "html": link }],
        },
        {
            "__typename": "ListBlock", "text": "3. 三\n4. 四", "ordered": true, "start": 3,
            "items": [{ "text": "三", "html": "三" }, { "text": "四", "html": "四" }],
        },
        { "__typename": "QuoteBlock", "text": "引语 两行", "quoteHtml": quote },
        {
            "__typename": "ImageBlock", "text": "说明", "url": "https://example.org/a.jpg",
            "alt": "图", "caption": "说明",
        },
        { "__typename": "CodeBlock", "text": "let a = \"<b>\";", "language": "rust" },
        {
            "__typename": "TableBlock", "text": "城市\t数\n北京\t1\n上海\t2 3",
            "header": ["城市", "数"], "rows": [["北京", "1"], ["上海", "2 3"]],
        },
        { "__typename": "DividerBlock", "text": "———" },
        { "__typename": "ParagraphBlock", "text": "末段。", "html": "末段。" },
    ]);
    assert_eq!(body["blocks"], expected);
    assert_eq!(body["markdown"], markdown);
    assert_eq!(body["foldAt"], 2);
    let texts: Vec<&str> =
        expected.as_array().unwrap().iter().map(|block| block["text"].as_str().unwrap()).collect();
    assert_eq!(body["text"], texts.join("\n"));
    let html = body["html"].as_str().unwrap();
    for part in [
        "<h2>一级 <em>重点</em></h2>",
        "<p>导语，<strong>2026</strong> 年 &amp; &lt;b&gt;。</p>",
        link,
        "<ol start=\"3\">",
        "<blockquote>",
        "<figure><img src=\"https://example.org/a.jpg\" alt=\"图\"><figcaption>说明</figcaption></figure>",
        "let a = \"&lt;b&gt;\";",
        "<td>北京</td>",
        "<del>2</del> 3",
        "<hr>",
        "<p>末段。</p>",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert!(!html.contains("more"), "{html}");
}

#[tokio::test]
async fn each_field_of_a_body_is_the_same_alone_and_beside_others() {
    let app = TestApp::start().await;
    let made =
        make::article("题").with("body", "甲 *乙*\n\n<!--more-->\n\n丙").published(&app).await;
    let all = "markdown html text foldAt wordCount rendererVersion blocks { text }";
    let asked = async |selection: String| {
        let query = format!("{{ article(id: \"{}\") {{ {selection} }} }}", made.id);
        app.anon.query(&query).await.data("/article").clone()
    };
    let whole = asked(format!("body {{ {all} }}")).await;
    for (field, value) in whole["body"].as_object().unwrap() {
        assert!(!value.is_null() && value != "" && value != &json!([]), "{field}");
        let field = if field == "blocks" { "blocks { text }" } else { field };
        let alone = asked(format!("body {{ alone: {field} }}")).await;
        assert_eq!(&alone["body"]["alone"], value, "{field}");
        let in_fragment = asked(format!("... on Article {{ body {{ ...{{ alone: {field} }} }} }}"));
        assert_eq!(&in_fragment.await["body"]["alone"], value, "{field}");
    }
    // Twice, in parts that are put together.
    let twice = asked("body { html } body { markdown } other: body { text }".into()).await;
    assert_eq!(twice["body"]["html"], whole["body"]["html"]);
    assert_eq!(twice["body"]["markdown"], whole["body"]["markdown"]);
    assert_eq!(twice["other"]["text"], whole["body"]["text"]);
}

#[tokio::test]
async fn words_are_counted_as_runs_of_letters_and_single_ideographs() {
    let app = TestApp::start().await;
    let cases = [
        ("", 0),
        ("石家庄", 3),
        ("hello, world", 2),
        ("2026年GDP增长6.1%", 7),
        ("한국어 текст", 2),
        ("## 题\n\n文。\n\n- 项\n\n|a|b|\n|-|-|\n|c|d|", 7),
        ("𠮷野家🎉", 3),
    ];
    for (markdown, count) in cases {
        assert_eq!(body(&app, markdown).await["wordCount"], count, "{markdown}");
    }
}

/// What tries to run, and nothing of which may be markup.
const ATTACKS: [&str; 22] = [
    "<script>alert(1)</script>",
    "文<script>alert(1)</script>文",
    "<SCRIPT SRC=//example.org/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "文 <img src=x onerror=\"alert(1)\"> 文",
    "<a href=\"javascript:alert(1)\">点</a>",
    "<iframe src=\"https://example.org\"></iframe>",
    "<svg onload=alert(1)><style>*{}</style></svg>",
    "<div\nonclick=alert(1)>\n\n文\n\n</div>",
    "[点](javascript:alert(1))",
    "[点](JaVaScRiPt:alert(1))",
    "[点](&#106;avascript:alert(1))",
    "[点](<java\tscript:alert(1)>)",
    "[点](data:text/html;base64,PHNjcmlwdD4=)",
    "[点](vbscript:msgbox(1))",
    "<javascript:alert(1)>",
    "- [点][a]\n\n[a]: javascript:alert(1)",
    "![图](javascript:alert(1))",
    "文 ![图](javascript:alert(1)) 文",
    "![\"onerror=\"alert(1)](https://example.org/a.jpg '\"onerror=\"alert(1)')",
    "> <script>alert(1)</script>\n\n| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "```html\"onclick=\"alert(1)\n<script>alert(1)</script>\n```",
];

/// The tags of a piece of HTML, lower-case.
fn tags(html: &str) -> Vec<String> {
    html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap().to_lowercase()).collect()
}

fn assert_harmless(html: &str, attack: &str) {
    for tag in tags(html) {
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        for forbidden in ["script", "iframe", "svg", "style", "object", "embed", "form", "div"] {
            assert_ne!(name, forbidden, "{attack}: {html}");
        }
        // Without the values of attributes, which may say what they like.
        let outside: String = tag.split('"').step_by(2).collect();
        let mut attributes = outside.split_whitespace().skip(1);
        assert!(!attributes.any(|name| name.starts_with("on")), "{attack}: {html}");
        for scheme in ["javascript:", "data:", "vbscript:"] {
            assert!(!tag.contains(&format!("=\"{scheme}")), "{attack}: {html}");
        }
    }
}

#[tokio::test]
async fn nothing_in_a_body_can_run() {
    let app = TestApp::start().await;
    for attack in ATTACKS {
        let body = body(&app, attack).await;
        assert_harmless(body["html"].as_str().unwrap(), attack);
        for block in body["blocks"].as_array().unwrap() {
            for member in ["html", "headingHtml", "quoteHtml"] {
                assert_harmless(block[member].as_str().unwrap_or_default(), attack);
            }
            for item in block["items"].as_array().into_iter().flatten() {
                assert_harmless(item["html"].as_str().unwrap(), attack);
            }
            if let Some(url) = block["url"].as_str() {
                assert!(url.starts_with("https://"), "{attack}: {url}");
            }
        }
    }
}

#[tokio::test]
async fn tags_in_markdown_are_shown_as_text_and_comments_are_not() {
    let app = TestApp::start().await;
    let shown = body(&app, "一 <script>alert(1)</script> 二").await;
    assert_eq!(shown["text"], "一 <script>alert(1)</script> 二");
    assert_eq!(shown["html"], "<p>一 &lt;script&gt;alert(1)&lt;/script&gt; 二</p>\n");
    let hidden = body(&app, "一 <!-- 秘密 --> 二\n\n<!-- 秘密 -->").await;
    assert_eq!(hidden["blocks"].as_array().unwrap().len(), 1);
    assert!(!hidden["html"].as_str().unwrap().contains("秘密"));
    assert!(!hidden["text"].as_str().unwrap().contains("秘密"));
}

#[tokio::test]
async fn links_and_images_by_http_stay() {
    let app = TestApp::start().await;
    for url in ["https://example.org/a.png", "HTTP://example.org/a?b:c", "/a:b.png", "a.png"] {
        let shown = body(&app, &format!("![图]({url})")).await;
        assert_eq!(shown["blocks"][0]["url"], url);
    }
    let shown = body(&app, "[点](http://example.org/a) ![图](https://example.org/b.png)").await;
    let html = shown["html"].as_str().unwrap();
    assert!(html.contains("href=\"http://example.org/a\""), "{html}");
    assert!(html.contains("src=\"https://example.org/b.png\""), "{html}");
}
