//! The decision as a table that a newcomer can read.

use super::{Case, EXPIRED, GIVEN, GONE, LASTING, ONCE, elsewhere, refreshable, session, works};
use crate::access_token::plan::{Candidate, Change, PreviousSession, Reason, Step, Token};
use crate::matrix::session::{Session, Tokens};
use crate::secret::Secret;

fn log_in(device_id: Option<&str>, previous: PreviousSession) -> Step {
    let device_id = device_id.map(str::to_owned);
    Step::Change(Change::LogIn { device_id, previous })
}

fn replace_device(device_id: &str, previous: PreviousSession) -> Step {
    let device_id = device_id.to_owned();
    Step::Change(Change::ReplaceDevice { device_id, previous })
}

fn take_over(device_id: Option<&'static str>, previous: PreviousSession) -> Step {
    let session = given_session(device_id);
    Step::Change(Change::TakeOver { session, previous })
}

/// The session of the given token.
fn given_session(device_id: Option<&'static str>) -> Session {
    let session = session("alice", device_id);
    Session { tokens: Tokens { access_token: Secret::new(GIVEN.into()), ..session.tokens }, ..session }
}

fn check(rows: Vec<(&str, Case, Step)>) {
    for (situation, case, step) in rows {
        assert_eq!(case.plan(), step, "{situation}");
    }
}

#[test]
fn a_stored_session_is_asked_about_and_kept_while_it_works() {
    let stored = |token| Case::new().stored(token, session("alice", "BOT"));
    check(vec![
        ("not asked yet", stored(Token::Unasked), Step::Ask(Candidate::Stored)),
        ("works", stored(works("alice", "BOT")), Step::Keep(session("alice", "BOT"))),
        (
            "works, on the device asked for",
            stored(works("alice", "BOT")).on("BOT"),
            Step::Keep(session("alice", "BOT")),
        ),
        (
            "works, no credential",
            stored(works("alice", "BOT")).credential(None),
            Step::Keep(session("alice", "BOT")),
        ),
        (
            "an old server names no device",
            stored(works("alice", None)).on("BOT"),
            Step::Keep(session("alice", "BOT")),
        ),
        ("gone", stored(GONE), log_in(Some("BOT"), PreviousSession::Forget)),
        ("gone, other device asked for", stored(GONE).on("NEW"), log_in(Some("NEW"), PreviousSession::Forget)),
        ("gone, no credential", stored(GONE).credential(None), Step::Refuse(Reason::NoCredential)),
        ("expired", stored(EXPIRED), log_in(Some("BOT"), PreviousSession::Forget)),
        ("expired, no credential", stored(EXPIRED).credential(None), Step::Refuse(Reason::NoCredential)),
        (
            "expired, other device asked for",
            stored(EXPIRED).on("NEW"),
            log_in(Some("NEW"), PreviousSession::Revoke),
        ),
        (
            "works, other device asked for",
            stored(works("alice", "BOT")).on("NEW"),
            log_in(Some("NEW"), PreviousSession::Revoke),
        ),
    ]);
}

#[test]
fn an_expired_session_is_refreshed_if_it_can_be() {
    let stored_session = || refreshable(session("alice", "BOT"));
    let stored = |token| Case::new().stored(token, stored_session());
    check(vec![
        ("works", stored(works("alice", "BOT")), Step::Keep(stored_session())),
        ("expired", stored(EXPIRED), Step::Change(Change::Refresh(stored_session()))),
        (
            "expired, no credential",
            stored(EXPIRED).credential(None),
            Step::Change(Change::Refresh(stored_session())),
        ),
        (
            "expired, check mode",
            stored(EXPIRED).check_mode(),
            Step::Predict(Change::Refresh(stored_session())),
        ),
        ("expired, force", stored(EXPIRED).force(), log_in(None, PreviousSession::Revoke)),
        (
            "expired, other device asked for",
            stored(EXPIRED).on("NEW"),
            log_in(Some("NEW"), PreviousSession::Revoke),
        ),
        (
            "unknown to the server, which may mean expired",
            stored(GONE),
            Step::Change(Change::Refresh(stored_session())),
        ),
        (
            "unknown, no credential",
            stored(GONE).credential(None),
            Step::Change(Change::Refresh(stored_session())),
        ),
        ("unknown, force", stored(GONE).force(), log_in(None, PreviousSession::Forget)),
        (
            "unknown, and so is the refresh token",
            stored(GONE).with(|case| case.refresh_refused = true),
            log_in(Some("BOT"), PreviousSession::Forget),
        ),
        (
            "expired, and the refresh token is refused",
            stored(EXPIRED).with(|case| case.refresh_refused = true),
            log_in(Some("BOT"), PreviousSession::Forget),
        ),
    ]);
}

#[test]
fn without_any_session_only_a_credential_helps() {
    check(vec![
        ("a password", Case::new(), log_in(None, PreviousSession::Forget)),
        ("a device", Case::new().on("BOT"), log_in(Some("BOT"), PreviousSession::Forget)),
        ("a login token", Case::new().credential(ONCE), log_in(None, PreviousSession::Forget)),
        ("nothing", Case::new().credential(None), Step::Refuse(Reason::NoCredential)),
        (
            "check mode",
            Case::new().check_mode(),
            Step::Predict(Change::LogIn { device_id: None, previous: PreviousSession::Forget }),
        ),
    ]);
}

#[test]
fn force_replaces_what_works_and_clears_a_pinned_device() {
    let stored = || Case::new().stored(Token::Unasked, session("alice", "BOT")).force();
    check(vec![
        ("any device", stored(), log_in(None, PreviousSession::Revoke)),
        ("the same device", stored().on("BOT"), replace_device("BOT", PreviousSession::Forget)),
        ("another device", stored().on("NEW"), replace_device("NEW", PreviousSession::Revoke)),
        ("nothing stored", Case::new().on("BOT").force(), replace_device("BOT", PreviousSession::Forget)),
        ("a login token", stored().credential(ONCE), log_in(None, PreviousSession::Revoke)),
        ("a login token, pinned", stored().credential(ONCE).on("BOT"), Step::Refuse(Reason::NeedsTwoLogins)),
        ("no credential", stored().credential(None), Step::Refuse(Reason::NoCredential)),
        (
            "a given token is not even asked about",
            Case::new().given(Token::Unasked).force(),
            log_in(None, PreviousSession::Forget),
        ),
    ]);
}

#[test]
fn a_stored_session_whose_device_is_not_known_is_asked_about_before_it_is_revoked() {
    let stored = |token| Case::new().stored(token, session("alice", None)).force().on("BOT");
    check(vec![
        ("not asked yet", stored(Token::Unasked), Step::Ask(Candidate::Stored)),
        ("on the same device", stored(works("alice", "BOT")), replace_device("BOT", PreviousSession::Forget)),
        ("on another device", stored(works("alice", "OLD")), replace_device("BOT", PreviousSession::Revoke)),
        ("on none", stored(works("alice", None)), replace_device("BOT", PreviousSession::Revoke)),
        ("gone", stored(GONE), replace_device("BOT", PreviousSession::Forget)),
    ]);
}

#[test]
fn a_given_token_comes_first_and_is_stored() {
    let given = |token| Case::new().given(token).credential(None);
    let both = |token, stored| Case::new().stored(stored, session("alice", "OLD")).given(token);
    check(vec![
        ("not asked yet", given(Token::Unasked), Step::Ask(Candidate::Given)),
        ("works, nowhere to store it", given(works("alice", "BOT")), Step::Keep(given_session(Some("BOT")))),
        (
            "works, stored already",
            both(works("alice", "OLD"), Token::Unasked).given_as_stored(),
            Step::Keep(session("alice", "OLD")),
        ),
        (
            "works, empty file",
            given(works("alice", "BOT")).with_file(),
            take_over(Some("BOT"), PreviousSession::Forget),
        ),
        (
            "works without a device",
            given(works("alice", None)).with_file(),
            take_over(None, PreviousSession::Forget),
        ),
        (
            "works, something else stored",
            both(works("alice", "BOT"), Token::Unasked),
            take_over(Some("BOT"), PreviousSession::Revoke),
        ),
        (
            "works, same device stored",
            both(works("alice", "OLD"), Token::Unasked),
            take_over(Some("OLD"), PreviousSession::Forget),
        ),
        ("gone, not asked about the stored one", both(GONE, Token::Unasked), Step::Ask(Candidate::Stored)),
        ("gone, the stored one works", both(GONE, works("alice", "OLD")), Step::Keep(session("alice", "OLD"))),
        ("gone, both", both(GONE, GONE), log_in(Some("OLD"), PreviousSession::Forget)),
        ("gone, nothing else", given(GONE), Step::Refuse(Reason::NoCredential)),
        (
            "expired: nobody gave its refresh token",
            given(EXPIRED).credential(LASTING),
            log_in(None, PreviousSession::Forget),
        ),
        (
            "works, on another device than asked for",
            given(works("alice", "BOT")).on("NEW"),
            Step::Refuse(Reason::NoCredential),
        ),
        (
            "works, and a password for the device",
            Case::new().given(works("alice", "BOT")).on("NEW"),
            log_in(Some("NEW"), PreviousSession::Forget),
        ),
    ]);
}

#[test]
fn the_only_copy_of_another_users_token_is_never_overwritten() {
    let bobs = |token| Case::new().stored(token, session("bob", "BOT"));
    let refuse = |candidate| Step::Refuse(Reason::AnotherUser(candidate));
    let anybody = |case: Case| case.credential(None).with(|case| case.user = None);
    check(vec![
        ("stored, not asked yet", bobs(Token::Unasked), Step::Ask(Candidate::Stored)),
        ("stored, not asked yet, force", bobs(Token::Unasked).force(), Step::Ask(Candidate::Stored)),
        ("stored, works", bobs(works("bob", "BOT")), refuse(Candidate::Stored)),
        ("stored, works, force", bobs(works("bob", "BOT")).force(), refuse(Candidate::Stored)),
        (
            "stored under bob's name by mistake, works for alice",
            bobs(works("alice", "BOT")).force(),
            log_in(None, PreviousSession::Revoke),
        ),
        ("stored, gone: another device for alice", bobs(GONE), log_in(None, PreviousSession::Forget)),
        ("stored, expired for good", bobs(EXPIRED), log_in(None, PreviousSession::Forget)),
        (
            "stored, unknown but refreshable",
            Case::new().stored(GONE, refreshable(session("bob", "BOT"))),
            refuse(Candidate::Stored),
        ),
        (
            "stored, expired but refreshable",
            Case::new().stored(EXPIRED, refreshable(session("bob", "BOT"))),
            refuse(Candidate::Stored),
        ),
        ("given, works", Case::new().given(works("bob", "BOT")), refuse(Candidate::Given)),
        (
            "given for whomever, bob stored",
            anybody(bobs(Token::Unasked).given(works("alice", "A"))),
            Step::Ask(Candidate::Stored),
        ),
        (
            "and that works",
            anybody(bobs(works("bob", "BOT")).given(works("alice", "A"))),
            refuse(Candidate::Stored),
        ),
        (
            "and that is gone",
            anybody(bobs(GONE).given(works("alice", "A"))),
            take_over(Some("A"), PreviousSession::Forget),
        ),
        (
            "and that is expired but refreshable",
            anybody(Case::new().stored(EXPIRED, refreshable(session("bob", "BOT"))).given(works("alice", "A"))),
            refuse(Candidate::Stored),
        ),
    ]);
}

#[test]
fn a_session_of_another_homeserver_is_left_alone() {
    let stored = |token, name| Case::new().stored(token, elsewhere(refreshable(session(name, "BOT"))));
    check(vec![
        ("alice's is not asked about", stored(Token::Unasked, "alice"), log_in(None, PreviousSession::Leave)),
        (
            "nor with force",
            stored(Token::Unasked, "alice").force().on("BOT"),
            replace_device("BOT", PreviousSession::Leave),
        ),
        (
            "nor when a token is given",
            stored(Token::Unasked, "alice").given(works("alice", "A")),
            take_over(Some("A"), PreviousSession::Leave),
        ),
        (
            "without a credential",
            stored(Token::Unasked, "alice").credential(None),
            Step::Refuse(Reason::NoCredential),
        ),
        ("bob's is", stored(Token::Unasked, "bob"), Step::Ask(Candidate::Stored)),
        (
            "and kept from harm",
            stored(works("bob", "BOT"), "bob"),
            Step::Refuse(Reason::AnotherUser(Candidate::Stored)),
        ),
    ]);
}
