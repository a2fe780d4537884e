//! `state: present`: a working session exists.

use anyhow::{Context, Result, bail};

use super::options::Options;
use super::result;
use crate::ansible::invocation::Switches;
use crate::ansible::report::Report;
use crate::matrix::client::Client;
use crate::matrix::discovery::discover;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::login::{Login, log_in};
use crate::matrix::session::Session;
use crate::matrix::user_id::User;

/// Makes it so, or in check mode says what it would do.
pub(super) fn present(options: &Options, switches: &Switches) -> Result<Report> {
    let client = Client::new(options.transport.clone());
    options.secrets().iter().for_each(|secret| client.guard(secret));
    let homeserver = homeserver(&client, options)?;
    if switches.check_mode {
        return Ok(result::predicted(options, &homeserver));
    }
    let session = new_session(&client, &homeserver, options)?;
    Ok(result::new(options, &session))
}

fn homeserver(client: &Client, options: &Options) -> Result<HomeserverUrl> {
    match (&options.homeserver, &options.user) {
        (Some(homeserver), _) => Ok(homeserver.clone()),
        (None, User::Full(user_id)) => Ok(discover(client, user_id)?),
        (None, User::Localpart(_)) => bail!("missing required arguments: homeserver_url"),
    }
}

fn new_session(client: &Client, homeserver: &HomeserverUrl, options: &Options) -> Result<Session> {
    let login = Login {
        credential: options.credential.clone(),
        identifier: (&options.user).into(),
        device_id: options.device_id.clone(),
        initial_device_display_name: options.device_display_name.clone(),
    };
    let session = log_in(client, homeserver, &login).with_context(|| format!("could not log in as {}", options.user))?;
    if !options.user.is(&session.user_id) {
        bail!(
            "{homeserver} logged in {} instead of {}; check `user_id` and `homeserver_url`",
            session.user_id,
            options.user
        );
    }
    Ok(session)
}
