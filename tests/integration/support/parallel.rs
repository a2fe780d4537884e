//! Rows of a table that mostly wait, checked at the same time.

use std::thread;

/// Checks every row in a thread of its own.
pub fn parallel<T: Send>(rows: impl IntoIterator<Item = T>, check: impl Fn(T) + Sync) {
    let check = &check;
    thread::scope(|scope| {
        for row in rows {
            scope.spawn(move || check(row));
        }
    });
}
