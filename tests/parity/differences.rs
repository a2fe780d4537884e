//! Every difference from `AnsibleModule` that is meant, as `docs/parity.md` lists them for users. Whatever isn't here is a bug.

use matrix_access_token::ansible::argument_spec::{ArgumentSpec, ArgumentType};
use matrix_access_token::secret::REDACTED;
use serde_json::Value;

use crate::argument_sets::{ArgumentSet, quoted};
use crate::verdict::{Fate, Verdict};

/// The set as `AnsibleModule` would have to be given it to be understood as we understand it.
pub fn as_they_would_mean_it(set: &ArgumentSet, table: &ArgumentSpec) -> String {
    const KNOWN_SWITCHES: [&str; 6] = ["check_mode", "diff", "verbosity", "version", "socket", "selinux_special_fs"];
    let mut set = set.clone();
    let known = |name: &str| table.arguments.iter().any(|argument| argument.names().any(|known| known == name));
    // An empty text means "not given".
    set.0.retain(|name, value| value != "\"\"" || !known(name));
    // A switch that a later Ansible may add is no unsupported parameter.
    set.0
        .retain(|name, _| name.strip_prefix("_ansible_").is_none_or(|switch| KNOWN_SWITCHES.contains(&switch)));
    // A number too big for 64 bits arrives as text.
    for value in set.0.values_mut().filter(|value| is_too_big(value)) {
        *value = quoted(value);
    }
    // Whatever file the collection runs, its messages name the module as playbooks do.
    set.0.insert("_ansible_module_name".into(), quoted(table.module_name));
    set.to_json()
}

fn is_too_big(value: &str) -> bool {
    let is_whole = value.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
    match value.parse::<f64>() {
        Ok(_) => is_whole && value.parse::<i64>().is_err(),
        Err(_) => false,
    }
}

/// Whether the verdicts agree, but for what is meant to differ; what divides them otherwise.
pub fn reconcile(ours: &Verdict, theirs: &Verdict, table: &ArgumentSpec) -> Result<(), String> {
    let is_int = |name: &str| table.arguments.iter().any(|argument| argument.name == name && argument.kind == ArgumentType::Int);
    let agreed = match (&ours.fate, &theirs.fate) {
        // Nothing to compare with: `inf` for a whole number does this.
        (_, Fate::Crashed(_)) => return Ok(()),
        // Too big for us; they may find another fault, or none.
        (Fate::Refused(ours), Fate::Refused(_)) if ours.ends_with("64 bits") => return Ok(()),
        // A mapping or a list is no text for us; they make one of it.
        (Fate::Refused(ours), _) if is_refused_text(ours) => return Ok(()),
        (Fate::Refused(_), Fate::Accepted(theirs)) => {
            theirs.iter().any(|(name, value)| is_int(name) && value.is_number() && !value.is_i64())
        }
        (Fate::Refused(ours), Fate::Refused(theirs)) => hides_as_much(ours, theirs),
        (Fate::Accepted(ours), Fate::Accepted(theirs)) => {
            let same = |(name, value): (&String, &Value)| theirs.get(name).is_some_and(|theirs| is_same(value, theirs, is_int(name)));
            ours.len() == theirs.len() && ours.iter().all(same)
        }
        _ => false,
    };
    if agreed && ours.warnings == theirs.warnings {
        return Ok(());
    }
    Err(format!("ours:   {ours:?}\ntheirs: {theirs:?}"))
}

/// Whether it is a refusal that could be `AnsibleModule`'s. The module has further rules, and says them in words of its own.
pub fn is_in_ansibles_words(verdict: &Verdict) -> bool {
    const BEGINNINGS: [&str; 5] = [
        "parameters are mutually exclusive",
        "argument '",
        "value of state",
        "value of return_token",
        "Unsupported parameters",
    ];
    matches!(&verdict.fate, Fate::Refused(msg) if BEGINNINGS.iter().any(|beginning| msg.starts_with(beginning)))
}

/// `True` stays what it is where Python wants an int, for it equals 1 there.
fn is_same(ours: &Value, theirs: &Value, is_int: bool) -> bool {
    match theirs {
        Value::Bool(flag) if is_int => *ours == i64::from(*flag),
        _ => ours == theirs,
    }
}

/// We also hide secrets that stand in quotes, with backslashes in them, and a secret 0: so our stars may stand for more than theirs.
fn hides_as_much(ours: &str, theirs: &str) -> bool {
    let (Some((start, _)), Some((_, end))) = (ours.split_once(REDACTED), ours.rsplit_once(REDACTED)) else {
        return ours == theirs;
    };
    let Some(mut between) = theirs.strip_prefix(start).and_then(|theirs| theirs.strip_suffix(end)) else {
        return false;
    };
    let middle = &ours[start.len()..ours.len() - end.len()];
    middle.split(REDACTED).all(|part| {
        let found = between.split_once(part);
        between = found.map_or("", |(_, rest)| rest);
        found.is_some()
    })
}

/// Whatever a secret blank has made of the blanks.
fn is_refused_text(ours: &str) -> bool {
    let ours: String = ours.replace(REDACTED, "").split_whitespace().collect();
    ["str", "path"].iter().any(|wanted| ours.contains(&format!("andwewereunabletoconvertto{wanted}:")))
}
