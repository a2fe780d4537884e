//! One credential or none: what is required, what excludes what, and what has to stand beside each.

use crate::support::module::Module;

const ALL: [&str; 7] = ["password", "login_token", "jwt", "as_token", "shared_secret", "admin_access_token", "mas_cli"];

fn task() -> Module {
    Module::as_user("http://127.0.0.1:9", "@alice:hs.test").with("_ansible_check_mode", true)
}

#[test]
fn each_credential_is_enough_alone() {
    for name in ALL {
        task().with(name, "x").run().success();
    }
}

#[test]
fn none_is_too_few() {
    assert_eq!(
        task().run().failure_msg(),
        "one of the following is required: password, login_token, jwt, as_token, shared_secret, admin_access_token, \
         mas_cli, mas_client_secret, access_token, session_file"
    );
}

#[test]
fn any_two_are_too_many_and_an_empty_one_does_not_count() {
    for (index, one) in ALL.iter().enumerate() {
        for other in &ALL[index + 1..] {
            let msg = task().with(one, "q-1").with(other, "q-2").run().failure_msg();
            assert_eq!(
                msg,
                "parameters are mutually exclusive: password|login_token|jwt|as_token|shared_secret|admin_access_token|mas_cli|mas_client_id"
            );
            task().with(one, "x").with(other, "").run().success();
        }
    }
}

#[test]
fn a_credential_that_does_not_say_whose_it_is_needs_a_user() {
    let at_a_server = || Module::new().with("homeserver_url", "http://127.0.0.1:9").with("_ansible_check_mode", true);
    for name in ["password", "as_token", "shared_secret", "admin_access_token", "mas_cli"] {
        assert_eq!(
            at_a_server().with(name, "x").run().failure_msg(),
            format!("missing parameter(s) required by '{name}': user_id")
        );
    }
    for name in ["login_token", "jwt"] {
        let result = at_a_server().with(name, "x").run().success();
        assert_eq!((&result["msg"], &result["user_id"]), (&"would log in at http://127.0.0.1:9".into(), &"".into()));
    }
}

#[test]
fn what_can_be_no_token_is_refused_before_anything_is_sent() {
    for name in ["as_token", "admin_access_token", "access_token"] {
        for wrong in ["line-LEAK\n", "two LEAKS", "LEAK\u{e9}", "LEAK\u{0}"] {
            let msg = task().with(name, wrong).secret("LEAK").run().failure_msg();
            assert_eq!(
                msg,
                format!("`{name}` holds characters that a token cannot have: remove quotes, blanks and line breaks around the token")
            );
        }
    }
}
