//! `state: absent`: the session is revoked, and that is verified; then the file is removed.

use anyhow::{Context, Result, bail};

use super::options::Options;
use super::present::homeserver;
use super::session_file::SessionFile;
use super::task::{MIND_THE_CASE, open};
use crate::ansible::invocation::AnsibleParams;
use crate::ansible::report::Report;
use crate::matrix::client::Client;
use crate::matrix::error::Error;
use crate::matrix::logout::{Logout, Revocable, becomes_invalid, end_session};
use crate::matrix::refresh::refresh;
use crate::matrix::session::Session;
use crate::matrix::user_id::UserId;
use crate::matrix::whoami::{TokenStatus, whoami};

/// What became of a session that was not invalid before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Revocation {
    /// The server refuses its token now.
    Verified,
    /// It was logged out, but the server still accepts its token.
    Cached,
}

/// Makes it so, or in check mode says what it would do.
pub(crate) fn absent(client: &Client, options: &Options, params: &AnsibleParams) -> Result<Report> {
    let (file, stored) = open(client, options, params)?;
    let stored = stored.as_ref();
    // A given token that is stored as well is ended where it is stored.
    let given = options.access_token.as_ref();
    let given = given.filter(|given| stored.is_none_or(|session| session.tokens.access_token != **given));
    let homeserver = given.map(|_| homeserver(client, options, stored)).transpose()?;
    let given = given.zip(homeserver.as_ref());
    let given = given.map(|(access_token, homeserver)| Revocable { homeserver, access_token, mas_personal_session_id: None });
    refuse_another_users(client, options, stored, given)?;
    let held = file.as_ref().zip(stored);
    held.map_or(Ok(()), |(file, _)| file.ensure_removable())?;
    let ended = if params.check_mode {
        let is_alive = |session: Option<Revocable>| session.map_or(Ok(false), |session| is_alive(client, session));
        let is_any_alive = is_alive(stored.map(Revocable::from))? || is_alive(given)?;
        [is_any_alive.then_some(Revocation::Verified), None]
    } else {
        [
            held.map_or(Ok(None), |(file, session)| end_stored(client, options, file, session))?,
            given.map_or(Ok(None), |session| end(client, options, session))?,
        ]
    };
    held.map_or(Ok(()), |(file, _)| file.remove())?;
    Ok(report(&ended, stored, options, params))
}

/// What is logged out can't be got back, so something given by mistake is better found out before.
fn refuse_another_users(client: &Client, options: &Options, stored: Option<&Session>, given: Option<Revocable>) -> Result<()> {
    if options.user.is_none() && options.device_id.is_none() {
        return Ok(());
    }
    if let Some(session) = stored {
        refuse_mismatch("session_file", options, &session.user_id, session.device_id.as_ref())?;
    }
    let status = given.map(|session| whoami(client, session.homeserver, session.access_token)).transpose();
    match status.context("could not check whose the given `access_token` is, so nothing was logged out")? {
        Some(TokenStatus::Valid(identity)) => refuse_mismatch("access_token", options, &identity.user_id, identity.device_id.as_ref()),
        // It is invalid, so there is nothing to log out by mistake.
        _ => Ok(()),
    }
}

fn refuse_mismatch(name: &str, options: &Options, user_id: &UserId, device_id: Option<&String>) -> Result<()> {
    if let Some(user) = options.user.as_ref().filter(|user| !user.is(user_id)) {
        let give_another = format!("give another {name}, or the right `user_id`");
        let remedy = if user.differs_only_in_case(user_id) { MIND_THE_CASE } else { &give_another };
        bail!("`{name}` holds a session of {user_id}, so nothing was logged out: {remedy}");
    }
    if let Some(wanted) = options.device_id.as_ref().filter(|wanted| device_id != Some(wanted)) {
        bail!("`{name}` holds no session on the device {wanted}, so nothing was logged out: give another {name}, or leave `device_id` out");
    }
    Ok(())
}

/// A server may refuse to log out a token that has expired, and call it unknown. Then its refresh token is still good for a new one.
fn end_stored(client: &Client, options: &Options, file: &SessionFile, session: &Session) -> Result<Option<Revocation>> {
    let not_ended = || format!("the session of {session} was not ended (if the homeserver no longer exists, remove the file)");
    let ended = end(client, options, session.into()).with_context(not_ended)?;
    let (None, Some(refresh_token)) = (ended, &session.tokens.refresh_token) else {
        return Ok(ended);
    };
    let tokens = refresh(client, &session.homeserver, refresh_token).context("could not refresh the expired session to log it out")?;
    let Some(tokens) = tokens else { return Ok(None) };
    let session = Session { tokens, ..session.clone() };
    file.write(&session)?;
    end(client, options, (&session).into())
}

/// Verified either way; `None` if it was invalid before.
fn end(client: &Client, options: &Options, session: Revocable) -> Result<Option<Revocation>> {
    let homeserver = session.homeserver;
    let logout = end_session(client, session, options.mas_client()).with_context(|| format!("could not log out at {homeserver}"))?;
    if logout == Logout::WasInvalid {
        return Ok(None);
    }
    let is_refused = becomes_invalid(client, session).with_context(|| format!("could not check the session at {homeserver}"))?;
    Ok(Some(if is_refused { Revocation::Verified } else { Revocation::Cached }))
}

/// An expired session still has its device, and so has that of a locked user.
fn is_alive(client: &Client, session: Revocable) -> Result<bool> {
    let Revocable { homeserver, access_token, .. } = session;
    match whoami(client, homeserver, access_token) {
        Err(Error::Api(error)) if error.errcode == "M_USER_LOCKED" => Ok(true),
        status => Ok(status.with_context(|| format!("could not check the session at {homeserver}"))? != TokenStatus::Unknown),
    }
}

fn report(ended: &[Option<Revocation>], stored: Option<&Session>, options: &Options, params: &AnsibleParams) -> Report {
    let is_revoked = ended.iter().any(Option::is_some);
    let changed = is_revoked || stored.is_some();
    let msg = match (stored, is_revoked, params.check_mode) {
        (Some(session), true, false) => format!("logged out {session}"),
        (None, true, false) => "logged out the session of the given `access_token`".into(),
        (Some(session), true, true) => format!("would log out {session}"),
        (None, true, true) => "would log out the session of the given `access_token`".into(),
        (Some(session), false, false) => format!("removed the session of {session}, which was no longer valid"),
        (Some(session), false, true) => format!("would remove the session of {session}, which is no longer valid"),
        (None, false, _) => "there is no session".into(),
    };
    let late = ended
        .contains(&Some(Revocation::Cached))
        .then(|| "the session was logged out, but the homeserver still accepts its token: it may do so for up to two minutes".to_owned());
    let homeserver = stored.map(|session| &session.homeserver).or(options.homeserver.as_ref());
    Report::exit_json(changed, msg)
        .with("session", if is_revoked { "revoked" } else { "absent" })
        .warnings(options.warnings_at(homeserver).chain(late))
}
