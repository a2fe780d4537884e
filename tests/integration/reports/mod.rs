//! What people reported of this module and of its like, one row each: what was done, and the whole report.
//! Rows that are no more than a server's answer stand in `error_messages`.

mod arguments;
mod real;
mod servers;
mod tls;

use serde_json::{Value, json};

/// What the module reported, and what it should; `{url}` stands for the homeserver's URL.
pub struct Row {
    what: &'static str,
    report: Value,
    expected: Value,
}

/// A row whose report is compared with that of a failure.
fn fails(what: &'static str, url: &str, report: Value, msg: &str, fields: Value) -> Row {
    let mut expected = json!({"failed": true, "msg": msg.replace("{url}", url)});
    let Value::Object(fields) = fields else {
        panic!("{fields} are no fields")
    };
    expected.as_object_mut().unwrap().extend(fields);
    Row { what, report, expected }
}

#[track_caller]
fn check(rows: Vec<Row>) {
    let wrong = rows.into_iter().filter(|row| row.report != row.expected);
    let wrong: Vec<String> = wrong.map(|row| format!("{}\n   got {}\nwanted {}", row.what, row.report, row.expected)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
