//! Each credential against a real homeserver that takes them all: what it yields, and what is said of a wrong one.

mod admin_access_token;
mod as_token;
mod exclusion;
mod jwt;
mod login_token;
mod password;
mod shared_secret;

use std::fs;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::support::homeserver::Homeserver;
use crate::support::module::scratch_path;

pub const SHARED_SECRET: &str = "shared-LEAK-1b7d";
const JWT_SECRET: &str = "jwt-LEAK-5e21-which-is-long-enough-for-HS256";
pub const AS_TOKEN: &str = "as-LEAK-90cc";

/// A homeserver that takes every kind of login. The appservice has the users whose names begin with `puppet`.
pub fn homeserver() -> &'static Homeserver {
    static HOMESERVER: OnceLock<Homeserver> = OnceLock::new();
    HOMESERVER.get_or_init(|| {
        let registration = scratch_path("appservice.yaml");
        let namespaces = json!({"users": [{"exclusive": false, "regex": "@puppet.*:hs\\.test"}], "rooms": [], "aliases": []});
        let appservice = json!({
            "id": "bridge", "url": null, "as_token": AS_TOKEN, "hs_token": "unused", "sender_localpart": "bridge",
            "rate_limited": false, "namespaces": namespaces,
        });
        fs::write(&registration, appservice.to_string()).unwrap();
        let settings = [
            ("app_service_config_files", json!([registration])),
            (
                "login_via_existing_session",
                json!({"enabled": true, "require_ui_auth": false, "token_timeout": "1m"}),
            ),
            ("account_validity", json!({"enabled": true, "period": "6w"})),
            ("jwt_config", json!({"enabled": true, "secret": JWT_SECRET, "algorithm": "HS256"})),
            (
                "modules",
                json!([{"module": "shared_secret.SharedSecret", "config": {"shared_secret": SHARED_SECRET}}]),
            ),
        ];
        let flags: Vec<String> = settings.iter().flat_map(|(key, value)| ["--set".to_owned(), format!("{key}={value}")]).collect();
        Homeserver::start(&flags.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

/// The whole report of a login on the device `BOT`, which leaves nothing to warn of.
fn logged_in(user_id: &str, token: &Value) -> Value {
    let url = &homeserver().url;
    json!({
        "changed": true,
        "msg": format!("logged in as {user_id} on device BOT at {url}"),
        "access_token": token,
        "user_id": user_id,
        "device_id": "BOT",
        "homeserver_url": url,
        "session": "new",
        "ansible_facts": {"matrix_access_token": token},
    })
}

/// The token works, for this user on the device `BOT`.
fn assert_works(token: &Value, user_id: &str) {
    assert_eq!(homeserver().whoami(token), json!({"user_id": user_id, "device_id": "BOT", "is_guest": false}));
}

/// The whole report of a login that the server refused.
fn refused(msg: &str, http_status: u16, errcode: &str) -> Value {
    json!({"failed": true, "msg": msg.replace("{url}", &homeserver().url), "http_status": http_status, "errcode": errcode})
}
