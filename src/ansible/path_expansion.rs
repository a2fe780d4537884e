//! `~` and environment variables in a path, as Python's `os.path.expandvars` and `os.path.expanduser` replace them.

use std::{env, fs};

/// The path with `$NAME`, `${NAME}` and a leading `~` or `~user` replaced. What has no value stays as it is written.
#[must_use]
pub fn expand(path: &str) -> String {
    expand_home(&expand_variables(path, |name| env::var(name).ok()), home)
}

/// The home folder of a user, or one's own if the name is empty. Users that only NSS knows, as from LDAP, aren't found by name.
fn home(user: &str) -> Option<String> {
    match user {
        "" => env::var("HOME")
            .ok()
            .or_else(|| env::home_dir()?.into_os_string().into_string().ok()),
        _ => home_in(&fs::read_to_string("/etc/passwd").ok()?, user),
    }
}

fn home_in(passwd: &str, user: &str) -> Option<String> {
    let entry = passwd.lines().find(|line| line.split(':').next() == Some(user))?;
    entry.split(':').nth(5).map(str::to_owned)
}

fn expand_variables(path: &str, lookup: impl Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(start) = rest.find('$') {
        expanded.push_str(&rest[..start]);
        let (written, name) = variable(&rest[start..]);
        match name.and_then(&lookup) {
            Some(value) => expanded.push_str(&value),
            None => expanded.push_str(written),
        }
        rest = &rest[start + written.len()..];
    }
    expanded + rest
}

/// The variable that the text begins with: all of it as written, and its name if there is one.
fn variable(text: &str) -> (&str, Option<&str>) {
    if text.starts_with("${") {
        return match text.find('}') {
            Some(end) => (&text[..=end], Some(&text[2..end])),
            None => (&text[..1], None),
        };
    }
    let length = text[1..]
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count();
    (&text[..=length], (length > 0).then_some(&text[1..=length]))
}

fn expand_home(path: &str, home: impl Fn(&str) -> Option<String>) -> String {
    let Some(named) = path.strip_prefix('~') else {
        return path.to_owned();
    };
    let (user, rest) = named.split_at(named.find('/').unwrap_or(named.len()));
    match home(user).map(|home| format!("{}{rest}", home.trim_end_matches('/'))) {
        Some(expanded) if expanded.is_empty() => "/".into(),
        Some(expanded) => expanded,
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{expand_home, expand_variables, home_in};

    #[test]
    fn known_variables_are_replaced_once_and_unknown_ones_left() {
        let lookup = |name: &str| {
            [("A", "one"), ("B_2", "$A"), ("x y", "spaced")]
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).into())
        };
        let cases = [
            ("/$A/${A}b", "/one/oneb"),
            ("$B_2/", "$A/"),
            ("${x y}", "spaced"),
            ("$NONE/${NONE}/$Ab", "$NONE/${NONE}/$Ab"),
            ("$/$$A/${A", "$/$one/${A"),
            ("${}ż$Aż$", "${}żoneż$"),
        ];
        for (path, expanded) in cases {
            assert_eq!(expand_variables(path, lookup), expanded, "{path}");
        }
    }

    #[test]
    fn a_leading_tilde_is_a_home_folder() {
        let homes = |user: &str| {
            [("", "/home/bot/"), ("root", "/")]
                .iter()
                .find(|(name, _)| *name == user)
                .map(|(_, home)| (*home).into())
        };
        let cases = [
            ("~", "/home/bot"),
            ("~/x", "/home/bot/x"),
            ("~root", "/"),
            ("~root/x", "/x"),
            ("~nobody/x", "~nobody/x"),
            ("/~", "/~"),
            ("", ""),
        ];
        for (path, expanded) in cases {
            assert_eq!(expand_home(path, homes), expanded, "{path}");
        }
    }

    #[test]
    fn a_users_home_is_the_sixth_field() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nbot:x:5:5::/srv/bot:\nbroken\n";
        assert_eq!(
            ["bot", "broken", "bo"].map(|user| home_in(passwd, user)),
            [Some("/srv/bot".into()), None, None]
        );
    }
}
