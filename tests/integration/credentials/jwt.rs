//! `jwt`: a token that the administrator's own identity system signs.

use ring::hmac;
use serde_json::{Value, json};

use super::{JWT_SECRET, assert_works, homeserver, logged_in, refused};
use crate::support::module::Module;

/// HS256. <https://www.rfc-editor.org/rfc/rfc7515#appendix-A.1>
fn sign(claims: &Value, secret: &str) -> String {
    let text = format!("{}.{}", base64url(br#"{"alg":"HS256","typ":"JWT"}"#), base64url(claims.to_string().as_bytes()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("{text}.{}", base64url(hmac::sign(&key, text.as_bytes()).as_ref()))
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let group = |chunk: &[u8]| {
        let bits = (0..3).fold(0_usize, |bits, index| bits << 8 | usize::from(*chunk.get(index).unwrap_or(&0)));
        (0..=chunk.len())
            .map(move |index| char::from(LETTERS[bits >> (18 - 6 * index) & 63]))
            .collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

fn task(jwt: &str) -> Module {
    Module::new()
        .with("homeserver_url", homeserver().url.as_str())
        .with("jwt", jwt)
        .with("wait_timeout", 0)
        .secret(jwt)
}

fn localpart(user_id: &str) -> &str {
    user_id[1..].split(':').next().unwrap()
}

#[test]
fn it_logs_in_its_subject() {
    let user_id = homeserver().register("jwt");
    let jwt = sign(&json!({"sub": localpart(&user_id)}), JWT_SECRET);
    for module in [task(&jwt), task(&jwt).with("user_id", user_id.as_str())] {
        let result = module.with("device_id", "BOT").run().success();
        assert_eq!(result, logged_in(&user_id, &result["access_token"]));
        assert_works(&result["access_token"], &user_id);
    }
}

#[test]
fn one_that_the_server_does_not_take_is_a_readable_failure() {
    let check = "check the token's signature, times, issuer and audience against the homeserver's `jwt_config`";
    let cases = [
        (
            sign(&json!({"sub": "alice"}), "another-secret-that-is-long-enough-for-HS256"),
            403,
            "M_FORBIDDEN",
            format!("JWT validation failed: Signature verification failed); {check}"),
        ),
        (sign(&json!({}), JWT_SECRET), 403, "M_FORBIDDEN", format!("Invalid JWT); {check}")),
    ];
    for (jwt, status, errcode, why) in cases {
        let msg = format!("could not log in with `jwt`: {{url}}/_matrix/client/v3/login answered {status} {errcode} ({why}");
        assert_eq!(task(&jwt).run().failure(), refused(&msg, status, errcode));
    }
}
