//! The console: pages rendered on the server, in Chinese first and English second.
//!
//! ```text
//!  request ─▶ door ─────────────▶ page ──────────▶ template
//!             language, session,   reads through    strings only: what is
//!             request id, headers  the gateway      withheld says so
//! ```
//!
//! Everything is asked of the gateway with the caller of the session; the console never decides who may see what and
//! never touches store, policies or federation. There is no script and nothing from elsewhere: the pages work on an old
//! laptop, a phone, on paper and with a screen reader.

mod account;
mod alerts;
mod areas;
mod cases;
mod charts;
mod decisions;
mod door;
mod doubts;
mod enactments;
mod finding_form;
mod households;
mod language;
mod listed;
mod notices;
mod policies;
mod previews;
mod records;
mod search;
mod sentence;
mod session;
mod sheet;
mod status;
mod tasks;
mod views;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router, extract::DefaultBodyLimit, http::header, middleware, response::IntoResponse,
    routing::get,
};
use tokio::sync::Semaphore;

use self::session::{Attempts, Sessions};
pub use self::{
    language::Language,
    sentence::{Sentence, Sentences},
};
use crate::{gateway::Gateway, wire::LinkStatus};

/// The longest form that is read, in bytes.
const LONGEST_FORM: usize = 64 << 10;
/// Sign-ins that are verified at once: each takes tens of megabytes for argon2id, and whoever knocks can ask for one.
const SIGN_INS_AT_ONCE: usize = 2;

/// How the console is served.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether cookies may travel over TLS only; false is for the loopback listener of the demonstration.
    pub secure_cookies: bool,
}

/// What the pages need. Cheap to clone.
#[derive(Clone)]
pub struct State {
    inner: Arc<Inner>,
}

struct Inner {
    gateway: Gateway,
    links: Arc<dyn LinkStatus>,
    sentences: Arc<dyn Sentences>,
    options: Options,
    sessions: Sessions,
    attempts: Attempts,
    sign_ins: Semaphore,
}

impl State {
    /// A console on a gateway, with the links beside it and the sentences of the policies.
    pub fn new(
        gateway: Gateway,
        links: Arc<dyn LinkStatus>,
        sentences: Arc<dyn Sentences>,
        options: Options,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                gateway,
                links,
                sentences,
                options,
                sessions: Sessions::default(),
                attempts: Attempts::default(),
                sign_ins: Semaphore::new(SIGN_INS_AT_ONCE),
            }),
        }
    }

    fn gateway(&self) -> &Gateway {
        &self.inner.gateway
    }

    fn now_ms(&self) -> u64 {
        self.inner.gateway.clock().now_ms()
    }
}

/// The pages.
///
/// A page that answers a form stands at the form's address, where its link to the other language and whoever loads it
/// again ask with GET: they get the page that the form is on.
pub fn router(state: State) -> Router {
    Router::new()
        .route("/", get(areas::home))
        .route("/sign-in", get(account::form).post(account::sign_in))
        .route("/sign-out", get(areas::home).post(account::sign_out))
        .route("/areas", get(areas::nation))
        .route("/areas/{code}", get(areas::area))
        .route("/areas/{code}/book", get(views::book))
        .route("/areas/{code}/cards", get(views::cards))
        .route("/households/{id}", get(households::card))
        .route("/alerts", get(alerts::list))
        .route("/alerts/{id}", get(alerts::alert).post(alerts::resolve))
        .route("/cases", get(cases::list))
        .route("/cases/{id}", get(cases::case))
        .route("/doubts", get(doubts::list))
        .route("/doubts/{id}", get(doubts::doubt).post(doubts::verify))
        .route("/tasks", get(tasks::list))
        .route("/notices/{id}", get(notices::notice).post(notices::object))
        .route("/decisions/{id}", get(decisions::decision))
        .route("/policies", get(policies::policies))
        .route(
            "/policies/{id}/preview",
            get(previews::form).post(previews::preview),
        )
        .route(
            "/policies/{id}/propose",
            get(previews::form).post(enactments::propose),
        )
        .route("/enactments/{id}", get(enactments::enactment))
        .route(
            "/enactments/{id}/preview",
            get(enactments::enactment).post(enactments::preview),
        )
        .route(
            "/enactments/{id}/approve",
            get(enactments::enactment).post(enactments::approve),
        )
        .route(
            "/enactments/{id}/suspend",
            get(enactments::enactment).post(enactments::suspend),
        )
        .route(
            "/enactments/{id}/resume",
            get(enactments::enactment).post(enactments::resume),
        )
        .route("/records/{id}/history", get(records::history))
        .route("/search", get(search::form).post(search::search))
        .route("/status", get(status::status))
        .route("/assets/console.css", get(style))
        .route("/assets/lika.svg", get(icon))
        .fallback(door::no_such_page)
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .layer(middleware::from_fn_with_state(state.clone(), door::enter))
        .with_state(state)
}

async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../assets/console.css"),
    )
}

async fn icon() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "image/svg+xml")],
        include_str!("../assets/lika.svg"),
    )
}
