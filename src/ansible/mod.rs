//! The JSON-argument module protocol of Ansible, spoken as `AnsibleModule` speaks it: arguments in, one report out.
//! Knows nothing of Matrix.

pub mod argument_spec;
pub mod invocation;
pub mod report;

mod argument;
mod coerce;
mod decimal;
mod invocation_error;
mod key_value;
mod no_log;
mod parameters;
mod path_expansion;
mod python_json;
mod python_literal;
mod python_repr;
mod python_strip;
mod switches;
mod violation;
