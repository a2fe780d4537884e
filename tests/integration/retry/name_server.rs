//! A name server that fails for the moment, asked by the real resolver: in namespaces of its own, where the test is root, has a loopback to itself,
//! and the resolver asks 127.0.0.1. Nothing of the machine's changes.

use std::env::{current_exe, var_os};
use std::fs;
use std::net::UdpSocket;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use serde_json::json;

use super::{login, session};
use crate::support::module::scratch_path;
use crate::support::server::Server;

/// Of the name in the question: its type and class, how long it may be kept, and 127.0.0.1. <https://www.rfc-editor.org/rfc/rfc1035#section-4>
const ADDRESS: [u8; 16] = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1];

/// Answers this many look-ups with SERVFAIL, and then that every name has the address 127.0.0.1 and no IPv6 address.
fn name_server() -> Arc<AtomicUsize> {
    let failures = Arc::new(AtomicUsize::new(0));
    let left = Arc::clone(&failures);
    let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
    thread::spawn(move || {
        let (mut query, mut fails) = ([0; 512], false);
        while let Ok((length, client)) = socket.recv_from(&mut query) {
            let (id, question) = (&query[..2], question(&query[12..length]));
            let is_for_ipv4 = question.ends_with(&[0, 1, 0, 1]);
            // A look-up asks for it first, and fares as a whole: glibc does not call half a failure temporary.
            if is_for_ipv4 {
                fails = left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
            }
            let address: &[u8] = if is_for_ipv4 && !fails { &ADDRESS } else { &[] };
            let head = [0x81, if fails { 0x82 } else { 0x80 }, 0, 1, 0, u8::from(!address.is_empty()), 0, 0, 0, 0];
            socket.send_to(&[id, &head, question, address].concat(), client).unwrap();
        }
    });
    failures
}

fn question(query: &[u8]) -> &[u8] {
    let end_of_name = query.iter().position(|byte| *byte == 0).unwrap();
    &query[..end_of_name + 5]
}

#[test]
fn one_that_fails_for_the_moment_is_waited_for_and_called_temporary() {
    in_namespace(
        "retry::name_server::one_that_fails_for_the_moment_is_waited_for_and_called_temporary",
        reports_of_one_that_fails_for_the_moment_are_right,
    );
}

fn reports_of_one_that_fails_for_the_moment_are_right() {
    let (failures, server) = (name_server(), Server::always(session()));
    let url = format!("http://matrix.example.com:{}", server.port);
    let run = |wait_timeout| {
        let task = login(&server, wait_timeout).with("homeserver_url", url.as_str());
        task.with("device_id", "BOT").run()
    };
    let warnings = [format!("{url} is not encrypted: anybody on the network path can read the secrets of this task")];

    failures.store(usize::MAX, SeqCst);
    let msg = format!(
        "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login could not be reached: temporary failure in name resolution; \
         check the name servers of the host that runs the task, or raise `wait_timeout`"
    );
    let failed = json!({"failed": true, "msg": msg, "warnings": warnings});
    for wait_timeout in [0, 1] {
        assert_eq!(run(wait_timeout).failure(), failed);
    }
    assert_eq!(server.connections(), 0);

    failures.store(2, SeqCst);
    let logged_in = json!({
        "changed": true,
        "msg": format!("logged in as @alice:hs.test on device BOT at {url}"),
        "access_token": "T0",
        "user_id": "@alice:hs.test",
        "device_id": "BOT",
        "homeserver_url": url,
        "session": "new",
        "ansible_facts": {"matrix_access_token": "T0"},
        "warnings": warnings,
    });
    assert_eq!(run(30).success(), logged_in);
    assert_eq!(failures.load(SeqCst), 0);
}

const IS_INSIDE: &str = "MATRIX_ACCESS_TOKEN_TEST_IS_INSIDE";

/// For root; for an ordinary user, where the kernel lets one; and where it doesn't, as Ubuntu's since 24.04, for one who may use sudo.
const WAYS_IN: [&str; 3] = [
    "unshare --mount --net",
    "unshare --user --map-root-user --mount --net",
    "sudo --non-interactive unshare --mount --net",
];

/// The second file is glibc's: it could have others asked before the name server.
const PREPARE: &str = r#"mount --bind "$0/resolv.conf" /etc/resolv.conf && mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf &&
    ip link set lo up && exec env "$@""#;

/// Runs `body`, the whole of the test with this name, in a process of its own.
#[track_caller]
fn in_namespace(test: &str, body: impl FnOnce()) {
    if var_os(IS_INSIDE).is_some() {
        return body();
    }
    let folder = scratch_path("etc");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n").unwrap();
    fs::write(folder.join("nsswitch.conf"), "hosts: dns\n").unwrap();
    let run = |way: &str, command: &[&str]| {
        let mut words = way.split(' ').chain(["sh", "-c", PREPARE]);
        let mut process = Command::new(words.next().unwrap());
        let process = process.args(words).arg(&folder).args(command).output();
        process.map_or_else(
            |error| (false, error.to_string()),
            |output| {
                let printed = [output.stdout, output.stderr].concat();
                (output.status.success(), String::from_utf8_lossy(&printed).into_owned())
            },
        )
    };
    let mut refusals = Vec::new();
    let way = WAYS_IN.iter().find(|way| {
        let (is_open, why_not) = run(way, &["true"]);
        refusals.push(format!("{way}: {why_not}"));
        is_open
    });
    let variable = format!("{IS_INSIDE}=yes");
    let (program, test) = (current_exe().unwrap(), ["--exact", test]);
    let inside = way.map(|way| run(way, &[&[variable.as_str(), program.to_str().unwrap()], &test[..]].concat()));
    fs::remove_dir_all(&folder).unwrap();
    let (is_passed, printed) = inside.unwrap_or_else(|| {
        panic!("this takes root (in a container with CAP_SYS_ADMIN and CAP_NET_ADMIN), or sudo without a password: {refusals:#?}")
    });
    assert!(is_passed && printed.contains("1 passed"), "{printed}");
}
