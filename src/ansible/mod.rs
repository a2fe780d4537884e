//! The JSON-argument module protocol of Ansible, spoken as `AnsibleModule` speaks it: arguments in, one report out.
//! Knows nothing of Matrix.

pub mod argument_spec;
mod coerce;
pub mod invocation;
pub mod report;
