//! `state: absent`: the session is revoked, and that is verified; then the file goes.

use anyhow::{Context, Result, bail};

use super::change::whose;
use super::options::Options;
use super::present::homeserver;
use super::result::{Shown, diff};
use super::session_file::{self, SessionFile};
use crate::ansible::invocation::Switches;
use crate::ansible::report::Report;
use crate::matrix::client::Client;
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Session, Standing, log_out, whoami};
use crate::secret::Secret;

/// Makes it so, or in check mode says what it would do.
pub(super) fn absent(client: &Client, options: &Options, switches: &Switches) -> Result<Report> {
    let path = options.session_file.as_ref();
    // Nothing to remove needs no lock, and perhaps there isn't even a folder for one.
    let exists = path.is_some_and(|path| path.symlink_metadata().is_ok());
    let patience = options.wait_timeout + 2 * options.transport.timeout;
    let file = path
        .filter(|_| exists && !switches.check_mode)
        .map(|path| SessionFile::lock(path, patience))
        .transpose()?;
    let stored = path.map(|path| session_file::read(path)).transpose()?.flatten();
    stored.iter().flat_map(Session::secrets).for_each(|secret| client.guard(secret));
    refuse_somebody_elses(options, stored.as_ref())?;
    let mut ended = false;
    for (homeserver, token) in tokens(client, options, stored.as_ref())? {
        ended |= if switches.check_mode {
            is_alive(client, &homeserver, &token)?
        } else {
            end(client, &homeserver, &token)?
        };
    }
    if let (Some(file), Some(_)) = (&file, &stored) {
        file.remove()?;
    }
    Ok(report(ended, stored, options, switches))
}

/// What is logged out can't be got back, so a file given by mistake is better found out before.
fn refuse_somebody_elses(options: &Options, stored: Option<&Session>) -> Result<()> {
    match (&options.user, stored) {
        (Some(user), Some(session)) if !user.is(&session.user_id) => bail!(
            "`session_file` holds a session of {}, so nothing was logged out: give another session_file, or the right `user_id`",
            session.user_id
        ),
        _ => Ok(()),
    }
}

/// The given token and the stored one, each once, with the server it belongs to.
fn tokens(client: &Client, options: &Options, stored: Option<&Session>) -> Result<Vec<(HomeserverUrl, Secret)>> {
    let mut tokens: Vec<_> = stored
        .map(|session| (session.homeserver.clone(), session.tokens.access_token.clone()))
        .into_iter()
        .collect();
    if let Some(given) = options
        .access_token
        .as_ref()
        .filter(|given| tokens.iter().all(|(_, stored)| stored != *given))
    {
        tokens.push((homeserver(client, options, stored)?, given.clone()));
    }
    Ok(tokens)
}

/// Ends the session for good; `false` if it was over already. Both are verified: Matrix Authentication Service calls a token unknown
/// when it merely can't be logged out this way.
fn end(client: &Client, homeserver: &HomeserverUrl, token: &Secret) -> Result<bool> {
    let ended = log_out(client, homeserver, token).with_context(|| format!("could not log out at {homeserver}"))?;
    if is_alive(client, homeserver, token)? {
        let did = if ended { "logged the session out" } else { "knows no such session" };
        bail!("{homeserver} {did}, and yet its token works: end the session where the token came from");
    }
    Ok(ended)
}

/// An expired session still has its device, and the session of a locked user only sleeps.
fn is_alive(client: &Client, homeserver: &HomeserverUrl, token: &Secret) -> Result<bool> {
    match whoami(client, homeserver, token) {
        Err(Error::Refused(refusal)) if refusal.errcode == "M_USER_LOCKED" => Ok(true),
        standing => Ok(standing.with_context(|| format!("could not check the session at {homeserver}"))? != Standing::Gone),
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
