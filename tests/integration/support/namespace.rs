//! A test in namespaces of its own: there it is root, has a loopback to itself, and the resolver asks 127.0.0.1. Nothing of the machine's changes.

use std::env::{current_exe, var_os};
use std::fs;
use std::process::Command;

use super::module::scratch_path;

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
pub fn in_namespace(test: &str, body: impl FnOnce()) {
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
