//! A request as it goes over the wire. Sends nothing.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::address::Target;
use crate::matrix::error::Fault;
use crate::matrix::session::fits_a_header;
use crate::secret::Secret;

/// What to ask for.
pub(super) struct Request<'a> {
    pub(super) method: &'static str,
    pub(super) url: &'a str,
    pub(super) access_token: Option<&'a Secret>,
    /// JSON.
    pub(super) body: Option<Zeroizing<Vec<u8>>>,
    /// How often the answer may lead elsewhere, and never to plain http. No more than 0 where there is a secret in the request.
    pub(super) redirects: u32,
}

impl<'a> Request<'a> {
    pub(super) fn get(url: &'a str) -> Self {
        Self {
            method: "GET",
            url,
            access_token: None,
            body: None,
            redirects: 0,
        }
    }

    pub(super) fn post(url: &'a str, body: Zeroizing<Vec<u8>>) -> Self {
        Self {
            method: "POST",
            body: Some(body),
            ..Self::get(url)
        }
    }

    /// In the name of whom the token is for.
    pub(super) fn by(self, access_token: &'a Secret) -> Self {
        Self {
            access_token: Some(access_token),
            ..self
        }
    }

    /// In one piece, wiped on drop.
    pub(super) fn message(&self, target: &Target, http_agent: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let body = self.body.as_deref().map_or(&[][..], Vec::as_slice);
        let mut head = Zeroizing::new(String::with_capacity(4096));
        let host = target.address.host_header();
        let written = write!(
            head,
            "{} {} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {http_agent}\r\nAccept: application/json\r\n",
            self.method, target.path
        );
        written.map_err(|_| unwritable())?;
        if let Some(token) = self.access_token {
            let token = Some(token).filter(|token| fits_a_header(token)).ok_or_else(unwritable)?;
            head.push_str("Authorization: Bearer ");
            head.push_str(token.reveal());
            head.push_str("\r\n");
        }
        if self.body.is_some() {
            write!(head, "Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()).map_err(|_| unwritable())?;
        }
        let mut message = Zeroizing::new(Vec::with_capacity(head.len() + 2 + body.len()));
        for piece in [head.as_bytes(), b"\r\n", body] {
            message.extend_from_slice(piece);
        }
        Ok(message)
    }
}

fn unwritable() -> Fault {
    Fault::System("the token holds what no HTTP header can".into())
}
