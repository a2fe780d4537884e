//! When a failed request is repeated, and after how long: one budget for the whole run. Sends nothing.
//! Which errors are temporary is decided in `matrix/error.rs`.

use std::cell::Cell;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::matrix::error::{Error, Temporary};

/// Whether a request may be sent again that the server may have got already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It is idempotent: twice does no more than once.
    Idempotent,
    /// A second login makes a second device.
    OnlyIfNotSent,
}

/// Pauses of our own, where the server asks for none: the first, and the longest that doubling leads to. A homeserver that starts may be there at any moment.
const OUTAGE: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(2)];

/// Matrix Authentication Service doesn't say how long its limit holds; it grants a login every 20 seconds.
const RATE_LIMIT: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(20)];

/// Before asking again a server that asks for no wait at all.
const MIN_PAUSE: Duration = Duration::from_millis(250);

/// The time that a run may spend on waiting, counted from its first failure.
pub(crate) struct RetryBudget {
    wait_timeout: Duration,
    deadline: Cell<Option<Instant>>,
}

impl RetryBudget {
    pub(crate) fn new(wait_timeout: Duration) -> Self {
        Self { wait_timeout, deadline: Cell::new(None) }
    }

    /// From now on there is at least this much time left.
    pub(crate) fn extend(&self, at_least: Duration) {
        let now = Instant::now();
        let deadline = self.deadline.get().unwrap_or(now + self.wait_timeout);
        self.deadline.set(Some(deadline.max(now + at_least)));
    }

    /// Tries until it works, fails for good, or the time is up.
    pub(crate) fn run<T>(&self, repeat: Retry, attempt: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        let mut doublings = 0;
        loop {
            let start = Instant::now();
            let error = match attempt() {
                Err(error) if error.is_worth_repeating(repeat == Retry::Idempotent) => error,
                result => return result,
            };
            let deadline = self.deadline.get().unwrap_or(start + self.wait_timeout);
            self.deadline.set(Some(deadline));
            match pause(&error, doublings, deadline.saturating_duration_since(Instant::now())) {
                Some(pause) => sleep(pause),
                None => return Err(error),
            }
            doublings += 1;
        }
    }
}

/// What the server asks for is waited for in full or not at all; our own guess is cut down to the time that is left.
fn pause(error: &Error, doublings: u32, left: Duration) -> Option<Duration> {
    let pause = match error.retry_after() {
        Some(asked) if asked > left => return None,
        Some(asked) => asked.max(MIN_PAUSE),
        None => {
            let [first, longest] = if error.temporary() == Some(Temporary::RateLimit) { RATE_LIMIT } else { OUTAGE };
            first.saturating_mul(2_u32.saturating_pow(doublings)).min(longest)
        }
    };
    Some(pause.min(left)).filter(|pause| !pause.is_zero())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::{Retry, RetryBudget, pause};
    use crate::matrix::error::{Error, TransportError, UnexpectedBody};

    #[test]
    fn a_pause_is_what_the_server_asks_for_or_doubles_and_neither_hammers_nor_outlasts_the_budget() {
        for (status, asked, doublings, left, expected) in [
            (429, Some(7000), 3, 60_000, Some(7000)),
            (503, Some(7000), 0, 7000, Some(7000)),
            (429, Some(7000), 0, 6000, None),
            (429, Some(0), 9, 60_000, Some(250)),
            (429, Some(0), 0, 0, None),
            (429, None, 0, 60_000, Some(5000)),
            (429, None, 1, 60_000, Some(10_000)),
            (429, None, 9, 60_000, Some(20_000)),
            (429, None, 9, 3000, Some(3000)),
            (503, None, 2, 60_000, Some(1000)),
            (503, None, 99, 60_000, Some(2000)),
            (503, None, 0, 0, None),
        ] {
            let (milliseconds, retry_after) = (Duration::from_millis, asked.map(Duration::from_millis));
            let error = Error::UnexpectedResponse { url: String::new(), status, body: UnexpectedBody::Html, retry_after };
            assert_eq!(pause(&error, doublings, milliseconds(left)), expected.map(milliseconds), "{error:?}");
        }
    }

    /// How often a request is tried that always fails.
    fn tries(budget: &RetryBudget) -> u32 {
        let tries = Cell::new(0);
        let result: Result<(), _> = budget.run(Retry::Idempotent, || {
            tries.set(tries.get() + 1);
            Err(Error::NotSent { url: String::new(), error: TransportError::Refused })
        });
        assert!(result.is_err());
        tries.get()
    }

    #[test]
    fn the_budget_is_one_for_all_requests_and_may_be_extended_but_is_never_cut() {
        let budget = RetryBudget::new(Duration::from_millis(300));
        budget.extend(Duration::ZERO);
        assert!(tries(&budget) > 1);
        assert_eq!(tries(&budget), 1);
        budget.extend(Duration::from_millis(300));
        assert!(tries(&budget) > 1);
    }
}
