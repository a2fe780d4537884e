//! One session file and many hosts or forks that want it at once.

use std::collections::BTreeSet;

use crate::support::bot::Bot;
use crate::support::module::{Module, Running};

#[test]
fn twenty_runs_at_once_make_one_device_and_report_the_same_token() {
    let bot = Bot::new("shared");
    let runs: Vec<Running> = (0..20).map(|_| bot.task().start()).collect();
    let results: Vec<_> = runs.into_iter().map(|run| run.end().success()).collect();
    let tokens: BTreeSet<&str> = results.iter().map(|result| result["access_token"].as_str().unwrap()).collect();
    assert_eq!(tokens, BTreeSet::from([bot.folder.access_token().as_str()]));
    assert_eq!(results.iter().filter(|result| result["changed"] == true).count(), 1);
    assert_eq!((bot.devices().len(), bot.works()), (1, true));
    assert_eq!(bot.folder.names(), ["session.json"]);
}

#[test]
fn present_and_absent_at_once_leave_no_device_that_nobody_knows() {
    let bot = Bot::new("torn");
    let tasks = (0..12).map(|number| if number % 3 == 2 { bot.absent() } else { bot.task() });
    let runs: Vec<Running> = tasks.map(Module::start).collect();
    for run in runs {
        run.end().success();
    }
    assert_eq!(bot.devices().len(), bot.folder.names().len());
    assert_eq!(bot.task().run().success()["device_id"], bot.devices()[0].as_str());
}
