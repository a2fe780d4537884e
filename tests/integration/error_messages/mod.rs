//! What the module says to each answer of a server: rows of request, answers and the whole report.

mod admin;
mod delegated;
mod gateways;
mod other_logins;
mod password;
mod places;
mod real;
mod tokens;

use serde_json::{Value, json};

use crate::support::module::{Module, PASSWORD};
use crate::support::server::{Reply, Server};

const LOGIN: &str = "POST /_matrix/client/v3/login";
const FLOWS: &str = "GET /_matrix/client/v3/login";
const VERSIONS: &str = "GET /_matrix/client/versions";
const AUTH_METADATA: &str = "GET /_matrix/client/v1/auth_metadata";
const FEDERATION: &str = "GET /_matrix/federation/v1/version";
const WHOAMI: &str = "GET /_matrix/client/v3/account/whoami";
const ADMIN: &str = "POST /_synapse/admin/v1/users/%40alice%3Ahs%2Etest/login";

/// What Synapse says to any request that it doesn't know.
const UNRECOGNIZED: &str = r#"{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}"#;
/// What Synapse offers unless it is told otherwise.
const DEFAULT_FLOWS: &str = r#"{"flows":[{"type":"m.login.password"},{"type":"m.login.application_service"}]}"#;
const MATRIX: &str = r#"{"versions":["r0.6.1","v1.1","v1.15"],"unstable_features":{}}"#;

/// One server, one task for `@alice:hs.test`, and all that the task reports.
struct Row {
    what: &'static str,
    recorded: bool,
    credential: &'static str,
    base_path: &'static str,
    answers: Vec<(&'static str, Reply)>,
    otherwise: Reply,
    report: Value,
}

/// What a real Synapse 1.163.2 answered.
fn seen(credential: &'static str, what: &'static str) -> Row {
    Row {
        what,
        recorded: true,
        credential,
        base_path: "",
        answers: Vec::new(),
        otherwise: Reply::http(404, "", UNRECOGNIZED),
        report: Value::Null,
    }
}

/// What the specification, the source of Matrix Authentication Service or the customs of web servers let expect.
fn told(credential: &'static str, what: &'static str) -> Row {
    Row { recorded: false, ..seen(credential, what) }
}

impl Row {
    /// The homeserver's URL is given with this path at its end.
    fn below(self, base_path: &'static str) -> Self {
        Self { base_path, ..self }
    }

    fn answer(self, request: &'static str, status: u16, body: &str) -> Self {
        self.answer_with(request, status, "", body)
    }

    /// The same with header lines.
    fn answer_with(mut self, request: &'static str, status: u16, headers: &str, body: &str) -> Self {
        self.answers.push((request, Reply::http(status, headers, body)));
        self
    }

    /// The standard error.
    fn error(self, request: &'static str, status: u16, errcode: &str, error: &str) -> Self {
        self.answer(request, status, &json!({"errcode": errcode, "error": error}).to_string())
    }

    /// The answer to everything else; without this, the homeserver recognizes nothing else.
    fn otherwise(self, status: u16, body: &str) -> Self {
        Self { otherwise: Reply::http(status, "", body), ..self }
    }

    /// The message, in which `{login}`, `{admin}` and `{whoami}` stand for what failed at which URL, and the other fields.
    fn fails(self, msg: &str, fields: Value) -> Self {
        let msg = msg
            .replace("{login}", "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login")
            .replace("{admin}", &format!("could not log in as @alice:hs.test: {{url}}{}", &ADMIN[5..]))
            .replace("{whoami}", &format!("could not check the given `access_token`: {{url}}{}", &WHOAMI[4..]));
        let mut report = json!({"failed": true, "msg": msg});
        let Value::Object(fields) = fields else {
            panic!("{fields} are no fields")
        };
        report.as_object_mut().unwrap().extend(fields);
        Self { report, ..self }
    }

    /// What differs from the expected report.
    fn check(self) -> Option<String> {
        let (answers, otherwise) = (self.answers, self.otherwise);
        let server = Server::http(move |request| {
            let asked = format!("{} {}", request.method, request.path);
            let answer = answers.iter().find(|(known, _)| *known == asked);
            answer.map_or_else(|| otherwise.clone(), |(_, reply)| reply.clone())
        });
        let url = format!("{}{}", server.url(), self.base_path);
        let outcome = Module::as_user(&url, "@alice:hs.test").with(self.credential, PASSWORD).run();
        let expected = self.report.to_string().replace("{url}", &url).replace("{root}", &server.url());
        let expected: Value = serde_json::from_str(&expected).unwrap();
        (outcome.status != 1 || outcome.result != expected)
            .then(|| format!("{} ({})\n   got {}\nwanted {expected}", self.what, self.credential, outcome.result))
    }
}

#[test]
fn every_answer_is_answered_with_its_cause_and_the_next_step() {
    let differences: Vec<String> = table().into_iter().filter_map(Row::check).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

#[test]
fn most_answers_are_ones_that_a_real_homeserver_gave() {
    let (recorded, all) = (table().iter().filter(|row| row.recorded).count(), table().len());
    assert!(all >= 60 && 2 * recorded >= all, "{recorded} of {all} rows");
}

fn table() -> Vec<Row> {
    [
        password::rows(),
        other_logins::rows(),
        admin::rows(),
        tokens::rows(),
        delegated::rows(),
        places::rows(),
        gateways::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
