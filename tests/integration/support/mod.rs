//! What the tests stand on.

pub mod bot;
pub mod certificates;
pub mod folder;
pub mod homeserver;
pub mod mas;
pub mod module;
pub mod proxy;
pub mod server;
