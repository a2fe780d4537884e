//! Reports that a real homeserver can show.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{Row, check, fails};
use crate::credentials::{AS_TOKEN, SHARED_SECRET, homeserver};
use crate::support::bot::Bot;
use crate::support::folder::{Folder, session};
use crate::support::homeserver::{Homeserver, python};
use crate::support::module::Module;

/// Gives the homeserver a user whose ID today's grammar forbids, with everything of another user's, password included.
fn copy_user(homeserver: &Homeserver, user_id: &str, copy: &str) {
    const COPY: &str = "import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=30)
columns = [row[1] for row in database.execute('PRAGMA table_info(users)')]
values = ', '.join('?' if column == 'name' else column for column in columns)
database.execute(f'INSERT INTO users SELECT {values} FROM users WHERE name = ?', (sys.argv[3], sys.argv[2]))
database.commit()";
    let database = Path::new(homeserver.directory()).join("homeserver.db");
    let status = Command::new(python()).args(["-c", COPY]).arg(database).args([user_id, copy]).status();
    assert!(status.unwrap().success());
}

/// The whole report of a login on the device `BOT`, or one without a device.
fn logged_in(user_id: &str, device_id: &str, token: &Value) -> Value {
    let url = &homeserver().url;
    let on = if device_id.is_empty() { String::new() } else { format!(" on device {device_id}") };
    json!({
        "changed": true,
        "msg": format!("logged in as {user_id}{on} at {url}"),
        "access_token": token,
        "user_id": user_id,
        "device_id": device_id,
        "homeserver_url": url,
        "session": "new",
        "ansible_facts": {"matrix_access_token": token},
    })
}

fn as_user(user_id: &str) -> Module {
    Module::as_user(&homeserver().url, user_id)
}

fn unregistered_sender() -> Row {
    let folder = Folder::new();
    let task = as_user("@bridge:hs.test").with("as_token", AS_TOKEN).secret(AS_TOKEN);
    let report = task.with("device_id", "BOT").with("session_file", folder.option()).run().failure();
    assert_eq!(folder.names(), [""; 0]);
    fails(
        "an appservice's sender that nobody ever registered gets a token that does not work",
        &homeserver().url,
        report,
        "logged in as @bridge:hs.test, but the homeserver does not accept the new token: {url}/_matrix/client/v3/account/whoami answered 401 M_UNKNOWN_TOKEN \
         (Invalid access token passed.); the user is not registered, such as the sender of an appservice: have the appservice register it first",
        json!({"http_status": 401, "errcode": "M_UNKNOWN_TOKEN"}),
    )
}

fn expire(user_id: &str) {
    let validity = json!({"user_id": user_id, "expiration_ts": 1, "enable_renewal_emails": false});
    homeserver().post("/_synapse/admin/v1/account_validity/validity", homeserver().admin(), &validity);
}

const RENEW: &str = "{url}/_matrix/client/v3/account/whoami answered 403 ORG_MATRIX_EXPIRED_ACCOUNT (User account has expired); \
                     the account has expired: renew the account";

fn expired_account() -> Vec<Row> {
    let bot = Bot::at(homeserver(), "expired");
    bot.task().run().success();
    expire(&bot.user_id);
    let fields = json!({"http_status": 403, "errcode": "ORG_MATRIX_EXPIRED_ACCOUNT"});
    let url = &homeserver().url;
    let device_id = bot.folder.session()["device_id"].as_str().unwrap().to_owned();
    let kept = fails(
        "a session of an account that has expired is not called invalid",
        url,
        bot.task().run().failure(),
        &format!("could not check the stored session of {} on device {device_id} at {{url}}: {RENEW}", bot.user_id),
        fields.clone(),
    );
    let folder = Folder::new();
    let report = bot.task().with("session_file", folder.option()).with("device_id", "BOT").run().failure();
    assert_eq!(folder.names(), [""; 0]);
    let login = fails(
        "an account that has expired gets a token that does not work",
        url,
        report,
        &format!(
            "{0} on device BOT at {{url}} has one more session now, which was not logged out because that would delete the device (some homeservers log a device's other sessions out at a login): logged in as {0}, but the homeserver does not accept the new token: {RENEW}",
            bot.user_id
        ),
        fields,
    );
    vec![kept, login]
}

fn historical_id() -> Vec<Row> {
    let user_id = "@OldUser:hs.test";
    copy_user(homeserver(), &homeserver().register("old"), user_id);
    let secret = as_user(user_id).with("shared_secret", SHARED_SECRET).secret(SHARED_SECRET);
    let secret = secret.with("device_id", "BOT").run().success();
    let folder = Folder::new();
    let admin = homeserver().admin();
    let admin = as_user(user_id).with("admin_access_token", admin).secret(admin);
    let admin = admin.with("session_file", folder.option()).run().success();
    vec![
        Row {
            what: "an ID with capitals is proved by shared_secret as it is",
            expected: logged_in(user_id, "BOT", &secret["access_token"]),
            report: secret,
        },
        Row {
            what: "an ID with capitals is known to the admin API as it is",
            expected: logged_in(user_id, "", &admin["access_token"]),
            report: admin,
        },
    ]
}

fn ids_that_differ_in_case() -> Vec<Row> {
    let lower = homeserver().register("irc_foo");
    let capital = lower.replace("foo", "Foo");
    copy_user(homeserver(), &lower, &capital);
    let token = homeserver().log_in(&lower, "IRC");
    let folder = Folder::new();
    let mut stored = session(&homeserver().url, &token);
    stored["user_id"] = json!(lower);
    stored["device_id"] = json!("IRC");
    folder.store(&stored);
    let other = || as_user(&capital).with("session_file", folder.option()).secret(&token);
    let url = &homeserver().url;
    let count = "upper and lower case count, so write `user_id` as the homeserver does";
    let another = |name: &str| format!("`{name}` holds a session of {lower}, and `user_id` is {capital}: {count}, or give another {name}");
    let rows = vec![
        fails(
            "a stored session is not taken for that of a user whose ID differs in case",
            url,
            other().run().failure(),
            &another("session_file"),
            json!({}),
        ),
        fails(
            "a given token is not taken for that of a user whose ID differs in case",
            url,
            as_user(&capital).with("access_token", token.as_str()).secret(&token).run().failure(),
            &another("access_token"),
            json!({}),
        ),
        fails(
            "a session is not revoked for a user whose ID differs in case",
            url,
            other().with("state", "absent").run().failure(),
            &format!("`session_file` holds a session of {lower}, so nothing was logged out: {count}"),
            json!({}),
        ),
    ];
    assert!(homeserver().accepts(&token));
    rows
}

fn secrets_that_yaml_changed() -> Vec<Row> {
    let user_id = homeserver().register("yaml");
    let row = |what, value: Value, came_as: &str| {
        // The port and the number of the user may hold the digits of the password, which are redacted everywhere.
        let redacted = |text: &str| text.replace(&value.to_string(), "********");
        let (url, shown_id) = (redacted(&homeserver().url), redacted(&user_id));
        fails(
            what,
            &url,
            as_user(&user_id).with("password", value.clone()).run().failure(),
            &format!(
                "could not log in as {shown_id}: {{url}}/_matrix/client/v3/login answered 403 M_FORBIDDEN (Invalid username or password); `password` came as a \
                 {came_as}, and may not be what was meant: quote it in YAML; else the server does not say which is wrong: check `password`, then that `user_id` exists on \
                 this server, is not deactivated and has a password"
            ),
            json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
        )
    };
    vec![
        row("YAML reads 0123 as 83", json!(83), "number"),
        row("YAML reads 1.10 as 1.1", json!(1.1), "number"),
        row("YAML reads 12:34:56 as 45296", json!(45296), "number"),
        row("YAML reads yes as true", json!(true), "boolean"),
    ]
}

fn token_of_an_appservice() -> Row {
    let folder = Folder::new();
    let task = |module: Module| module.with("access_token", AS_TOKEN).with("session_file", folder.option());
    task(Module::new().with("homeserver_url", homeserver().url.as_str())).run().success();
    let absent = task(Module::new().with("state", "absent")).with("wait_timeout", 0);
    fails(
        "an appservice's own token, kept as a session, can't be logged out",
        &homeserver().url,
        absent.run().failure(),
        "the session of @bridge:hs.test at {url} was not ended (if the homeserver no longer exists, remove the file): could not log out at {url}: \
         {url}/_matrix/client/v3/logout answered 401 M_UNKNOWN (Unrecognised access token); an appservice's own token can't be logged out: remove the \
         appservice's registration from the homeserver",
        json!({"http_status": 401, "errcode": "M_UNKNOWN"}),
    )
}

#[test]
fn what_was_reported_of_synapse_is_right() {
    let mut rows = vec![unregistered_sender(), token_of_an_appservice()];
    rows.extend(expired_account());
    rows.extend(historical_id());
    rows.extend(ids_that_differ_in_case());
    rows.extend(secrets_that_yaml_changed());
    check(rows);
}
