//! A `CONNECT` proxy on loopback that leads every host name to one port, so that tests can use any name with TLS.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A running proxy; it ends with the test process.
pub struct Proxy {
    pub url: String,
    targets: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let targets = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&targets);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || tunnel(client, port, &seen));
            }
        });
        Self { url, targets }
    }

    /// The same behind TLS, at the name `localhost`.
    pub fn secured(&self, config: ServerConfig) -> String {
        let behind = self.url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = Arc::new(config);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (config, behind) = (Arc::clone(&config), TcpStream::connect(&behind).unwrap());
                thread::spawn(move || unwrap_tls(config, client, behind));
            }
        });
        format!("https://localhost:{port}")
    }

    /// The `host:port` of every tunnel asked for.
    pub fn targets(&self) -> Vec<String> {
        self.targets.lock().unwrap().clone()
    }
}

fn tunnel(mut client: TcpStream, port: u16, seen: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(client.try_clone().unwrap()).lines().map_while(Result::ok);
    let target = lines.next().and_then(|line| line.split(' ').nth(1).map(str::to_owned));
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    seen.lock().unwrap().extend(target);
    let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
    let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || pipe(&from, &to));
    pipe(&server, &client);
}

/// By turns, for one end of a TLS connection can't be in two threads.
fn unwrap_tls(config: Arc<ServerConfig>, client: TcpStream, mut behind: TcpStream) {
    for socket in [&client, &behind] {
        socket.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    }
    let mut client = StreamOwned::new(ServerConnection::new(config).unwrap(), client);
    while pass_on(&mut client, &mut behind) && pass_on(&mut behind, &mut client) {}
}

/// What there is at the moment; `false` at the end.
fn pass_on(from: &mut impl Read, to: &mut impl Write) -> bool {
    let mut piece = [0; 16 * 1024];
    match from.read(&mut piece) {
        Ok(length) => length > 0 && to.write_all(&piece[..length]).and_then(|()| to.flush()).is_ok(),
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}

fn pipe(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
