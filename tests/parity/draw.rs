//! Draws at random but the same from run to run, unless another seed is asked for; a failure is shrunk.

use std::cell::Cell;
use std::env;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

const SEED: u64 = 5;

/// How many cases, and which.
pub struct Draw {
    seed: u64,
    pub cases: u32,
}

impl Draw {
    /// `PARITY_SEED` and `PARITY_CASES`, or else a fixed seed and this number.
    pub fn from_environment(cases: u32) -> Self {
        let number = |name| env::var(name).ok().map(|text| text.parse().expect(name));
        Self {
            seed: number("PARITY_SEED").unwrap_or(SEED),
            cases: number("PARITY_CASES").and_then(|cases| cases.try_into().ok()).unwrap_or(cases),
        }
    }

    /// Tries every case; says how many of them were true, rather than false or in error.
    ///
    /// # Panics
    /// At an error, with the smallest case that shows it.
    pub fn check<S: Strategy>(&self, strategy: &S, holds: impl Fn(&S::Value) -> Result<bool, String>) -> u32
    where
        S::Value: ToString,
    {
        let seen = Cell::new(0);
        let result = self.runner().run(strategy, |case| {
            let truth = holds(&case).map_err(TestCaseError::fail)?;
            seen.set(seen.get() + u32::from(truth));
            Ok(())
        });
        match result {
            Ok(()) => seen.get(),
            Err(TestError::Fail(reason, smallest)) => panic!("PARITY_SEED={}\n{}\n{reason}", self.seed, smallest.to_string()),
            Err(other) => panic!("PARITY_SEED={}: {other}", self.seed),
        }
    }

    fn runner(&self) -> TestRunner {
        let config = Config { cases: self.cases, failure_persistence: None, ..Config::default() };
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_le_bytes());
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
    }
}
