//! The promise of the input side: whatever bytes the args file holds, one line with one JSON object comes out, no panic, and no secret.
//! The fuzzer tries to break it, `tests/corpus.rs` replays what it once found. Neither touches network or files.

use matrix_access_token::access_token::options::{ARGUMENT_SPEC, Options};
use matrix_access_token::ansible::invocation::Invocation;
use matrix_access_token::ansible::report::Report;
use serde_json::{Map, Value};

/// A secret that no chance produces. In lower case, for a URL with it would have it so.
const MARKER: &str = "k7secret9q";

/// Tries the bytes alone, and with a secret planted into them.
///
/// # Panics
/// When the promise is broken.
pub fn holds_for(bytes: &[u8]) {
    answer(bytes);
    if bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes()) {
        return;
    }
    for plant in plants(bytes) {
        let planted = with_entries(bytes, &plant);
        let shown = answer(&planted);
        assert!(!shown.contains(MARKER), "a secret is shown: {shown}\n{}", String::from_utf8_lossy(&planted));
    }
    let planted = with_entries(bytes, &format!(r#""{}": "{MARKER}""#, secret_option(bytes)));
    let options = Invocation::parse(&planted).map(|invocation| Options::check(invocation.parameters));
    assert!(
        !format!("{:?}", options.ok()).contains(MARKER),
        "Debug shows a secret: {}",
        String::from_utf8_lossy(&planted)
    );
}

/// The line that the module would print before it turns to the homeserver.
fn answer(bytes: &[u8]) -> String {
    let report = match Invocation::parse(bytes).map(|invocation| Options::check(invocation.parameters)) {
        Err(error) => Report::fail_json(error.to_string()),
        Ok(Err(error)) => Report::fail_json(error.to_string()).warnings(error.warnings),
        Ok(Ok(options)) => {
            let secrets: Vec<_> = options.secrets().cloned().collect();
            let warnings: Vec<_> = options.warnings_at(options.homeserver.as_ref()).collect();
            Report::exit_json(false, "accepted").warnings(warnings).redacted(&secrets)
        }
    };
    let line = report.to_line();
    assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "not one line: {line:?}");
    assert!(serde_json::from_str::<Map<String, Value>>(&line).is_ok(), "not one object: {line}");
    line
}

/// A secret in several guises; then in a secret option and in another one too, or as the name of one.
fn plants(bytes: &[u8]) -> Vec<String> {
    let (secret, quoted) = (secret_option(bytes), format!(r#""it's\n\"{MARKER}\" \\ \u00e9""#));
    let mut plants = vec![
        format!(r#""{secret}": {quoted}"#),
        format!(r#""{secret}": [{{"a": "{MARKER}"}}, 1]"#),
        format!(r#""{secret}": "{MARKER}", "{MARKER}": null"#),
        format!(r#""{secret}": {quoted}, "timeout": [{quoted}]"#),
        format!(r#""{secret}": "{MARKER}", "state": ["http://{MARKER}/", {{"{MARKER}": 1.5}}]"#),
    ];
    let others = ARGUMENT_SPEC.arguments.iter().filter(|argument| !argument.no_log);
    plants.extend(others.map(|other| format!(r#""{secret}": "{MARKER}", "{}": "{MARKER}""#, other.name)));
    plants
}

/// Which one is up to the bytes.
fn secret_option(bytes: &[u8]) -> &'static str {
    let secrets: Vec<_> = ARGUMENT_SPEC.arguments.iter().filter(|argument| argument.no_log).collect();
    let sum: usize = bytes.iter().map(|byte| usize::from(*byte)).sum();
    secrets[sum % secrets.len()].name
}

/// At the end of the object, where the last of two equal names wins. If it's no object, it must not be shown any of it either.
fn with_entries(bytes: &[u8], entries: &str) -> Vec<u8> {
    let end = bytes.iter().rposition(|byte| *byte == b'}').unwrap_or(bytes.len());
    let (head, tail) = bytes.split_at(end);
    let comma: &[u8] = if head.trim_ascii_end().ends_with(b"{") { b"" } else { b"," };
    [head, comma, entries.as_bytes(), tail].concat()
}
