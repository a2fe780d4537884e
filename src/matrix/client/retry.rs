//! When a failed request is worth repeating, and how long to wait before: one budget for the whole run. Sends nothing.

use std::cell::Cell;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::matrix::error::{Error, Fault};

/// Whether a request whose answer was lost may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Twice does no more than once.
    Harmless,
    /// Only if the server can't have acted on it: a second login makes a second device.
    Never,
}

/// How long to wait before the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pause {
    /// As long as the server asks; after less it would refuse again.
    Asked(Duration),
    /// This long, and longer from time to time.
    Growing { first: Duration, longest: Duration },
}

/// A homeserver that starts may be there at any moment.
const STARTING: Pause = Pause::Growing {
    first: Duration::from_millis(250),
    longest: Duration::from_secs(2),
};

/// Matrix Authentication Service doesn't say how long its limit holds; it grants a login every 20 seconds.
const LIMITED: Pause = Pause::Growing {
    first: Duration::from_secs(5),
    longest: Duration::from_secs(20),
};

/// A server that asks for no wait at all is not hammered either.
const LEAST: Duration = Duration::from_millis(250);

/// The time that a run may spend on waiting, counted from its first failure.
pub(crate) struct RetryBudget {
    wait_timeout: Duration,
    deadline: Cell<Option<Instant>>,
}

impl RetryBudget {
    pub(crate) fn new(wait_timeout: Duration) -> Self {
        Self {
            wait_timeout,
            deadline: Cell::new(None),
        }
    }

    /// From now on there is at least this much time left.
    pub(crate) fn extend(&self, at_least: Duration) {
        let now = Instant::now();
        let deadline = self.deadline.get().unwrap_or(now + self.wait_timeout);
        self.deadline.set(Some(deadline.max(now + at_least)));
    }

    /// Tries until it works, fails for good, or the time is up.
    pub(crate) fn run<T>(&self, repeat: Repeat, attempt: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        let mut tries = 0;
        loop {
            let start = Instant::now();
            let error = match attempt() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match pause_after(&error, repeat).and_then(|pause| self.affordable(pause, tries, start)) {
                Some(time) => sleep(time),
                None => return Err(error),
            }
            tries += 1;
        }
    }

    /// What the server asks for is waited for in full or not at all; our own guess is cut down to the time that is left.
    fn affordable(&self, pause: Pause, tries: u32, start: Instant) -> Option<Duration> {
        let deadline = self.deadline.get().unwrap_or(start + self.wait_timeout);
        self.deadline.set(Some(deadline));
        let left = deadline.saturating_duration_since(Instant::now());
        match pause {
            Pause::Asked(time) => Some(time.max(LEAST).min(left)).filter(|_| time <= left && !left.is_zero()),
            Pause::Growing { first, longest } => {
                Some(first.saturating_mul(2_u32.saturating_pow(tries)).min(longest).min(left)).filter(|time| !time.is_zero())
            }
        }
    }
}

fn pause_after(error: &Error, repeat: Repeat) -> Option<Pause> {
    if error.is_lost() && repeat == Repeat::Never {
        return None;
    }
    match error {
        Error::Unreached { fault, .. } | Error::Lost { fault, .. } => {
            matches!(fault, Fault::Refused | Fault::Closed | Fault::TimedOut).then_some(STARTING)
        }
        error => match (error.http_status(), error.retry_after()) {
            (Some(429), wait) => Some(wait.map_or(LIMITED, Pause::Asked)),
            (Some(503), Some(wait)) => Some(Pause::Asked(wait)),
            (Some(502..=504), _) => Some(STARTING),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::{LIMITED, RetryBudget, Pause, Repeat, STARTING, pause_after};
    use crate::matrix::error::{Error, Fault, Oddity, Refusal};
    use crate::matrix::tls_fault::TlsFault;

    fn refused(status: u16, retry_after: Option<u64>) -> Error {
        Error::Refused(Refusal {
            url: String::new(),
            status,
            errcode: "M_UNKNOWN".into(),
            error: String::new(),
            soft_logout: false,
            retry_after: retry_after.map(Duration::from_secs),
        })
    }

    fn unreached(fault: Fault) -> Error {
        Error::Unreached { url: String::new(), fault }
    }

    fn lost(fault: Fault) -> Error {
        Error::lost(String::new(), fault)
    }

    fn web_page(status: u16) -> Error {
        Error::NotMatrix {
            url: String::new(),
            status,
            oddity: Oddity::Html,
            retry_after: None,
        }
    }

    #[test]
    fn only_what_may_pass_is_waited_for_and_a_lost_answer_only_where_repeating_is_harmless() {
        for (error, if_harmless, otherwise) in [
            (
                refused(429, Some(7)),
                Some(Pause::Asked(Duration::from_secs(7))),
                Some(Pause::Asked(Duration::from_secs(7))),
            ),
            (refused(429, None), Some(LIMITED), Some(LIMITED)),
            (
                refused(503, Some(7)),
                Some(Pause::Asked(Duration::from_secs(7))),
                Some(Pause::Asked(Duration::from_secs(7))),
            ),
            (refused(503, None), Some(STARTING), Some(STARTING)),
            (web_page(502), Some(STARTING), Some(STARTING)),
            (web_page(504), Some(STARTING), None),
            (unreached(Fault::Refused), Some(STARTING), Some(STARTING)),
            (unreached(Fault::Closed), Some(STARTING), Some(STARTING)),
            (unreached(Fault::TimedOut), Some(STARTING), Some(STARTING)),
            (unreached(Fault::UnknownHost), None, None),
            (unreached(Fault::Tls(TlsFault::Expired)), None, None),
            (lost(Fault::Closed), Some(STARTING), None),
            (lost(Fault::TimedOut), Some(STARTING), None),
            (lost(Fault::NotHttp(String::new())), None, None),
            (lost(Fault::Tls(TlsFault::Broken(String::new()))), None, None),
            (refused(500, None), None, None),
            (refused(403, None), None, None),
            (web_page(200), None, None),
        ] {
            assert_eq!(pause_after(&error, Repeat::Harmless), if_harmless, "{error:?}");
            assert_eq!(pause_after(&error, Repeat::Never), otherwise, "{error:?}");
        }
    }

    /// How often a request is tried that always fails like this.
    fn tries(budget: &RetryBudget, error: impl Fn() -> Error) -> u32 {
        let tries = Cell::new(0);
        let result: Result<(), _> = budget.run(Repeat::Harmless, || {
            tries.set(tries.get() + 1);
            Err(error())
        });
        assert!(result.is_err());
        tries.get()
    }

    #[test]
    fn more_than_what_is_left_is_not_waited_for() {
        assert_eq!(tries(&RetryBudget::new(Duration::from_secs(5)), || refused(429, Some(6))), 1);
    }

    #[test]
    fn the_budget_is_one_for_all_requests() {
        let budget = RetryBudget::new(Duration::from_secs(1));
        assert!(tries(&budget, || unreached(Fault::Refused)) > 1);
        assert_eq!(tries(&budget, || unreached(Fault::Refused)), 1);
    }

    #[test]
    fn a_zero_budget_never_waits_and_a_server_that_asks_for_no_wait_is_not_hammered() {
        for (budget, error, expected) in [
            (0, unreached(Fault::Refused), 1..=1),
            (0, refused(429, Some(0)), 1..=1),
            // 250 ms, and what is left then, if this machine wakes up in time.
            (300, refused(429, Some(0)), 2..=3),
        ] {
            let tries = tries(&RetryBudget::new(Duration::from_millis(budget)), || error.clone());
            assert!(expected.contains(&tries), "{tries}: {error:?}");
        }
    }
    #[test]
    fn a_budget_that_is_extended_is_never_cut() {
        let budget = RetryBudget::new(Duration::ZERO);
        budget.extend(Duration::from_millis(300));
        assert!(tries(&budget, || lost(Fault::Refused)) > 1);
        let budget = RetryBudget::new(Duration::from_millis(300));
        budget.extend(Duration::ZERO);
        assert!(tries(&budget, || lost(Fault::Refused)) > 1);
    }
}
