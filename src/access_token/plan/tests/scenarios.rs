//! Every task, session file and state of tokens that can go together, and runs that ask until they know what to do.

use super::{Case, EXPIRED, FILE, GIVEN, GONE, HERE, LASTING, ONCE, STORED, elsewhere, refreshable, session, works};
use crate::access_token::plan::{Candidate, Step, Token};
use crate::matrix::session::Session;
use crate::matrix::user_id::UserId;
use crate::matrix::whoami::TokenStatus;
use crate::secret::Secret;

/// A task, and how the tokens that it doesn't know yet really stand.
pub(crate) struct Scenario {
    pub(crate) case: Case,
    pub(crate) given: Token,
    pub(crate) stored: Token,
}

/// How a run ended: what it asked, and its last step.
pub(crate) struct Run {
    pub(crate) asked: Vec<Candidate>,
    pub(crate) inputs: Case,
    pub(crate) end: Step,
}

impl Scenario {
    pub(crate) fn run(&self, check_mode: bool) -> Run {
        let mut inputs = self.case.clone().with(|case| case.check_mode = check_mode);
        let mut asked = Vec::new();
        loop {
            let step = inputs.plan();
            let Step::Ask(candidate) = step else {
                return Run { asked, inputs, end: step };
            };
            assert!(!asked.contains(&candidate), "asks twice: {}", self.describe());
            asked.push(candidate);
            match candidate {
                Candidate::Given => inputs.given = self.given.clone(),
                Candidate::Stored => inputs.stored = self.stored.clone(),
            }
        }
    }

    pub(crate) fn session(&self) -> Option<&Session> {
        self.case.stored_session.as_ref()
    }

    pub(crate) fn is_on_another_homeserver(&self) -> bool {
        self.session().is_some_and(|session| session.homeserver != self.case.homeserver)
    }

    /// The device that the stored token really has.
    pub(crate) fn stored_device(&self) -> Option<String> {
        let told = match &self.stored {
            Token::Asked(TokenStatus::Valid(identity)) => identity.device_id.clone(),
            _ => None,
        };
        told.or_else(|| self.session()?.device_id.clone())
    }

    /// The stored session may be the only copy of what somebody else works with.
    pub(crate) fn holds_another_users(&self, wanted: Option<&UserId>) -> bool {
        let can_refresh = self.session().is_some_and(|session| session.tokens.refresh_token.is_some());
        let is_valid = matches!(self.stored, Token::Asked(TokenStatus::Valid(_)));
        let alive = is_valid || [EXPIRED, GONE].contains(&self.stored) && can_refresh;
        let theirs = |session: &Session| wanted.is_some_and(|wanted| *wanted != session.user_id);
        alive && self.session().is_some_and(theirs)
    }

    pub(crate) fn describe(&self) -> String {
        let Case { user, device_id, force, credential, session_file, access_token, .. } = &self.case;
        let token = access_token.expose_secret();
        let stored = (&self.stored, self.session());
        format!(
            "user {user:?} device {device_id:?} force {force} credential {credential:?} file {session_file:?} given {token} {:?} stored {stored:?}",
            self.given
        )
    }
}

fn unasked(token: &Token) -> Token {
    if *token == Token::Missing { Token::Missing } else { Token::Unasked }
}

/// What `session_file` may hold, and how that stands.
fn stored() -> Vec<(Token, Option<Session>)> {
    let mut all = vec![(Token::Missing, None)];
    for (name, device_id) in [("alice", Some("BOT")), ("alice", Some("OLD")), ("alice", None), ("bob", Some("BOT"))] {
        let plain = session(name, device_id);
        for session in [refreshable(plain.clone()), elsewhere(plain.clone()), elsewhere(refreshable(plain.clone())), plain] {
            let told = [device_id, Some("BOT"), None];
            let told = &told[..if device_id.is_none() { 2 } else { 1 }];
            let answers = told.iter().map(|device_id| works(name, *device_id)).chain([EXPIRED, GONE]);
            all.extend(answers.map(|token| (token, Some(session.clone()))));
        }
    }
    all
}

fn given() -> Vec<Token> {
    let working = [("alice", Some("BOT")), ("alice", Some("NEW")), ("alice", None), ("bob", Some("BOT"))];
    let working = working.into_iter().map(|(name, device_id)| works(name, device_id));
    working.chain([Token::Missing, EXPIRED, GONE]).collect()
}

/// The file, if there is one, and which token is given.
fn files(given: &Token, stored: &Token, session: Option<&Session>) -> Vec<(Option<&'static str>, &'static str)> {
    let mut files = vec![(Some(FILE), GIVEN)];
    if *stored == Token::Missing {
        files.push((None, GIVEN));
    } else if given == stored && session.is_some_and(|session| session.homeserver.as_str() == HERE) {
        files.push((Some(FILE), STORED));
    }
    files
}

/// All of them.
pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for (stored, session) in stored() {
        for given in given() {
            for (session_file, token) in files(&given, &stored, session.as_ref()) {
                for switches in 0..24 {
                    let credential = [None, ONCE, LASTING][switches % 3];
                    let (force, pinned, anybody) = (switches / 3 % 2 == 1, switches / 6 % 2 == 1, switches / 12 == 1);
                    if anybody && credential.is_some() {
                        continue; // a credential needs a user
                    }
                    let case = Case::new().force().credential(credential).with(|case| {
                        case.session_file = session_file;
                        case.access_token = Secret::new(token.into());
                        case.force = force;
                        case.device_id = pinned.then_some("BOT");
                        case.user = case.user.take().filter(|_| !anybody);
                        case.given = unasked(&given);
                        case.stored = unasked(&stored);
                        case.stored_session.clone_from(&session);
                    });
                    let (given, stored) = (given.clone(), stored.clone());
                    scenarios.push(Scenario { case, given, stored });
                }
            }
        }
    }
    scenarios
}
