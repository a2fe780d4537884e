//! The call of the module: from an args file, or standard input, to the options that the task set and the switches that Ansible added.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use zeroize::Zeroizing;

pub use super::invocation_error::{InvocationError, InvocationFault};
use super::python_json;
pub use super::python_json::JsonFault;
pub use super::switches::Switches;

const LARGEST: u64 = 16 * 1024 * 1024;

/// Where the arguments come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, as Ansible passes it.
    File(PathBuf),
    /// Standard input, for people.
    Stdin,
}

/// What the module was called with.
pub struct Invocation {
    /// The options, unchecked.
    pub parameters: Map<String, Value>,
    /// What Ansible says about the run.
    pub switches: Switches,
}

impl Invocation {
    /// Reads the arguments, and clears away the file that Ansible copied them to: it holds passwords, and Ctrl-C would leave it behind.
    ///
    /// # Errors
    /// When there are none, or none that can be understood.
    pub fn read(source: &Source) -> Result<Self, InvocationError> {
        let bytes = source.bytes().map_err(|fault| InvocationError {
            origin: source.name(),
            fault,
        })?;
        let invocation = Self::understand(&bytes).map_err(|fault| InvocationError {
            origin: source.name(),
            fault,
        })?;
        if let Source::File(path) = source {
            invocation.clear_away(path);
        }
        Ok(invocation)
    }

    /// Understands arguments that have been read.
    ///
    /// # Errors
    /// When they aren't one JSON object.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvocationError> {
        Self::understand(bytes).map_err(|fault| InvocationError {
            origin: "memory".into(),
            fault,
        })
    }

    fn understand(bytes: &[u8]) -> Result<Self, InvocationFault> {
        if bytes.trim_ascii().is_empty() {
            return Err(InvocationFault::Empty);
        }
        let mut parameters = match python_json::parse(bytes).map_err(InvocationFault::NotJson)? {
            Value::Object(arguments) => arguments,
            Value::Null => return Err(InvocationFault::NotAnObject("null")),
            Value::Bool(_) => return Err(InvocationFault::NotAnObject("boolean")),
            Value::Number(_) => return Err(InvocationFault::NotAnObject("number")),
            Value::String(_) => return Err(InvocationFault::NotAnObject("string")),
            Value::Array(_) => return Err(InvocationFault::NotAnObject("array")),
        };
        let switches = Switches::take_from(&mut parameters);
        Ok(Self { parameters, switches })
    }

    /// A file that a person wrote is never touched: only Ansible's own, directly inside its own folder, or Mitogen's, which is emptied,
    /// for Mitogen fails the task when it finds its file gone. Failure is no reason to stop: in the end both remove their folder themselves.
    fn clear_away(&self, path: &Path) {
        if self.switches.keep_remote_files {
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
        let tmpdir = self.switches.tmpdir.as_ref().and_then(|tmpdir| fs::canonicalize(tmpdir).ok());
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

impl Source {
    fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "standard input".into(),
        }
    }

    fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, InvocationFault> {
        match self {
            Self::File(path) => File::open(path).and_then(|file| bounded(&file, file.metadata()?.len())),
            Self::Stdin => bounded(io::stdin().lock(), 0),
        }
        .map_err(InvocationFault::Unreadable)?
        .ok_or(InvocationFault::TooLarge)
    }
}

/// Everything, or nothing if it is too much. The buffer has room from the start, for growing leaves unwiped copies behind.
fn bounded(reader: impl Read, expected: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let room = usize::try_from(expected.min(LARGEST)).unwrap_or_default().max(64 * 1024);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room + 1));
    reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= LARGEST).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use serde_json::{Value, json};

    use super::{Invocation, LARGEST, Source};

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
        Invocation::read(&Source::File(path.into())).map_err(|error| error.to_string())
    }

    fn complaint(bytes: &[u8]) -> String {
        Invocation::parse(bytes).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn options_and_switches_are_parted() {
        let invocation = Invocation::parse(br#"{"user": "bot", "_ansible_check_mode": true, "_ansible_new": [1]}"#)
            .ok()
            .unwrap();
        assert_eq!(Value::from(invocation.parameters), json!({"user": "bot"}));
        assert!(invocation.switches.check_mode);
    }

    #[test]
    fn every_complaint_is_readable_and_shows_nothing_of_the_content() {
        let remedy = "write the module's options as one JSON object";
        let cases: [(&[u8], String); 8] = [
            (b" \n", format!("are empty; {remedy}")),
            (br#"{"password": "hunter2""#, format!("aren't JSON (line 1, column 22); {remedy}")),
            (br#"{"password": hunter2}"#, format!("aren't JSON (line 1, column 14); {remedy}")),
            (
                br#"{"hunter2": NaN}"#,
                "hold the value NaN, which JSON doesn't have; put quotes around it or remove it".into(),
            ),
            (
                br#"{"password": "hunter2\udce9"}"#,
                "hold text that isn't Unicode, as when a file that isn't UTF-8 is put into an option; convert that file to UTF-8".into(),
            ),
            (br#"["hunter2"]"#, format!("are a JSON array; {remedy}")),
            (br#""hunter2""#, format!("are a JSON string; {remedy}")),
            (b"null", format!("are a JSON null; {remedy}")),
        ];
        for (bytes, message) in cases {
            assert_eq!(complaint(bytes), format!("the arguments in memory {message}"));
        }
    }

    #[test]
    fn a_complaint_names_the_file() {
        let folder = Folder::new("complaint");
        let (absent, empty) = (folder.0.join("absent"), folder.write("empty", ""));
        assert!(
            read(&absent)
                .err()
                .unwrap()
                .starts_with(&format!("the arguments in {} can't be read (No such file", absent.display()))
        );
        assert!(
            read(&empty)
                .err()
                .unwrap()
                .starts_with(&format!("the arguments in {} are empty", empty.display()))
        );
        assert!(read(&folder.0).err().unwrap().contains("can't be read"));
    }

    #[test]
    fn more_than_the_largest_size_is_refused() {
        let too_large = usize::try_from(LARGEST).unwrap() + 1;
        let folder = Folder::new("large");
        let path = folder.write("args", vec![b' '; too_large]);
        assert!(
            read(&path)
                .err()
                .unwrap()
                .ends_with("larger than 16 MiB; pass the module's options only")
        );
    }

    #[test]
    fn only_a_file_directly_in_ansibles_folder_is_removed() {
        let folder = Folder::new("removed");
        let tmpdir = folder.0.display();
        let cases = [
            ("args", format!(r#"{{"_ansible_tmpdir": "{tmpdir}/"}}"#), false),
            ("args", format!(r#"{{"_ansible_tmpdir": "{tmpdir}/deeper/../."}}"#), false),
            (
                "args",
                format!(r#"{{"_ansible_tmpdir": "{tmpdir}", "_ansible_keep_remote_files": true}}"#),
                true,
            ),
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
}
