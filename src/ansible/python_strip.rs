//! Python's `str.strip()`, which takes a little more for white space than Rust does.

/// The text without the white space around it. Python counts the four ASCII separators as such.
#[must_use]
pub fn strip(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || ('\x1c'..='\x1f').contains(&character))
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn what_python_takes_for_white_space_is_stripped() {
        assert_eq!(
            strip(" \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\u{85}\u{a0}\u{3000}a b\u{200b} "),
            "a b\u{200b}"
        );
    }
}
