//! The way to the server: TLS with a private CA, proxies, wrong schemes. All over real sockets.

mod certificates;
mod client_certificates;
mod proxies;
mod schemes;

use serde_json::json;

use crate::support::certificates::{Ca, Certificate};
use crate::support::module::Module;
use crate::support::server::{Reply, Request, Server};

fn logged_in(_: &Request) -> Reply {
    Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T0", "device_id": "D"}))
}

/// The URL of a server that logs everybody in, under the name `localhost`.
fn serve(certificate: &Certificate) -> String {
    format!("https://localhost:{}", Server::https(certificate.server(), logged_in).port)
}

/// A login that trusts the CA.
fn trusting(ca: &Ca, url: &str) -> Module {
    Module::login(url, "@alice:hs.test").with("ca_path", ca.file().to_str().unwrap())
}
