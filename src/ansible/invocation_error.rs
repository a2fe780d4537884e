//! Why the arguments couldn't be read at all. Never holds any of their content: that may be a password.

use std::{fmt, io};

use super::python_json::JsonFault;

/// Where the arguments were to come from, and why they didn't.
#[derive(Debug)]
pub struct InvocationError {
    /// The file, or a name for the stream.
    pub origin: String,
    /// What is wrong with it.
    pub fault: InvocationFault,
}

/// Why there are no arguments to check.
#[derive(Debug)]
pub enum InvocationFault {
    /// It can't be read.
    Unreadable(io::Error),
    /// It holds more than any task would pass.
    TooLarge,
    /// It holds nothing.
    Empty,
    /// It holds something other than JSON.
    NotJson(JsonFault),
    /// It holds JSON, but this kind of value instead of an object.
    NotAnObject(&'static str),
}

impl fmt::Display for InvocationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the arguments in {} {}", self.origin, self.fault)
    }
}

impl fmt::Display for InvocationFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const REMEDY: &str = "write the module's options as one JSON object";
        match self {
            Self::Unreadable(error) => write!(
                formatter,
                "can't be read ({error}); pass the path of a readable JSON file, or - for standard input"
            ),
            Self::TooLarge => write!(formatter, "are larger than 16 MiB; pass the module's options only"),
            Self::Empty => write!(formatter, "are empty; {REMEDY}"),
            Self::NotJson(JsonFault::Malformed { line, column }) => {
                write!(formatter, "aren't JSON (line {line}, column {column}); {REMEDY}")
            }
            Self::NotJson(JsonFault::NoJsonNumber(word)) => {
                write!(
                    formatter,
                    "hold the value {word}, which JSON doesn't have; put quotes around it or remove it"
                )
            }
            Self::NotJson(JsonFault::NotUnicode) => formatter.write_str(
                "hold text that isn't Unicode, as when a file that isn't UTF-8 is put into an option; convert that file to UTF-8",
            ),
            Self::NotAnObject(kind) => write!(formatter, "are a JSON {kind}; {REMEDY}"),
        }
    }
}

impl std::error::Error for InvocationError {}
