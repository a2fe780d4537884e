//! The floor that no client can beat: it sends bytes that are ready, and takes what comes back.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let [_, address, request] = words.as_slice() else {
        eprintln!("usage: ask HOST:PORT FILE");
        return ExitCode::FAILURE;
    };
    match ask(address, request) {
        Ok(0) | Err(_) => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
    }
}

fn ask(address: &str, request: &str) -> std::io::Result<usize> {
    let request = std::fs::read(request)?;
    let mut connection = TcpStream::connect(address)?;
    connection.write_all(&request)?;
    connection.read(&mut [0; 4096])
}
