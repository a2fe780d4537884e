//! What holds whatever a run decides, checked in every combination that can occur.

use super::worlds::{Run, World, worlds};
use super::{GONE, identity, works};
use crate::access_token::plan::{Candidate, Change, File, Old, Proof, Reason, Step, Token};
use crate::matrix::session::Standing;

fn change(end: &Step) -> Option<&Change> {
    match end {
        Step::Change(change) | Step::Foretell(change) => Some(change),
        _ => None,
    }
}

/// Checks `holds` in every world for the run that really changes things.
fn everywhere(holds: impl Fn(&World, &Run) -> bool) {
    let worlds = worlds();
    assert!(worlds.len() > 5_000, "{}", worlds.len());
    for world in worlds {
        let run = world.run(false);
        assert!(holds(&world, &run), "{:?} after {:?}: {}", run.end, run.asked, world.describe());
    }
}

#[test]
fn check_mode_asks_the_same_and_foretells_exactly_what_a_real_run_does() {
    everywhere(|world, real| {
        let check = world.run(true);
        let foretold = match real.end.clone() {
            Step::Change(change) => Step::Foretell(change),
            end => end,
        };
        check.end == foretold && check.asked == real.asked
    });
}

#[test]
fn only_sessions_that_can_still_be_logged_out_without_harm_are_revoked() {
    everywhere(|world, run| {
        let (old, device_id) = match change(&run.end) {
            Some(Change::TakeOver { session, old }) => (*old, session.device_id.clone()),
            Some(Change::LogIn { device_id, old }) => (*old, device_id.clone()),
            Some(Change::LogInAfresh { device_id, old }) => (*old, Some(device_id.clone())),
            _ => return true,
        };
        let same_device = device_id.is_some() && device_id == world.stored_device();
        let somebody_elses = world
            .session()
            .is_some_and(|session| session.user_id == identity("bob", None).user_id);
        let harmless = !same_device && !world.is_elsewhere() && world.session().is_some() && !somebody_elses;
        let for_bob = matches!(change(&run.end), Some(Change::TakeOver { session, .. }) if session.user_id.localpart() == "bob");
        old != Old::Revoke || harmless || for_bob && !same_device
    });
}

#[test]
fn nothing_replaced_is_left_alive_here() {
    everywhere(|world, run| {
        let (old, device_id, unclear) = match change(&run.end) {
            Some(Change::LogIn { device_id, old }) => (*old, device_id.clone(), device_id.is_some() && world.stored_device().is_none()),
            Some(Change::LogInAfresh { device_id, old }) => (*old, Some(device_id.clone()), false),
            _ => return true,
        };
        let alice = world.session().is_some_and(|session| session.user_id.localpart() == "alice");
        let given = world.case.file == File::Holds;
        let lives_on = alice && !world.is_elsewhere() && !given && world.stored != GONE && device_id != world.stored_device();
        !lives_on || old == if unclear { Old::Leave } else { Old::Revoke }
    });
}

#[test]
fn what_somebody_else_works_with_is_never_overwritten() {
    everywhere(|world, run| {
        let wanted = match (&world.case.user, change(&run.end)) {
            (_, Some(Change::TakeOver { session, .. })) => Some(session.user_id.clone()),
            (Some(_), _) => Some(identity("alice", None).user_id),
            (None, _) => None,
        };
        !world.holds_somebody_elses(wanted.as_ref()) || change(&run.end).is_none()
    });
}

#[test]
fn a_login_needs_a_credential_and_replacing_on_the_same_device_one_that_lasts() {
    everywhere(|world, run| match change(&run.end) {
        Some(Change::LogIn { .. }) => world.case.proof != Proof::None && !(world.case.force && world.case.device_id.is_some()),
        Some(Change::LogInAfresh { device_id, .. }) => {
            world.case.proof == Proof::Lasting && world.case.force && world.case.device_id == Some(device_id)
        }
        _ => true,
    });
}

#[test]
fn what_is_kept_or_refreshed_is_what_was_asked_for() {
    everywhere(|world, run| {
        let (Step::Keep(session) | Step::Change(Change::TakeOver { session, .. } | Change::Refresh(session))) = &run.end else {
            return true;
        };
        let right_user = world.case.user.as_ref().is_none_or(|wanted| wanted.is(&session.user_id));
        let right_device = world
            .case
            .device_id
            .is_none_or(|wanted| session.device_id.as_deref() == Some(wanted));
        let right_homeserver = session.homeserver == world.case.homeserver;
        !world.case.force && right_user && right_device && right_homeserver
    });
}

#[test]
fn nobody_logs_in_while_a_session_works_unless_the_task_says_so() {
    everywhere(|world, run| {
        let logs_in = matches!(change(&run.end), Some(Change::LogIn { .. } | Change::LogInAfresh { .. }));
        let fits = |token: &Token, device_id: Option<&str>| {
            matches!(token, Token::Asked(Standing::Works(_))) && world.case.device_id.is_none_or(|wanted| device_id == Some(wanted))
        };
        let given = match &world.given {
            Token::Asked(Standing::Works(identity)) => identity.device_id.clone(),
            _ => None,
        };
        let one_works =
            fits(&world.given, given.as_deref()) || !world.is_elsewhere() && fits(&world.stored, world.stored_device().as_deref());
        !logs_in || !one_works || world.case.force
    });
}

#[test]
fn a_token_is_asked_about_elsewhere_only_to_spare_another_user() {
    everywhere(|world, run| {
        let theirs = world.session().is_some_and(|session| session.user_id.localpart() == "bob")
            || world.case.user.is_none()
                && matches!(&world.given, Token::Asked(Standing::Works(identity)) if identity.user_id.localpart() == "bob");
        !world.is_elsewhere() || theirs || !run.asked.contains(&Candidate::Stored)
    });
}

#[test]
fn a_task_gives_up_only_for_its_reason() {
    everywhere(|world, run| match run.end {
        Step::Refuse(Reason::NoCredential) => world.case.proof == Proof::None,
        Step::Refuse(Reason::NeedsTwoLogins) => world.case.proof == Proof::Once && world.case.force,
        Step::Refuse(Reason::AnotherUser(Candidate::Given)) => world.given == works("bob", "BOT"),
        Step::Refuse(Reason::AnotherUser(Candidate::Stored)) => {
            world.holds_somebody_elses(Some(&identity("alice", None).user_id))
                || world.holds_somebody_elses(Some(&identity("bob", None).user_id))
        }
        _ => true,
    });
}

#[test]
fn a_refused_refresh_ends_in_a_login_or_for_want_of_a_credential() {
    everywhere(|world, run| {
        if !matches!(run.end, Step::Change(Change::Refresh(_))) {
            return true;
        }
        let next = run.known.clone().with(|case| case.stored = GONE).plan();
        match world.case.proof {
            Proof::None => next == Step::Refuse(Reason::NoCredential),
            _ => {
                next == Step::Change(Change::LogIn {
                    device_id: world.stored_device(),
                    old: Old::Forget,
                })
            }
        }
    });
}
