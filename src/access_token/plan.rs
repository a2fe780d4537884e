//! The decision: from what is known to the next step. Pure: asks nobody, changes nothing.
//! That a server in trouble (a 500, say) never leads to a login is decided before, in `matrix/whoami.rs`: it is an error there, and no token status.

use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Session, Tokens};
use crate::matrix::user_id::User;
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

/// What the task can log in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialUse {
    None,
    /// A login uses it up.
    Once,
    Lasting,
}

/// How `session_file` relates to the given token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum File {
    /// There is no such option.
    None,
    /// It holds another token, or none yet.
    Lacks,
    /// It holds this one.
    Holds,
}

#[derive(Clone, Debug)]
pub(crate) struct Inputs<'a> {
    pub(crate) homeserver: &'a HomeserverUrl,
    pub(crate) user: Option<&'a User>,
    pub(crate) device_id: Option<&'a str>,
    pub(crate) force: bool,
    pub(crate) check_mode: bool,
    pub(crate) credential: CredentialUse,
    pub(crate) access_token: Option<&'a Secret>,
    pub(crate) given: Token,
    pub(crate) stored: Token,
    pub(crate) stored_session: Option<&'a Session>,
    /// The server refused the stored refresh token.
    pub(crate) refresh_refused: bool,
    pub(crate) file: File,
}

pub(crate) fn plan(inputs: &Inputs) -> Step {
    let kept = [Candidate::Given, Candidate::Stored].into_iter().find_map(|candidate| inputs.decide(candidate));
    kept.unwrap_or_else(|| match inputs.change() {
        Err(reason) => Step::Refuse(reason),
        Ok(change) => inputs.unless_check_mode(change),
    })
}

impl Inputs<'_> {
    /// What follows from one candidate alone, if anything does.
    fn decide(&self, candidate: Candidate) -> Option<Step> {
        match self.token(candidate) {
            Token::Unasked if self.is_worth_asking(candidate) => Some(Step::Ask(candidate)),
            Token::Asked(TokenStatus::Valid(identity)) if !self.is_for_the_user(identity) => {
                Some(Step::Refuse(Reason::AnotherUser(candidate)))
            }
            Token::Asked(TokenStatus::Valid(identity)) if self.is_usable(candidate, identity) => {
                Some(self.keep(candidate, self.session(candidate, identity)?))
            }
            Token::Asked(TokenStatus::SoftLoggedOut | TokenStatus::Unknown)
                if candidate == Candidate::Stored && self.refreshable().is_some() && !self.is_stored_for_the_user() =>
            {
                Some(Step::Refuse(Reason::AnotherUser(candidate)))
            }
            Token::Missing | Token::Unasked | Token::Asked(_) => None,
        }
    }

    /// A session that is to be replaced anyway is asked about only if somebody else's only token could be overwritten.
    fn is_worth_asking(&self, candidate: Candidate) -> bool {
        match candidate {
            Candidate::Given => !self.force,
            Candidate::Stored => !self.force && !self.is_on_another_homeserver() || self.is_stored_session_unknown(),
        }
    }

    /// Whether overwriting the stored session unasked could do harm: it is another user's, or its device is not known.
    fn is_stored_session_unknown(&self) -> bool {
        let unclear = |session: &Session| !self.is_stored_for_the_user() || session.device_id.is_none() && !self.is_on_another_homeserver();
        self.stored == Token::Unasked && self.stored_session.is_some_and(unclear)
    }

    fn is_usable(&self, candidate: Candidate, identity: &Identity) -> bool {
        let elsewhere = candidate == Candidate::Stored && self.is_on_another_homeserver();
        let device_id = match candidate {
            Candidate::Given => identity.device_id.as_deref(),
            Candidate::Stored => self.stored_device_id(),
        };
        !self.force && !elsewhere && self.device_id.is_none_or(|wanted| device_id == Some(wanted))
    }

    /// A given token that works is stored, unless it is already.
    fn keep(&self, candidate: Candidate, session: Session) -> Step {
        if candidate == Candidate::Stored || self.file != File::Lacks {
            Step::Keep(session)
        } else if self.is_stored_session_unknown() {
            Step::Ask(Candidate::Stored)
        } else {
            self.take_over(session)
        }
    }

    fn take_over(&self, session: Session) -> Step {
        let lives = match &self.stored {
            Token::Asked(TokenStatus::Valid(_)) => true,
            Token::Asked(TokenStatus::SoftLoggedOut | TokenStatus::Unknown) => self.refreshable().is_some(),
            Token::Missing | Token::Unasked => false,
        };
        if lives && !self.is_stored_for_the_user() {
            return Step::Refuse(Reason::AnotherUser(Candidate::Stored));
        }
        let previous = self.previous(session.device_id.as_deref(), PreviousSession::Leave);
        self.unless_check_mode(Change::TakeOver { session, previous })
    }

    fn unless_check_mode(&self, change: Change) -> Step {
        if self.check_mode { Step::Predict(change) } else { Step::Change(change) }
    }

    /// No session can be kept. A refresh comes before a login: behind Matrix Authentication Service an expired token is unknown.
    fn change(&self) -> Result<Change, Reason> {
        let is_invalid = matches!(self.stored, Token::Asked(TokenStatus::SoftLoggedOut | TokenStatus::Unknown));
        let is_wanted = is_invalid && !self.force && self.stored_is_on_the_device();
        if let Some(session) = self.refreshable().filter(|_| is_wanted) {
            return Ok(Change::Refresh(session.clone()));
        }
        match (self.credential, self.force, self.device_id) {
            (CredentialUse::None, ..) => Err(Reason::NoCredential),
            (CredentialUse::Once, true, Some(_)) => Err(Reason::NeedsTwoLogins),
            (CredentialUse::Lasting, true, Some(device_id)) => Ok(Change::ReplaceDevice {
                device_id: device_id.to_owned(),
                // If the stored session was on this device, it has ended by then.
                previous: self.previous(Some(device_id), PreviousSession::Revoke),
            }),
            (CredentialUse::Lasting | CredentialUse::Once, ..) => {
                let device_id = self.device_id.or_else(|| self.device_to_reuse());
                Ok(Change::LogIn { device_id: device_id.map(str::to_owned), previous: self.previous(device_id, PreviousSession::Leave) })
            }
        }
    }

    /// An invalid session is replaced on its own device, so that the user's list of devices stays as it is.
    fn device_to_reuse(&self) -> Option<&str> {
        let is_invalid = matches!(self.stored, Token::Asked(TokenStatus::SoftLoggedOut | TokenStatus::Unknown));
        let ours = !self.is_on_another_homeserver() && self.is_stored_for_the_user();
        self.stored_device_id().filter(|_| is_invalid && ours && !self.force)
    }

    /// What is to become of the stored session when the new one is on `device_id` (`None`: a device that the server makes);
    /// `if_unclear` if they may share it.
    fn previous(&self, device_id: Option<&str>, if_unclear: PreviousSession) -> PreviousSession {
        match &self.stored {
            Token::Missing | Token::Asked(TokenStatus::Unknown) => PreviousSession::Forget,
            _ if self.refresh_refused => PreviousSession::Forget,
            _ if !self.is_stored_for_the_user() => PreviousSession::Forget,
            _ if self.is_on_another_homeserver() => PreviousSession::Leave,
            _ if device_id.is_some() && device_id == self.stored_device_id() => PreviousSession::Forget,
            _ if self.file == File::Holds => PreviousSession::Leave,
            _ if device_id.is_some() && self.stored_device_id().is_none() => if_unclear,
            _ => PreviousSession::Revoke,
        }
    }

    fn token(&self, candidate: Candidate) -> &Token {
        match candidate {
            Candidate::Given => &self.given,
            Candidate::Stored => &self.stored,
        }
    }

    fn is_on_another_homeserver(&self) -> bool {
        self.stored_session.is_some_and(|session| session.homeserver != *self.homeserver)
    }

    fn is_for_the_user(&self, identity: &Identity) -> bool {
        self.user.is_none_or(|user| user.is(&identity.user_id))
    }

    /// What the server says of its user counts more than what was stored.
    fn is_stored_for_the_user(&self) -> bool {
        let stored = match &self.stored {
            Token::Asked(TokenStatus::Valid(identity)) => Some(&identity.user_id),
            _ => self.stored_session.map(|session| &session.user_id),
        };
        stored.is_none_or(|stored| match (self.user, &self.given) {
            (Some(user), _) => user.is(stored),
            (None, Token::Asked(TokenStatus::Valid(given))) => given.user_id == *stored,
            (None, _) => true,
        })
    }

    /// What the server says of its device, else what was stored: old servers don't say.
    fn stored_device_id(&self) -> Option<&str> {
        let told = match &self.stored {
            Token::Asked(TokenStatus::Valid(identity)) => identity.device_id.as_deref(),
            _ => None,
        };
        told.or_else(|| self.stored_session.and_then(|session| session.device_id.as_deref()))
    }

    fn stored_is_on_the_device(&self) -> bool {
        !self.is_on_another_homeserver() && self.device_id.is_none_or(|wanted| self.stored_device_id() == Some(wanted))
    }

    /// The stored session, if it has a refresh token that the server has not refused.
    fn refreshable(&self) -> Option<&Session> {
        self.stored_session
            .filter(|session| session.tokens.refresh_token.is_some() && !self.refresh_refused)
    }

    /// The candidate as a session of whom its server says it is.
    fn session(&self, candidate: Candidate, identity: &Identity) -> Option<Session> {
        let Identity { user_id, device_id } = identity.clone();
        if candidate == Candidate::Given && self.file != File::Holds {
            return Some(Session {
                homeserver: self.homeserver.clone(),
                user_id,
                device_id,
                tokens: Tokens::lasting(self.access_token?.clone()),
                mas_personal_session_id: None,
            });
        }
        let stored = self.stored_session?.clone();
        let device_id = device_id.or(stored.device_id);
        Some(Session { user_id, device_id, ..stored })
    }
}

#[cfg(test)]
mod tests;
