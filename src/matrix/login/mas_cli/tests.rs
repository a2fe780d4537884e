//! What docker, podman, kubectl and `mas-cli` say, as they say it, and what is made of that.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::without_token;

#[test]
fn the_line_that_names_the_cause_is_shown() {
    for (output, line) in [
        (
            "error: unrecognized subcommand 'x'\n\nUsage: mas-cli manage <COMMAND>\n\nFor more information, try '--help'.\ncommand terminated with exit code 2",
            "error: unrecognized subcommand 'x'",
        ),
        ("no shell here\ncommand terminated with exit code 127", "no shell here"),
        ("Defaulted container \"mas\" out of: mas, x\nError: User not found", "Error: User not found"),
        ("the input device is not a TTY\n", "the input device is not a TTY"),
        ("", "it printed nothing"),
    ] {
        let (said, ..) = without_token(Some(ExitStatus::from_raw(256)), output);
        assert_eq!(said, format!("failed (exit status: 1): {line}"));
    }
}
