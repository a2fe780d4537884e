//! When a failed request is repeated, and after how long: one budget for the whole run. Sends nothing.
//! Which errors are temporary is decided in `matrix/error.rs`.

use std::cell::Cell;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::matrix::error::{Error, Temporary};

/// Whether a request may be sent again that the server may have got already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It is idempotent: twice does no more than once.
    Harmless,
    /// A second login makes a second device.
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
const OUTAGE: Pause = Pause::Growing {
    first: Duration::from_millis(250),
    longest: Duration::from_secs(2),
};

/// Matrix Authentication Service doesn't say how long its limit holds; it grants a login every 20 seconds.
const RATE_LIMIT: Pause = Pause::Growing {
    first: Duration::from_secs(5),
    longest: Duration::from_secs(20),
};

/// Before asking again a server that asks for no wait at all.
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
    if repeat == Repeat::Never && error.may_have_arrived() {
        return None;
    }
    let guess = match error.temporary()? {
        Temporary::RateLimit => RATE_LIMIT,
        Temporary::Outage => OUTAGE,
    };
    Some(error.retry_after().map_or(guess, Pause::Asked))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::{OUTAGE, Pause, RATE_LIMIT, Repeat, RetryBudget, pause_after};
    use crate::matrix::error::{Error, TransportError, UnexpectedBody};
    use crate::matrix::tls_error::TlsError;

    fn status(status: u16, retry_after: Option<u64>) -> Error {
        Error::UnexpectedResponse {
            url: String::new(),
            status,
            body: UnexpectedBody::Html,
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    fn not_sent(error: TransportError) -> Error {
        Error::NotSent { url: String::new(), error }
    }

    fn lost(error: TransportError) -> Error {
        Error::ResponseLost { url: String::new(), error }
    }

    #[test]
    fn only_what_is_temporary_is_waited_for_and_a_lost_response_only_where_repeating_is_harmless() {
        let asked = Some(Pause::Asked(Duration::from_secs(7)));
        let (outage, limit) = (Some(OUTAGE), Some(RATE_LIMIT));
        for (error, if_harmless, otherwise) in [
            (status(429, Some(7)), asked, asked),
            (status(429, None), limit, limit),
            (status(503, Some(7)), asked, asked),
            (status(503, None), outage, outage),
            (status(502, None), outage, outage),
            (status(504, None), outage, None),
            (status(521, None), outage, outage),
            (status(524, None), outage, None),
            (status(500, None), None, None),
            (status(403, None), None, None),
            (status(200, None), None, None),
            (not_sent(TransportError::Refused), outage, outage),
            (not_sent(TransportError::Closed), outage, outage),
            (not_sent(TransportError::TimedOut), outage, outage),
            (not_sent(TransportError::NameServer), outage, outage),
            (not_sent(TransportError::UnknownHost), None, None),
            (not_sent(TransportError::Tls(TlsError::Expired)), None, None),
            (lost(TransportError::Closed), outage, None),
            (lost(TransportError::TimedOut), outage, None),
            (lost(TransportError::NotHttp(String::new())), None, None),
            (lost(TransportError::Tls(TlsError::Broken(String::new()))), None, None),
        ] {
            assert_eq!(pause_after(&error, Repeat::Harmless), if_harmless, "{error:?}");
            assert_eq!(pause_after(&error, Repeat::Never), otherwise, "{error:?}");
        }
    }

    /// How often a request is tried that always fails like this.
    fn tries(budget: &RetryBudget, error: &Error) -> u32 {
        let tries = Cell::new(0);
        let result: Result<(), _> = budget.run(Repeat::Harmless, || {
            tries.set(tries.get() + 1);
            Err(error.clone())
        });
        assert!(result.is_err());
        tries.get()
    }

    #[test]
    fn more_than_what_is_left_is_not_waited_for() {
        assert_eq!(tries(&RetryBudget::new(Duration::from_secs(5)), &status(429, Some(6))), 1);
    }

    #[test]
    fn the_budget_is_one_for_all_requests() {
        let budget = RetryBudget::new(Duration::from_secs(1));
        assert!(tries(&budget, &not_sent(TransportError::Refused)) > 1);
        assert_eq!(tries(&budget, &not_sent(TransportError::Refused)), 1);
    }

    #[test]
    fn a_zero_budget_never_waits_and_a_server_that_asks_for_no_wait_is_not_hammered() {
        for (milliseconds, error, expected) in [
            (0, not_sent(TransportError::Refused), 1..=1),
            (0, status(429, Some(0)), 1..=1),
            // 250 ms, and what is left then, if this machine wakes up in time.
            (300, status(429, Some(0)), 2..=3),
        ] {
            let tries = tries(&RetryBudget::new(Duration::from_millis(milliseconds)), &error);
            assert!(expected.contains(&tries), "{tries}: {error:?}");
        }
    }

    #[test]
    fn a_budget_that_is_extended_is_never_cut() {
        let budget = RetryBudget::new(Duration::ZERO);
        budget.extend(Duration::from_millis(300));
        assert!(tries(&budget, &lost(TransportError::Refused)) > 1);
        let budget = RetryBudget::new(Duration::from_millis(300));
        budget.extend(Duration::ZERO);
        assert!(tries(&budget, &lost(TransportError::Refused)) > 1);
    }
}
