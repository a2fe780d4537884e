//! What the decision depends on, and plain questions about that. Decides nothing.

use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Identity, Session, Standing, Tokens};
use crate::matrix::user_id::User;
use crate::secret::Secret;

/// A session that exists perhaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::access_token) enum Candidate {
    /// The option `access_token`.
    Given,
    /// What `session_file` holds.
    Stored,
}

/// What is known of a candidate's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::access_token) enum Token {
    /// There is none.
    Missing,
    /// Its server was not asked yet.
    Unasked,
    /// Its server was asked.
    Asked(Standing),
}

/// What the task can log in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::access_token) enum Proof {
    /// Nothing.
    None,
    /// Something that is used up by a login.
    Once,
    /// Something that works again and again.
    Lasting,
}

/// How `session_file` stands to the given token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::access_token) enum File {
    /// There is no such option.
    None,
    /// It holds another token, or none yet.
    Lacks,
    /// It holds this one.
    Holds,
}

/// Everything that the decision depends on.
#[derive(Clone, Debug)]
pub(in crate::access_token) struct Known<'a> {
    pub(in crate::access_token) homeserver: &'a HomeserverUrl,
    pub(in crate::access_token) user: Option<&'a User>,
    pub(in crate::access_token) device_id: Option<&'a str>,
    pub(in crate::access_token) force: bool,
    pub(in crate::access_token) check_mode: bool,
    pub(in crate::access_token) proof: Proof,
    pub(in crate::access_token) access_token: Option<&'a Secret>,
    pub(in crate::access_token) given: Token,
    pub(in crate::access_token) stored: Token,
    pub(in crate::access_token) stored_session: Option<&'a Session>,
    pub(in crate::access_token) file: File,
}

impl Known<'_> {
    pub(super) fn token(&self, candidate: Candidate) -> &Token {
        match candidate {
            Candidate::Given => &self.given,
            Candidate::Stored => &self.stored,
        }
    }

    pub(super) fn is_elsewhere(&self) -> bool {
        self.stored_session.is_some_and(|session| session.homeserver != *self.homeserver)
    }

    pub(super) fn is_for_the_user(&self, identity: &Identity) -> bool {
        self.user.is_none_or(|user| user.is(&identity.user_id))
    }

    /// What the server says of its user counts more than what was stored.
    pub(super) fn is_stored_for_the_user(&self) -> bool {
        let stored = match &self.stored {
            Token::Asked(Standing::Works(identity)) => Some(&identity.user_id),
            _ => self.stored_session.map(|session| &session.user_id),
        };
        stored.is_none_or(|stored| match (self.user, &self.given) {
            (Some(user), _) => user.is(stored),
            (None, Token::Asked(Standing::Works(given))) => given.user_id == *stored,
            (None, _) => true,
        })
    }

    /// What the server says of its device, else what was stored: old servers don't say.
    pub(super) fn stored_device_id(&self) -> Option<&str> {
        let told = match &self.stored {
            Token::Asked(Standing::Works(identity)) => identity.device_id.as_deref(),
            _ => None,
        };
        told.or_else(|| self.stored_session.and_then(|session| session.device_id.as_deref()))
    }

    pub(super) fn stored_is_on_the_device(&self) -> bool {
        !self.is_elsewhere() && self.device_id.is_none_or(|wanted| self.stored_device_id() == Some(wanted))
    }

    /// The stored session, if it came with a refresh token.
    pub(super) fn refreshable(&self) -> Option<&Session> {
        self.stored_session.filter(|session| session.tokens.refresh_token.is_some())
    }

    /// The candidate as a session of whom its server says it is.
    pub(super) fn session(&self, candidate: Candidate, identity: &Identity) -> Option<Session> {
        let Identity { user_id, device_id } = identity.clone();
        if candidate == Candidate::Given && self.file != File::Holds {
            let tokens = Tokens {
                access_token: self.access_token?.clone(),
                refresh_token: None,
                expires_at: None,
            };
            let homeserver = self.homeserver.clone();
            return Some(Session {
                homeserver,
                user_id,
                device_id,
                tokens,
            });
        }
        let stored = self.stored_session?.clone();
        let device_id = device_id.or(stored.device_id);
        Some(Session {
            user_id,
            device_id,
            ..stored
        })
    }
}
