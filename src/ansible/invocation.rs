//! The call of the module: from an args file, or standard input, to the options that the task set and the params that Ansible added.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, anyhow, bail};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::coerce;

const MAX_BYTES: u64 = 16 * 1024 * 1024;

pub struct Invocation {
    pub parameters: Map<String, Value>,
    pub params: AnsibleParams,
}

impl Invocation {
    /// Reads the arguments from a file, as Ansible passes them, or for people from standard input, if the path is `-`. Clears away the file that Ansible
    /// copied them to: it holds passwords, and Ctrl-C would leave it behind.
    pub fn read(path: &Path) -> Result<Self> {
        let (name, bytes) = if path.as_os_str() == "-" {
            ("standard input".into(), bounded(io::stdin().lock(), 0))
        } else {
            (path.to_string_lossy(), File::open(path).and_then(|file| bounded(&file, file.metadata()?.len())))
        };
        let invocation = bytes
            .map_err(|error| anyhow!("can't be read ({error}); pass the path of a readable JSON file, or - for standard input"))
            .and_then(|bytes| bytes.context("are larger than 16 MiB; pass the module's options only"))
            .and_then(|bytes| Self::parse(&bytes))
            .map_err(|error| anyhow!("the arguments in {name} {error}"))?;
        invocation.remove_args_file(path);
        Ok(invocation)
    }

    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.trim_ascii().is_empty() {
            bail!("are empty; {REMEDY}");
        }
        let mut parameters = parse(bytes).map_err(|error| not_json(&error))?;
        let params = AnsibleParams::take_from(&mut parameters);
        Ok(Self { parameters, params })
    }

    /// A file that a person wrote is never touched: only Ansible's own, directly inside its own folder, or Mitogen's, which is emptied,
    /// for Mitogen fails the task when it finds its file gone. Failure is no reason to stop: in the end both remove their folder themselves.
    fn remove_args_file(&self, path: &Path) {
        if self.params.keep_remote_files {
            return;
        }
        if self.is_ansibles(path) {
            let _ = fs::remove_file(path);
        } else if is_mitogens(path) {
            let _ = File::options().write(true).truncate(true).open(path);
        }
    }

    fn is_ansibles(&self, path: &Path) -> bool {
        let parent = path.parent().and_then(|parent| fs::canonicalize(parent).ok());
        let tmpdir = self.params.tmpdir.as_ref().and_then(|tmpdir| fs::canonicalize(tmpdir).ok());
        path.ends_with("args") && parent.is_some() && parent == tmpdir
    }
}

/// Known by its name and its folder's: without an action plugin Mitogen doesn't tell the folder.
fn is_mitogens(path: &Path) -> bool {
    let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
    let folder = path.parent().and_then(name).unwrap_or_default();
    let file = name(path).unwrap_or_default();
    folder.starts_with("ansible_mitogen_") && file.starts_with("ansible_mitogen") && file.ends_with("-args")
}

/// Of a key given twice, the last wins.
fn parse(bytes: &[u8]) -> serde_json::Result<Map<String, Value>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let arguments: BTreeMap<String, &RawValue> = serde_json::from_slice(bytes)?;
    arguments.into_iter().map(|(name, raw)| Ok((name, value(raw)?))).collect()
}

/// A whole number that 64 bits can't hold stays the text that it is: a password of thirty digits without quotes.
fn value(raw: &RawValue) -> serde_json::Result<Value> {
    let text = raw.get();
    let is_whole = text.trim_start_matches('-').bytes().all(|digit| digit.is_ascii_digit());
    if is_whole && text.parse::<i64>().is_err() {
        return Ok(text.into());
    }
    serde_json::from_str(text)
}

const REMEDY: &str = "write the module's options as one JSON object";

fn not_json(error: &serde_json::Error) -> Error {
    // serde_json tells these apart in words only; a test notices should they ever change.
    let not_unicode = ["lone leading surrogate", "unexpected end of hex escape", "invalid unicode code point"];
    let message = error.to_string();
    if not_unicode.iter().any(|start| message.starts_with(start)) {
        return anyhow!("hold text that isn't Unicode, as when a file that isn't UTF-8 is put into an option; convert that file to UTF-8");
    }
    let (line, column) = (error.line(), error.column());
    anyhow!("aren't a JSON object (line {line}, column {column}); {REMEDY}, with quotes around NaN and Infinity")
}

/// Everything, or nothing if it is too much. The buffer has room from the start, for growing leaves unwiped copies behind.
fn bounded(reader: impl Read, expected: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let room = usize::try_from(expected.min(MAX_BYTES)).unwrap_or_default().max(64 * 1024);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room + 1));
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= MAX_BYTES).then_some(bytes))
}

const PREFIX: &str = "_ansible_";

/// The keys that matter here. One that is missing or of a wrong type has its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnsibleParams {
    pub check_mode: bool,
    pub no_log: bool,
    /// The files that Ansible copied here are to stay.
    pub keep_remote_files: bool,
    /// The folder that Ansible copied them to.
    pub tmpdir: Option<PathBuf>,
}

impl AnsibleParams {
    /// Takes every `_ansible_*` key out of the arguments, so that only the options are left.
    pub fn take_from(arguments: &mut Map<String, Value>) -> Self {
        let value = |name: &str| arguments.get(&format!("{PREFIX}{name}"));
        let flag = |name| value(name).is_some_and(|value| coerce::to_bool(value) == Ok(true));
        let text = |name| value(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let params = Self {
            check_mode: flag("check_mode"),
            no_log: flag("no_log"),
            keep_remote_files: flag("keep_remote_files"),
            tmpdir: text("tmpdir").map(PathBuf::from),
        };
        arguments.retain(|key, _| !key.starts_with(PREFIX));
        params
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use serde_json::{Map, Value, json};

    use super::{AnsibleParams, Invocation, MAX_BYTES};

    /// A folder that is gone when the test is over.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("invocation-{name}-{}", std::process::id()));
            fs::create_dir_all(folder.join("deeper")).unwrap();
            Self(folder)
        }

        fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
            let path = self.0.join(name);
            fs::write(&path, content).unwrap();
            path
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn read(path: &Path) -> Result<Invocation, String> {
        Invocation::read(path).map_err(|error| error.to_string())
    }

    fn message(bytes: &[u8]) -> String {
        Invocation::parse(bytes).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn options_and_ansibles_own_keys_are_parted() {
        let invocation = Invocation::parse(br#"{"user": "bot", "_ansible_check_mode": true, "_ansible_new": [1]}"#)
            .ok()
            .unwrap();
        assert_eq!(Value::from(invocation.parameters), json!({"user": "bot"}));
        assert!(invocation.params.check_mode);
    }

    #[test]
    fn every_message_is_readable_and_shows_nothing_of_the_content() {
        let remedy = "write the module's options as one JSON object";
        let no_object = |place: &str| format!("aren't a JSON object ({place}); {remedy}, with quotes around NaN and Infinity");
        let cases: [(&[u8], String); 9] = [
            (b" \n", format!("are empty; {remedy}")),
            (br#"{"password": "hunter2""#, no_object("line 1, column 22")),
            (br#"{"password": hunter2}"#, no_object("line 1, column 14")),
            (br#"{"hunter2": NaN}"#, no_object("line 1, column 13")),
            (
                br#"{"password": "hunter2\udce9"}"#,
                "hold text that isn't Unicode, as when a file that isn't UTF-8 is put into an option; convert that file to UTF-8".into(),
            ),
            (
                b"{\"password\": \"hunter2\xff\"}",
                "hold text that isn't Unicode, as when a file that isn't UTF-8 is put into an option; convert that file to UTF-8".into(),
            ),
            (br#"["hunter2"]"#, no_object("line 1, column 0")),
            (br#""hunter2""#, no_object("line 1, column 9")),
            (b"null", no_object("line 1, column 4")),
        ];
        for (bytes, expected) in cases {
            assert_eq!(message(bytes), expected);
        }
    }

    #[test]
    fn a_whole_number_of_more_than_64_bits_keeps_its_digits() {
        let text = br#"{"password": 123456789012345678901234567890, "a": -18446744073709551616, "b": 5, "c": 1.10, "b": 6}"#;
        let parameters = Invocation::parse(text).ok().unwrap().parameters;
        let expected = json!({"a": "-18446744073709551616", "b": 6, "c": 1.1, "password": "123456789012345678901234567890"});
        assert_eq!(Value::from(parameters), expected);
    }

    #[test]
    fn a_message_names_the_file() {
        let folder = Folder::new("message");
        let (absent, empty) = (folder.0.join("absent"), folder.write("empty", ""));
        assert!(
            read(&absent)
                .err()
                .unwrap()
                .starts_with(&format!("the arguments in {} can't be read (No such file", absent.display()))
        );
        assert!(read(&empty).err().unwrap().starts_with(&format!("the arguments in {} are empty", empty.display())));
        assert!(read(&folder.0).err().unwrap().contains("can't be read"));
    }

    #[test]
    fn more_than_the_largest_size_is_refused() {
        let too_large = usize::try_from(MAX_BYTES).unwrap() + 1;
        let folder = Folder::new("large");
        let path = folder.write("args", vec![b' '; too_large]);
        assert!(read(&path).err().unwrap().ends_with("larger than 16 MiB; pass the module's options only"));
    }

    #[test]
    fn only_a_file_directly_in_ansibles_folder_is_removed() {
        let folder = Folder::new("removed");
        let tmpdir = folder.0.display();
        let cases = [
            ("args", format!(r#"{{"_ansible_tmpdir": "{tmpdir}/"}}"#), false),
            ("args", format!(r#"{{"_ansible_tmpdir": "{tmpdir}/deeper/../."}}"#), false),
            ("args", format!(r#"{{"_ansible_tmpdir": "{tmpdir}", "_ansible_keep_remote_files": true}}"#), true),
            ("mitogen-args", format!(r#"{{"_ansible_tmpdir": "{tmpdir}"}}"#), true),
            ("args", format!(r#"{{"_ansible_tmpdir": "{tmpdir}/deeper"}}"#), true),
            ("deeper/args", format!(r#"{{"_ansible_tmpdir": "{tmpdir}"}}"#), true),
            ("args", r#"{"_ansible_tmpdir": "/no/such/folder"}"#.into(), true),
            ("args", r#"{"_ansible_tmpdir": ""}"#.into(), true),
            ("args", "{}".into(), true),
            ("args", format!(r#"["_ansible_tmpdir", "{tmpdir}"]"#), true),
        ];
        for (name, content, stays) in cases {
            let path = folder.write(name, &content);
            let _ = read(&path);
            assert_eq!(path.exists(), stays, "{content}");
        }
    }

    #[test]
    fn mitogens_file_is_emptied_and_stays() {
        let folder = Folder::new("emptied");
        let cases = [
            ("ansible_mitogen_action_0123456789abcdef/ansible_mitogen3mjb06n8-args", "{}", true),
            ("ansible_mitogen_runner_3mjb06n8/ansible_mitogen3mjb06n8-args", "{}", true),
            (
                "ansible_mitogen_runner_3mjb06n8/ansible_mitogen3mjb06n8-args",
                r#"{"_ansible_keep_remote_files": true}"#,
                false,
            ),
            ("ansible_mitogen_runner_3mjb06n8/my-args", "{}", false),
            ("ansible_mitogen_runner_3mjb06n8/ansible_mitogen.json", "{}", false),
            ("deeper/ansible_mitogen3mjb06n8-args", "{}", false),
        ];
        for (name, content, emptied) in cases {
            fs::create_dir_all(folder.0.join(name).parent().unwrap()).unwrap();
            let path = folder.write(name, content);
            let _ = read(&path);
            assert_eq!(fs::read_to_string(&path).unwrap().is_empty(), emptied, "{name}");
        }
    }

    fn map(arguments: Value) -> Map<String, Value> {
        serde_json::from_value(arguments).unwrap()
    }

    #[test]
    fn ansibles_own_keys_are_taken_out_and_unknown_ones_ignored() {
        let mut arguments = map(json!({
            "state": "present", "_ansible_check_mode": true, "_ansible_no_log": "yes", "_ansible_verbosity": 4,
            "_ansible_tmpdir": "/tmp/x/", "_ansible_version": "2.19.14", "_ansible_tracebacks_for": [], "_ansible_tomorrow": null,
        }));
        let expected = AnsibleParams { check_mode: true, no_log: true, tmpdir: Some("/tmp/x/".into()), ..AnsibleParams::default() };
        assert_eq!(AnsibleParams::take_from(&mut arguments), expected);
        assert_eq!(Value::from(arguments), json!({"state": "present"}));
    }

    #[test]
    fn a_wrong_type_is_the_default() {
        let mut arguments = map(json!({
            "_ansible_check_mode": null, "_ansible_no_log": "maybe", "_ansible_debug": [], "_ansible_keep_remote_files": {},
            "_ansible_verbosity": -1, "_ansible_tmpdir": 5, "_ansible_version": false,
        }));
        assert_eq!(AnsibleParams::take_from(&mut arguments), AnsibleParams::default());
    }
}
