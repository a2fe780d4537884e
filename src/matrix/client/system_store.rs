//! Where the system keeps the authorities that it trusts. Reads none of them.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// A file of certificates, and folders of such files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SystemStore {
    pub(super) file: Option<PathBuf>,
    pub(super) folders: Vec<PathBuf>,
}

impl SystemStore {
    /// Where OpenSSL's variables say, and then nowhere else: who names a few authorities wants no others to be trusted.
    pub(super) fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let [file, folders] = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|name| variable(name).filter(|value| !value.is_empty()));
        if file.is_none() && folders.is_none() {
            let system = openssl_probe::probe();
            return Self {
                file: system.cert_file,
                folders: system.cert_dir,
            };
        }
        Self {
            file: file.map(PathBuf::from),
            folders: folders.iter().flat_map(env::split_paths).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::SystemStore;

    fn store(file: Option<&str>, folders: Option<&str>) -> SystemStore {
        SystemStore::of(|name| {
            let value = if name == "SSL_CERT_FILE" { file } else { folders };
            value.map(OsString::from)
        })
    }

    #[test]
    fn where_the_environment_names_authorities_no_others_are_trusted() {
        for (file, folders, expected_file, expected_folders) in [
            (Some("/a.pem"), None, Some("/a.pem"), vec![]),
            (None, Some("/b:/c"), None, vec!["/b", "/c"]),
            (Some("/missing"), Some("/d"), Some("/missing"), vec!["/d"]),
            (Some(""), Some("/d"), None, vec!["/d"]),
        ] {
            let expected = SystemStore {
                file: expected_file.map(Into::into),
                folders: expected_folders.into_iter().map(Into::into).collect(),
            };
            assert_eq!(store(file, folders), expected);
        }
        assert_eq!(store(Some(""), Some("")), store(None, None));
    }
}
