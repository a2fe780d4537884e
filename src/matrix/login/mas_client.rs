//! A personal session, made through the admin API of Matrix Authentication Service: its token does not expire, and belongs to a device.
//! <https://element-hq.github.io/matrix-authentication-service/topics/access-token.html>

use super::{Wishes, mas_device_id, mas_session};
use crate::matrix::client::Client;
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::mas::admin_api::{AdminApi, MasClient};
use crate::matrix::session::Session;

pub(super) fn log_in(mas_client: &MasClient, client: &Client, homeserver: &HomeserverUrl, wishes: Wishes) -> Result<Session, Error> {
    let user = mas_client
        .user
        .as_ref()
        .ok_or_else(|| Error::Config { name: "user_id", reason: "is needed to log in with `mas_client_id`".into() })?;
    let device_id = mas_device_id(wishes)?;
    let name = wishes.device_display_name.unwrap_or(&device_id);
    let mut admin_api = AdminApi::authorize(client, homeserver, mas_client)?;
    let (id, token) = admin_api.create_personal_session(user.localpart(), &device_id, name)?;
    Ok(Session { mas_personal_session_id: Some(id), ..mas_session(homeserver, user, device_id, token) })
}
