//! A session file that can't be read or written: found out before a login is spent, or that login is undone.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::folder::{Folder, session};
use crate::support::module::Module;
use crate::support::server::{Reply, Server};

/// Puts something where the session file should be.
type Maker<'a> = &'a dyn Fn(&Path);

/// Makes a task that can't write its session file.
type Obstacle<'a> = &'a dyn Fn(&Server, &Folder) -> Module;

/// Logs everybody in as alice, and accepts every token.
fn server(on_login: impl Fn() + Send + Sync + 'static) -> Server {
    Server::http(move |request| match request.path.as_str() {
        "/_matrix/client/v3/login" => {
            on_login();
            Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "syt_NEW_1", "device_id": "BOT"}))
        }
        "/_matrix/client/v3/account/whoami" => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
        _ => Reply::Json(200, json!({})),
    })
}

fn task(server: &Server, path: &Path) -> Module {
    let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", path.to_str().unwrap());
    task.secret("syt_NEW_1").secret("syt_OLD_1")
}

/// Every file of this process from the first byte on is one too large: what a full disk is to a write.
const FULL_DISK: [&str; 4] = ["sh", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"];

#[test]
fn what_is_no_session_file_is_refused_before_anything_is_asked() {
    const LINK: &str = "can't be read: PATH is a symbolic link, give the path that it leads to";
    let cases: [(Maker, &str); 5] = [
        (&|path| symlink(path.with_file_name("other"), path).unwrap(), LINK),
        (&|path| fs::create_dir(path).unwrap(), "is not a regular file; give the path of a file"),
        (
            &|path| fs::write(path, "").unwrap(),
            "does not hold a session: move it away, or give another path: no JSON at line 1, column 0",
        ),
        (
            &|path| fs::write(path, "{\"access_token\": \"syt_OLD_1").unwrap(),
            "does not hold a session: move it away, or give another path: no JSON at line 1, column 27",
        ),
        (
            &|path| fs::write(path, "{\"access_token\": \"syt_OLD_1\"}").unwrap(),
            "does not hold a session: move it away, or give another path: homeserver is missing",
        ),
    ];
    for (make, expected) in cases {
        let (server, folder) = (server(|| ()), Folder::new());
        make(&folder.path());
        for task in [
            task(&server, &folder.path()),
            task(&server, &folder.path()).check(),
            task(&server, &folder.path()).with("state", "absent"),
        ] {
            let msg = task.run().failure_msg().replace(folder.path().to_str().unwrap(), "PATH");
            assert_eq!(msg, format!("`session_file` PATH {expected}"));
        }
        assert_eq!((server.asked(), folder.names()), (vec![], vec!["session.json".to_owned()]));
    }
}

/// Only root can give a file away; for anybody else there is this one of root's.
fn somebody_elses(server: &Server, folder: &Folder, of_root: &str) -> PathBuf {
    if !rustix::process::geteuid().is_root() {
        return of_root.into();
    }
    folder.store(&session(&server.url(), "syt_OLD_1"));
    chown(folder.path(), Some(65_534), None).unwrap();
    folder.path()
}

#[test]
fn the_file_of_another_user_is_refused_before_anything_is_asked() {
    let (server, folder) = (server(|| ()), Folder::new());
    let user = rustix::process::geteuid().as_raw();
    let path = somebody_elses(&server, &folder, "/etc/passwd");
    let owner = path.metadata().unwrap().uid();
    assert_eq!(
        task(&server, &path).run().failure_msg(),
        format!(
            "`session_file` {} belongs to the user with id {owner}, and this task runs as {user}; \
             run the task as its owner with `become_user`, or change the owner",
            path.display()
        )
    );
    assert_eq!(server.asked(), [""; 0]);
}

/// What a user is told for whom permissions count.
fn kept_out() -> String {
    format!(
        "permission denied to the user with id {}, who runs this task: run it as another user with `become_user`, or change the owner or the mode of the file or its folder",
        rustix::process::geteuid().as_raw()
    )
}

#[test]
fn a_file_that_is_closed_to_this_user_is_refused_before_anything_is_asked() {
    let closed_file = |folder: &Folder| fs::set_permissions(folder.path(), Permissions::from_mode(0o000)).unwrap();
    let closed_folder = |folder: &Folder| folder.allow(0o600);
    for close in [&closed_file as &dyn Fn(&Folder), &closed_folder] {
        let (server, folder) = (server(|| ()), Folder::new());
        folder.store(&session(&server.url(), "syt_OLD_1"));
        close(&folder);
        for task in [
            task(&server, &folder.path()),
            task(&server, &folder.path()).check(),
            task(&server, &folder.path()).with("state", "absent"),
        ] {
            assert_eq!(
                task.unprivileged().run().failure_msg(),
                format!("`session_file` {} can't be read: {}", folder.path().display(), kept_out())
            );
        }
        assert_eq!(server.asked(), [""; 0]);
    }
}

#[test]
fn of_a_closed_file_of_another_user_the_owner_is_told() {
    let (server, folder) = (server(|| ()), Folder::new());
    let user = rustix::process::geteuid().as_raw();
    let path = somebody_elses(&server, &folder, "/etc/shadow");
    let (owner, shown) = (path.metadata().unwrap().uid(), path.display());
    assert_eq!(
        task(&server, &path).unprivileged().run().failure_msg(),
        format!(
            "`session_file` {shown} can't be read: {shown} belongs to the user with id {owner}, and this task runs as {user}; \
             run the task as its owner with `become_user`, or change the owner"
        )
    );
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn where_nothing_can_be_written_nobody_logs_in() {
    let read_only = |server: &Server, folder: &Folder| {
        folder.allow(0o555);
        task(server, &folder.path()).unprivileged()
    };
    let no_folder = |server: &Server, folder: &Folder| task(server, &folder.path().with_file_name("missing").join("session.json"));
    let full = |server: &Server, folder: &Folder| task(server, &folder.path()).through(&FULL_DISK);
    let cases: [(Obstacle, &str); 3] = [
        (&read_only, &[", check its folder: ", &kept_out()].concat()),
        (&no_folder, ": its folder does not exist, create it first"),
        (&full, ", check its folder: File too large (os error 27)"),
    ];
    for (task, reason) in cases {
        let (server, folder) = (server(|| ()), Folder::new());
        let msg = task(&server, &folder).run().failure_msg();
        assert!(msg.starts_with("`session_file` /"), "{msg}");
        assert!(msg.ends_with(&format!("/session.json can't be written{reason}")), "{msg}");
        assert_eq!((server.asked(), folder.names()), (vec![], vec![]));
    }
}

#[test]
fn where_the_file_could_not_be_removed_nobody_is_logged_out() {
    let server = server(|| ());
    let folder = Folder::with_session(&server.url(), "syt_OLD_1");
    folder.allow(0o555);
    let absent = task(&server, &folder.path()).with("state", "absent").unprivileged();
    assert_eq!(
        absent.run().failure_msg(),
        format!("`session_file` {} can't be written, check its folder: {}", folder.path().display(), kept_out())
    );
    assert_eq!((server.asked(), folder.access_token()), (vec![], "syt_OLD_1".to_owned()));
}

#[test]
fn on_a_full_disk_a_session_can_still_be_ended() {
    let server = Server::http(|request| match request.path.as_str() {
        "/_matrix/client/v3/logout" => Reply::Json(200, json!({})),
        _ => Reply::error(401, "M_UNKNOWN_TOKEN", "Invalid access token passed."),
    });
    let folder = Folder::with_session(&server.url(), "syt_OLD_1");
    let absent = task(&server, &folder.path()).with("state", "absent").without("password");
    assert_eq!(absent.through(&FULL_DISK).run().success()["session"], "revoked");
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn on_a_disk_that_is_really_full_nobody_logs_in() {
    let (server, folder) = (server(|| ()), Folder::new());
    let disk = folder.path().parent().unwrap().to_str().unwrap().to_owned();
    // Two pages of a file system of its own, which only this run sees.
    let mount = "mount -t tmpfs -o size=8k none \"$0\" && exec \"$@\"";
    let on_a_small_disk = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, &disk];
    let msg = task(&server, &folder.path()).through(&on_a_small_disk).run().failure_msg();
    assert!(
        msg.ends_with("/session.json can't be written, check its folder: No space left on device (os error 28)"),
        "{msg}"
    );
    assert_eq!((server.asked(), folder.names()), (vec![], vec![]));
}

#[test]
fn a_session_that_works_needs_no_writing() {
    let server = server(|| ());
    let task = |folder: &Folder| Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
    let full = Folder::with_session(&server.url(), "T1");
    assert_eq!(task(&full).through(&FULL_DISK).run().success()["changed"], false);
    let read_only = Folder::with_session(&server.url(), "T1");
    read_only.allow(0o555);
    assert_eq!(task(&read_only).unprivileged().run().success()["changed"], false);
    assert_eq!(
        (full.names(), read_only.names()),
        (vec!["session.json".to_owned()], vec!["session.json".to_owned()])
    );
}

#[test]
fn an_expired_session_is_not_refreshed_where_the_new_tokens_could_not_be_stored() {
    let server = Server::always(Reply::Json(
        401,
        json!({"errcode": "M_UNKNOWN_TOKEN", "error": "Access token has expired", "soft_logout": true}),
    ));
    let folder = Folder::with_session(&server.url(), "syt_OLD_1");
    let mut session = folder.session();
    session["refresh_token"] = json!("syr_OLD_1");
    folder.store(&session);
    let msg = task(&server, &folder.path()).secret("syr_OLD_1").through(&FULL_DISK).run().failure_msg();
    assert!(msg.ends_with(" can't be written, check its folder: File too large (os error 27)"), "{msg}");
    assert_eq!(server.asked(), ["GET /_matrix/client/v3/account/whoami"]);
    assert_eq!((folder.session(), folder.names()), (session, vec!["session.json".to_owned()]));
}

#[test]
fn a_new_session_that_cannot_be_stored_after_all_is_logged_out_again() {
    let folder = Folder::new();
    let parent = folder.path().parent().unwrap().to_owned();
    let server = server(move || fs::remove_dir_all(&parent).unwrap());
    assert_eq!(
        task(&server, &folder.path()).run().failure_msg(),
        format!(
            "the new session was logged out again: `session_file` {} can't be written: its folder does not exist, create it first",
            folder.path().display()
        )
    );
    assert_eq!(
        server.asked(),
        [
            "POST /_matrix/client/v3/login",
            "GET /_matrix/client/v3/account/whoami",
            "POST /_matrix/client/v3/logout"
        ]
    );
    assert_eq!(server.requests()[2].header("Authorization"), Some("Bearer syt_NEW_1"));
}

#[test]
fn a_new_session_that_can_be_neither_stored_nor_logged_out_is_named() {
    let folder = Folder::new();
    let parent = folder.path().parent().unwrap().to_owned();
    let server = Server::http(move |request| match request.path.as_str() {
        "/_matrix/client/v3/login" => {
            fs::remove_dir_all(&parent).unwrap();
            Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "syt_NEW_1", "device_id": "BOT"}))
        }
        "/_matrix/client/v3/account/whoami" => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
        _ => Reply::error(500, "M_UNKNOWN", "Internal server error"),
    });
    let url = server.url();
    let msg = task(&server, &folder.path()).run().failure_msg();
    let expected = format!(
        "the new session of @alice:hs.test on device BOT at {url} could not be logged out again \
         ({url}/_matrix/client/v3/logout answered 500 M_UNKNOWN (Internal server error)): `session_file` "
    );
    assert!(msg.starts_with(&expected), "{msg}");
}
