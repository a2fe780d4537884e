//! `state: absent`: the session is revoked, and that is verified; then the file is removed.

use anyhow::{Context, Result, bail};

use super::options::Options;
use super::present::homeserver;
use super::session_file::{self, SessionFile};
use crate::ansible::invocation::AnsibleParams;
use crate::ansible::report::Report;
use crate::matrix::client::Client;
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::logout::{Logout, becomes_invalid, end_session};
use crate::matrix::mas::admin_api::MasClient;
use crate::matrix::refresh::refresh;
use crate::matrix::session::Session;
use crate::matrix::user_id::UserId;
use crate::matrix::whoami::{TokenStatus, whoami};
use crate::secret::Secret;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Revocation {
    /// The server refuses its token now.
    Verified,
    /// It was logged out, but the server still accepts its token.
    Cached,
    /// It was invalid before.
    AlreadyInvalid,
}

/// Makes it so, or in check mode says what it would do.
pub(crate) fn absent(client: &Client, options: &Options, params: &AnsibleParams) -> Result<Report> {
    let path = options.session_file.as_deref();
    // Nothing to remove needs no lock, and perhaps there isn't even a folder for one.
    let exists = path.is_some_and(session_file::is_there);
    let file = path
        .filter(|_| exists && !params.check_mode)
        .map(|path| SessionFile::lock(path, options.longest_run()))
        .transpose()?;
    let stored = path.map(session_file::read).transpose()?.flatten();
    client.add_secrets(stored.iter().flat_map(Session::secrets));
    let given = given(client, options, stored.as_ref())?;
    refuse_another_users(client, options, stored.as_ref(), given.as_ref())?;
    file.as_ref().filter(|_| stored.is_some()).map(SessionFile::ensure_removable).transpose()?;
    let ended = if params.check_mode {
        vec![if is_any_valid(client, stored.as_ref(), given.as_ref())? {
            Revocation::Verified
        } else {
            Revocation::AlreadyInvalid
        }]
    } else {
        vec![
            end_stored(client, options, file.as_ref(), stored.as_ref())?,
            given.map_or(Ok(Revocation::AlreadyInvalid), |(homeserver, token)| {
                end(client, &homeserver, &token, None, options.mas_client())
            })?,
        ]
    };
    if let (Some(file), Some(_)) = (&file, &stored) {
        file.remove()?;
    }
    Ok(report(&ended, stored.as_ref(), options, params))
}

/// The given token, unless it is the stored one, and the server it belongs to.
fn given(client: &Client, options: &Options, stored: Option<&Session>) -> Result<Option<(HomeserverUrl, Secret)>> {
    let is_stored = |given: &&Secret| stored.is_some_and(|session| session.tokens.access_token == **given);
    let token = options.access_token.as_ref().filter(|given| !is_stored(given));
    let at_home = |token: &Secret| Ok((homeserver(client, options, stored)?, token.clone()));
    token.map(at_home).transpose()
}

/// What is logged out can't be got back, so something given by mistake is better found out before.
fn refuse_another_users(
    client: &Client,
    options: &Options,
    stored: Option<&Session>,
    given: Option<&(HomeserverUrl, Secret)>,
) -> Result<()> {
    if options.user.is_none() && options.device_id.is_none() {
        return Ok(());
    }
    if let Some(session) = stored {
        refuse_mismatch("session_file", options, &session.user_id, session.device_id.as_ref())?;
    }
    match given.map(|(homeserver, token)| whoami(client, homeserver, token)).transpose() {
        Ok(Some(TokenStatus::Valid(identity))) => refuse_mismatch("access_token", options, &identity.user_id, identity.device_id.as_ref()),
        // It is invalid, so there is nothing to log out by mistake.
        Ok(_) => Ok(()),
        Err(error) => Err(error).context("could not check whose the given `access_token` is, so nothing was logged out"),
    }
}

fn refuse_mismatch(name: &str, options: &Options, user_id: &UserId, device_id: Option<&String>) -> Result<()> {
    match &options.user {
        Some(user) if user.differs_only_in_case(user_id) => bail!(
            "`{name}` holds a session of {user_id}, so nothing was logged out: upper and lower case count, so write `user_id` as the homeserver does"
        ),
        Some(user) if !user.is(user_id) => {
            bail!("`{name}` holds a session of {user_id}, so nothing was logged out: give another {name}, or the right `user_id`")
        }
        _ => {}
    }
    match &options.device_id {
        Some(wanted) if device_id != Some(wanted) => {
            bail!(
                "`{name}` holds no session on the device {wanted}, so nothing was logged out: give another {name}, or leave `device_id` out"
            )
        }
        _ => Ok(()),
    }
}

/// A server may refuse to log out a token that has expired, and call it unknown. Then its refresh token is still good for a new one.
fn end_stored(client: &Client, options: &Options, file: Option<&SessionFile>, stored: Option<&Session>) -> Result<Revocation> {
    let (Some(session), Some(file)) = (stored, file) else {
        return Ok(Revocation::AlreadyInvalid);
    };
    let not_ended = || format!("the session of {session} was not ended (if the homeserver no longer exists, remove the file)");
    let end = |session: &Session| {
        let (token, id) = (&session.tokens.access_token, session.mas_personal_session_id.as_deref());
        end(client, &session.homeserver, token, id, options.mas_client())
    };
    let ended = end(session).with_context(not_ended)?;
    let Some(refresh_token) = session.tokens.refresh_token.as_ref().filter(|_| ended == Revocation::AlreadyInvalid) else {
        return Ok(ended);
    };
    match refresh(client, &session.homeserver, refresh_token).context("could not refresh the expired session to log it out")? {
        Some(tokens) => {
            let session = Session { tokens, ..session.clone() };
            file.write(&session)?;
            end(&session)
        }
        None => Ok(Revocation::AlreadyInvalid),
    }
}

/// Verified either way.
fn end(
    client: &Client,
    homeserver: &HomeserverUrl,
    token: &Secret,
    mas_personal_session_id: Option<&str>,
    mas_client: Option<&MasClient>,
) -> Result<Revocation> {
    let not_checked = || format!("could not check the session at {homeserver}");
    let logout = end_session(client, homeserver, token, mas_personal_session_id, mas_client);
    match logout.with_context(|| format!("could not log out at {homeserver}"))? {
        Logout::Done if becomes_invalid(client, homeserver, token).with_context(not_checked)? => Ok(Revocation::Verified),
        Logout::Done => Ok(Revocation::Cached),
        Logout::WasInvalid => Ok(Revocation::AlreadyInvalid),
    }
}

fn is_any_valid(client: &Client, stored: Option<&Session>, given: Option<&(HomeserverUrl, Secret)>) -> Result<bool> {
    let stored = stored.map(|session| (&session.homeserver, &session.tokens.access_token));
    let given = given.map(|(homeserver, token)| (homeserver, token));
    for (homeserver, token) in stored.into_iter().chain(given) {
        // An expired session still has its device.
        if status(client, homeserver, token)? != Some(TokenStatus::Unknown) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `None` for the session of a locked user.
fn status(client: &Client, homeserver: &HomeserverUrl, token: &Secret) -> Result<Option<TokenStatus>> {
    match whoami(client, homeserver, token) {
        Err(Error::Api(error)) if error.errcode == "M_USER_LOCKED" => Ok(None),
        status => status.map(Some).with_context(|| format!("could not check the session at {homeserver}")),
    }
}

fn report(ended: &[Revocation], stored: Option<&Session>, options: &Options, params: &AnsibleParams) -> Report {
    let is_revoked = ended.iter().any(|ended| *ended != Revocation::AlreadyInvalid);
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
        .contains(&Revocation::Cached)
        .then(|| "the session was logged out, but the homeserver still accepts its token: it may do so for up to two minutes".to_owned());
    let homeserver = stored.map(|session| &session.homeserver).or(options.homeserver.as_ref());
    Report::exit_json(changed, msg)
        .with("session", if is_revoked { "revoked" } else { "absent" })
        .warnings(options.warnings_at(homeserver).chain(late))
}
