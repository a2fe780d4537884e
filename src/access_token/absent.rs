//! `state: absent`: the session is revoked, and that is verified; then the file goes.

use anyhow::{Context, Result, bail};

use super::options::Options;
use super::present::homeserver;
use super::result::{Shown, diff};
use super::session_file::{self, SessionFile};
use super::task::whose;
use crate::ansible::invocation::Switches;
use crate::ansible::report::Report;
use crate::matrix::client::Client;
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Session, Standing, log_out, refresh, whoami};
use crate::matrix::user_id::UserId;
use crate::secret::Secret;

/// Makes it so, or in check mode says what it would do.
pub(super) fn absent(client: &Client, options: &Options, switches: &Switches) -> Result<Report> {
    let path = options.session_file.as_deref();
    // Nothing to remove needs no lock, and perhaps there isn't even a folder for one.
    let exists = path.is_some_and(session_file::is_there);
    let file = path
        .filter(|_| exists && !switches.check_mode)
        .map(|path| SessionFile::lock(path, options.longest_run()))
        .transpose()?;
    let stored = path.map(session_file::read).transpose()?.flatten();
    stored.iter().flat_map(Session::secrets).for_each(|secret| client.guard(secret));
    let given = given(client, options, stored.as_ref())?;
    refuse_somebody_elses(client, options, stored.as_ref(), given.as_ref())?;
    let ended = if switches.check_mode {
        is_any_alive(client, stored.as_ref(), given.as_ref())?
    } else {
        end_stored(client, file.as_ref(), stored.as_ref())? | end_given(client, given.as_ref())?
    };
    if let (Some(file), Some(_)) = (&file, &stored) {
        file.remove()?;
    }
    Ok(report(ended, stored, options, switches))
}

/// The given token, unless it is the stored one, and the server it belongs to.
fn given(client: &Client, options: &Options, stored: Option<&Session>) -> Result<Option<(HomeserverUrl, Secret)>> {
    let is_stored = |given: &&Secret| stored.is_some_and(|session| session.tokens.access_token == **given);
    let token = options.access_token.as_ref().filter(|given| !is_stored(given));
    let at_home = |token: &Secret| Ok((homeserver(client, options, stored)?, token.clone()));
    token.map(at_home).transpose()
}

/// What is logged out can't be got back, so something given by mistake is better found out before.
fn refuse_somebody_elses(
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
        Ok(Some(Standing::Works(identity))) => refuse_mismatch("access_token", options, &identity.user_id, identity.device_id.as_ref()),
        // Whatever else is wrong comes out when the session is ended.
        _ => Ok(()),
    }
}

fn refuse_mismatch(name: &str, options: &Options, user_id: &UserId, device_id: Option<&String>) -> Result<()> {
    if options.user.as_ref().is_some_and(|user| !user.is(user_id)) {
        bail!("`{name}` holds a session of {user_id}, so nothing was logged out: give another {name}, or the right `user_id`");
    }
    match (&options.device_id, device_id) {
        (Some(wanted), Some(device_id)) if wanted != device_id => {
            bail!(
                "`{name}` holds a session on another device than {wanted}, so nothing was logged out: give another {name}, or leave `device_id` out"
            )
        }
        _ => Ok(()),
    }
}

/// A server may refuse to log out a token that has expired, and call it unknown. Then its refresh token is still good for a new one.
fn end_stored(client: &Client, file: Option<&SessionFile>, stored: Option<&Session>) -> Result<bool> {
    let (Some(session), Some(file)) = (stored, file) else {
        return Ok(false);
    };
    let lives_on = || {
        format!(
            "the session of {} was not ended (if its server is gone for good, just remove the file)",
            whose(session)
        )
    };
    let ended = end(client, &session.homeserver, &session.tokens.access_token).with_context(lives_on)?;
    let Some(refresh_token) = session.tokens.refresh_token.as_ref().filter(|_| !ended) else {
        return Ok(ended);
    };
    match refresh(client, &session.homeserver, refresh_token).context("could not refresh the expired session to log it out")? {
        Some(tokens) => {
            let session = Session { tokens, ..session.clone() };
            file.write(&session)?;
            end(client, &session.homeserver, &session.tokens.access_token)
        }
        None => Ok(false),
    }
}

fn end_given(client: &Client, given: Option<&(HomeserverUrl, Secret)>) -> Result<bool> {
    given.map_or(Ok(false), |(homeserver, token)| end(client, homeserver, token))
}

/// Ends the session for good; `false` if it was over already. Both are verified: Matrix Authentication Service calls a token unknown
/// when it merely can't be logged out this way.
fn end(client: &Client, homeserver: &HomeserverUrl, token: &Secret) -> Result<bool> {
    let ended = log_out(client, homeserver, token).with_context(|| format!("could not log out at {homeserver}"))?;
    if works(client, homeserver, token)? {
        let did = if ended { "logged the session out" } else { "knows no such session" };
        bail!("{homeserver} {did}, and yet its token works: end the session where the token came from");
    }
    Ok(ended)
}

fn works(client: &Client, homeserver: &HomeserverUrl, token: &Secret) -> Result<bool> {
    Ok(matches!(standing(client, homeserver, token)?, None | Some(Standing::Works(_))))
}

fn is_any_alive(client: &Client, stored: Option<&Session>, given: Option<&(HomeserverUrl, Secret)>) -> Result<bool> {
    let stored = stored.map(|session| (&session.homeserver, &session.tokens.access_token));
    let given = given.map(|(homeserver, token)| (homeserver, token));
    for (homeserver, token) in stored.into_iter().chain(given) {
        // An expired session still has its device.
        if standing(client, homeserver, token)? != Some(Standing::Gone) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `None` for the session of a locked user, which only sleeps.
fn standing(client: &Client, homeserver: &HomeserverUrl, token: &Secret) -> Result<Option<Standing>> {
    match whoami(client, homeserver, token) {
        Err(Error::Refused(refusal)) if refusal.errcode == "M_USER_LOCKED" => Ok(None),
        standing => standing
            .map(Some)
            .with_context(|| format!("could not check the session at {homeserver}")),
    }
}

fn report(ended: bool, stored: Option<Session>, options: &Options, switches: &Switches) -> Report {
    let changed = ended || stored.is_some();
    let msg = match (&stored, ended, switches.check_mode) {
        (Some(session), true, false) => format!("logged out {}", whose(session)),
        (None, true, false) => "logged out the session of the given `access_token`".into(),
        (Some(session), true, true) => format!("would log out {}", whose(session)),
        (None, true, true) => "would log out the session of the given `access_token`".into(),
        (Some(session), false, false) => format!("removed the session of {}, which was no longer valid", whose(session)),
        (Some(session), false, true) => format!("would remove the session of {}, which is no longer valid", whose(session)),
        (None, false, _) => "there is no session".into(),
    };
    let report = Report::exit_json(changed, msg).with("session", if ended { "revoked" } else { "absent" });
    let homeserver = stored.as_ref().map(|session| &session.homeserver).or(options.homeserver.as_ref());
    let report = report.warnings(options.warnings_at(homeserver));
    if switches.diff {
        report.with("diff", diff(stored.map(Shown::from).as_ref(), None, options))
    } else {
        report
    }
}
