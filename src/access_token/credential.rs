//! From the options to a credential: which one is given, whether it comes with what it needs, and whether its value is obviously something else.

use serde_json::{Map, Value};
use strum::VariantArray;

use super::options::parsed;
use crate::ansible::argument_spec::Parameters;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::login::{AdminAccessToken, AsToken, Credential, Jwt, Kind, LoginToken, MasCli, Password, SharedSecret};
use crate::matrix::mas::admin_api::MasClient;
use crate::matrix::user_id::{User, UserId};
use crate::secret::Secret;

/// The credential of the task, if it has one. That it has no more than one is checked by the option table.
pub(crate) fn read(parameters: &mut Parameters, user: Option<&User>) -> Result<Option<Credential>, String> {
    if let Some(command) = parameters.take("mas_cli") {
        let user = required_user(user, "mas_cli")?.clone();
        let command = words(&command)?;
        return Ok(Some(Credential::MasCli(MasCli { user, command })));
    }
    for &kind in Kind::VARIANTS {
        if let Some(secret) = secret(parameters, kind.name())? {
            return credential(parameters, kind, secret, user).map(Some);
        }
    }
    Ok(None)
}

pub(crate) fn access_token(parameters: &mut Parameters) -> Result<Option<Secret>, String> {
    secret(parameters, "access_token")?.map(|token| usable("access_token", token)).transpose()
}

fn secret(parameters: &mut Parameters, name: &str) -> Result<Option<Secret>, String> {
    let secret: Option<Secret> = parameters.take(name);
    secret.as_ref().map_or(Ok(()), |secret| refuse_something_else(name, secret.expose_secret()))?;
    Ok(secret)
}

fn credential(parameters: &mut Parameters, kind: Kind, secret: Secret, user: Option<&User>) -> Result<Credential, String> {
    let name = kind.name();
    let required_user = || required_user(user, name);
    Ok(match kind {
        Kind::Password => Credential::Password(Password { user: required_user()?.clone(), password: secret }),
        Kind::LoginToken => Credential::LoginToken(LoginToken { token: secret }),
        Kind::Jwt => Credential::Jwt(Jwt { token: secret }),
        Kind::AsToken => Credential::AsToken(AsToken { user: required_user()?.clone(), as_token: usable(name, secret)? }),
        Kind::SharedSecret => Credential::SharedSecret(SharedSecret::new(full(required_user()?)?, secret)),
        Kind::AdminAccessToken => {
            Credential::AdminAccessToken(AdminAccessToken { user: required_user()?.clone(), token: usable(name, secret)? })
        }
        Kind::MasCli | Kind::MasClient => Credential::MasClient(MasClient {
            client_id: parameters.take("mas_client_id").unwrap_or_default(),
            client_secret: secret,
            url: parsed(parameters, "mas_url", HomeserverUrl::parse)?,
            user: user.cloned(),
        }),
    })
}

fn required_user<'a>(user: Option<&'a User>, name: &str) -> Result<&'a User, String> {
    user.ok_or_else(|| format!("missing parameter(s) required by '{name}': user_id"))
}

/// A text is split as a shell does it, and a list is taken as it is.
fn words(command: &Value) -> Result<Vec<String>, String> {
    let words = match command {
        Value::String(text) => {
            refuse_something_else("mas_cli", text)?;
            shlex::split(text)
        }
        Value::Array(items) => items.iter().map(|item| Some(item.as_str()?.to_owned())).collect(),
        _ => None,
    };
    let words = words.ok_or("`mas_cli` must be a command, as a list of texts or as one text with its quotes closed")?;
    if words.is_empty() {
        return Err("`mas_cli` names no command: give the one that runs mas-cli, or leave the option out".into());
    }
    Ok(words)
}

/// The server's module makes the proof from the full ID.
fn full(user: &User) -> Result<&UserId, String> {
    match user {
        User::Full(user_id) => Ok(user_id),
        User::Localpart(localpart) => {
            Err(format!("`shared_secret` needs the full Matrix ID: write `user_id` like @{localpart}:example.com"))
        }
    }
}

fn usable(name: &str, token: Secret) -> Result<Secret, String> {
    if token.is_header_safe() {
        return Ok(token);
    }
    Err(format!(
        "`{name}` holds characters that a token cannot have: remove quotes, blanks and line breaks around the token"
    ))
}

/// How access tokens and refresh tokens begin: Synapse's, and those of Matrix Authentication Service.
const ACCESS_TOKENS: [&str; 4] = ["syt", "mct", "mat", "mpt"];
const REFRESH_TOKENS: [&str; 3] = ["syr", "mcr", "mar"];

/// The tokens that servers give out are known by their prefix and their checksum at the end.
fn is_servers_token(text: &str, prefixes: &[&str]) -> bool {
    text.split_once('_').is_some_and(|(prefix, rest)| {
        let checksum = rest.rsplit_once('_').map_or("", |(_, checksum)| checksum);
        prefixes.contains(&prefix) && rest.len() >= 27 && checksum.len() == 6
    })
}

/// Values that no option ever has, in which case no request is sent.
fn refuse_something_else(name: &str, text: &str) -> Result<(), String> {
    let is_access_token = is_servers_token(text, &ACCESS_TOKENS);
    let what = match name {
        _ if text.starts_with("$ANSIBLE_VAULT;") => {
            "is encrypted by Ansible Vault: have Ansible decrypt it, by `!vault` or a file of variables"
        }
        _ if text.contains("{{") && text.contains("}}") => "holds a Jinja expression that Ansible did not evaluate: check its quotes",
        _ if is_redacted(text) => "is the text that Ansible shows instead of a secret: give the secret itself",
        "login_token" if text.contains("loginToken=") || text.contains("://") => {
            "is more than the token: give only what follows `loginToken=` in the address bar"
        }
        _ if is_servers_token(text, &REFRESH_TOKENS) => "is a refresh token, which can't be used here: give the access token",
        "password" | "login_token" | "jwt" | "shared_secret" if is_access_token => "is an access token: give it as `access_token`",
        "as_token" if is_access_token => {
            "is the access token of a user: give the as_token of the appservice's registration, or this one as `access_token`"
        }
        "access_token" | "as_token" | "admin_access_token" | "login_token" | "jwt" => {
            return suspicious_text(name, text).map_or(Ok(()), Err);
        }
        _ => return Ok(()),
    };
    Err(format!("`{name}` {what}"))
}

fn is_redacted(text: &str) -> bool {
    text == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
        || text.starts_with("__omit_place_holder__")
        || text.len() >= 8 && text.bytes().all(|letter| letter == b'*')
}

/// What is odd about a text that may be right all the same where it is a password.
fn suspicious_text(name: &str, text: &str) -> Option<String> {
    let lower_case = text.to_ascii_lowercase();
    // `client_secret` and `token` as well, which end names of options.
    let is_own_name = |key: &str| key == name || name.strip_suffix(key).is_some_and(|rest| rest.ends_with('_'));
    let key = lower_case.split_once([':', '=']).map(|(key, _)| key.trim());
    if lower_case.starts_with("bearer ") || key.is_some_and(|key| key == "authorization" || is_own_name(key)) {
        return Some(format!(
            "`{name}` begins with its own name or with `Bearer`, copied from a file or a header (such as `{name}:`): give the value alone"
        ));
    }
    let is_quoted = |quote| text.len() > 2 && text.starts_with(quote) && text.ends_with(quote);
    if is_quoted('"') || is_quoted('\'') {
        return Some(format!("`{name}` has quotes around it, which would be part of it: remove them"));
    }
    is_placeholder(text).then(|| format!("`{name}` looks like the placeholder of a guide: give the real value"))
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase().replace(['-', ' '], "_");
    let written_in_capitals = ["replace_me", "replaceme", "todo", "token", "access_token", "password"];
    let is_template = lower.ends_with("_here") || lower.starts_with("your_") || lower.starts_with("put_");
    let is_in_capitals = text == lower.to_ascii_uppercase() && (is_template || written_in_capitals.contains(&lower.as_str()));
    let is_bracketed = text.len() > 2 && (text.starts_with('<') && text.ends_with('>') || text.starts_with('[') && text.ends_with(']'));
    is_in_capitals || is_bracketed || matches!(lower.as_str(), "changeme" | "change_me")
}

/// Why the value of the credential may not be what the playbook means, to be told if the server refuses it.
pub(crate) fn suspicion(parameters: &Map<String, Value>) -> Option<String> {
    Kind::VARIANTS.iter().find_map(|kind| {
        let name = kind.name();
        let came_as = match parameters.get(name)? {
            Value::Number(_) => "number",
            Value::Bool(_) => "boolean",
            Value::String(text) => return suspicious_text(name, text),
            _ => return None,
        };
        Some(format!("`{name}` came as a {came_as}, and may not be what was meant: quote it in YAML"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{refuse_something_else, suspicion};

    const SYNAPSE: &str = "syt_YWxpY2U_abcdefghijABCDEFGHIJ_0a1B2c";
    const MAS: &str = "mct_abcdefghijABCDEFGHIJabcdefghij_0a1B2c";

    #[test]
    fn what_is_obviously_something_else_is_refused() {
        for (name, text) in [
            ("as_token", "as_token:TOKEN"),
            ("as_token", "as_token: TOKEN"),
            ("admin_access_token", "Bearer abc"),
            ("admin_access_token", "access_token: abc"),
            ("access_token", "bearer syt_x"),
            ("access_token", "Authorization: Bearer syt_x"),
            ("access_token", "\"syt_abc\""),
            ("jwt", "'a.b.c'"),
            ("login_token", "http://localhost:9/?loginToken=syl_abc"),
            ("login_token", "loginToken=syl_abc"),
            ("access_token", "access_token=abc"),
            ("access_token", "YOUR_TOKEN_HERE"),
            ("access_token", "<token>"),
            ("access_token", "syr_YWxpY2U_abcdefghijABCDEFGHIJ_0a1B2c"),
            ("password", SYNAPSE),
            ("password", MAS),
            ("shared_secret", MAS),
            ("as_token", SYNAPSE),
            ("password", "$ANSIBLE_VAULT;1.1;AES256"),
            ("password", "{{ vault_password }}"),
            ("password", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"),
            ("password", "********"),
        ] {
            let refused = refuse_something_else(name, text).unwrap_err();
            assert!(refused.starts_with(&format!("`{name}` ")) && !refused.contains(text), "{refused}");
        }
    }

    #[test]
    fn what_may_be_right_is_not_refused() {
        for (name, text) in [
            ("password", "password:1"),
            ("password", "\"quoted\""),
            ("password", "http://localhost:9/?loginToken=syl_abc"),
            ("access_token", "a:b="),
            ("login_token", "syl_abc"),
            ("password", "CHANGEME"),
            ("password", "{{"),
            ("password", "syt_short"),
            ("password", "***"),
            ("access_token", SYNAPSE),
            ("access_token", MAS),
            ("access_token", "MDAxabc"),
            ("admin_access_token", SYNAPSE),
            ("as_token", "as_token_of_a_bridge"),
        ] {
            assert_eq!(refuse_something_else(name, text), Ok(()), "{name} {text}");
        }
    }

    #[test]
    fn what_is_suspicious_is_kept_for_the_hint() {
        for (value, expected) in [
            (json!(83), Some("`password` came as a number, and may not be what was meant: quote it in YAML")),
            (json!(true), Some("`password` came as a boolean, and may not be what was meant: quote it in YAML")),
            (json!("CHANGEME"), Some("`password` looks like the placeholder of a guide: give the real value")),
            (json!("'p4ss'"), Some("`password` has quotes around it, which would be part of it: remove them")),
            (json!("p4ss"), None),
        ] {
            let parameters = json!({ "password": value });
            assert_eq!(suspicion(parameters.as_object().unwrap()).as_deref(), expected);
        }
    }
}
