//! A run that is stopped for a while, as by Ctrl-Z, a debugger, or a machine that goes to sleep.

use std::sync::Mutex;
use std::sync::mpsc::channel;

use super::logged_in;
use crate::support::module::Module;
use crate::support::server::Server;

#[test]
fn a_run_that_was_stopped_still_hears_the_answer() {
    let (tell_asked, asked) = channel();
    let (answer, may_answer) = channel();
    let may_answer = Mutex::new(may_answer);
    let server = Server::http(move |request| {
        if request.method == "POST" {
            tell_asked.send(()).unwrap();
            may_answer.lock().unwrap().recv().unwrap();
        }
        logged_in(request)
    });
    let running = Module::login(&server.url(), "@alice:hs.test").start();
    asked.recv().unwrap();
    running.interrupt();
    answer.send(()).unwrap();
    assert_eq!(running.end().success()["access_token"], "T0");
}
