//! `state: present`: asks what the plan wants to know until the plan knows what to do, and has that done.

use anyhow::{Context, Error, Result, anyhow, bail};

use super::options::Options;
use super::plan::{Candidate, CredentialUse, File, Inputs, Reason, Step, Token, plan};
use super::result::{SessionOrigin, SessionView, Success};
use super::session_file::{self, SessionFile};
use super::task::{Task, describe};
use super::warnings::{expires_soon_warning, oauth_warning};
use crate::ansible::invocation::AnsibleParams;
use crate::ansible::report::Report;
use crate::matrix::client::Client;
use crate::matrix::discovery::discover;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::Session;
use crate::matrix::user_id::{User, UserId};
use crate::matrix::whoami::{TokenStatus, whoami};
use crate::secret::Secret;

/// Makes it so, or in check mode says what it would do.
pub(crate) fn present(client: &Client, options: &Options, params: &AnsibleParams) -> Result<Report> {
    let file = open(options, params)?;
    let stored = stored(options, file.as_ref())?;
    client.add_secrets(stored.iter().flat_map(Session::secrets));
    let homeserver = &homeserver(client, options, stored.as_ref())?;
    let task = Task { client, options, homeserver, file: file.as_ref(), stored: stored.as_ref() };
    Ok(task.reach(inputs(&task, params))?.report(options))
}

/// Check mode takes no lock, which would be a file.
fn open(options: &Options, params: &AnsibleParams) -> Result<Option<SessionFile>> {
    let path = options.session_file.as_ref().filter(|_| !params.check_mode);
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
        credential: match &options.credential {
            None => CredentialUse::None,
            Some(credential) if credential.works_once() => CredentialUse::Once,
            Some(_) => CredentialUse::Lasting,
        },
        access_token: options.access_token.as_ref(),
        given: unasked(options.access_token.is_some()),
        stored: unasked(stored.is_some()),
        stored_session: stored,
        refresh_refused: false,
        file: match &options.session_file {
            None => File::None,
            Some(_) if stored.is_some_and(|session| task.is_given(session)) => File::Holds,
            Some(_) => File::Lacks,
        },
    }
}

impl Task<'_> {
    fn reach(&self, mut inputs: Inputs) -> Result<Success> {
        loop {
            match plan(&inputs) {
                Step::Ask(Candidate::Given) => inputs.given = Token::Asked(self.ask_given()?),
                Step::Ask(Candidate::Stored) => inputs.stored = Token::Asked(self.ask_stored()?),
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

    fn ask_given(&self) -> Result<TokenStatus> {
        let Some(token) = &self.options.access_token else {
            return Ok(TokenStatus::Unknown);
        };
        self.ask(self.homeserver, token).context("could not check the given `access_token`")
    }

    /// A stored token is sent to no other host than the one it was stored with.
    fn ask_stored(&self) -> Result<TokenStatus> {
        let Some(session) = self.stored else {
            return Ok(TokenStatus::Unknown);
        };
        let status = self.ask(&session.homeserver, &session.tokens.access_token);
        status.with_context(|| format!("could not check the stored session of {}", describe(session)))
    }

    fn ask(&self, homeserver: &HomeserverUrl, token: &Secret) -> Result<TokenStatus> {
        Ok(whoami(self.client, homeserver, token)?)
    }

    fn kept(&self, session: Session) -> Result<Success> {
        self.check_clean(&session, false)?;
        let msg = format!("the session of {} works", describe(&session));
        let exposure = self.options.session_file.as_deref().and_then(session_file::exposure_warning);
        let warnings = self
            .expiry_warning(&session)
            .or_else(|| expires_soon_warning(&session))
            .or_else(|| oauth_warning(&session))
            .into_iter()
            .chain(exposure)
            .collect();
        Ok(Success { changed: false, msg, origin: SessionOrigin::Kept, session: SessionView::from(session), warnings })
    }

    fn refuse(&self, reason: Reason, inputs: &Inputs) -> Error {
        match reason {
            Reason::AnotherUser(candidate) => {
                let (name, owner) = match (candidate, &inputs.given, self.stored) {
                    (Candidate::Given, Token::Asked(TokenStatus::Valid(identity)), _) => ("access_token", Some(&identity.user_id)),
                    (_, _, stored) => ("session_file", stored.map(|session| &session.user_id)),
                };
                self.another_user(name, owner, &inputs.stored)
            }
            Reason::NoCredential => anyhow!(
                "{}, and there is no credential to log in with: give `password` or another credential",
                self.why_no_session(inputs)
            ),
            Reason::NeedsTwoLogins => {
                anyhow!("a credential that works only once can't replace a session on its own device: give another `device_id`")
            }
        }
    }

    fn another_user(&self, name: &str, owner: Option<&UserId>, stored: &Token) -> Error {
        let owner = match (name, stored) {
            ("session_file", Token::Asked(TokenStatus::Valid(identity))) => Some(&identity.user_id),
            _ => owner,
        };
        let (Some(owner), Some(user)) = (owner, &self.options.user) else {
            return anyhow!("`{name}` holds a session of another user that works, and it may be the only copy: give another {name}");
        };
        if user.differs_only_in_case(owner) {
            return anyhow!(
                "`{name}` holds a session of {owner}, and `user_id` is {user}: upper and lower case count, so write `user_id` as the homeserver does, or give \
                 another {name}"
            );
        }
        anyhow!("`{name}` holds a session of {owner} that works, and it may be the only copy: give another {name}, or the right `user_id`")
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
            (Token::Asked(TokenStatus::Valid(_)), ..) | (_, Token::Asked(TokenStatus::Valid(_)), _) => {
                "the session is not on the device asked for".into()
            }
            (Token::Asked(_), _, Some(stored)) => format!("the stored session of {} is no longer valid", describe(stored)),
            (_, Token::Asked(_), _) => "the given `access_token` is not valid".into(),
            _ => "`session_file` holds no session yet".into(),
        }
    }
}
