//! What can be wrong with arguments, in the words of `AnsibleModule` (ansible-core 2.19). A value in it may be a secret: scrub before showing.

use std::fmt;

use super::argument::ArgumentType;

/// The first rule of an option table that the arguments break.
pub enum Violation {
    /// More than one option was given of each of these groups.
    MutuallyExclusive(Vec<&'static [&'static str]>),
    /// These options must be given.
    Missing(Vec<&'static str>),
    /// The value can't be coerced.
    IllTyped {
        /// The option.
        option: &'static str,
        /// The Python type of its value.
        found: &'static str,
        /// The type it should have.
        wanted: ArgumentType,
        /// Why it can't have it.
        reason: String,
    },
    /// The value isn't among the choices.
    NotAChoice {
        /// The option.
        option: &'static str,
        /// What it takes.
        choices: &'static [&'static str],
        /// What it got, as Python's `str()` has it.
        got: String,
    },
    /// Of this group, some were given and some not.
    RequiredTogether(&'static [&'static str]),
    /// These names belong to no option.
    Unsupported {
        /// The name of the module.
        module: &'static str,
        /// The names that were given.
        given: Vec<String>,
        /// The names of all options.
        options: Vec<&'static str>,
        /// All their aliases.
        aliases: Vec<&'static str>,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MutuallyExclusive(groups) => {
                let groups: Vec<String> = groups.iter().map(|group| group.join("|")).collect();
                write!(formatter, "parameters are mutually exclusive: {}", groups.join(", "))
            }
            Self::Missing(options) => write!(formatter, "missing required arguments: {}", sorted(options)),
            Self::IllTyped {
                option,
                found,
                wanted,
                reason,
            } => {
                let wanted = wanted.name();
                write!(
                    formatter,
                    "argument '{option}' is of type {found} and we were unable to convert to {wanted}: {reason}"
                )
            }
            Self::NotAChoice { option, choices, got } => {
                write!(formatter, "value of {option} must be one of: {}, got: {got}", choices.join(", "))
            }
            Self::RequiredTogether(group) => write!(formatter, "parameters are required together: {}", group.join(", ")),
            Self::Unsupported {
                module,
                given,
                options,
                aliases,
            } => {
                let (given, options) = (sorted(given), sorted(options));
                write!(
                    formatter,
                    "Unsupported parameters for ({module}) module: {given}. Supported parameters include: {options}"
                )?;
                match aliases.as_slice() {
                    [] => formatter.write_str("."),
                    aliases => write!(formatter, " ({}).", sorted(aliases)),
                }
            }
        }
    }
}

fn sorted<Name: AsRef<str>>(names: &[Name]) -> String {
    let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.sort_unstable();
    names.join(", ")
}
