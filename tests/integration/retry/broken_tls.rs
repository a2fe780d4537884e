//! TLS that ends too soon. Whether a login may have happened depends on when: before it was sent, or after.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::{ServerConnection, StreamOwned};

use super::STRAY;
use crate::support::certificates::Ca;
use crate::support::module::Module;

type Tls = StreamOwned<ServerConnection, TcpStream>;

/// What to do with one connection.
type Meeting = Box<dyn Fn(TcpStream, &Ca) + Send>;

/// Meets one connection after the other in these ways, and no more.
fn login(meetings: Vec<Meeting>) -> (String, Module) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let ca = Ca::new();
    let module = Module::login(&url, "@alice:hs.test").with("ca_path", ca.file().to_str().unwrap());
    thread::spawn(move || {
        for (meeting, socket) in meetings.iter().zip(listener.incoming().flatten()) {
            meeting(socket, &ca);
        }
    });
    (url, module.with("wait_timeout", 10).confined())
}

/// Reads what is asked, and then does this.
fn asked(then: impl Fn(&mut Tls) + Send + 'static) -> Meeting {
    Box::new(move |socket, ca| {
        let config = ca.certify("localhost").server();
        let mut tls = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), socket);
        hear(&mut tls);
        then(&mut tls);
        // Until the client has heard it: bytes that nobody reads would reset the connection.
        let _ = tls.sock.read_to_end(&mut Vec::new());
    })
}

/// A whole request: the head of a question, or one with a JSON body.
fn hear(tls: &mut Tls) {
    let mut request = Vec::new();
    while !(request.ends_with(b"}") || request.starts_with(b"GET") && request.ends_with(b"\r\n\r\n")) {
        let mut piece = [0; 16384];
        let length = tls.read(&mut piece).unwrap();
        assert!(length > 0);
        request.extend_from_slice(&piece[..length]);
    }
}

fn log_in(tls: &mut Tls) {
    let session = r#"{"user_id":"@alice:hs.test","access_token":"T0","device_id":"D"}"#;
    let answer = format!("HTTP/1.1 200 X\r\nContent-Length: {}\r\n\r\n{session}", session.len());
    tls.write_all(answer.as_bytes()).unwrap();
    // Then the token is proved.
    hear(tls);
    tls.write_all(answer.as_bytes()).unwrap();
}

/// What looks like a piece of TLS, but was never encrypted, in the middle of an answer.
fn speak_nonsense(tls: &mut Tls) {
    tls.write_all(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{").unwrap();
    tls.sock.write_all(b"\x17\x03\x03\x00\x20nobody has ever encrypted these..").unwrap();
}

/// What a server says that was told nonsense itself.
fn object(tls: &mut Tls) {
    tls.conn.read_tls(&mut &b"\x17\x03\x03\x00\x20nobody has ever encrypted these.."[..]).unwrap();
    tls.conn.process_new_packets().unwrap_err();
    while tls.conn.wants_write() {
        tls.conn.write_tls(&mut tls.sock).unwrap();
    }
}

#[test]
fn after_a_login_was_sent_it_is_not_sent_again_and_the_possible_session_is_mentioned() {
    for (break_off, why) in [
        (speak_nonsense as fn(&mut Tls), "what it sent can't be decrypted"),
        (object, "it sent the TLS alert 20"),
    ] {
        let (url, module) = login(vec![asked(break_off), asked(log_in)]);
        assert_eq!(
            module.run().failure_msg(),
            format!(
                "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login broke the encrypted connection: {why}; see the logs of the homeserver, \
                 and of the reverse proxy in front of it{STRAY}"
            )
        );
    }
}

/// The start of a handshake, and then nothing for a while.
fn stall(mut socket: TcpStream, _: &Ca) {
    socket.write_all(b"\x16\x03\x03\x00\x7a\x02\x00").unwrap();
    let _ = socket.read_to_end(&mut Vec::new());
}

#[test]
fn before_a_login_was_sent_no_session_is_mentioned() {
    for (meeting, why) in [
        (stall as fn(TcpStream, &Ca), "did not answer in time; "),
        (|socket, _| drop(socket), "closed the connection before the answer was complete; "),
    ] {
        let (_, module) = login(vec![Box::new(meeting)]);
        let msg = module.with("wait_timeout", 0).with("timeout", 1).run().failure_msg();
        assert!(msg.contains(why) && !msg.contains(STRAY), "{msg}");
    }
}

#[test]
fn before_a_login_was_sent_it_is_waited_for_a_server_that_starts() {
    let (_, module) = login(vec![Box::new(|socket, _| drop(socket)), asked(log_in)]);
    assert_eq!(module.run().success()["access_token"], "T0");
}
