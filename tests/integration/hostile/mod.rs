//! Servers that mean ill, or are broken beyond anything a homeserver does. Each ends in a clear failure that holds no secret,
//! within the timeout and 16 MiB of memory.

mod echoes;
mod http;
mod json;
mod redirects;
mod strangers;

use crate::support::module::Module;
use crate::support::server::{Reply, Server};

/// What is said where all of the server's answers are nonsense.
const NOT_MATRIX: &str =
    "this is not a Matrix answer: check `homeserver_url`, and the reverse proxy or firewall in front of the homeserver";
/// What is said where an answer may have been lost at a plain port.
const STRAY: &str =
    "; the server may have created a session all the same: give `device_id`, and a login can be repeated without a second device";
const SPEAKS_TLS: &str = "if the port speaks TLS, write https:// in `homeserver_url`";

/// A login at a server that answers this to everything.
fn login(reply: Reply) -> (Module, Server) {
    let server = Server::always(reply);
    let module = Module::login(&server.url(), "@alice:hs.test").with("timeout", 1).confined();
    (module, server)
}

/// What the failure of such a login says after the URL; it is tried once.
fn fault(reply: Reply) -> String {
    let (module, server) = login(reply);
    let msg = module.run().failure_msg();
    let logins = server.asked().iter().filter(|asked| asked.starts_with("POST")).count();
    assert_eq!(logins, 1, "{msg}");
    let start = format!("could not log in as @alice:hs.test: {}/_matrix/client/v3/login ", server.url());
    msg.strip_prefix(&start).unwrap_or_else(|| panic!("{msg}")).to_owned()
}

fn raw(text: &str) -> Reply {
    Reply::Raw(text.into())
}
