//! `mas_client_id`: personal sessions, by MAS's admin API.

use serde_json::{Value, json};

use super::Bot;
use crate::support::mas::Mas;
use crate::support::module::Module;

#[test]
fn a_session_is_made_kept_healed_replaced_and_ended_while_revocations_take_their_time() {
    for delay in [0.0, 2.0] {
        let mas = Mas::start(&json!({"revocation_delay": delay}));
        let bot = Bot::new(&mas);
        let revoke = || {
            let id = bot.folder.session()["mas_personal_session_id"].as_str().unwrap().to_owned();
            mas.set(&json!({}));
            mas.administer("POST", &format!("personal-sessions/{id}/revoke"), "");
            mas.set(&json!({"revocation_delay": delay}));
            assert_eq!(mas.whoami(&bot.token()), 401);
        };
        bot.live(|| bot.by_client(), revoke);
    }
}

#[test]
fn the_client_authenticates_in_either_way_and_an_admin_token_that_expires_is_renewed() {
    let mas = Mas::start(&json!({}));
    let (basic, post) = ("client_secret_basic", "client_secret_post");
    for (registered, offered) in [(basic, vec![basic]), (post, vec![post]), (post, vec![basic, post])] {
        mas.set(&json!({"client_auth_method": registered, "token_endpoint_auth_methods": offered, "admin_token_requests": 1}));
        let bot = Bot::new(&mas);
        bot.by_client().run().success();
        assert_eq!((bot.devices(), mas.whoami(&bot.token())), (vec!["BOT".to_owned()], 200));
        assert_eq!(bot.said(bot.as_client(bot.absent()).run()).1, "revoked");
    }
}

#[test]
fn a_new_session_has_a_device_of_its_own_and_takes_five_requests() {
    let mas = Mas::start(&json!({"admin_api": "elsewhere"}));
    let bot = Bot::new(&mas);
    let before = mas.requests().len();
    let task = bot.by_client().with("mas_url", mas.get("admin_url")).without("device_id");
    let result = task.with("user_id", &bot.user_id[1..bot.user_id.len() - 8]).run().success();
    assert_eq!((result["user_id"].as_str(), bot.devices().len()), (Some(bot.user_id.as_str()), 1));
    assert_eq!(mas.requests().len() - before, 5, "{:?}", mas.requests());
}

#[test]
fn a_refusal_names_the_setting() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    let localpart = &bot.user_id[1..bot.user_id.len() - ":hs.test".len()];
    let refusal = |knobs: Value| {
        mas.set(&knobs);
        let result = bot.by_client().run().failure();
        let msg = bot.plain(result["msg"].as_str().unwrap());
        (result["http_status"].as_u64(), msg.strip_prefix("could not log in as BOT_ID: ").unwrap().to_owned())
    };
    let no_admin_api = "URL/api/admin/v1/users/by-username/LOCALPART answered 404 with a web page; the admin API is not there: switch it on (the resource \
                        `adminapi` of a listener in the configuration of Matrix Authentication Service, in matrix-docker-ansible-deploy \
                        `matrix_authentication_service_admin_api_enabled`), or give its address as `mas_url`";
    let name = "LOCALPART";
    for (knobs, status, expected) in [
        (json!({"admin_api": "absent"}), Some(404), no_admin_api.to_owned()),
        (json!({"admin_api": "elsewhere"}), Some(404), no_admin_api.to_owned()),
        (
            json!({"admin_client": false}),
            Some(403),
            "URL/oauth2/token answered 403 (invalid_scope: scope 'urn:mas:admin' not allowed); add `mas_client_id` to `policy.data.admin_clients` in the configuration of Matrix \
             Authentication Service, and restart it"
                .into(),
        ),
        (
            json!({"unknown": [localpart]}),
            None,
            format!(
                "Matrix Authentication Service has no user {name}; check `user_id`, or create the user in Matrix Authentication Service first (it knows no users \
                 of bridges)"
            ),
        ),
        (
            json!({"locked": [localpart]}),
            None,
            format!(
                "the user {name} is locked in Matrix Authentication Service; unlock it (`mas-cli manage unlock-user`), or give another `user_id`"
            ),
        ),
        (
            json!({"deactivated": [localpart]}),
            None,
            format!("the user {name} is deactivated in Matrix Authentication Service; reactivate it, or give another `user_id`"),
        ),
        (
            json!({"personal_sessions": false}),
            Some(404),
            "URL/api/admin/v1/personal-sessions answered 404 with a web page; this version has no personal sessions: update Matrix Authentication Service to 1.5 \
             or later, or use `mas_cli`"
                .into(),
        ),
    ] {
        assert_eq!(refusal(knobs), (status, expected));
    }
    mas.set(&json!({}));
    let wrong = bot.by_client().with("mas_client_secret", "wrong-LEAK").secret("wrong-LEAK");
    let msg = wrong.run().failure_msg();
    assert!(msg.ends_with("compare `mas_client_id` and `mas_client_secret` with `clients` in the configuration of Matrix Authentication Service, which reads it at its start"), "{msg}");
    let number = bot.by_client().with("mas_client_secret", 918_273_645).secret("918273645").run().failure_msg();
    assert!(
        number.contains(
            "; `mas_client_secret` came as a number, and may not be what was meant: quote it in YAML; else compare `mas_client_id`"
        ),
        "{number}"
    );
    let elsewhere = bot.by_client().with("homeserver_url", mas.synapse.url.as_str()).run().failure_msg();
    assert!(
        elsewhere.contains("does not delegate authentication to Matrix Authentication Service; use another credential"),
        "{elsewhere}"
    );
    let closed = bot.by_client().with("mas_url", "http://127.0.0.1:9").run().failure_msg();
    assert!(closed.contains("check `mas_url`"), "{closed}");
    assert_eq!((bot.folder.names(), bot.devices()), (Vec::<String>::new(), Vec::<String>::new()));
}

#[test]
fn a_session_is_ended_by_the_admin_api_where_logouts_do_not_end_it() {
    let mas = Mas::start(&json!({}));
    let unrouted = json!({"routed": ["login", "refresh"]});

    let bot = Bot::new(&mas);
    bot.by_cli().run().success();
    mas.set(&unrouted);
    let msg = bot.absent().run().failure_msg();
    assert!(
        msg.contains("route /_matrix/client/*/logout to it") && msg.contains("mas-cli manage kill-sessions"),
        "{msg}"
    );
    assert_eq!(bot.said(bot.as_client(bot.absent()).run()).1, "revoked");
    assert_eq!((bot.devices(), bot.folder.names()), (Vec::<String>::new(), Vec::<String>::new()));

    // A personal session that somebody gives as a token, and one whose client isn't given.
    mas.set(&json!({}));
    bot.by_client().run().success();
    let (token, file) = (bot.token(), bot.folder.session());
    let msg = bot.absent().run().failure_msg();
    assert!(
        msg.contains("and yet it works; end the session where the token came from, or give `mas_client_id`"),
        "{msg}"
    );
    std::fs::remove_file(bot.folder.path()).unwrap();
    let given = || {
        Module::new()
            .with("homeserver_url", mas.url.as_str())
            .with("access_token", token.as_str())
            .with("state", "absent")
            .secret(&token)
    };
    let msg = given().run().failure_msg();
    assert!(msg.contains("give `mas_client_id` and `mas_client_secret`"), "{msg}");
    assert_eq!(bot.said(bot.as_client(given()).run()).1, "revoked");
    bot.folder.store(&file);
    assert_eq!(
        bot.said(bot.absent().run()).2,
        "removed the session of BOT_ID on device BOT at URL, which was no longer valid"
    );
}

#[test]
fn a_session_that_a_logout_ends_needs_no_admin_api_though_its_client_is_given() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    bot.by_cli().run().success();
    let before = mas.requests().len();
    assert_eq!(bot.said(bot.as_client(bot.absent()).run()).1, "revoked");
    let asked: Vec<_> = mas
        .requests()
        .split_off(before)
        .into_iter()
        .filter(|request| !request.contains("/whoami "))
        .collect();
    assert_eq!(asked, ["POST /_matrix/client/v3/logout 200"]);
}

#[test]
fn a_session_of_another_credential_on_the_device_is_ended_as_well() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    bot.by_cli().run().success();
    let first = bot.token();
    bot.by_client().with("force", true).run().success();
    let second = bot.token();
    assert_eq!([&first, &second].map(|token| mas.whoami(token)), [401, 200]);
    let msg = bot.by_cli().with("force", true).run().failure_msg();
    assert!(msg.contains("could not end the old session"), "{msg}");
    assert_eq!((mas.whoami(&second), bot.token()), (200, second));
}

#[test]
fn a_personal_session_that_the_file_misnames_is_ended_by_its_device() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    bot.by_client().run().success();
    let mut session = bot.folder.session();
    session["mas_personal_session_id"] = json!("01AAAAAAAAAAAAAAAAAAAAAAAA");
    bot.folder.store(&session);
    let token = bot.token();
    assert_eq!(bot.said(bot.as_client(bot.absent()).run()).1, "revoked");
    assert_eq!((mas.whoami(&token), bot.folder.names()), (401, Vec::new()));
}

#[test]
fn an_admin_access_token_logs_nobody_in_and_the_advice_names_what_does() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    let flag = "--yes-i-want-to-grant-synapse-admin-privileges";
    let task = Module::as_user(&mas.url, &bot.user_id).with("admin_access_token", "syt_LEAK").secret("syt_LEAK");
    let msg = task.run().failure_msg();
    assert!(msg.contains(flag) && msg.contains("use `mas_cli`"), "{msg}");
}
