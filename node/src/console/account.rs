//! Signing in and out.

use askama::Template;
use axum::{
    extract::{
        Extension, Form, Query, State as Extract,
        rejection::{FormRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;

use super::{
    State,
    door::{Frame, Visitor, session_cookie},
};
use crate::gateway::{
    Error,
    failure::{self, Failure},
};

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignInPage {
    page: Frame,
    next: String,
    login: String,
    failure: String,
}

/// Where to go afterwards.
#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// What the form says.
#[derive(Deserialize)]
pub struct SignIn {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// A form that carries nothing but the session's token.
#[derive(Deserialize)]
pub struct Bare {
    pub form_token: String,
}

/// The form.
pub async fn form(
    Extension(visitor): Extension<Visitor>,
    next: Result<Query<Next>, QueryRejection>,
) -> Response {
    let next = next.map(|Query(Next { next })| next).unwrap_or_default();
    answer(&visitor, StatusCode::OK, next, String::new(), None)
}

/// Opens a session for whoever knows the password.
pub async fn sign_in(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    form: Result<Form<SignIn>, FormRejection>,
) -> Response {
    let Ok(Form(SignIn {
        login,
        password,
        next,
    })) = form
    else {
        return visitor.answer::<SignInPage>(Err(malformed()));
    };
    let login = login.trim().to_owned();
    if !console.inner.attempts.begin(&login, console.now_ms()) {
        let failure = failure::failure("too-many-attempts");
        return answer(
            &visitor,
            StatusCode::TOO_MANY_REQUESTS,
            next,
            login,
            Some(failure),
        );
    }
    match open_session(&console, &login, password).await {
        Ok(token) => {
            let cookie = (header::SET_COOKIE, session_cookie(&console, &token));
            (AppendHeaders([cookie]), Redirect::to(own_address(&next))).into_response()
        }
        Err(Error::WrongPassword) => {
            let failure = failure::failure("wrong-password");
            answer(
                &visitor,
                StatusCode::UNAUTHORIZED,
                next,
                login,
                Some(failure),
            )
        }
        Err(error) => visitor.answer::<SignInPage>(Err(error)),
    }
}

/// Ends the session.
pub async fn sign_out(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    form: Result<Form<Bare>, FormRejection>,
) -> Response {
    let Ok(Form(Bare { form_token })) = form else {
        return visitor.answer::<SignInPage>(Err(malformed()));
    };
    if let Err(error) = visitor.check_form(&form_token) {
        return visitor.answer::<SignInPage>(Err(error));
    }
    if let Some(token) = visitor.token() {
        console.inner.sessions.close(token);
    }
    let cookie = (header::SET_COOKIE, session_cookie(&console, ""));
    (AppendHeaders([cookie]), Redirect::to("/sign-in")).into_response()
}

/// The error of a form that cannot be read.
pub fn malformed() -> Error {
    Error::Malformed("the form cannot be read".to_owned())
}

async fn open_session(console: &State, login: &str, password: String) -> Result<String, Error> {
    let permit = console
        .inner
        .sign_ins
        .acquire()
        .await
        .map_err(|_| Error::TaskEnded)?;
    let caller = console.gateway().sign_in(login, password).await?;
    drop(permit);
    console.inner.attempts.succeeded(login);
    console
        .inner
        .sessions
        .open(caller.officer, console.now_ms())
}

fn answer(
    visitor: &Visitor,
    status: StatusCode,
    next: String,
    login: String,
    failure: Option<&'static Failure>,
) -> Response {
    let failure = failure.map(|failure| visitor.t(failure.advice_zh, failure.advice_en).to_owned());
    let page = SignInPage {
        page: visitor.frame(visitor.t("登录", "Sign in")),
        next,
        login,
        failure: failure.unwrap_or_default(),
    };
    visitor.render(status, &page)
}

/// Only addresses of this console, never of another site: one slash at the beginning, and no backslash, which browsers
/// read as one.
fn own_address(next: &str) -> &str {
    let is_own = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t']);
    if is_own { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_address;

    #[test]
    fn after_signing_in_nobody_is_sent_elsewhere() {
        for own in ["/", "/areas/360323?after=00", "/status"] {
            assert_eq!(own_address(own), own);
        }
        for other in [
            "",
            "//example.org",
            "https://example.org",
            "/\\example.org",
            "/\t/example.org",
            "areas",
        ] {
            assert_eq!(own_address(other), "/");
        }
    }
}
