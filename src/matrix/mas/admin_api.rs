//! MAS's admin API, for an OAuth 2.0 client that may use it: users by name, personal sessions, and the end of sessions.
//! <https://element-hq.github.io/matrix-authentication-service/topics/admin-api.html>

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::auth_metadata::AuthMetadata;
use crate::matrix::client::{Client, Retry};
use crate::matrix::error::{ApiError, Error, UnexpectedBody};
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::TokensResponse;
use crate::matrix::user_id::User;
use crate::secret::{RESERVED, Secret};

/// A client of MAS's configuration that `policy.data.admin_clients` names.
#[derive(Clone, Debug)]
pub struct MasClient {
    pub client_id: String,
    pub client_secret: Secret,
    /// Where the admin API is, if not at the issuer.
    pub url: Option<HomeserverUrl>,
    /// Whose session; to end one, nobody needs to say.
    pub user: Option<User>,
}

pub(crate) const NO_USER: &str =
    "check `user_id`, or create the user in Matrix Authentication Service first (it knows no users of bridges)";

const WRONG_CLIENT: &str = "compare `mas_client_id` and `mas_client_secret` with `clients` in the configuration of Matrix Authentication Service, which reads it at its start";
const NO_ADMIN: &str =
    "add `mas_client_id` to `policy.data.admin_clients` in the configuration of Matrix Authentication Service, and restart it";
const OLD: &str = "this version has no personal sessions: update Matrix Authentication Service to 1.5 or later, or use `mas_cli`";
const NO_ADMIN_API: &str = "the admin API is not there: switch it on (the resource `adminapi` of a listener in the configuration of Matrix Authentication Service, in \
     matrix-docker-ansible-deploy `matrix_authentication_service_admin_api_enabled`), or give its address as `mas_url`";

/// The admin API, entered.
pub(crate) struct AdminApi<'a> {
    client: &'a Client,
    mas_client: &'a MasClient,
    token_endpoint: HomeserverUrl,
    auth_methods: Vec<String>,
    url: HomeserverUrl,
    token: Secret,
}

#[derive(Deserialize)]
struct Document<T> {
    data: T,
    #[serde(default)]
    links: Links,
}

#[derive(Default, Deserialize)]
struct Links {
    next: Option<String>,
}

#[derive(Deserialize)]
struct Resource {
    id: String,
    attributes: Attributes,
}

/// Those of users and of both kinds of sessions.
#[derive(Deserialize)]
struct Attributes {
    locked_at: Option<String>,
    deactivated_at: Option<String>,
    access_token: Option<Secret>,
    device_id: Option<String>,
    scope: Option<String>,
}

/// What says where the token endpoint is.
const PUBLIC_BASE: &str = "`http.public_base` in the configuration of Matrix Authentication Service";

const GRANT: &str = "grant_type=client_credentials&scope=urn%3Amas%3Aadmin";
const DEVICE_SCOPE: &str = "urn:matrix:client:device:";
const UNSTABLE_DEVICE_SCOPE: &str = "urn:matrix:org.matrix.msc2967.client:device:";

/// How many sessions one answer may list: more than almost any user has.
const PAGE: u16 = 1000;

impl<'a> AdminApi<'a> {
    /// Two requests: where it is, and a token for it.
    pub(crate) fn authorize(client: &'a Client, homeserver: &HomeserverUrl, mas_client: &'a MasClient) -> Result<Self, Error> {
        let AuthMetadata { issuer, token_endpoint, auth_methods, .. } = AuthMetadata::of_mas(client, homeserver)?;
        let token_endpoint = token_endpoint.filter(|url| !url.is_exposed() && !issuer.is_exposed()).ok_or_else(|| {
            let problem = format!("the issuer or the token endpoint that {homeserver} names is no https:// URL, so nothing was sent there");
            Error::mas(problem, "correct `http.public_base` in the configuration of Matrix Authentication Service")
        })?;
        let mut admin_api = Self {
            client,
            mas_client,
            token_endpoint,
            auth_methods,
            url: mas_client.url.clone().unwrap_or(issuer),
            token: Secret::new(String::new()),
        };
        admin_api.renew_token()?;
        Ok(admin_api)
    }

    /// The id and the token of a new personal session, which does not expire.
    pub(crate) fn create_personal_session(&mut self, localpart: &str, device_id: &str, name: &str) -> Result<(String, Secret), Error> {
        let url = self.endpoint("personal-sessions");
        let body = json!({
            "actor_user_id": self.active_user(localpart)?,
            "human_name": name,
            "scope": format!("urn:matrix:client:api:* {DEVICE_SCOPE}{device_id}"),
        });
        let created = self.with_token(|client, token| client.post(&url, &body, Some(token), Retry::OnlyIfNotSent));
        let Document::<Resource> { data, .. } = created.map_err(|error| match error.http_status() {
            Some(404) => refused(&error, OLD),
            _ => explain(error),
        })?;
        let token = data.attributes.access_token.filter(Secret::is_header_safe);
        let token = token.ok_or_else(|| explain(Error::missing(url, "a usable access_token")))?;
        self.client.add_secrets([&token]);
        Ok((data.id, token))
    }

    /// Whether the personal session was still there.
    pub(crate) fn revoke(&mut self, personal_session_id: &str) -> Result<bool, Error> {
        self.end("personal-sessions", personal_session_id, "revoke")
    }

    /// Ends all sessions of the device, as a logout does where MAS does not answer it. Whether there were any.
    pub(crate) fn end_device(&mut self, localpart: &str, device_id: &str) -> Result<bool, Error> {
        let user = self.user(localpart)?.id;
        let user = utf8_percent_encode(&user, NON_ALPHANUMERIC);
        let scopes = [DEVICE_SCOPE, UNSTABLE_DEVICE_SCOPE].map(|scope| format!("{scope}{device_id}"));
        let is_on_it = |session: &&Resource| {
            let mut its_scopes = session.attributes.scope.iter().flat_map(|all| all.split(' '));
            session.attributes.device_id.as_deref() == Some(device_id) || its_scopes.any(|one| scopes.iter().any(|scope| scope == one))
        };
        let mut is_ended = false;
        for (kind, filter, end) in [("compat-sessions", "user", "finish"), ("personal-sessions", "actor_user", "revoke")] {
            let sessions = match self.all(&format!("{kind}?filter[{filter}]={user}&filter[status]=active")) {
                // An older version has no personal sessions.
                Err(error) if kind == "personal-sessions" && error.http_status() == Some(404) => continue,
                sessions => sessions.map_err(explain)?,
            };
            for session in sessions.iter().filter(is_on_it) {
                is_ended |= self.end(kind, &session.id, end)?;
            }
        }
        Ok(is_ended)
    }

    /// Every resource, page by page.
    fn all(&mut self, path: &str) -> Result<Vec<Resource>, Error> {
        let mut found: Vec<Resource> = Vec::new();
        loop {
            let after = found.last().map(|last| format!("&page[after]={}", utf8_percent_encode(&last.id, NON_ALPHANUMERIC)));
            let url = self.endpoint(&format!("{path}&page[first]={PAGE}{}", after.unwrap_or_default()));
            let page: Document<Vec<Resource>> = self.with_token(|client, token| client.get(&url, Some(token)))?;
            // One that ends as the one before would be asked for without end.
            let is_next = page.data.last().is_some_and(|last| found.last().is_none_or(|before| before.id != last.id));
            let is_last = !is_next || page.links.next.is_none();
            found.extend(page.data);
            if is_last {
                return Ok(found);
            }
        }
    }

    fn end(&mut self, kind: &str, id: &str, end: &str) -> Result<bool, Error> {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let url = self.endpoint(&format!("{kind}/{id}/{end}"));
        match self.with_token(|client, token| client.post(&url, &json!({}), Some(token), Retry::Idempotent)) {
            Ok(IgnoredAny) => Ok(true),
            // It has ended before, or nobody knows it any more.
            Err(Error::UnexpectedResponse { status: 400 | 404 | 409, body: UnexpectedBody::NoErrcode { .. }, .. }) => Ok(false),
            Err(error) => Err(explain(error)),
        }
    }

    fn active_user(&mut self, localpart: &str) -> Result<String, Error> {
        let Resource { id, attributes } = self.user(localpart)?;
        let deactivated = attributes.deactivated_at.map(|_| ("deactivated", "reactivate it"));
        let locked = attributes.locked_at.map(|_| ("locked", "unlock it (`mas-cli manage unlock-user`)"));
        deactivated.or(locked).map_or(Ok(id), |(state, remedy)| {
            let problem = format!("the user {localpart} is {state} in Matrix Authentication Service");
            Err(Error::mas(problem, format!("{remedy}, or give another `user_id`")))
        })
    }

    fn user(&mut self, localpart: &str) -> Result<Resource, Error> {
        let encoded = utf8_percent_encode(localpart, NON_ALPHANUMERIC);
        let url = self.endpoint(&format!("users/by-username/{encoded}"));
        let found = self.with_token(|client, token| client.get(&url, Some(token)));
        found.map(|Document { data, .. }| data).map_err(|error| match error {
            Error::UnexpectedResponse { status: 404, body: UnexpectedBody::NoErrcode { ref reason }, .. } if !reason.is_empty() => {
                Error::mas(format!("Matrix Authentication Service has no user {localpart}"), NO_USER)
            }
            error => explain(error),
        })
    }

    fn endpoint(&self, path: &str) -> String {
        self.url.endpoint(&format!("/api/admin/v1/{path}"))
    }

    /// The token lives for minutes, and a run may wait for longer.
    fn with_token<T>(&mut self, send: impl Fn(&Client, &Secret) -> Result<T, Error>) -> Result<T, Error> {
        match send(self.client, &self.token) {
            Err(error) if error.http_status() == Some(401) => {
                self.renew_token()?;
                send(self.client, &self.token)
            }
            result => result,
        }
    }

    fn renew_token(&mut self) -> Result<(), Error> {
        let MasClient { client_id, client_secret, .. } = self.mas_client;
        let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let (id, secret) = (encode(client_id), encode(client_secret.expose_secret()));
        let in_form = Secret::new(format!("{GRANT}&client_id={id}&client_secret={secret}"));
        // MAS decodes neither of the two, whatever RFC 6749 says.
        let basic = Secret::new(BASE64_STANDARD.encode(format!("{client_id}:{}", client_secret.expose_secret())));
        self.client.add_secrets([&basic]);
        let url = self.token_endpoint.as_str();
        let offers = |method| self.auth_methods.iter().any(|offered| offered == method);
        let by_basic = || self.client.post_form::<TokensResponse>(url, &Secret::new(GRANT.into()), Some(&basic));
        let by_form = || self.client.post_form(url, &in_form, None);
        // Nobody says for which of the two the client is registered.
        let result = match (offers("client_secret_basic"), offers("client_secret_post")) {
            (true, true) => by_basic().or_else(|error| if error.http_status() == Some(401) { by_form() } else { Err(error) }),
            (false, true) => by_form(),
            _ => by_basic(),
        };
        let tokens = result.map_err(|error| match own_status(&error) {
            Some(401) => refused(&error, WRONG_CLIENT),
            Some(403) => refused(&error, NO_ADMIN),
            _ => explain_at(PUBLIC_BASE, error),
        })?;
        let tokens = tokens.tokens(self.client, url).map_err(|error| explain_at(PUBLIC_BASE, error))?;
        self.token = tokens.access_token;
        Ok(())
    }
}

/// The status, if the service gave it and not what stands in front of it.
fn own_status(error: &Error) -> Option<u16> {
    match error {
        Error::UnexpectedResponse { body: UnexpectedBody::NoErrcode { reason }, status, .. } if !reason.is_empty() => Some(*status),
        error => error.api_error().map(|error| error.status),
    }
}

/// What means the same whatever the admin API was asked.
fn explain(error: Error) -> Error {
    match &error {
        Error::Api(ApiError { errcode, .. }) if errcode == "M_UNRECOGNIZED" => refused(&error, NO_ADMIN_API),
        _ if error.http_status() == Some(404) && own_status(&error).is_none() => refused(&error, NO_ADMIN_API),
        _ => explain_at("`mas_url`", error),
    }
}

/// What a server of any kind may answer is explained as everywhere, and said of this one.
fn explain_at(address: &'static str, error: Error) -> Error {
    match &error {
        Error::UnexpectedResponse { status: 400..=428, .. } if own_status(&error).is_some() => {
            refused(&error, "see the log of Matrix Authentication Service")
        }
        _ => Error::AtMas { error: Box::new(error), address },
    }
}

pub(super) fn refused(error: &Error, next_step: &str) -> Error {
    Error::Mas {
        problem: error.to_string(),
        next_step: next_step.into(),
        status: error.http_status(),
        is_outage: false,
    }
}
