//! That it makes no difference in which pieces an answer arrives.

use std::io::{BufRead, BufReader};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;

use super::body::{Unread, read};
use super::head::Head;

/// Status lines, headers and bodies, whole and broken.
fn pieces_of_http() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        select(vec![
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.0 200\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 204 X\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Content-Length: 5\r\n",
            "Content-Length: 5, 5\n",
            "Connection: close\r\n",
            "Location: /\r\n",
            "\r\n",
            "\n",
            "\r",
            "5\r\nabcde\r\n",
            "1;x=\"y\"\r\n",
            "abcde",
            "0\r\n\r\n",
            "ffffffffffffffff\r\n",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        vec(any::<u8>(), 0..3),
    ];
    vec(piece, 0..9).prop_map(|pieces| [b"HTTP/1.1 200 OK\r\n".to_vec(), pieces.concat()].concat())
}

/// Head and body, and what is left after them.
fn answer(mut reader: impl BufRead) -> Result<(Head, Vec<u8>, Vec<u8>), Unread> {
    let head = Head::read(&mut reader)?;
    let body = read(&mut reader, head.end, 8)?;
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    Ok((head, body, rest))
}

proptest! {
    #[test]
    fn an_answer_is_the_same_in_whatever_pieces_it_arrives(bytes in pieces_of_http(), length in 1_usize..9) {
        prop_assert_eq!(answer(BufReader::with_capacity(length, bytes.as_slice())), answer(bytes.as_slice()));
    }
}
