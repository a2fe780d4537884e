//! Several runs with one session file: they take turns.

use std::fs;
use std::thread;
use std::time::Duration;

use super::{Folder, json, lock, message, read_locked, session};
use crate::access_token::session_file::{SessionFile, read};

#[test]
fn a_file_in_use_is_waited_for_as_long_as_patience_lasts() {
    let folder = Folder::new();
    let path = folder.path();
    let first = lock(&path);
    assert_eq!(
        message(SessionFile::lock(&path, Duration::from_millis(1)), &path),
        "`session_file` PATH is in use by another run; try again"
    );
    thread::scope(|scope| {
        let second = scope.spawn(|| read_locked(&path).unwrap());
        thread::sleep(Duration::from_millis(50));
        first.write(&session("T1")).unwrap();
        drop(first);
        assert_eq!(second.join().unwrap(), Some(session("T1")));
    });
    assert_eq!(folder.names(), ["session.json"]);
}

#[test]
fn many_runs_take_turns_though_each_replaces_the_file_that_the_others_wait_for() {
    let folder = Folder::new();
    let path = folder.path();
    let add_one = || {
        let file = lock(&path);
        let count = read(&path).unwrap().map_or(0, |session| session.tokens.access_token.expose_secret().len());
        file.write(&session(&"T".repeat(count + 1))).unwrap();
    };
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(add_one);
        }
    });
    assert_eq!(fs::read_to_string(&path).unwrap(), json(&"T".repeat(16)));
    assert_eq!(folder.names(), ["session.json"]);
}
