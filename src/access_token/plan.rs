//! The decision: from what is known to the next step. Pure: asks nobody, changes nothing.
//! That a server in trouble (a 500, say) never leads to a login is decided before, in `matrix/whoami.rs`: it is an error there, and no token status.

use std::path::Path;

use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::login::Kind;
use crate::matrix::session::Session;
use crate::matrix::user_id::{User, UserId};
use crate::matrix::whoami::{Identity, TokenStatus};
use crate::secret::Secret;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask the candidate's server for the status of its token, then decide again.
    Ask(Candidate),
    /// Nothing: this session works.
    Keep(Session),
    Change(Change),
    /// This would change something, but check mode forbids it.
    Predict(Change),
    /// Nothing, and the task fails.
    Refuse(Reason),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Store the given token, which works.
    TakeOver { session: Session, previous: PreviousSession },
    /// Get new tokens for the stored session.
    Refresh(Session),
    /// Log in on this device, or on one of the server's choice.
    LogIn { device_id: Option<String>, previous: PreviousSession },
    /// Log in to prove the credential, log out, which deletes the device with all its tokens, and log in again.
    ReplaceDevice { device_id: String, previous: PreviousSession },
}

/// What becomes of the stored session once another one is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PreviousSession {
    /// There was none, it is invalid, or it shares the device of the new one: revoking it would end that too.
    Forget,
    Revoke,
    /// Leave it alone and say so: it belongs to another homeserver than the one asked for, it is the given `access_token`, which only
    /// `absent` revokes, or its device is not known and may be that of the new one.
    Leave,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The candidate works, or may be refreshed, for somebody else.
    AnotherUser(Candidate),
    /// A login is needed, and there is nothing to log in with.
    NoCredential,
    /// Replacing a session on its own device takes two logins.
    NeedsTwoLogins,
}

/// A session that exists perhaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// The option `access_token`.
    Given,
    /// What `session_file` holds.
    Stored,
}

/// What is known of a candidate's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Missing,
    /// Its server was not asked yet.
    Unasked,
    Asked(TokenStatus),
}

impl Token {
    /// Whom it works for.
    pub(crate) fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Asked(TokenStatus::Valid(identity)) => Some(identity),
            _ => None,
        }
    }

    fn is_refused(&self) -> bool {
        matches!(self, Self::Asked(TokenStatus::SoftLoggedOut | TokenStatus::Unknown))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Inputs<'a> {
    pub(crate) homeserver: &'a HomeserverUrl,
    pub(crate) user: Option<&'a User>,
    pub(crate) device_id: Option<&'a str>,
    pub(crate) force: bool,
    pub(crate) check_mode: bool,
    /// What the task can log in with.
    pub(crate) credential: Option<Kind>,
    pub(crate) access_token: Option<&'a Secret>,
    pub(crate) given: Token,
    pub(crate) stored: Token,
    pub(crate) stored_session: Option<&'a Session>,
    /// The server refused the stored refresh token.
    pub(crate) refresh_refused: bool,
    pub(crate) session_file: Option<&'a Path>,
}

pub(crate) fn plan(inputs: &Inputs) -> Step {
    let kept = [Candidate::Given, Candidate::Stored].into_iter().find_map(|candidate| inputs.decide(candidate));
    match kept.unwrap_or_else(|| inputs.change()) {
        Step::Change(change) if inputs.check_mode => Step::Predict(change),
        step => step,
    }
}

impl Inputs<'_> {
    /// What follows from one candidate alone, if anything does.
    fn decide(&self, candidate: Candidate) -> Option<Step> {
        match self.token(candidate) {
            Token::Unasked if self.is_worth_asking(candidate) => Some(Step::Ask(candidate)),
            Token::Asked(TokenStatus::Valid(identity)) if self.user.is_some_and(|user| !user.is(&identity.user_id)) => {
                Some(Step::Refuse(Reason::AnotherUser(candidate)))
            }
            Token::Asked(TokenStatus::Valid(identity)) if self.is_wanted(candidate) => {
                Some(self.keep(candidate, self.session(candidate, identity)?))
            }
            token if token.is_refused() && candidate == Candidate::Stored && self.is_stored_somebody_elses() => {
                Some(Step::Refuse(Reason::AnotherUser(candidate)))
            }
            _ => None,
        }
    }

    /// A session that is to be replaced anyway is asked about only if somebody else's only token could be overwritten.
    fn is_worth_asking(&self, candidate: Candidate) -> bool {
        !self.force && !self.is_elsewhere(candidate) || candidate == Candidate::Stored && self.is_stored_session_unknown()
    }

    /// Whether overwriting the stored session unasked could do harm: it is another user's, or its device is not known.
    fn is_stored_session_unknown(&self) -> bool {
        let unclear =
            |session: &Session| !self.is_stored_for_the_user() || session.device_id.is_none() && !self.is_elsewhere(Candidate::Stored);
        self.stored == Token::Unasked && self.stored_session.is_some_and(unclear)
    }

    /// Whether the candidate is what the task asks for, if it works.
    fn is_wanted(&self, candidate: Candidate) -> bool {
        !self.force && !self.is_elsewhere(candidate) && self.device_id.is_none_or(|wanted| self.device_id_of(candidate) == Some(wanted))
    }

    /// A given token that works is stored, unless it is already.
    fn keep(&self, candidate: Candidate, session: Session) -> Step {
        if candidate == Candidate::Stored || self.session_file.is_none() || self.is_given_stored() {
            Step::Keep(session)
        } else if self.is_stored_session_unknown() {
            Step::Ask(Candidate::Stored)
        } else if self.is_stored_somebody_elses() {
            Step::Refuse(Reason::AnotherUser(Candidate::Stored))
        } else {
            let previous = self.previous(session.device_id.as_deref(), PreviousSession::Leave);
            Step::Change(Change::TakeOver { session, previous })
        }
    }

    /// Whether the stored session works, or may be refreshed, for somebody else.
    fn is_stored_somebody_elses(&self) -> bool {
        let lives = self.stored.identity().is_some() || self.stored.is_refused() && self.refreshable().is_some();
        lives && !self.is_stored_for_the_user()
    }

    /// No session can be kept. A refresh comes before a login: behind Matrix Authentication Service an expired token is unknown.
    fn change(&self) -> Step {
        let is_to_be_replaced = self.stored.is_refused() && self.is_wanted(Candidate::Stored);
        if let Some(session) = self.refreshable().filter(|_| is_to_be_replaced) {
            return Step::Change(Change::Refresh(session.clone()));
        }
        match (self.credential, self.force, self.device_id) {
            (None, ..) => Step::Refuse(Reason::NoCredential),
            (Some(kind), true, Some(_)) if kind.works_once() => Step::Refuse(Reason::NeedsTwoLogins),
            (Some(_), true, Some(device_id)) => Step::Change(Change::ReplaceDevice {
                device_id: device_id.to_owned(),
                // If the stored session was on this device, it has ended by then.
                previous: self.previous(Some(device_id), PreviousSession::Revoke),
            }),
            (Some(_), ..) => {
                // An invalid session is replaced on its own device, so that the user's list of devices stays as it is.
                let its_own = self.device_id_of(Candidate::Stored).filter(|_| is_to_be_replaced && self.is_stored_for_the_user());
                let device_id = self.device_id.or(its_own);
                Step::Change(Change::LogIn {
                    device_id: device_id.map(str::to_owned),
                    previous: self.previous(device_id, PreviousSession::Leave),
                })
            }
        }
    }

    /// What is to become of the stored session when the new one is on `device_id` (`None`: a device that the server makes);
    /// `if_unclear` if they may share it.
    fn previous(&self, device_id: Option<&str>, if_unclear: PreviousSession) -> PreviousSession {
        let stored_device_id = self.device_id_of(Candidate::Stored);
        match &self.stored {
            Token::Missing | Token::Asked(TokenStatus::Unknown) => PreviousSession::Forget,
            _ if self.refresh_refused || !self.is_stored_for_the_user() => PreviousSession::Forget,
            _ if self.is_elsewhere(Candidate::Stored) => PreviousSession::Leave,
            _ if device_id.is_some() && device_id == stored_device_id => PreviousSession::Forget,
            _ if self.is_given_stored() => PreviousSession::Leave,
            _ if device_id.is_some() && stored_device_id.is_none() => if_unclear,
            _ => PreviousSession::Revoke,
        }
    }

    fn token(&self, candidate: Candidate) -> &Token {
        match candidate {
            Candidate::Given => &self.given,
            Candidate::Stored => &self.stored,
        }
    }

    /// Whether the stored session is the given one. Its token may be stored with a URL that is no longer asked for.
    fn is_given_stored(&self) -> bool {
        let is_same = |session: &Session| session.homeserver == *self.homeserver && Some(&session.tokens.access_token) == self.access_token;
        self.stored_session.is_some_and(is_same)
    }

    fn is_elsewhere(&self, candidate: Candidate) -> bool {
        self.session_of(candidate).is_some_and(|session| session.homeserver != *self.homeserver)
    }

    /// What the server says of its user counts more than what was stored.
    pub(crate) fn user_id_of(&self, candidate: Candidate) -> Option<&UserId> {
        let told = self.token(candidate).identity().map(|identity| &identity.user_id);
        told.or_else(|| Some(&self.session_of(candidate)?.user_id))
    }

    fn is_stored_for_the_user(&self) -> bool {
        self.user_id_of(Candidate::Stored).is_none_or(|stored| match self.user {
            Some(user) => user.is(stored),
            None => self.user_id_of(Candidate::Given).is_none_or(|given| given == stored),
        })
    }

    /// What the server says of its device, else what was stored: old servers don't say.
    fn device_id_of(&self, candidate: Candidate) -> Option<&str> {
        let told = self.token(candidate).identity().and_then(|identity| identity.device_id.as_deref());
        told.or_else(|| self.session_of(candidate)?.device_id.as_deref())
    }

    /// What was known of it before.
    fn session_of(&self, candidate: Candidate) -> Option<&Session> {
        self.stored_session.filter(|_| candidate == Candidate::Stored)
    }

    /// The stored session, if it has a refresh token that the server has not refused.
    fn refreshable(&self) -> Option<&Session> {
        self.stored_session
            .filter(|session| session.tokens.refresh_token.is_some() && !self.refresh_refused)
    }

    /// The candidate as a session of whom its server says it is.
    fn session(&self, candidate: Candidate, identity: &Identity) -> Option<Session> {
        let Identity { user_id, device_id } = identity.clone();
        if candidate == Candidate::Given && !self.is_given_stored() {
            return Some(Session::new(self.homeserver, user_id, device_id, self.access_token?.clone()));
        }
        let stored = self.stored_session?.clone();
        let device_id = device_id.or(stored.device_id);
        Some(Session { user_id, device_id, ..stored })
    }
}

#[cfg(test)]
mod tests;
