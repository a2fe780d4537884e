//! `state: present`: asks what the plan wants to know until the plan knows what to do, and has that done.

use anyhow::{Context, Error, Result, anyhow, bail};

use super::options::Options;
use super::plan::{Candidate, Inputs, Reason, Step, Token, plan};
use super::result::{SessionOrigin, Success};
use super::session_file;
use super::task::{MIND_THE_CASE, Task, open};
use super::warnings::{expires_soon_warning, oauth_warning};
use crate::ansible::invocation::AnsibleParams;
use crate::ansible::report::Report;
use crate::matrix::client::Client;
use crate::matrix::discovery::discover;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::login::Credential;
use crate::matrix::session::Session;
use crate::matrix::user_id::User;
use crate::matrix::whoami::{TokenStatus, whoami};

/// Makes it so, or in check mode says what it would do.
pub(crate) fn present(client: &Client, options: &Options, params: &AnsibleParams) -> Result<Report> {
    let (file, stored) = open(client, options, params)?;
    let homeserver = &homeserver(client, options, stored.as_ref())?;
    let task = Task { client, options, homeserver, file: file.as_ref(), stored: stored.as_ref() };
    Ok(task.reach(inputs(&task, params))?.report(options))
}

/// The one that the playbook names, else that of the user's stored session, else the one that the server name leads to.
pub(crate) fn homeserver(client: &Client, options: &Options, stored: Option<&Session>) -> Result<HomeserverUrl> {
    let of_the_user = |session: &&Session| options.user.as_ref().is_none_or(|user| user.is(&session.user_id));
    match (&options.homeserver, stored.filter(of_the_user), &options.user) {
        (Some(homeserver), ..) => Ok(homeserver.clone()),
        (None, Some(session), _) => Ok(session.homeserver.clone()),
        (None, None, Some(User::Full(user_id))) => Ok(discover(client, user_id)?),
        (None, None, Some(User::Localpart(localpart))) => {
            bail!("`user_id` {localpart} has no server name: write @{localpart}:example.com, or give `homeserver_url`")
        }
        (None, None, None) if options.access_token.is_none() && options.credential.is_none() => {
            bail!(
                "`session_file` holds no session yet, and there is no credential to log in with: give `user_id`, and `password` or another credential"
            )
        }
        (None, None, None) => bail!("the homeserver is not known: give `user_id` or `homeserver_url`"),
    }
}

fn inputs<'a>(task: &Task<'a>, params: &AnsibleParams) -> Inputs<'a> {
    let Task { options, stored, .. } = *task;
    let unasked = |exists| if exists { Token::Unasked } else { Token::Missing };
    Inputs {
        homeserver: task.homeserver,
        user: options.user.as_ref(),
        device_id: options.device_id.as_deref(),
        force: options.force,
        check_mode: params.check_mode,
        credential: options.credential.as_ref().map(Credential::kind),
        access_token: options.access_token.as_ref(),
        given: unasked(options.access_token.is_some()),
        stored: unasked(stored.is_some()),
        stored_session: stored,
        refresh_refused: false,
        session_file: options.session_file.as_deref(),
    }
}

impl Task<'_> {
    fn reach(&self, mut inputs: Inputs) -> Result<Success> {
        loop {
            match plan(&inputs) {
                Step::Ask(Candidate::Given) => inputs.given = Token::Asked(self.ask(Candidate::Given)?),
                Step::Ask(Candidate::Stored) => inputs.stored = Token::Asked(self.ask(Candidate::Stored)?),
                Step::Keep(session) => return self.kept(session),
                Step::Predict(change) => return self.predict(change),
                Step::Refuse(reason) => return Err(self.refuse(reason, &inputs)),
                Step::Change(change) => match self.apply(change)? {
                    Some(success) => return Ok(success),
                    None => inputs.refresh_refused = true,
                },
            }
        }
    }

    fn ask(&self, candidate: Candidate) -> Result<TokenStatus> {
        match (candidate, &self.options.access_token, self.stored) {
            (Candidate::Given, Some(token), _) => {
                whoami(self.client, self.homeserver, token).context("could not check the given `access_token`")
            }
            // A stored token is sent to no other host than the one it was stored with.
            (Candidate::Stored, _, Some(session)) => whoami(self.client, &session.homeserver, &session.tokens.access_token)
                .with_context(|| format!("could not check the stored session of {session}")),
            _ => Ok(TokenStatus::Unknown),
        }
    }

    fn kept(&self, session: Session) -> Result<Success> {
        self.check_clean(&session, false)?;
        let msg = format!("the session of {session} works");
        let exposure = self.options.session_file.as_deref().and_then(session_file::exposure_warning);
        let warnings = self
            .expiry_warning(&session)
            .or_else(|| expires_soon_warning(&session))
            .or_else(|| oauth_warning(&session))
            .into_iter()
            .chain(exposure)
            .collect();
        Ok(Success { changed: false, origin: SessionOrigin::Kept, msg, session: session.into(), warnings })
    }

    fn refuse(&self, reason: Reason, inputs: &Inputs) -> Error {
        match reason {
            Reason::AnotherUser(candidate) => another_user(candidate, inputs),
            Reason::NoCredential => anyhow!(
                "{}, and there is no credential to log in with: give `password` or another credential",
                self.why_no_session(inputs)
            ),
            Reason::NeedsTwoLogins => {
                anyhow!("a credential that works only once can't replace a session on its own device: give another `device_id`")
            }
        }
    }

    /// Why none of the sessions there are will do.
    fn why_no_session(&self, inputs: &Inputs) -> String {
        match (&inputs.stored, &inputs.given, self.stored) {
            (_, _, Some(stored)) if stored.homeserver != *self.homeserver => {
                format!(
                    "the stored session belongs to {}, and its token is not sent to {}",
                    stored.homeserver, self.homeserver
                )
            }
            _ if self.options.force => "`force` asks for a new session".into(),
            (stored, given, _) if stored.identity().or(given.identity()).is_some() => "the session is not on the device asked for".into(),
            (Token::Asked(_), _, Some(stored)) => format!("the stored session of {stored} is no longer valid"),
            (_, Token::Asked(_), _) => "the given `access_token` is not valid".into(),
            _ => "`session_file` holds no session yet".into(),
        }
    }
}

fn another_user(candidate: Candidate, inputs: &Inputs) -> Error {
    let name = match candidate {
        Candidate::Given => "access_token",
        Candidate::Stored => "session_file",
    };
    match (inputs.user_id_of(candidate), inputs.user) {
        (Some(owner), Some(user)) if user.differs_only_in_case(owner) => {
            anyhow!("`{name}` holds a session of {owner}, and `user_id` is {user}: {MIND_THE_CASE}, or give another {name}")
        }
        (Some(owner), Some(_)) => {
            anyhow!(
                "`{name}` holds a session of {owner} that works, and it may be the only copy: give another {name}, or the right `user_id`"
            )
        }
        _ => anyhow!("`{name}` holds a session of another user that works, and it may be the only copy: give another {name}"),
    }
}
