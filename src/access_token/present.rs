//! `state: present`: asks what the plan wants to know until the plan knows what to do, and has that done.

use anyhow::{Context, Result, bail};

use super::options::Options;
use super::plan::{Candidate, File, Known, Proof, Step, Token, plan};
use super::result::{Origin, Shown, Success};
use super::session_file::{self, SessionFile};
use super::task::{Task, whose};
use super::warnings::soon_warning;
use crate::ansible::invocation::Switches;
use crate::ansible::report::Report;
use crate::matrix::client::Client;
use crate::matrix::discovery::discover;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{self, Session, Standing};
use crate::matrix::user_id::User;
use crate::secret::Secret;

/// Makes it so, or in check mode says what it would do.
pub(super) fn present(client: &Client, options: &Options, switches: &Switches) -> Result<Report> {
    let file = open(options, switches)?;
    let stored = stored(options, file.as_ref())?;
    stored.iter().flat_map(Session::secrets).for_each(|secret| client.guard(secret));
    let homeserver = &homeserver(client, options, stored.as_ref())?;
    let task = Task {
        client,
        options,
        homeserver,
        file: file.as_ref(),
        stored: stored.as_ref(),
    };
    Ok(task.reach(known(&task, switches))?.report(options, switches.diff))
}

/// Check mode takes no lock, which would be a file.
fn open(options: &Options, switches: &Switches) -> Result<Option<SessionFile>> {
    let path = options.session_file.as_ref().filter(|_| !switches.check_mode);
    path.map(|path| SessionFile::lock(path, options.longest_run())).transpose()
}

fn stored(options: &Options, file: Option<&SessionFile>) -> Result<Option<Session>> {
    match (file, &options.session_file) {
        (Some(file), _) => file.read(),
        (None, Some(path)) => session_file::read(path),
        (None, None) => Ok(None),
    }
}

/// The one that the playbook names, else that of the user's stored session, else the one that the server name leads to.
pub(super) fn homeserver(client: &Client, options: &Options, stored: Option<&Session>) -> Result<HomeserverUrl> {
    let of_the_user = |session: &&Session| options.user.as_ref().is_none_or(|user| user.is(&session.user_id));
    match (&options.homeserver, stored.filter(of_the_user), &options.user) {
        (Some(homeserver), ..) => Ok(homeserver.clone()),
        (None, Some(session), _) => Ok(session.homeserver.clone()),
        (None, None, Some(User::Full(user_id))) => Ok(discover(client, user_id)?),
        (None, None, Some(User::Localpart(localpart))) => {
            bail!("`user_id` {localpart} doesn't say on which server: write @{localpart}:example.com, or give `homeserver_url`")
        }
        (None, None, None) if options.access_token.is_none() && options.credential.is_none() => {
            bail!(
                "`session_file` holds no session yet, and there is nothing to log in with: give `user_id`, and `password` or another credential"
            )
        }
        (None, None, None) => bail!("nothing says which server is meant: give `user_id` or `homeserver_url`"),
    }
}

fn known<'a>(task: &Task<'a>, switches: &Switches) -> Known<'a> {
    let Task { options, stored, .. } = *task;
    let unasked = |exists| if exists { Token::Unasked } else { Token::Missing };
    Known {
        homeserver: task.homeserver,
        user: options.user.as_ref(),
        device_id: options.device_id.as_deref(),
        force: options.force,
        check_mode: switches.check_mode,
        proof: match &options.credential {
            None => Proof::None,
            Some(credential) if credential.works_once() => Proof::Once,
            Some(_) => Proof::Lasting,
        },
        access_token: options.access_token.as_ref(),
        given: unasked(options.access_token.is_some()),
        stored: unasked(stored.is_some()),
        stored_session: stored,
        file: match &options.session_file {
            None => File::None,
            Some(_) if stored.is_some_and(|session| task.is_given(session)) => File::Holds,
            Some(_) => File::Lacks,
        },
    }
}

impl Task<'_> {
    fn reach(&self, mut known: Known) -> Result<Success> {
        loop {
            match plan(&known) {
                Step::Ask(Candidate::Given) => known.given = Token::Asked(self.ask_given()?),
                Step::Ask(Candidate::Stored) => known.stored = Token::Asked(self.ask_stored()?),
                Step::Keep(session) => return Ok(self.kept(session)),
                Step::Foretell(change) => return self.foretold(change),
                Step::Refuse(reason) => return Err(self.refused(reason, &known)),
                Step::Change(change) => match self.carry_out(change)? {
                    Some(success) => return Ok(success),
                    // The server took neither token of the stored pair.
                    None => known.stored = Token::Asked(Standing::Gone),
                },
            }
        }
    }

    fn ask_given(&self) -> Result<Standing> {
        let Some(token) = &self.options.access_token else {
            return Ok(Standing::Gone);
        };
        self.ask(self.homeserver, token).context("could not check the given `access_token`")
    }

    /// A stored token is sent to no other host than the one it was stored with.
    fn ask_stored(&self) -> Result<Standing> {
        let Some(session) = self.stored else {
            return Ok(Standing::Gone);
        };
        let standing = self.ask(&session.homeserver, &session.tokens.access_token);
        let standing = standing.with_context(|| format!("could not check the stored session of {}", whose(session)))?;
        // A server that delegates authentication doesn't tell an expired token from an unknown one.
        Ok(if standing == Standing::Gone && session.tokens.have_expired() {
            Standing::Expired
        } else {
            standing
        })
    }

    fn ask(&self, homeserver: &HomeserverUrl, token: &Secret) -> Result<Standing> {
        Ok(session::whoami(self.client, homeserver, token)?)
    }

    fn kept(&self, session: Session) -> Success {
        let msg = format!("the session of {} works", whose(&session));
        let exposure = self.options.session_file.as_deref().and_then(session_file::exposure_warning);
        let warnings = self
            .expiry_warning(&session)
            .or_else(|| soon_warning(&session))
            .into_iter()
            .chain(exposure)
            .collect();
        let before = Some(session.clone());
        Success {
            changed: false,
            msg,
            origin: Origin::Kept,
            session: Shown::from(session),
            before,
            warnings,
        }
    }
}
