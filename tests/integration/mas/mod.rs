//! Sessions of Matrix Authentication Service, as it was recorded in front of a real Synapse.

mod admin_api;
mod mas_cli;
mod mas_client;
mod recorded;

use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::mas::Mas;
use crate::support::module::{Module, Outcome};

/// A user, a session file, and how both credentials are given.
struct Bot<'a> {
    mas: &'a Mas,
    user_id: String,
    folder: Folder,
}

impl<'a> Bot<'a> {
    fn new(mas: &'a Mas) -> Self {
        Self { mas, user_id: mas.synapse.register("bot"), folder: Folder::new() }
    }

    /// Without a credential, on the device `BOT`. Whatever it prints holds neither the client's secret nor a token.
    fn task(&self) -> Module {
        let task = Module::as_user(&self.mas.url, &self.user_id).secret(self.mas.get("client_secret"));
        let task = task.secret(self.mas.get("client_authorization")).with("device_id", "BOT");
        let task = task.with("session_file", self.folder.option()).with("return_token", "never");
        if self.folder.path().exists() { task.secret(&self.token()) } else { task }
    }

    fn by_cli(&self) -> Module {
        self.task().with("mas_cli", self.mas.get("mas_cli"))
    }

    fn by_client(&self) -> Module {
        self.as_client(self.task())
    }

    fn as_client(&self, task: Module) -> Module {
        task.with("mas_client_id", self.mas.get("client_id"))
            .with("mas_client_secret", self.mas.get("client_secret"))
    }

    /// Without a user, and with whatever else is needed.
    fn absent(&self) -> Module {
        as_absent(self.task()).without("user_id").without("homeserver_url").without("device_id")
    }

    fn token(&self) -> String {
        self.folder.access_token()
    }

    fn devices(&self) -> Vec<String> {
        self.mas.synapse.devices_of(&self.user_id)
    }

    /// `changed`, `session` and the message, in which the user and the place are left out.
    #[track_caller]
    fn said(&self, outcome: Outcome) -> (bool, String, String) {
        let result = outcome.success();
        let text = |name: &str| result[name].as_str().unwrap_or_default().to_owned();
        let warnings = result["warnings"].as_array().cloned().unwrap_or_default();
        let warnings = warnings.iter().map(|warning| format!("; {}", warning.as_str().unwrap()));
        let msg = text("msg") + &warnings.collect::<String>();
        (result["changed"] == Value::Bool(true), text("session"), self.plain(&msg))
    }

    fn plain(&self, msg: &str) -> String {
        msg.replace(&self.user_id, "BOT_ID")
            .replace(&self.user_id[1..].replace(":hs.test", ""), "LOCALPART")
            .replace(&self.mas.url, "URL")
            .replace(self.mas.get("mas_cli"), "MAS_CLI")
    }

    /// The whole life of a session, in which each step is predicted by check mode.
    fn live(&self, task: impl Fn() -> Module, end: impl Fn()) {
        let both = |task: &dyn Fn() -> Module| {
            let (before, starts, requests) = (self.folder.path().exists().then(|| self.token()), self.mas.cli_starts().len(), self.posts());
            let predicted = self.said(task().check().run());
            assert_eq!((starts, requests), (self.mas.cli_starts().len(), self.posts()), "check mode does nothing");
            assert_eq!(before, self.folder.path().exists().then(|| self.token()));
            let said = self.said(task().run());
            assert_eq!((predicted.0, &predicted.1), (said.0, &said.1));
            said
        };
        let new = |said: (bool, String, String)| {
            assert_eq!(said, (true, "new".into(), "logged in as BOT_ID on device BOT at URL".into()));
            assert_eq!((self.mas.whoami(&self.token()), self.devices()), (200, vec!["BOT".to_owned()]));
            self.token()
        };
        let first = new(both(&task));
        assert_eq!(both(&task), (false, "kept".into(), "the session of BOT_ID on device BOT at URL works".into()));
        end();
        let second = new(both(&task));
        let third = new(both(&|| task().with("force", true).with("require_clean_device", true)));
        assert_eq!([&first, &second].map(|token| self.mas.whoami(token)), [401, 401]);
        assert_eq!(both(&|| as_absent(task())).1, "revoked");
        assert_eq!((self.mas.whoami(&third), self.folder.names(), self.devices()), (401, Vec::new(), Vec::new()));
        assert_eq!(both(&|| as_absent(task())), (false, "absent".into(), "there is no session".into()));
    }

    fn posts(&self) -> usize {
        self.mas.requests().iter().filter(|request| request.starts_with("POST")).count()
    }
}

fn as_absent(task: Module) -> Module {
    task.without("return_token").with("state", "absent")
}
