//! What somebody sends who wants to harm a server: whole HTTP requests, to the byte.

use serde_json::json;

/// A request, and how it is answered.
pub struct Attack {
    /// What it tries.
    pub name: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The status, and the code of the error if the answer is of GraphQL.
    pub answer: (u16, &'static str),
}

const JSON: &str =
    "content-type: application/json\r\naccept: application/graphql-response+json\r\n";

/// All of them. Each ends its connection.
pub fn attacks() -> Vec<Attack> {
    let nested = |open: &str, times: usize| open.repeat(times);
    let names = |times: usize, name: fn(usize) -> String| (0..times).map(name).collect::<String>();
    let bomb = |levels: usize| {
        let next =
            |level: usize| format!("fragment f{level} on Site{{...f{0} ...f{0}}}", level + 1);
        let fragments: String = (0..levels).map(next).collect();
        format!("{{site{{...f0}}}}{fragments}fragment f{levels} on Site{{name}}")
    };
    let introspection = format!(
        "{{__schema{{types{{{}{}}}}}}}",
        nested("fields{type{", 40) + "name",
        nested("}}", 40)
    );
    let lists = nested("articles(first:100){nodes{channel{", 5) + "name" + &nested("}}}", 5);
    let documents = [
        ("a bomb of fragments", bomb(30), "QUERY_TOO_LARGE"),
        ("a larger bomb of fragments", bomb(600), "GRAPHQL_VALIDATION_FAILED"),
        ("deep selections", nested("{a", 100_000), "DOCUMENT_TOO_LARGE"),
        ("selections within the limit of bytes", nested("{a", 7_000), "GRAPHQL_PARSE_FAILED"),
        ("deep lists", "{a(b:".to_owned() + &nested("[", 14_000), "GRAPHQL_PARSE_FAILED"),
        ("deep objects", "{a(b:".to_owned() + &nested("{a:", 4_000), "GRAPHQL_PARSE_FAILED"),
        ("deep types", "query($a:".to_owned() + &nested("[", 14_000), "GRAPHQL_PARSE_FAILED"),
        (
            "many aliases",
            format!("{{{}}}", names(10_000, |n| format!("a{n}:__typename "))),
            "DOCUMENT_TOO_LARGE",
        ),
        (
            "aliases within the limit of tokens",
            format!("{{{}}}", names(3_000, |n| format!("a{n}:__typename "))),
            "TOO_MANY_ALIASES",
        ),
        ("the same field often", format!("{{{}}}", nested("a ", 50_000)), "DOCUMENT_TOO_LARGE"),
        (
            "a field that is not there",
            format!("{{{}}}", nested("a ", 7_000)),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "fields that exclude each other",
            format!("{{{}}}", names(1_000, |n| format!("a:region(code:\"{n}\"){{name}}"))),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("a circle of introspection", introspection, "QUERY_TOO_DEEP"),
        ("long lists in long lists", format!("{{{lists}}}"), "QUERY_TOO_DEEP"),
        (
            "many variables",
            format!("query({}){{__typename}}", names(2_500, |n| format!("$a{n}:Int "))),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "a fragment in itself",
            "{...a}fragment a on Query{...b}fragment b on Query{...a}".to_owned(),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "many directives",
            format!("{{__typename{}}}", nested("@skip(if:false)", 2_000)),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("a nought", "{__typename\0}".to_owned(), "GRAPHQL_PARSE_FAILED"),
        ("a long name", format!("{{{}}}", nested("a", 99_000)), "GRAPHQL_VALIDATION_FAILED"),
        ("a long text", format!("{{a(b:\"{}", nested("\\u0000", 16_000)), "GRAPHQL_PARSE_FAILED"),
        ("many comments", nested("#\n", 7_000), "GRAPHQL_PARSE_FAILED"),
    ];
    let documents = documents.into_iter().map(|(name, query, code)| {
        post(name, json!({ "query": query }).to_string().into_bytes(), (400, code))
    });
    let values = |values: String| {
        format!("{{\"query\":\"{{__typename}}\",\"variables\":{{\"a\":{values}}}}}").into_bytes()
    };
    let bodies = [
        (
            "10 MB of variables",
            values(format!("\"{}\"", nested("a", 10 << 20))),
            (413, "PAYLOAD_TOO_LARGE"),
        ),
        (
            "many small variables",
            values(format!("[{}1]", nested("1,", 1_900_000))),
            (400, "VARIABLES_TOO_LARGE"),
        ),
        ("deep variables", values(nested("[", 100_000)), (400, "BAD_REQUEST")),
        (
            "deep variables that end",
            values(nested("[", 30_000) + &nested("]", 30_000)),
            (400, "BAD_REQUEST"),
        ),
        ("a deep body", nested("[", 1_000_000).into_bytes(), (400, "BATCH_TOO_LARGE")),
        ("bytes that are not UTF-8", b"{\"query\":\"{\xff\xfe}\"}".to_vec(), (400, "BAD_REQUEST")),
        ("half a surrogate", br#"{"query":"{a(b:\"\ud800\")}"}"#.to_vec(), (400, "BAD_REQUEST")),
        ("noughts", vec![0; 100_000], (400, "BAD_REQUEST")),
        ("a number without end", values("9".repeat(1 << 20)), (400, "BAD_REQUEST")),
        ("nothing", Vec::new(), (400, "BAD_REQUEST")),
    ];
    let bodies = bodies.into_iter().map(|(name, body, answer)| post(name, body, answer));
    let often = json!({ "query": format!("{{site{{{}}}}}", nested("name ", 7_000)) });
    let often = post("the same field as often as may be", often.to_string().into(), (200, ""));
    documents.chain([often]).chain(bodies).chain(framing()).collect()
}

/// What breaks the rules of HTTP.
fn framing() -> Vec<Attack> {
    let raw = |name, request: String, status| Attack {
        name,
        bytes: request.into_bytes(),
        answer: (status, ""),
    };
    let head = format!("POST /graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{JSON}");
    let body = "{\"query\":\"{__typename}\"}";
    let chunked = "transfer-encoding: chunked\r\n\r\n";
    vec![
        raw("a length below nought", format!("{head}content-length: -1\r\n\r\n{body}"), 400),
        raw(
            "two lengths",
            format!("{head}content-length: 24\r\ncontent-length: 4\r\n\r\n{body}"),
            400,
        ),
        raw("a length too short", format!("{head}content-length: 5\r\n\r\n{body}"), 400),
        raw("a huge length", format!("{head}content-length: 99999999999\r\n\r\n{body}"), 413),
        raw(
            "a length without end",
            format!("{head}content-length: {}\r\n\r\n", "9".repeat(99)),
            400,
        ),
        raw("a chunk that is none", format!("{head}{chunked}zz\r\n{body}\r\n0\r\n\r\n"), 400),
        raw(
            "a byte in each chunk",
            format!("{head}{chunked}{}0\r\n\r\n", "1\r\n \r\n".repeat(400_000)),
            400,
        ),
        raw("a huge chunk", format!("{head}{chunked}ffffffffffffffff1\r\n{body}"), 400),
        raw("large headers", format!("{head}x: {}\r\n\r\n", "a".repeat(1 << 20)), 431),
        raw("many headers", format!("{head}{}\r\n", "x: a\r\n".repeat(5_000)), 431),
        raw("a nought in the path", "GET /gra\0phql HTTP/1.1\r\nhost: a\r\n\r\n".into(), 400),
        raw(
            "a long path",
            format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(100_000)),
            414,
        ),
        raw("another protocol", "\x16\x03\x01\x02\0\x01\0".repeat(100), 400),
    ]
}

fn post(name: &'static str, body: Vec<u8>, answer: (u16, &'static str)) -> Attack {
    let length = body.len();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{JSON}content-length: {length}\r\n\r\n"
    );
    Attack { name, bytes: [head.into_bytes(), body].concat(), answer }
}
