//! What holds whatever a run decides, checked in every combination that can occur.

use super::scenarios::{Run, Scenario, scenarios};
use super::{GONE, LASTING, ONCE, STORED, identity, works};
use crate::access_token::plan::{Candidate, Change, PreviousSession, Reason, Step, Token};
use crate::matrix::whoami::TokenStatus;

fn change(end: &Step) -> Option<&Change> {
    match end {
        Step::Change(change) | Step::Predict(change) => Some(change),
        _ => None,
    }
}

/// Checks `holds` in every scenario for the run that really changes things.
fn everywhere(holds: impl Fn(&Scenario, &Run) -> bool) {
    let scenarios = scenarios();
    assert!(scenarios.len() > 5_000, "{}", scenarios.len());
    for scenario in scenarios {
        let run = scenario.run(false);
        assert!(holds(&scenario, &run), "{:?} after {:?}: {}", run.end, run.asked, scenario.describe());
    }
}

#[test]
fn check_mode_asks_the_same_and_predicts_exactly_what_a_real_run_does() {
    everywhere(|scenario, real| {
        let check = scenario.run(true);
        let predicted = match real.end.clone() {
            Step::Change(change) => Step::Predict(change),
            end => end,
        };
        check.end == predicted && check.asked == real.asked
    });
}

#[test]
fn only_sessions_that_can_still_be_logged_out_without_harm_are_revoked() {
    everywhere(|scenario, run| {
        let (previous, device_id) = match change(&run.end) {
            Some(Change::TakeOver { session, previous }) => (*previous, session.device_id.clone()),
            Some(Change::LogIn { device_id, previous }) => (*previous, device_id.clone()),
            Some(Change::ReplaceDevice { device_id, previous }) => (*previous, Some(device_id.clone())),
            _ => return true,
        };
        let same_device = device_id.is_some() && device_id == scenario.stored_device();
        let another_users = scenario.session().is_some_and(|session| session.user_id == identity("bob", None).user_id);
        let harmless = !same_device && !scenario.is_on_another_homeserver() && scenario.session().is_some() && !another_users;
        let for_bob = matches!(change(&run.end), Some(Change::TakeOver { session, .. }) if session.user_id.localpart() == "bob");
        previous != PreviousSession::Revoke || harmless || for_bob && !same_device
    });
}

#[test]
fn nothing_replaced_is_left_alive_here() {
    everywhere(|scenario, run| {
        let (previous, device_id, unclear) = match change(&run.end) {
            Some(Change::LogIn { device_id, previous }) => {
                (*previous, device_id.clone(), device_id.is_some() && scenario.stored_device().is_none())
            }
            Some(Change::ReplaceDevice { device_id, previous }) => (*previous, Some(device_id.clone()), false),
            _ => return true,
        };
        let alice = scenario.session().is_some_and(|session| session.user_id.localpart() == "alice");
        let given = scenario.case.access_token.expose_secret() == STORED;
        let lives_on =
            alice && !scenario.is_on_another_homeserver() && !given && scenario.stored != GONE && device_id != scenario.stored_device();
        !lives_on || previous == if unclear { PreviousSession::Leave } else { PreviousSession::Revoke }
    });
}

#[test]
fn what_somebody_else_works_with_is_never_overwritten() {
    everywhere(|scenario, run| {
        let wanted = match (&scenario.case.user, change(&run.end)) {
            (_, Some(Change::TakeOver { session, .. })) => Some(session.user_id.clone()),
            (Some(_), _) => Some(identity("alice", None).user_id),
            (None, _) => None,
        };
        !scenario.holds_another_users(wanted.as_ref()) || change(&run.end).is_none()
    });
}

#[test]
fn a_login_needs_a_credential_and_replacing_on_the_same_device_one_that_lasts() {
    everywhere(|scenario, run| match change(&run.end) {
        Some(Change::LogIn { .. }) => scenario.case.credential.is_some() && !(scenario.case.force && scenario.case.device_id.is_some()),
        Some(Change::ReplaceDevice { device_id, .. }) => {
            scenario.case.credential == LASTING && scenario.case.force && scenario.case.device_id == Some(device_id)
        }
        _ => true,
    });
}

#[test]
fn what_is_kept_or_refreshed_is_what_was_asked_for() {
    everywhere(|scenario, run| {
        let (Step::Keep(session) | Step::Change(Change::TakeOver { session, .. } | Change::Refresh(session))) = &run.end else {
            return true;
        };
        let right_user = scenario.case.user.as_ref().is_none_or(|wanted| wanted.is(&session.user_id));
        let right_device = scenario.case.device_id.is_none_or(|wanted| session.device_id.as_deref() == Some(wanted));
        let right_homeserver = session.homeserver == scenario.case.homeserver;
        !scenario.case.force && right_user && right_device && right_homeserver
    });
}

#[test]
fn nobody_logs_in_while_a_session_works_unless_the_task_says_so() {
    everywhere(|scenario, run| {
        let logs_in = matches!(change(&run.end), Some(Change::LogIn { .. } | Change::ReplaceDevice { .. }));
        let fits = |token: &Token, device_id: Option<&str>| {
            matches!(token, Token::Asked(TokenStatus::Valid(_))) && scenario.case.device_id.is_none_or(|wanted| device_id == Some(wanted))
        };
        let given = match &scenario.given {
            Token::Asked(TokenStatus::Valid(identity)) => identity.device_id.clone(),
            _ => None,
        };
        let one_works = fits(&scenario.given, given.as_deref())
            || !scenario.is_on_another_homeserver() && fits(&scenario.stored, scenario.stored_device().as_deref());
        !logs_in || !one_works || scenario.case.force
    });
}

#[test]
fn a_token_is_asked_about_elsewhere_only_to_spare_another_user() {
    everywhere(|scenario, run| {
        let theirs = scenario.session().is_some_and(|session| session.user_id.localpart() == "bob")
            || scenario.case.user.is_none()
                && matches!(&scenario.given, Token::Asked(TokenStatus::Valid(identity)) if identity.user_id.localpart() == "bob");
        !scenario.is_on_another_homeserver() || theirs || !run.asked.contains(&Candidate::Stored)
    });
}

#[test]
fn a_task_gives_up_only_for_its_reason() {
    everywhere(|scenario, run| match run.end {
        Step::Refuse(Reason::NoCredential) => scenario.case.credential.is_none(),
        Step::Refuse(Reason::NeedsTwoLogins) => scenario.case.credential == ONCE && scenario.case.force,
        Step::Refuse(Reason::AnotherUser(Candidate::Given)) => scenario.given == works("bob", "BOT"),
        Step::Refuse(Reason::AnotherUser(Candidate::Stored)) => {
            scenario.holds_another_users(Some(&identity("alice", None).user_id))
                || scenario.holds_another_users(Some(&identity("bob", None).user_id))
        }
        _ => true,
    });
}

#[test]
fn a_refused_refresh_ends_in_a_login_or_for_want_of_a_credential() {
    everywhere(|scenario, run| {
        if !matches!(run.end, Step::Change(Change::Refresh(_))) {
            return true;
        }
        let next = run.inputs.clone().with(|case| case.refresh_refused = true).plan();
        match scenario.case.credential {
            None => next == Step::Refuse(Reason::NoCredential),
            _ => next == Step::Change(Change::LogIn { device_id: scenario.stored_device(), previous: PreviousSession::Forget }),
        }
    });
}
