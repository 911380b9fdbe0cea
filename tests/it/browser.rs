//! Pages of the service in a real Chromium, as people's browsers show them.

mod chromium;
mod connect;
mod copying;
mod looks;
mod served;
