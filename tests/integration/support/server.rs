//! A small HTTP server on loopback that answers whatever a test wants, over TCP or TLS, and remembers what it was asked.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub arrived: Instant,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What to answer.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A well-formed answer with a JSON body; the connection stays.
    Json(u16, Value),
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// These bytes, then this piece again and again, until the client has had enough.
    Endless { head: Vec<u8>, piece: Vec<u8>, pause: Duration },
    /// Nothing, for this long.
    Silence(Duration),
}

impl Reply {
    /// A well-formed answer with any body and headers.
    pub fn http(status: u16, headers: &str, body: &str) -> Self {
        Self::Raw(format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into_bytes())
    }

    /// The standard error response.
    pub fn error(status: u16, errcode: &str, error: &str) -> Self {
        Self::Json(status, json!({"errcode": errcode, "error": error}))
    }

    /// One piece after the other, without end.
    pub fn endless(head: &str, piece: &str, pause_ms: u64) -> Self {
        Self::Endless { head: head.into(), piece: piece.into(), pause: Duration::from_millis(pause_ms) }
    }

    fn send(&self, stream: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Json(status, body) => {
                let body = body.to_string();
                let head = format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
                Self::Raw((head + &body).into_bytes()).send(stream)
            }
            Self::Raw(bytes) => stream.write_all(bytes).and_then(|()| stream.flush()),
            Self::Silence(time) => {
                thread::sleep(*time);
                Ok(())
            }
            Self::Endless { head, piece, pause } => {
                stream.write_all(head)?;
                loop {
                    stream.write_all(piece).and_then(|()| stream.flush())?;
                    thread::sleep(*pause);
                }
            }
        }
    }
}

type Script = dyn Fn(&Request) -> Reply + Send + Sync;

/// A running server; it ends with the test process.
pub struct Server {
    pub port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Answers every request by `script`, over plain TCP.
    pub fn http(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(loopback(0), Arc::new(script), None)
    }

    /// The same over TLS.
    pub fn https(config: ServerConfig, script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(loopback(0), Arc::new(script), Some(Arc::new(config)))
    }

    /// Gives this answer to everything.
    pub fn always(reply: Reply) -> Self {
        Self::http(move |_| reply.clone())
    }

    /// The same on a given port.
    pub fn always_at(port: u16, reply: Reply) -> Self {
        Self::start(loopback(port), Arc::new(move |_: &Request| reply.clone()), None)
    }

    fn start(listener: TcpListener, script: Arc<Script>, tls: Option<Arc<ServerConfig>>) -> Self {
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let connections = Arc::new(AtomicUsize::new(0));
        let accepted = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                accepted.fetch_add(1, Ordering::SeqCst);
                let (script, tls, seen) = (Arc::clone(&script), tls.clone(), Arc::clone(&seen));
                thread::spawn(move || serve(stream, tls, &*script, &seen));
            }
        });
        Self { port, requests, connections }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Over how many connections that was.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How long each request after the first came after the one before.
    pub fn gaps(&self) -> Vec<Duration> {
        let arrived: Vec<Instant> = self.requests().iter().map(|request| request.arrived).collect();
        arrived.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// What was asked so far, as `METHOD /path`.
    pub fn asked(&self) -> Vec<String> {
        self.requests().iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }
}

fn loopback(port: u16) -> TcpListener {
    TcpListener::bind(("127.0.0.1", port)).unwrap()
}

/// Checks the rows of a table that mostly wait, each in a thread of its own.
pub fn parallel<T: Send>(rows: impl IntoIterator<Item = T>, check: impl Fn(T) + Sync) {
    let check = &check;
    thread::scope(|scope| {
        for row in rows {
            scope.spawn(move || check(row));
        }
    });
}

/// A port at which nothing listens, below those that the kernel hands out by itself.
pub fn silent_port() -> u16 {
    let first = 30_001 + u16::try_from(std::process::id() % 2500).unwrap();
    (first..32_700).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

fn serve(stream: TcpStream, tls: Option<Arc<ServerConfig>>, script: &Script, seen: &Mutex<Vec<Request>>) {
    match tls {
        Some(config) => {
            let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
            answer(&mut stream, script, seen);
            stream.conn.send_close_notify();
            let _ = stream.flush();
            // Until the client has read the alert, if there is one: bytes that nobody reads would reset the connection.
            let _ = stream.sock.shutdown(Shutdown::Write);
            let _ = stream.sock.read_to_end(&mut Vec::new());
        }
        None => answer(&mut &stream, script, seen),
    }
}

fn answer(stream: &mut (impl Read + Write), script: &Script, seen: &Mutex<Vec<Request>>) {
    loop {
        let Some(request) = read_request(stream) else {
            // As a web server answers a client that speaks TLS to its plain port.
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            return;
        };
        seen.lock().unwrap().push(request.clone());
        let reply = script(&request);
        // A client may have heard enough.
        if reply.send(stream).is_err() || !matches!(reply, Reply::Json(..)) {
            return;
        }
    }
}

fn read_request(stream: &mut impl Read) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let first = read_line(&mut reader)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    while let Some((name, value)) = read_line(&mut reader)?.split_once(": ") {
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut request = Request { method, path, headers, body: String::new(), arrived: Instant::now() };
    let length = request.header("Content-Length").map_or(0, |length| length.parse().unwrap());
    reader.take(length).read_to_string(&mut request.body).ok()?;
    Some(request)
}

fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    Some(line.trim_end().to_owned())
}
