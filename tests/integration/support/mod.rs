//! What the tests stand on.

pub mod certificates;
pub mod homeserver;
pub mod module;
pub mod proxy;
pub mod server;
