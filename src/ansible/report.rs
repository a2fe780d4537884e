//! `exit_json` and `fail_json`: the only shape of an answer that Ansible sees, on one line. What it says is for others to decide.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::secret::{Secret, push_ascii, redact};

#[derive(Default, Serialize)]
pub struct Report {
    /// Ansible goes by this field alone: without it, exit status 1 is a success.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<bool>,
    msg: String,
    #[serde(flatten)]
    fields: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

impl Report {
    /// The task has done, or would do in check mode, what it should.
    pub fn exit_json(changed: bool, msg: impl Into<String>) -> Self {
        Self { changed: Some(changed), msg: msg.into(), ..Self::default() }
    }

    pub fn fail_json(msg: impl Into<String>) -> Self {
        Self { failed: Some(true), msg: msg.into(), ..Self::default() }
    }

    pub fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        // Ansible takes a nonzero `rc` for a failure, whatever else is said.
        if key != "rc" {
            self.fields.insert(key.into(), value.into());
        }
        self
    }

    pub fn with_all(mut self, fields: Map<String, Value>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// Adds a field if there is something to say.
    pub fn with_some(self, key: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    pub fn warnings(mut self, warnings: impl IntoIterator<Item = String>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    /// Puts stars over secrets in `msg` and the warnings, which newer cores print even under `no_log`. Other fields may hold secrets by design.
    pub fn redacted(mut self, secrets: &[Secret]) -> Self {
        for text in [&mut self.msg].into_iter().chain(&mut self.warnings) {
            *text = redact(text, secrets);
        }
        self
    }

    pub fn is_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// 0 or 1. Over ssh, 255 would mean that the host is unreachable.
    pub fn exit_status(&self) -> i32 {
        self.is_failed().into()
    }

    /// One JSON object on one line, without the line's end.
    pub fn to_line(&self) -> String {
        // Texts and JSON values can always be written.
        let json = serde_json::to_string(self).unwrap_or_default();
        // Ansible splits lines as Python does, at U+0085 and U+2028 too, which JSON doesn't escape. Printable ASCII has no such traps.
        json.chars().fold(String::with_capacity(json.len()), push_ascii)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Report;
    use crate::secret::Secret;

    #[test]
    fn success_is_a_single_line() {
        let report = Report::exit_json(true, "two\nlines")
            .with("user_id", "@bot:example.com")
            .with("session", json!({"n": 1}));
        assert_eq!(
            report.to_line(),
            r#"{"changed":true,"msg":"two\nlines","user_id":"@bot:example.com","session":{"n":1}}"#
        );
        assert_eq!((report.is_failed(), report.exit_status()), (false, 0));
    }

    #[test]
    fn failure_says_so_in_the_json_and_in_the_exit_status() {
        let report = Report::fail_json("no").with("errcode", "M_FORBIDDEN");
        assert_eq!(report.to_line(), r#"{"failed":true,"msg":"no","errcode":"M_FORBIDDEN"}"#);
        assert_eq!((report.is_failed(), report.exit_status()), (true, 1));
    }

    #[test]
    fn nothing_that_ends_a_line_anywhere_is_printed_raw() {
        let text = "\n\r\u{b}\u{c}\u{1c}\u{1d}\u{1e}\u{7f}\u{85}\u{2028}\u{2029}ż😀";
        let line = Report::exit_json(false, text).to_line();
        assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["msg"], text);
    }

    #[test]
    fn no_field_is_called_rc() {
        assert_eq!(Report::exit_json(false, "x").with("rc", 7).to_line(), r#"{"changed":false,"msg":"x"}"#);
    }

    #[test]
    fn warnings_are_appended_and_absent_when_there_are_none() {
        let report = Report::exit_json(false, "x").warnings([]);
        assert_eq!(report.to_line(), r#"{"changed":false,"msg":"x"}"#);
        let report = report.warnings(["a".into(), "b".into()]).warnings(["c".into()]).warnings([]);
        assert_eq!(report.to_line(), r#"{"changed":false,"msg":"x","warnings":["a","b","c"]}"#);
    }

    #[test]
    fn scrubbing_spares_the_fields_that_are_meant_to_hold_secrets() {
        let report = Report::exit_json(true, "got syt_1").warnings(["saw syt_1".into()]).with("access_token", "syt_1");
        let line = report.redacted(&[Secret::new("syt_1".into())]).to_line();
        assert_eq!(line, r#"{"changed":true,"msg":"got ********","access_token":"syt_1","warnings":["saw ********"]}"#);
    }
}
