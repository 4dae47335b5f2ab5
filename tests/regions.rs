//! The region directory.

use redian::region::check;
use redian::region::file;
use serde_json::json;

use crate::helpers::app::TestApp;
use crate::helpers::make;

#[tokio::test]
async fn a_region_is_found_by_code_by_path_and_by_id() {
    let app = TestApp::start().await;
    let by_code = app.anon.query("{ region(code: \"130104\") { id name path } }").await;
    let by_path =
        app.anon.query("{ region(path: \"hebei/shijiazhuang/qiaoxi\") { id name path } }").await;
    assert_eq!(by_code.data("/region"), by_path.data("/region"));
    assert_eq!(by_code.data("/region/name"), "桥西区");
    let id = by_code.data("/region/id").clone();
    let query =
        "query($id: ID!) { region(id: $id) { name } node(id: $id) { id ... on Region { code } } }";
    let by_id = app.anon.query_with(query, json!({ "id": id })).await;
    assert_eq!(by_id.data("/region/name"), "桥西区");
    assert_eq!(by_id.data("/node/code"), "130104");
}

#[tokio::test]
async fn a_region_that_does_not_exist_is_null_and_two_keys_at_once_are_refused() {
    let app = TestApp::start().await;
    let answer = app.anon.query("{ region(code: \"999999\") { name } }").await;
    assert!(answer.data("/region").is_null());
    for arguments in ["", "(code: \"130000\", path: \"hebei\")"] {
        let answer = app.anon.query(&format!("{{ region{arguments} {{ name }} }}")).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn ancestors_and_children_leave_summary_groups_out() {
    let app = TestApp::start().await;
    let query = "{ beijing: region(code: \"110000\") { children { name } }
        dongcheng: region(code: \"110101\") { path parent { name } ancestors { name } }
        jiyuan: region(path: \"henan/jiyuan\") { parent { name } }
        group: region(code: \"110100\") { name type path } }";
    let answer = app.anon.query(query).await;
    let districts = answer.each("/beijing/children", "name");
    assert_eq!(districts.len(), 16);
    assert!(districts.contains(&"东城区".to_owned()) && !districts.contains(&"市辖区".to_owned()));
    assert_eq!(answer.data("/dongcheng/path"), "beijing/dongcheng");
    assert_eq!(answer.data("/dongcheng/parent/name"), "北京市");
    assert_eq!(answer.each("/dongcheng/ancestors", "name"), ["北京市"]);
    assert_eq!(answer.data("/jiyuan/parent/name"), "河南省");
    assert_eq!(answer.data("/group/type"), "GROUP");
    assert!(answer.data("/group/path").is_null());
}

#[tokio::test]
async fn regions_lists_a_level_page_by_page() {
    let app = TestApp::start().await;
    let answer = app.anon.query("{ regions { nodes { code name level } } }").await;
    let provinces = answer.each("/regions/nodes", "name");
    assert_eq!(provinces.len(), 34);
    assert_eq!(provinces[0], "北京市");
    let (mut codes, mut after) = (Vec::new(), serde_json::Value::Null);
    loop {
        let query = "query($after: String) { regions(level: PREFECTURE, first: 100, after: $after)
            { nodes { code } pageInfo { hasNextPage endCursor } } }";
        let answer = app.anon.query_with(query, json!({ "after": after })).await;
        codes.extend(answer.each("/regions/nodes", "code"));
        after = answer.data("/regions/pageInfo/endCursor").clone();
        if answer.data("/regions/pageInfo/hasNextPage") == false {
            break;
        }
    }
    assert_eq!(codes.len(), 333);
    assert!(codes.is_sorted_by(|a, b| a < b));
    let answer = app.anon.query("{ regions(first: 101) { nodes { code } } }").await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
}

#[test]
fn the_directory_holds_together() {
    let rows = file::builtin().unwrap();
    assert_eq!(check::faults(&rows), [""; 0]);
    assert_eq!(file::builtin_tree().unwrap().len(), 3347);
}

/// Codes of `regions` with these arguments.
async fn codes(app: &TestApp, arguments: &str) -> Vec<String> {
    let query = format!("{{ regions({arguments}) {{ nodes {{ code }} }} }}");
    app.anon.query(&query).await.each("/regions/nodes", "code")
}

#[tokio::test]
async fn a_picker_finds_regions_as_people_type() {
    let app = TestApp::start().await;
    for (typed, first) in [
        ("石家庄", "130100"),
        ("石家庄市", "130100"),
        ("石", "130100"),
        ("石家", "130100"),
        ("shijiazhuang", "130100"),
        ("Shi Jia Zhuang", "130100"),
        ("shijiaz", "130100"),
        ("shijz", "130100"),
        ("sjz", "130100"),
        ("ＳＪＺ", "130100"),
        ("130100", "130100"),
        ("CN-HE", "130000"),
        ("hb", "130000"),
        ("臺灣", "710000"),
        ("廣東", "440000"),
        ("xiamen", "350200"),
        ("chongqing", "500000"),
        ("lvliang", "141100"),
        ("河北 桥西", "130104"),
        ("zhangjiakou qx", "130703"),
        ("邢台县", "130503"),
        ("襄樊", "420600"),
        ("江北区", "330205"),
        ("孟村", "130930"),
    ] {
        let found = codes(&app, &format!("search: \"{typed}\", first: 10")).await;
        assert_eq!(found.first().map(String::as_str), Some(first), "{typed}: {found:?}");
    }
    for nothing in ["不存在", "zzz", "省 不存在"] {
        assert_eq!(codes(&app, &format!("search: \"{nothing}\"")).await, [""; 0], "{nothing}");
    }
    let long = "长".repeat(61);
    for argument in ["search", "name"] {
        let query = format!("{{ regions({argument}: \"{long}\") {{ nodes {{ code }} }} }}");
        assert_eq!(app.anon.query(&query).await.code(), "BAD_USER_INPUT");
    }
    // A search goes on behind its cursor.
    let query = "query($after: String) { regions(search: \"新\", first: 7, after: $after)
        { nodes { code } pageInfo { endCursor } } }";
    let first = app.anon.query_with(query, json!({})).await;
    let after = first.data("/regions/pageInfo/endCursor");
    let second = app.anon.query_with(query, json!({ "after": after })).await;
    let mut pages = first.each("/regions/nodes", "code");
    pages.extend(second.each("/regions/nodes", "code"));
    assert_eq!(pages, codes(&app, "search: \"新\", first: 14").await);
}

#[tokio::test]
async fn a_name_gives_all_who_bear_it_and_filters_narrow() {
    let app = TestApp::start().await;
    let all = ["320106", "320302", "350102", "410204"];
    assert_eq!(codes(&app, "name: \"鼓楼区\"").await, all);
    assert_eq!(codes(&app, "name: \"鼓楼\"").await, all);
    assert_eq!(codes(&app, "name: \"鼓楼区\", parent: \"jiangsu\"").await, all[..2]);
    assert_eq!(codes(&app, "name: \"鼓楼区\", level: PREFECTURE").await, [""; 0]);
    assert_eq!(codes(&app, "type: SAR").await, ["810000", "820000"]);
    assert_eq!(codes(&app, "type: PREFECTURE_CITY, parent: \"130000\"").await.len(), 11);
    assert_eq!(codes(&app, "parent: \"130000\"").await.len(), 11);
    assert_eq!(codes(&app, "parent: \"hebei/shijiazhuang\", first: 100").await.len(), 22);
    assert_eq!(codes(&app, "parent: \"nowhere\"").await, [""; 0]);
}

#[tokio::test]
async fn functional_areas_are_flagged_and_left_out_unless_asked_for() {
    let app = TestApp::start().await;
    let query = "{ region(code: \"130171\") { name type isFunctionalArea }
        city: region(code: \"130100\") { isFunctionalArea children { code }
          all: children(includeFunctionalAreas: true) { code } } }";
    let answer = app.anon.query(query).await;
    let area = json!({
        "name": "石家庄高新技术产业开发区", "type": "FUNCTIONAL_AREA", "isFunctionalArea": true,
    });
    assert_eq!(answer.data("/region"), &area);
    assert_eq!(answer.data("/city/isFunctionalArea"), false);
    assert_eq!(answer.each("/city/children", "code").len(), 22);
    assert_eq!(answer.each("/city/all", "code").len(), 24);
    let areas = "type: FUNCTIONAL_AREA, parent: \"130000\"";
    assert_eq!(codes(&app, &format!("{areas}, first: 100")).await.len(), 23);
    let level = "level: COUNTY, parent: \"130000\", first: 100";
    let counties = codes(&app, level).await;
    assert!(!counties.contains(&"130171".to_owned()));
}

#[tokio::test]
async fn a_province_gives_its_whole_tree_in_one_query_without_sql() {
    let app = TestApp::quiet().await;
    let query = "{ region(code: \"130000\") { shortName pinyin isoCode
        children { name children { code name } }
        descendants(level: COUNTY) { code } } }";
    let before = app.app.db.statements();
    let answer = app.anon.query(query).await;
    assert_eq!(app.app.db.statements(), before);
    let cities = answer.data("/region/children").as_array().unwrap();
    assert_eq!(cities.len(), 11);
    let counties: usize =
        cities.iter().map(|city| city["children"].as_array().unwrap().len()).sum();
    assert_eq!(counties, 167);
    assert_eq!(answer.each("/region/descendants", "code").len(), 167);
    assert_eq!(answer.data("/region/shortName"), "河北");
    assert_eq!(answer.data("/region/pinyin"), "he bei sheng");
    assert_eq!(answer.data("/region/isoCode"), "CN-HE");
}

#[tokio::test]
async fn former_codes_names_and_paths_lead_to_what_followed() {
    let app = TestApp::start().await;
    let query = "{ county: region(code: \"130521\") { code name formerNames
          predecessors { code name validSince validUntil path } }
        split: region(code: \"130103\") { code name validUntil }
        path: region(path: \"chongqing/yubei\") { code path validSince } }";
    let answer = app.anon.query(query).await;
    assert_eq!(answer.data("/county/code"), "130503");
    let predecessors = answer.data("/county/predecessors").as_array().unwrap();
    let county = json!({ "code": "130521", "name": "邢台县", "validSince": "1986",
                         "validUntil": "2020", "path": null });
    assert!(predecessors.contains(&county), "{predecessors:?}");
    // Shared out among others: nothing followed.
    let split = json!({ "code": "130103", "name": "桥东区", "validUntil": "2014" });
    assert_eq!(answer.data("/split"), &split);
    let heir = json!({
        "code": "500157", "path": "chongqing/liangjiang", "validSince": "2025-11-06",
    });
    assert_eq!(answer.data("/path"), &heir);
}

#[tokio::test]
async fn articles_of_a_region_are_counted_with_and_without_those_below() {
    let app = TestApp::start().await;
    make::article("一").about(&["130000"]).published(&app).await;
    make::article("二").about(&["130104"]).published(&app).await;
    make::article("三").about(&["130104", "130000"]).published(&app).await;
    make::article("稿").about(&["130104"]).draft(&app).await;
    let query = "{ region(code: \"130000\") { all: articleCount { value exact }
        own: articleCount(includeDescendants: false) { value exact }
        oldest: articles(orderBy: OLDEST, first: 1) { nodes { title } } } }";
    let answer = app.anon.query(query).await;
    assert_eq!(answer.data("/region/all"), &json!({ "value": 3, "exact": true }));
    assert_eq!(answer.data("/region/own"), &json!({ "value": 2, "exact": true }));
    assert_eq!(answer.each("/region/oldest/nodes", "title"), ["一"]);
}

#[tokio::test]
async fn the_directory_is_one_document_that_clients_keep() {
    let app = TestApp::start().await;
    let get = |tag: Option<String>| {
        let request = app.anon.request(reqwest::Method::GET, "/v1/regions.json");
        let request = request.header("accept-encoding", "identity");
        match tag {
            Some(tag) => request.header("if-none-match", tag),
            None => request,
        }
    };
    let answer = get(None).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("max-age=300"));
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let document: serde_json::Value = answer.json().await.unwrap();
    let regions = document["regions"].as_array().unwrap();
    assert_eq!(regions.len(), 3347);
    let qiaoxi = regions.iter().find(|region| region["code"] == "130104").unwrap();
    let expected = json!({
        "code": "130104", "name": "桥西区", "shortName": "桥西", "pinyin": "qiao xi qu",
        "level": "county", "type": "district", "parent": "130100",
        "path": "hebei/shijiazhuang/qiaoxi",
    });
    assert_eq!(qiaoxi, &expected);
    let known = get(Some(format!("\"other\", {tag}"))).send().await.unwrap();
    assert_eq!((known.status().as_u16(), known.text().await.unwrap().as_str()), (304, ""));
    let other = get(Some("\"other\"".into())).send().await.unwrap();
    assert_eq!(other.status(), 200);
    let request = app.anon.request(reqwest::Method::GET, "/v1/regions.json");
    let packed = request.header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.bytes().await.unwrap().len() < 120_000);
}
