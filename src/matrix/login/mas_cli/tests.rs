//! What docker, podman, kubectl and `mas-cli` say, as they say it, and what is made of that.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::{CONTAINER, CONTAINERS, DAEMON, DATABASE, FILE, FORBIDDEN, HOMESERVER, MANUALLY, NO_USER, PAUSED, without_token};

#[test]
fn the_error_line_decides_on_the_advice_and_on_waiting() {
    for (output, next_step, is_outage) in [
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            DAEMON,
            true,
        ),
        (
            "failed to connect to the docker API at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: no such file or directory",
            DAEMON,
            true,
        ),
        (
            "Error response from daemon: Container 3f2a is restarting, wait until the container is running",
            CONTAINER,
            true,
        ),
        (
            "Error response from daemon: Container mas is paused, unpause the container before exec",
            PAUSED,
            false,
        ),
        ("Error response from daemon: container 3f2a1b is not running", CONTAINER, true),
        ("Error response from daemon: No such container: mas", CONTAINER, true),
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: \
             permission denied",
            CONTAINERS,
            false,
        ),
        (
            "Error: can only create exec sessions on running containers: container state improper",
            CONTAINER,
            true,
        ),
        ("Error: no container with name or ID \"mas\" found: no such container", CONTAINER, true),
        (
            "Error from server (Forbidden): pods \"mas\" is forbidden: User \"bot\" cannot create resource \"pods/exec\" in API group \"\" in the namespace \"ess\"",
            FORBIDDEN,
            false,
        ),
        (
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
            DAEMON,
            true,
        ),
        ("Unable to connect to the server: dial tcp 192.0.2.1:6443: i/o timeout", DAEMON, true),
        ("Error from server (BadRequest): pod mas-0 does not have a host assigned", CONTAINER, true),
        (
            "error: Internal error occurred: error executing command in container: container is not created or running",
            CONTAINER,
            true,
        ),
        ("error: unable to upgrade connection: container not found (\"mas\")", CONTAINER, true),
        ("Error from server (NotFound): pods \"mas-0\" not found", CONTAINER, false),
        (
            "error: cannot exec into a container in a completed pod; current phase is Succeeded",
            CONTAINER,
            false,
        ),
        ("error: open /etc/rancher/k3s/k3s.yaml: permission denied", FILE, false),
        ("Error: failed to read /data/config.yaml: Permission denied (os error 13)", FILE, false),
        (
            "Error: could not connect to the database\n\nCaused by:\n    Connection refused (os error 111)",
            DATABASE,
            true,
        ),
        ("Error: User not found\ncommand terminated with exit code 1", NO_USER, false),
        (
            "2026-11-25T16:19:38Z ERROR mas_cli::commands::manage:460 Could not create the device on the homeserver, aborting error=x",
            HOMESERVER,
            true,
        ),
        (
            "Error: could not load configuration: missing field `homeserver` in matrix.homeserver",
            MANUALLY,
            false,
        ),
        (
            "2026 ERROR x: the homeserver is not running\n2026 INFO homeserver=hs.test\nError: database error: relation does not exist",
            MANUALLY,
            false,
        ),
    ] {
        let (_, said, waits) = without_token(Some(ExitStatus::from_raw(256)), output);
        assert_eq!((said, waits), (next_step, is_outage), "{output}");
    }
}

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
