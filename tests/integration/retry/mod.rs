//! What is waited for, how long, and what is not.

mod broken_tls;
mod limits;
mod lost_answers;
mod name_server;
mod starting;

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::support::module::Module;
use crate::support::server::{Reply, Server};

/// What is said of a login whose answer was lost.
const STRAY: &str =
    "; the server may have created a session all the same: give `device_id`, and a login can be repeated without a second device";

fn session() -> Reply {
    Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T0", "device_id": "BOT"}))
}

/// Gives these answers, one after the other, and then a session; of that it says whose it is.
fn server_after(answers: Vec<Reply>) -> Server {
    let count = AtomicUsize::new(0);
    Server::http(move |_| {
        let next = count.fetch_add(1, Ordering::Relaxed);
        answers.get(next).cloned().unwrap_or_else(session)
    })
}

fn login(server: &Server, wait_timeout: u64) -> Module {
    Module::login(&server.url(), "@alice:hs.test").with("wait_timeout", wait_timeout).confined()
}

/// How often the login was asked for.
fn logins(server: &Server) -> usize {
    server.asked().iter().filter(|asked| *asked == "POST /_matrix/client/v3/login").count()
}
