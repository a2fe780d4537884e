//! A few rows of the table once more, at homeservers that really are set up so.

use serde_json::json;

use super::delegated;
use crate::support::homeserver::Homeserver;
use crate::support::module::Module;

#[test]
fn a_homeserver_that_delegates_logins_names_the_command_that_gives_a_token() {
    let homeserver = Homeserver::start(&[
        "--set",
        "password_config={enabled: false}",
        "--set",
        "matrix_authentication_service={enabled: true, endpoint: 'http://127.0.0.1:9/', secret: s}",
    ]);
    let url = &homeserver.url;
    for credential in ["password", "login_token"] {
        let result = Module::as_user(url, "@alice:hs.test").with(credential, "x-1").run().failure();
        let msg = format!(
            "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login answered 404 M_UNRECOGNIZED (Unrecognized request); {}",
            delegated::WHILE_DOWN
        );
        assert_eq!(result, json!({"failed": true, "msg": msg, "http_status": 404, "errcode": "M_UNRECOGNIZED"}));
    }
}

#[test]
fn a_homeserver_without_passwords_names_what_it_takes_instead() {
    let homeserver = Homeserver::start(&["--set", "password_config={enabled: false}"]);
    let result = Module::login(&homeserver.url, "@alice:hs.test").run().failure();
    let msg = format!(
        "could not log in as @alice:hs.test: {}/_matrix/client/v3/login answered 400 M_UNKNOWN (Password login has been disabled.); \
         this homeserver takes no login with `password` (it offers: m.login.application_service): enable passwords in the homeserver, or give \
         `admin_access_token` (Synapse), or the token of a session of a Matrix client as `access_token`",
        homeserver.url
    );
    let flows = ["m.login.application_service"];
    assert_eq!(
        result,
        json!({"failed": true, "msg": msg, "http_status": 400, "errcode": "M_UNKNOWN", "login_flows": flows})
    );
}

#[test]
fn a_path_too_many_in_the_url_is_recognised() {
    let root = &Homeserver::shared().url;
    let url = format!("{root}/sub");
    let result = Module::login(&url, "@alice:hs.test").run().failure();
    let msg = format!(
        "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login answered 404 with a web page; \
         the client-server API is at {root}: give that as `homeserver_url`"
    );
    assert_eq!(result, json!({"failed": true, "msg": msg, "http_status": 404}));
}
