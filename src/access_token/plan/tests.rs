//! Tasks, sessions and tokens to decide about. `decision_table.rs` holds the cases with a meaning, `invariants.rs` checks all that can occur.

mod decision_table;
mod invariants;
mod scenarios;

use std::path::Path;

use super::{Inputs, Step, Token, plan};
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::login::Kind;
use crate::matrix::session::{Session, Tokens};
use crate::matrix::user_id::{User, UserId};
use crate::matrix::whoami::{Identity, TokenStatus};
use crate::secret::Secret;

/// A credential that a login uses up.
const ONCE: Option<Kind> = Some(Kind::LoginToken);
const LASTING: Option<Kind> = Some(Kind::Password);

const GIVEN: &str = "G";
const STORED: &str = "T";
const FILE: &str = "session.json";

const HERE: &str = "https://matrix.example.com";
const ELSEWHERE: &str = "https://old.example.com";

/// A task for alice with a password, and nothing else.
#[derive(Clone)]
struct Case {
    homeserver: HomeserverUrl,
    user: Option<User>,
    device_id: Option<&'static str>,
    force: bool,
    check_mode: bool,
    credential: Option<Kind>,
    access_token: Secret,
    given: Token,
    stored: Token,
    stored_session: Option<Session>,
    refresh_refused: bool,
    session_file: Option<&'static str>,
}

impl Case {
    fn new() -> Self {
        Self {
            homeserver: HomeserverUrl::parse(HERE).unwrap(),
            user: Some(User::Full(user_id("alice"))),
            device_id: None,
            force: false,
            check_mode: false,
            credential: LASTING,
            access_token: Secret::new(GIVEN.into()),
            given: Token::Missing,
            stored: Token::Missing,
            stored_session: None,
            refresh_refused: false,
            session_file: None,
        }
    }

    fn stored(mut self, token: Token, session: Session) -> Self {
        (self.stored, self.stored_session, self.session_file) = (token, Some(session), Some(FILE));
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn given(self, token: Token) -> Self {
        self.with(|case| case.given = token)
    }

    fn force(self) -> Self {
        self.with(|case| case.force = true)
    }

    fn check_mode(self) -> Self {
        self.with(|case| case.check_mode = true)
    }

    fn on(self, device_id: &'static str) -> Self {
        self.with(|case| case.device_id = Some(device_id))
    }

    fn credential(self, credential: Option<Kind>) -> Self {
        self.with(|case| case.credential = credential)
    }

    fn with_file(self) -> Self {
        self.with(|case| case.session_file = Some(FILE))
    }

    /// The given token is the stored one.
    fn given_as_stored(self) -> Self {
        self.with(|case| case.access_token = Secret::new(STORED.into()))
    }

    fn plan(&self) -> Step {
        plan(&Inputs {
            homeserver: &self.homeserver,
            user: self.user.as_ref(),
            device_id: self.device_id,
            force: self.force,
            check_mode: self.check_mode,
            credential: self.credential,
            access_token: Some(&self.access_token).filter(|_| self.given != Token::Missing),
            given: self.given.clone(),
            stored: self.stored.clone(),
            stored_session: self.stored_session.as_ref(),
            refresh_refused: self.refresh_refused,
            session_file: self.session_file.map(Path::new),
        })
    }
}

fn user_id(name: &str) -> UserId {
    UserId::parse(&format!("@{name}:example.com")).unwrap()
}

fn identity(name: &str, device_id: Option<&str>) -> Identity {
    Identity { user_id: user_id(name), device_id: device_id.map(str::to_owned) }
}

fn works(name: &str, device_id: impl Into<Option<&'static str>>) -> Token {
    Token::Asked(TokenStatus::Valid(identity(name, device_id.into())))
}

fn session(name: &str, device_id: impl Into<Option<&'static str>>) -> Session {
    let device_id: Option<&str> = device_id.into();
    Session {
        homeserver: HomeserverUrl::parse(HERE).unwrap(),
        user_id: user_id(name),
        device_id: device_id.map(str::to_owned),
        tokens: Tokens { access_token: Secret::new(STORED.into()), refresh_token: None, expires_at: None },
        mas_personal_session_id: None,
    }
}

fn refreshable(session: Session) -> Session {
    let refresh_token = Some(Secret::new("R".into()));
    Session { tokens: Tokens { refresh_token, ..session.tokens }, ..session }
}

fn elsewhere(session: Session) -> Session {
    Session { homeserver: HomeserverUrl::parse(ELSEWHERE).unwrap(), ..session }
}

const EXPIRED: Token = Token::Asked(TokenStatus::SoftLoggedOut);
const GONE: Token = Token::Asked(TokenStatus::Unknown);
