//! The members of a session file that other programs have added: carried along byte for byte, and never looked at. They are copied from
//! one buffer that is wiped to another.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Deserializer;

/// What an object that `to_writer_pretty` wrote ends with.
const END: &[u8] = b"\n}";

/// Puts those members of the object `before` that are none of the `known` ones at the end of `json`, an object that `to_writer_pretty` wrote.
pub(super) fn carry_over(before: &[u8], known: &[&str], json: &mut Vec<u8>) {
    json.truncate(json.len().saturating_sub(END.len()));
    for (_, member) in Members(before).filter(|(name, _)| !known.contains(&name.as_str())) {
        json.extend(b",\n  ");
        json.extend(member);
    }
    json.extend(END);
}

/// The rest of an object, from the `{` or `,` before its next member on.
struct Members<'a>(&'a [u8]);

impl<'a> Iterator for Members<'a> {
    /// The name, and the whole member as it stands.
    type Item = (String, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (b'{' | b',', member) = self.0.trim_ascii_start().split_first()? else {
            return None;
        };
        let member = member.trim_ascii_start();
        let (name, rest) = value::<String>(member)?;
        let (IgnoredAny, rest) = value(rest.trim_ascii_start().strip_prefix(b":")?)?;
        self.0 = rest;
        Some((name, &member[..member.len() - rest.len()]))
    }
}

/// The first value, and what follows it.
fn value<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<(T, &'a [u8])> {
    let mut values = Deserializer::from_slice(json).into_iter();
    let value = values.next()?.ok()?;
    Some((value, &json[values.byte_offset()..]))
}
