//! Reports of options that were something else than they should have been. No request is sent.

use serde_json::{Value, json};

use super::{Row, check, fails};
use crate::support::module::Module;
use crate::support::server::{Reply, Server};

fn row(what: &'static str, option: &str, value: Value, msg: &str) -> Row {
    let server = Server::always(Reply::error(403, "M_FORBIDDEN", "Invalid username or password"));
    let report = Module::as_user(&server.url(), "@alice:hs.test").with(option, value).run().failure();
    assert_eq!(server.asked(), [""; 0], "{what}");
    fails(what, "", report, msg, json!({}))
}

#[test]
fn what_was_reported_of_options_is_right() {
    let no_text = |kind: &str| {
        format!(
            "argument 'password' is of type {kind} and we were unable to convert to str: a {kind} is no text, although Ansible may have made it of one: \
             write {{{{ … | string }}}} in the playbook"
        )
    };
    check(vec![
        row(
            "a password that looks like JSON arrives as a mapping",
            "password",
            json!({"a": "b"}),
            &no_text("dict"),
        ),
        row("a password that looks like a list arrives as one", "password", json!(["a"]), &no_text("list")),
        row(
            "the as_token was copied with its name out of doublepuppet.yaml",
            "as_token",
            json!("as_token:TOKEN"),
            "`as_token` begins with its own name or with `Bearer`, copied from a file or a header (such as `as_token:`): give the value alone",
        ),
        row(
            "the token of an Element session was given as a password",
            "password",
            json!("syt_YWxpY2U_abcdefghijABCDEFGHIJ_0a1B2c"),
            "`password` is an access token: give it as `access_token`",
        ),
        row(
            "a device ID is so long that Synapse would refuse its token for ever",
            "device_id",
            json!("D".repeat(300)),
            "`device_id` must have at most 255 characters: shorten it",
        ),
    ]);
}
