//! The next step after each failure, for an administrator to act on. Pure. No hint names another host than the task's, for a password might be sent there.

use std::time::Duration;

use strum::VariantArray;

use super::login_failure::{LoginFailure, Stage, is_offered};
use crate::matrix::client::{host, is_loopback};
use crate::matrix::error::{ApiError, Error, Redirect, TransportError, UnexpectedBody, is_gateway_status};
use crate::matrix::login::Kind;
use crate::matrix::server_support::ServerSupport;
use crate::matrix::tls_error::TlsError;

/// After anything but a login.
pub(crate) fn after(error: &Error) -> String {
    match error {
        Error::Config { name: "use_proxy", .. } => "correct the variable, or set `use_proxy: false`".into(),
        Error::Config { name, .. } => format!("correct `{name}`"),
        Error::Mas { next_step, .. } => next_step.clone(),
        Error::AtMas { error, address } => {
            let hint = after(error).replace("a Matrix answer", "an answer of the homeserver");
            hint.replace("the homeserver", "Matrix Authentication Service").replace("`homeserver_url`", address)
        }
        Error::NotSent { url, error } => after_transport_error(error, url, false),
        Error::ResponseLost { url, error } => after_transport_error(error, url, true),
        Error::Api(error) => after_api_error(error, None),
        Error::UnexpectedResponse { status, body, retry_after, .. } => after_unexpected_response(*status, body, *retry_after),
        Error::Discovery { document, error, .. } => {
            let address = document.as_ref().map(|document| format!("the base_url in {document}"));
            let address = address.as_deref().unwrap_or("the server name in `user_id`");
            format!("{}, or give `homeserver_url`", after(error).replace("`homeserver_url`", address))
        }
        Error::Document { .. } => "correct the document".into(),
    }
}

/// After a login, or the proof of its token.
pub(crate) fn after_login(failure: &LoginFailure) -> String {
    let hint = match (&failure.stage, &failure.error) {
        // The server gave a token that it does not accept.
        (Stage::Proof, Error::Api(error)) if error.is_unknown_token() => match failure.kind {
            Kind::AsToken => {
                "the user is not registered, such as the sender of an appservice: have the appservice register it first".into()
            }
            _ => {
                "the homeserver refuses the token that it issued: see its log, and check that the user is not locked or deactivated".into()
            }
        },
        (Stage::Login(Some(support)), _) => after_support(support, failure),
        (Stage::Login(None), Error::Api(error)) => after_api_error(error, Some(failure)),
        (Stage::Login(None), error) if error.may_have_arrived() && failure.kind.works_once() => {
            after(error) + "; the login token may be used up now: get a new one"
        }
        (Stage::Login(None), error) if error.may_have_arrived() && failure.may_leave_session => {
            after(error)
                + "; the server may have created a session all the same: give `device_id`, and a login can be repeated without a second device"
        }
        (_, error) => after(error),
    };
    let is_login = matches!(failure.stage, Stage::Login(None));
    let is_refused = matches!(
        failure.error,
        Error::Api(ApiError { status: 400 | 401 | 403, .. }) | Error::Mas { status: Some(401), .. }
    );
    match failure.suspicion.as_ref().filter(|_| is_login && is_refused) {
        Some(suspicion) => format!("{suspicion}; else {hint}"),
        None => hint,
    }
}

fn after_transport_error(error: &TransportError, url: &str, is_connected: bool) -> String {
    let is_https = url.starts_with("https://");
    let other_scheme = if !is_https {
        "; if the port speaks TLS, write https:// in `homeserver_url`"
    } else if is_connected {
        ", and that it speaks HTTP/1.1"
    } else if is_loopback(&host(url)) {
        "; if the port speaks no TLS, write http:// in `homeserver_url`"
    } else {
        ", and that the port speaks TLS"
    };
    match error {
        TransportError::UnknownHost => {
            "check `homeserver_url`, and that the host that runs the task resolves the name by DNS or /etc/hosts: \
             names of containers resolve only inside their own network, and .local names by mDNS alone"
        }
        TransportError::NameServer => "check the name servers of the host that runs the task, or raise `wait_timeout`",
        TransportError::Refused | TransportError::System(_) => {
            "check `homeserver_url`, and that the homeserver runs and can be reached from the host that runs the task"
        }
        TransportError::Closed => return format!("check that the homeserver runs{other_scheme}"),
        TransportError::TimedOut => return format!("raise `timeout`, or check that the homeserver is well{other_scheme}"),
        TransportError::Tls(error) => after_tls_error(error, url),
        TransportError::Proxy { .. } => "check the proxy of the environment, or set `use_proxy: false`",
        TransportError::NotHttp(_) if is_https => "check the port in `homeserver_url`: TLS works there, but HTTP/1.1 does not",
        TransportError::NotHttp(_) => return format!("check the port in `homeserver_url`{other_scheme}"),
    }
    .into()
}

fn after_tls_error(error: &TlsError, url: &str) -> &'static str {
    match error {
        TlsError::NotTls if is_loopback(&host(url)) => "give the port that speaks TLS in `homeserver_url`, or write http:// there",
        TlsError::NotTls => "give the port that speaks TLS in `homeserver_url`",
        TlsError::UnknownIssuer => {
            "give the CA certificate that signed it as `ca_path`, or have the server send its intermediate certificates as well"
        }
        TlsError::CaUsedAsServer => {
            "make one that is no CA certificate, with `openssl req -x509 -addext basicConstraints=critical,CA:FALSE …`, and give it as `ca_path`"
        }
        TlsError::BadSignature => {
            "check that `ca_path` holds the CA certificate that signed it, not another of the same name, that the server has the key of its certificate, and that \
             RSA keys have at least 2048 bits"
        }
        TlsError::Expired => "renew it on the server, or correct the clock of the host that runs the task",
        TlsError::NotYetValid => "check the clock of the host that runs the task",
        TlsError::WrongName { .. } => {
            "use a host name that the certificate is for, or give the server a certificate for this name: a reverse proxy presents a default certificate until then"
        }
        TlsError::Certificate(_) => "give the server another certificate",
        TlsError::ClientCertificate => {
            "give one as `client_cert`, and its key as `client_key`; it must be valid, and signed by a CA that the server trusts for clients: see its log"
        }
        TlsError::InternalError => {
            "check that it has a certificate for this host name, without which Caddy and others answer so, and see its log"
        }
        TlsError::HandshakeFailure => {
            "it may require a client certificate (`client_cert` and `client_key`), or share no TLS version or cipher suite with this module: see its log"
        }
        TlsError::NothingInCommon(_) => "change the TLS settings of the server",
        TlsError::Broken(_) | TlsError::Protocol(_) => "see the logs of the homeserver, and of the reverse proxy in front of it",
    }
}

fn after_unexpected_response(status: u16, body: &UnexpectedBody, retry_after: Option<Duration>) -> String {
    match (status, body) {
        (_, UnexpectedBody::Redirect { kind, .. }) => after_redirect(*kind),
        (304, _) => "a cache in front of the homeserver answers in its place: exempt /_matrix from it, or use an address that bypasses it",
        (429, _) => {
            let asked = asked(retry_after);
            return format!(
                "the reverse proxy or firewall in front of the homeserver limits requests, and {asked}: raise `wait_timeout`, or use an address that bypasses it"
            );
        }
        (status, _) if is_gateway_status(status) => return after_gateway(retry_after),
        (500.., _) => "the homeserver, or the reverse proxy in front of it, has an internal error: see their logs",
        (200..=299, UnexpectedBody::Html) => {
            "this is not a Matrix answer: a web site, a login page or a firewall answers instead of the homeserver: check `homeserver_url`, or use an address that \
             bypasses it"
        }
        (200..=299, UnexpectedBody::Missing(_) | UnexpectedBody::Malformed) => {
            "another service answers there, or the homeserver breaks the specification: check `homeserver_url`, or report it to the developers of the homeserver"
        }
        (401 | 403, UnexpectedBody::Html) => {
            "this is not a Matrix answer: a login page or a firewall is in front of the homeserver, use an address that bypasses it"
        }
        (401 | 403, _) => {
            "this is not a Matrix answer: the reverse proxy or a firewall in front of the homeserver refuses the request, use an address that bypasses it"
        }
        (404, UnexpectedBody::Html | UnexpectedBody::NotJson | UnexpectedBody::Empty) => {
            "this is not a Matrix answer: the homeserver is not running, or the reverse proxy has no route to it; check that and `homeserver_url`"
        }
        _ => "this is not a Matrix answer: check `homeserver_url`, and the reverse proxy or firewall in front of the homeserver",
    }
    .into()
}

fn after_redirect(kind: Redirect) -> &'static str {
    match kind {
        Redirect::Nowhere => {
            "a redirect without a target is a mistake of the reverse proxy: correct it, or use an address that bypasses it"
        }
        Redirect::Loop => {
            "redirects in a circle mostly come from a reverse proxy that does not know that the request came by https (X-Forwarded-Proto): correct it, or use an \
             address that bypasses it"
        }
        Redirect::PlainHttp => {
            "a redirect to plain http is not followed, for nothing is encrypted there: have the server redirect to https://, or use an address that needs no redirect"
        }
        Redirect::Slash => "no endpoint of Matrix differs in a slash at its end: have the reverse proxy pass paths on as they are",
        Redirect::SameHost => {
            "a redirect is not followed with a secret in the request: give the base URL of the redirect target as `homeserver_url`"
        }
        Redirect::OtherHost => {
            "a redirect is not followed with a secret in the request, least of all to another host: check `homeserver_url`"
        }
        Redirect::OtherPage => "a login page or another web server is in front of the homeserver: use an address that bypasses it",
    }
}

/// After an error in the terms of the specification. `login` is the login that it ended, if it did.
fn after_api_error(error: &ApiError, login: Option<&LoginFailure>) -> String {
    if let Some(login) = login.filter(|login| error.is_rate_limit() && login.kind.login_type().is_some()) {
        return after_login_limit(error, login);
    }
    let says = |text| error.error.contains(text);
    let is_logout = error.url.ends_with("/logout");
    match (login.map(|login| login.kind), error.status, error.errcode.as_str()) {
        (Some(Kind::AdminAccessToken), 401, "M_UNKNOWN_TOKEN") => "`admin_access_token` is no longer valid: give a new one",
        (Some(Kind::AdminAccessToken), 403, "M_FORBIDDEN") => {
            "`admin_access_token` is not that of a server administrator: give one that is"
        }
        (Some(Kind::AdminAccessToken), 400, _) => "the user must be another one than the administrator, and of this server: check `user_id`",
        (Some(_), 403, "M_FORBIDDEN") if says("device limit") => "log out sessions of this user that are no longer needed",
        (Some(_), 403, "M_FORBIDDEN") if says("policy enforced by this service") => {
            "a policy of Matrix Authentication Service denies this login: ask its administrator"
        }
        (Some(Kind::AsToken), 401, "M_UNKNOWN_TOKEN" | "M_UNAUTHORIZED") => {
            "the homeserver knows no appservice with this `as_token`: check it, and that the registration file is loaded"
        }
        (Some(Kind::AsToken), 400 | 403, "M_EXCLUSIVE") | (Some(Kind::AsToken), 403, "M_FORBIDDEN") => {
            "the user is not in the namespaces of the appservice's registration; upper and lower case differ there"
        }
        (Some(Kind::AsToken), 404, _) | (Some(Kind::AsToken), 400, "M_INVALID_PARAM") if !says("device_id") => {
            "the user is in the appservice's namespace, but does not exist: have the bridge register it first"
        }
        (Some(_), 404, "M_NOT_FOUND") => "the user does not exist on this server: check `user_id`, upper and lower case included",
        // Dendrite refuses a password by 401.
        (Some(Kind::Password | Kind::SharedSecret), 401 | 403, "M_FORBIDDEN") if is_own_reason(&error.error) => {
            "that is the homeserver's reason: ask its administrator, or use another credential"
        }
        (Some(Kind::Password), 401 | 403, "M_FORBIDDEN") => {
            "the server does not say which is wrong: check `password`, then that `user_id` exists on this server, is not deactivated and has a password"
        }
        (Some(Kind::LoginToken), 403, "M_FORBIDDEN") => "a login token works once and expires within minutes: get a new one",
        (Some(Kind::Jwt), 403, "M_FORBIDDEN") => {
            "check the token's signature, times, issuer and audience against the homeserver's `jwt_config`"
        }
        (Some(Kind::SharedSecret), 403, "M_FORBIDDEN") => {
            "the server does not say which is wrong: check `shared_secret`, that `user_id` exists on this server with these capitals, and that the server's module takes \
             this kind of login"
        }
        // From here on it means the same whatever was asked.
        _ if error.is_rate_limit() => {
            return format!("the homeserver limits requests, and {}: raise `wait_timeout`", asked(error.retry_after));
        }
        (.., "M_USER_DEACTIVATED") => "the user is deactivated: reactivate it, or give another `user_id`",
        (.., "M_USER_LOCKED") => "an administrator has locked this user: unlock it first",
        (.., "M_USER_SUSPENDED") => "an administrator has suspended this user: unsuspend it first",
        (.., "ORG_MATRIX_EXPIRED_ACCOUNT") => "the account has expired: renew the account",
        (.., "M_RESOURCE_LIMIT_EXCEEDED") => {
            "the homeserver accepts no logins at the moment (a limit of users, or maintenance): ask its administrator"
        }
        (.., "M_CONSENT_NOT_GIVEN") => "the user has to accept the homeserver's terms first: log in with a Matrix client once",
        (.., "ORG.MATRIX.MSC3866_USER_AWAITING_APPROVAL") => "an administrator must approve this user first",
        (.., "M_MISSING_TOKEN") | (_, 401, "M_UNAUTHORIZED") if error.had_token => {
            "the reverse proxy in front of the homeserver removes the Authorization header: use an address that bypasses it, or correct it"
        }
        // Synapse, and the Conduit family.
        (_, 401, "M_UNKNOWN") | (_, 403, "M_FORBIDDEN") if is_logout && (says("Unrecognised access token") || says("masquerade")) => {
            "an appservice's own token can't be logged out: remove the appservice's registration from the homeserver"
        }
        (_, 404 | 405, "M_UNRECOGNIZED") if is_logout => {
            "the homeserver has no such endpoint: check `homeserver_url`; with Matrix Authentication Service, route /_matrix/client/*/logout to it in the reverse \
             proxy, give `mas_client_id` and `mas_client_secret`, or end the session with `mas-cli manage kill-sessions`"
        }
        (.., "M_UNRECOGNIZED") => "check `homeserver_url`",
        (_, 503, _) if error.url.ends_with("/account/whoami") && says("introspect") => {
            "the homeserver cannot reach Matrix Authentication Service, which validates its tokens: check that this service runs"
        }
        (_, status, _) if is_gateway_status(status) => return after_gateway(error.retry_after),
        (_, 500.., _) => "the homeserver has an internal error: see its log",
        _ => match login {
            Some(login) => after_refused_wish(error, login),
            None => "see the log of the homeserver",
        },
    }
    .into()
}

/// A text that says more than which of two was wrong is the server's own reason. The others are those of Synapse, Matrix Authentication Service, Dendrite
/// and the Conduit family for "user or password".
fn is_own_reason(text: &str) -> bool {
    let text = text.to_lowercase();
    let words = ["invalid", "incorrect", "wrong", "password or", "no user has", "forbidden", "xxx"];
    let is_standard = words.iter().any(|word| text.contains(word)) && !text.contains("cannot") && !text.contains("not permitted");
    !text.is_empty() && !is_standard
}

/// The credential may be right: it is something else that the login asks for.
fn after_refused_wish(error: &ApiError, login: &LoginFailure) -> &'static str {
    match error.errcode.as_str() {
        "M_APPSERVICE_LOGIN_UNSUPPORTED" => {
            "this homeserver does not support appservice logins: use the `as_token` itself, with ?user_id=, or another credential"
        }
        "M_TOO_LARGE" => "shorten `device_display_name`",
        "M_INVALID_USERNAME" if login.kind == Kind::Jwt => "set the `sub` of the token to the localpart, without @ and server name",
        "M_INVALID_USERNAME" => "check `user_id`: its server name, and which letters it has",
        "M_FORBIDDEN" if error.status == 400 => "give another `device_id`",
        "M_INVALID_PARAM" if error.error.contains("device_id") => "shorten `device_id`",
        _ if matches!(login.stage, Stage::Login(None)) => "check the options of this task",
        _ => "the homeserver offers this login type, but refused this login: check the options of this task",
    }
}

fn after_gateway(retry_after: Option<Duration>) -> String {
    let why = "the reverse proxy answers instead of the homeserver";
    match retry_after {
        Some(_) => format!("{why}, and {}: raise `wait_timeout`", asked(retry_after)),
        None => format!("{why}: check that the homeserver runs, and raise `wait_timeout` if it takes long to start"),
    }
}

fn asked(retry_after: Option<Duration>) -> String {
    match retry_after {
        None => "doesn't say for how long".into(),
        Some(wait) => format!("asks to wait {} seconds, more than what is left of `wait_timeout`", wait.as_millis().div_ceil(1000)),
    }
}

fn after_login_limit(error: &ApiError, failure: &LoginFailure) -> String {
    let (limit, way_round) = match (&failure.stage, error.error.as_str()) {
        (Stage::Login(Some(ServerSupport::LoginFlows { is_mas: true, .. })), _) => (
            " (`rate_limiting.login` in Matrix Authentication Service)",
            ", or use `mas_cli` or `mas_client_id`, which it does not limit",
        ),
        // Only Synapse says it so.
        (_, "Too Many Requests") => (" (`rc_login` in Synapse)", ", or use `admin_access_token`, which Synapse does not limit"),
        _ => ("", ""),
    };
    let keep = match (failure.is_kept, way_round) {
        (true, _) => "",
        (false, "") => "keep the session in `session_file` so that logins are rare, and ",
        (false, _) => "keep the session in `session_file` so that logins are rare, ",
    };
    format!(
        "the homeserver limits logins, for each user and for each address that they come from{limit}, and {}: {keep}raise `wait_timeout`{way_round}",
        asked(error.retry_after)
    )
}

/// After a failure that the server's other answers explain.
fn after_support(support: &ServerSupport, failure: &LoginFailure) -> String {
    let is_admin = failure.kind == Kind::AdminAccessToken;
    let instead = match failure.kind {
        Kind::AsToken => "use the `as_token` itself with ?user_id=, for that service knows no users of bridges",
        _ => "use `mas_cli`, the command `mas-cli` where that service runs, or `mas_client_id` and `mas_client_secret` for its admin API",
    };
    match support {
        ServerSupport::LoginFlows { flows, is_mas } => match (&failure.error, failure.kind) {
            (Error::Api(error), kind) if error.is_rate_limit() || is_offered(kind, flows) => return after_api_error(error, Some(failure)),
            (_, kind) if !is_mas => return after_flows(flows, kind),
            (_, Kind::Password) => {
                return format!("passwords are switched off in Matrix Authentication Service (`passwords.enabled`): {instead}");
            }
            (_, kind) => return format!("Matrix Authentication Service takes no login with `{}`: {instead}", kind.name()),
        },
        ServerSupport::Mas => {
            let why = if is_admin {
                "where no administrator's token logs anybody in, not even one issued with --yes-i-want-to-grant-synapse-admin-privileges"
            } else {
                "and its reverse proxy routes no logins there"
            };
            return format!("this homeserver delegates authentication to Matrix Authentication Service, {why}: {instead}");
        }
        ServerSupport::DelegationUnreachable => {
            return format!(
                "this homeserver delegates authentication to a service that does not answer it (Matrix Authentication Service): check that it runs and that the \
                 reverse proxy routes logins there, or {instead}"
            );
        }
        ServerSupport::OwnOauthServer | ServerSupport::NoLoginEndpoint if is_admin => {
            "this homeserver is not Synapse, or the reverse proxy in front of it blocks /_synapse/admin: use an address that bypasses it, or another credential"
        }
        ServerSupport::OwnOauthServer => {
            "this homeserver has its own OAuth 2.0 server, and takes no logins: have it issue a token (Continuwuity: `!admin users issue-token`), and give that as \
             `access_token`"
        }
        ServerSupport::NoLoginEndpoint => "the homeserver has no /login here: check the reverse proxy in front of it",
        ServerSupport::ApiAtRoot(root) => return format!("the client-server API is at {root}: give that as `homeserver_url`"),
        ServerSupport::FederationOnly => "this port serves other homeservers only: give the URL for Matrix clients as `homeserver_url`",
        ServerSupport::NotMatrix if matches!(failure.error, Error::UnexpectedResponse { .. }) => return after(&failure.error),
        ServerSupport::NotMatrix => {
            "there is no Matrix API: check `homeserver_url` (without it, the module discovers the URL from a full `user_id`), and the reverse proxy in front of the homeserver"
        }
    }
    .into()
}

/// The server takes logins, but not this one.
fn after_flows(flows: &[String], kind: Kind) -> String {
    // Synapse lists that of an appservice always, whether or not there is one.
    let offered = Kind::VARIANTS.iter().filter(|kind| **kind != Kind::AsToken && is_offered(**kind, flows));
    let offered: Vec<_> = offered.map(|kind| format!("`{}`", kind.name())).collect();
    let name = kind.name();
    let switched_on = if kind == Kind::Password { "enable passwords in the homeserver, or " } else { "" };
    if offered.is_empty() {
        let flows = if flows.is_empty() { "none".into() } else { flows.join(", ") };
        return format!(
            "this homeserver takes no login with `{name}` (it offers: {flows}): {switched_on}give `admin_access_token` (Synapse), or the token of a session of a Matrix \
             client as `access_token`"
        );
    }
    let offered = offered.join(" or ");
    format!(
        "this homeserver takes no login with `{name}`: {switched_on}give {offered} instead, `admin_access_token` (Synapse), or `access_token`"
    )
}
