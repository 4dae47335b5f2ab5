//! Finding regions in texts, measured with the labelled sentences.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::helpers::database;
use crate::helpers::import::Folder;
use crate::helpers::import::run;

#[derive(Deserialize)]
struct Labelled {
    text: String,
    codes: BTreeSet<String>,
    never: BTreeSet<String>,
}

/// What `redian regions detect` says of texts, a line each.
async fn detect(texts: &[&str]) -> Vec<Value> {
    let (database, folder) = (database::empty().await, Folder::new());
    let path = folder.write("texts.txt", texts.join("\n"));
    let run = run(&database.url, &["regions", "detect", "--json", &path]).await;
    assert_eq!(run.status, Some(0), "{}", run.err);
    let lines: Vec<Value> =
        run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), texts.len());
    lines
}

fn codes(line: &Value) -> BTreeSet<String> {
    serde_json::from_value(line["codes"].clone()).unwrap()
}

#[tokio::test]
async fn nineteen_of_twenty_tags_are_right_and_four_of_five_regions_are_found() {
    let files =
        [include_str!("detection/labelled.jsonl"), include_str!("detection/held_back.jsonl")];
    let lines = files.iter().flat_map(|file| file.lines());
    let labelled: Vec<Labelled> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let texts: Vec<&str> = labelled.iter().map(|line| line.text.as_str()).collect();
    let (mut right, mut wrong, mut missed, mut faults) = (0, 0, 0, Vec::new());
    for (line, found) in labelled.iter().zip(detect(&texts).await) {
        let found = codes(&found);
        right += found.intersection(&line.codes).count();
        wrong += found.difference(&line.codes).count();
        missed += line.codes.difference(&found).count();
        if found != line.codes {
            let trap = found.intersection(&line.never).count() > 0;
            faults.push(format!("{}{} {found:?}", if trap { "TRAP " } else { "" }, line.text));
        }
    }
    let (precision, recall) = (right * 100 / (right + wrong), right * 100 / (right + missed));
    let summary = format!("precision {precision} %, recall {recall} %\n{}", faults.join("\n"));
    println!("{summary}");
    assert!(labelled.len() >= 400 && right + missed >= 150, "{summary}");
    assert!(precision >= 95 && recall >= 80, "{summary}");
}

#[tokio::test]
async fn everyday_words_and_names_of_other_things_are_no_regions() {
    let texts = [
        "会议于北京时间上午九点开始。",
        "双方加强合作。",
        "阿里巴巴发布财报。",
        "他从北海道带回三明治。",
        "客厅铺着大理石，摆着长沙发。",
        "在日照充足的阳台上面朝阳光。",
        "南京路步行街人来人往。",
        "鼓楼区昨晚停电。",
        "晚上海底捞见。",
        "《重庆森林》重映。",
        "越南河南省遭遇台风。",
        "江南区域的雨还要下三天。",
    ];
    for (text, found) in texts.iter().zip(detect(&texts).await) {
        assert_eq!(found["codes"], json!([]), "{text}: {found}");
    }
}

#[tokio::test]
async fn each_tag_tells_its_words_where_they_begin_and_the_rule() {
    let texts = [
        "😀記者從河北省石家庄市桥西区获悉",
        "义乌、昆山和日照的工厂",
        "福州今天有雨，鼓楼区的榕树又绿了",
        "台灣與ＡＢＣ无关",
    ];
    let found = detect(&texts).await;
    let tag = |code: &str, name: &str, surface: &str, offset: usize, rule: &str| json!({ "code": code, "name": name, "surface": surface, "offset": offset, "rule": rule });
    let line = |n: usize, tags: Vec<Value>| {
        let codes: Vec<&Value> = tags.iter().map(|tag| &tag["code"]).collect();
        json!({ "n": n, "codes": codes, "tags": tags })
    };
    assert_eq!(
        found[0],
        line(1, vec![tag("130104", "桥西区", "河北省石家庄市桥西区", 4, "chain")])
    );
    assert_eq!(
        found[1],
        line(
            2,
            vec![
                tag("330782", "义乌市", "义乌", 0, "short-name"),
                tag("320583", "昆山市", "昆山", 3, "list"),
                tag("371100", "日照市", "日照", 6, "list"),
            ]
        )
    );
    assert_eq!(
        found[2],
        line(
            3,
            vec![
                tag("350100", "福州市", "福州", 0, "short-name"),
                tag("350102", "鼓楼区", "鼓楼区", 7, "context"),
            ]
        )
    );
    assert_eq!(found[3], line(4, vec![tag("710000", "台湾省", "台灣", 0, "short-name")]));
}
