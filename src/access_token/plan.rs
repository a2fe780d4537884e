//! The decision: from what is known to the next step. Pure: asks nobody, changes nothing.

mod known;

pub(super) use known::{Candidate, File, Known, Proof, Token};

use crate::matrix::session::{Identity, Session, Standing};

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask the candidate's server how its token stands, then decide again.
    Ask(Candidate),
    /// Nothing: this session works.
    Keep(Session),
    /// This changes something.
    Change(Change),
    /// This would change something, but check mode forbids it.
    Foretell(Change),
    /// Nothing, and the task fails.
    Refuse(Reason),
}

/// A step that changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Store the given token, which works.
    TakeOver { session: Session, old: Old },
    /// Get new tokens for the stored session.
    Refresh(Session),
    /// Log in on this device, or on one of the server's choice.
    LogIn { device_id: Option<String>, old: Old },
    /// Log in to prove the credential, log out, which deletes the device with all its tokens and keys, and log in again.
    LogInAfresh { device_id: String, old: Old },
}

/// What becomes of the stored session once another one is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Old {
    /// There was none, it is dead, or it shares the device of the new one: revoking it would kill that too.
    Forget,
    /// Log it out.
    Revoke,
    /// Leave it alone and say so: it lives on another homeserver than the one asked for, it is the given `access_token`, which only
    /// `absent` revokes, or its device is not known and may be that of the new one.
    Leave,
}

/// Why nothing can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The candidate works, for somebody else.
    AnotherUser(Candidate),
    /// A login is needed, and there is nothing to log in with.
    NoCredential,
    /// Replacing a session on its own device takes two logins.
    NeedsTwoLogins,
}

/// Decides on the next step.
pub(super) fn plan(known: &Known) -> Step {
    let kept = [Candidate::Given, Candidate::Stored]
        .into_iter()
        .find_map(|candidate| known.judge(candidate));
    kept.unwrap_or_else(|| match known.change() {
        Err(reason) => Step::Refuse(reason),
        Ok(change) => known.unless_check_mode(change),
    })
}

impl Known<'_> {
    /// What follows from one candidate alone, if anything does.
    fn judge(&self, candidate: Candidate) -> Option<Step> {
        match self.token(candidate) {
            Token::Unasked if self.is_worth_asking(candidate) => Some(Step::Ask(candidate)),
            Token::Asked(Standing::Works(identity)) if !self.is_for_the_user(identity) => {
                Some(Step::Refuse(Reason::AnotherUser(candidate)))
            }
            Token::Asked(Standing::Works(identity)) if self.will_do(candidate, identity) => {
                Some(self.keep(candidate, self.session(candidate, identity)?))
            }
            Token::Asked(Standing::Expired)
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
            Candidate::Stored => !self.force && !self.is_elsewhere() || self.is_unclear_what_is_stored(),
        }
    }

    /// Whether overwriting the stored session unasked could do harm: it is another user's, or its device is not known.
    fn is_unclear_what_is_stored(&self) -> bool {
        let unclear = |session: &Session| !self.is_stored_for_the_user() || session.device_id.is_none() && !self.is_elsewhere();
        self.stored == Token::Unasked && self.stored_session.is_some_and(unclear)
    }

    fn will_do(&self, candidate: Candidate, identity: &Identity) -> bool {
        let elsewhere = candidate == Candidate::Stored && self.is_elsewhere();
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
        } else if self.is_unclear_what_is_stored() {
            Step::Ask(Candidate::Stored)
        } else {
            self.take_over(session)
        }
    }

    fn take_over(&self, session: Session) -> Step {
        let lives = match &self.stored {
            Token::Asked(Standing::Works(_)) => true,
            Token::Asked(Standing::Expired) => self.refreshable().is_some(),
            Token::Missing | Token::Unasked | Token::Asked(Standing::Gone) => false,
        };
        if lives && !self.is_stored_for_the_user() {
            return Step::Refuse(Reason::AnotherUser(Candidate::Stored));
        }
        let old = self.old(session.device_id.as_deref(), Old::Leave);
        self.unless_check_mode(Change::TakeOver { session, old })
    }

    fn unless_check_mode(&self, change: Change) -> Step {
        if self.check_mode {
            Step::Foretell(change)
        } else {
            Step::Change(change)
        }
    }

    /// No session can be kept.
    fn change(&self) -> Result<Change, Reason> {
        let expired = self.stored == Token::Asked(Standing::Expired) && !self.force && self.stored_is_on_the_device();
        if let Some(session) = self.refreshable().filter(|_| expired) {
            return Ok(Change::Refresh(session.clone()));
        }
        match (self.proof, self.force, self.device_id) {
            (Proof::None, ..) => Err(Reason::NoCredential),
            (Proof::Once, true, Some(_)) => Err(Reason::NeedsTwoLogins),
            (Proof::Lasting, true, Some(device_id)) => Ok(Change::LogInAfresh {
                device_id: device_id.to_owned(),
                // If the old session was on this device, it is dead by then.
                old: self.old(Some(device_id), Old::Revoke),
            }),
            (Proof::Lasting | Proof::Once, ..) => {
                let device_id = self.device_id.or_else(|| self.device_to_reuse());
                Ok(Change::LogIn {
                    device_id: device_id.map(str::to_owned),
                    old: self.old(device_id, Old::Leave),
                })
            }
        }
    }

    /// A dead session is replaced on its own device, so that the user's list of devices stays as it is.
    fn device_to_reuse(&self) -> Option<&str> {
        let dead = matches!(self.stored, Token::Asked(Standing::Expired | Standing::Gone));
        let ours = !self.is_elsewhere() && self.is_stored_for_the_user();
        self.stored_device_id().filter(|_| dead && ours && !self.force)
    }

    /// What is to become of the stored session when the new one is on `device_id` (`None`: a device that the server makes);
    /// `if_unclear` if they may share it.
    fn old(&self, device_id: Option<&str>, if_unclear: Old) -> Old {
        match &self.stored {
            Token::Missing | Token::Asked(Standing::Gone) => Old::Forget,
            _ if !self.is_stored_for_the_user() => Old::Forget,
            _ if self.is_elsewhere() => Old::Leave,
            _ if device_id.is_some() && device_id == self.stored_device_id() => Old::Forget,
            _ if self.file == File::Holds => Old::Leave,
            _ if device_id.is_some() && self.stored_device_id().is_none() => if_unclear,
            _ => Old::Revoke,
        }
    }
}

#[cfg(test)]
mod tests;
