//! The region directory.

use redian::region::check;
use redian::region::file;
use serde_json::json;

use crate::helpers::app::TestApp;

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
