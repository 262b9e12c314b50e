//! The door of the console: who comes, in which language, and how everybody leaves.

use askama::Template;
use axum::{
    extract::{Extension, Request, State as Extract},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{Html, IntoResponse as _, Redirect, Response},
};
use lika_core::value::RequestId;
use uuid::Uuid;

use super::{Language, State, account::malformed, session::Session};
use crate::gateway::{
    Caller, Error,
    failure::{self, Class},
};

const SESSION_COOKIE: &str = "lika-session";
const LANGUAGE_COOKIE: &str = "lika-language";
const YEAR_SECONDS: u32 = 365 * 24 * 60 * 60;
/// Nothing from elsewhere and no script at all; forms go to this console only.
const CONTENT_POLICY: &str = "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Who asks for a page, and how it is answered.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The language of the page.
    pub language: Language,
    /// The request's id, for the page of an error and the log.
    pub request: Uuid,
    /// The path and query that were asked for, without the language.
    here: String,
    method: Method,
    token: Option<String>,
    signed_in: Option<(Caller, Session)>,
}

/// What every page has around its content.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The language.
    pub language: Language,
    /// The title.
    pub title: String,
    /// Who is signed in.
    pub user: Option<String>,
    /// What the forms of the session carry.
    pub form_token: String,
    /// The address of this page in the other language.
    pub other_language: String,
}

/// A page that says what went wrong.
#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    page: Frame,
    code: &'static str,
    advice: &'static str,
    message: String,
    request: Uuid,
}

impl Visitor {
    /// Who is signed in.
    pub fn caller(&self) -> Result<&Caller, Error> {
        self.signed_in
            .as_ref()
            .map(|(caller, _)| caller)
            .ok_or(Error::NotSignedIn)
    }

    /// The token of the session, for ending it.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// One of two texts that say the same.
    pub fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.language.t(zh, en)
    }

    /// What a page with this title has around its content.
    pub fn frame(&self, title: impl Into<String>) -> Frame {
        let other = match self.language {
            Language::Chinese => Language::English,
            Language::English => Language::Chinese,
        };
        let joint = if self.here.contains('?') { '&' } else { '?' };
        let user = self
            .signed_in
            .as_ref()
            .map(|(caller, _)| caller.name.clone());
        let form_token = self
            .signed_in
            .as_ref()
            .map(|(_, session)| session.form_token.clone());
        Frame {
            language: self.language,
            title: title.into(),
            user,
            form_token: form_token.unwrap_or_default(),
            other_language: format!("{}{joint}lang={}", self.here, other.code()),
        }
    }

    /// Whether a form was sent from a page of this session.
    pub fn check_form(&self, form_token: &str) -> Result<(), Error> {
        let (_, session) = self.signed_in.as_ref().ok_or(Error::NotSignedIn)?;
        if session.sent(form_token) {
            Ok(())
        } else {
            Err(Error::Other {
                code: "form-expired",
                message: "the form does not belong to this session".to_owned(),
            })
        }
    }

    /// The answer to what was asked.
    pub fn answer<T: Template>(&self, built: Result<T, Error>) -> Response {
        match built {
            Ok(page) => self.render(StatusCode::OK, &page),
            Err(error) => self.refuse(&error),
        }
    }

    /// A page with a status.
    pub fn render(&self, status: StatusCode, page: &impl Template) -> Response {
        match page.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => {
                tracing::error!(request = %self.request, error = &error as &dyn std::error::Error, "a page was not rendered");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    fn refuse(&self, error: &Error) -> Response {
        if matches!(error, Error::NotSignedIn) {
            let next = if self.method == Method::GET {
                self.here.as_str()
            } else {
                "/"
            };
            return Redirect::to(&format!("/sign-in?next={}", percent_encoded(next)))
                .into_response();
        }
        let failure = failure::failure(error.code());
        if matches!(failure.class, Class::Internal | Class::Damaged) {
            tracing::error!(request = %self.request, code = failure.code, error = error as &dyn std::error::Error, "a page failed");
        }
        let status =
            StatusCode::from_u16(failure.class.http()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let page = FailurePage {
            page: self.frame(self.t("没有办成", "It could not be done")),
            code: failure.code,
            advice: self.t(failure.advice_zh, failure.advice_en),
            message: error.message(),
            request: self.request,
        };
        self.render(status, &page)
    }
}

impl Frame {
    /// One of two texts that say the same.
    pub fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.language.t(zh, en)
    }
}

/// Builds a page where reading blocks nobody, and answers with it.
pub async fn page<T, F>(console: State, visitor: Visitor, build: F) -> Response
where
    T: Template,
    F: FnOnce(&State, &Visitor) -> Result<T, Error> + Send + 'static,
{
    let here = visitor.clone();
    let task = tokio::task::spawn_blocking(move || visitor.answer(build(&console, &visitor)));
    task.await
        .unwrap_or_else(|_| here.refuse(&Error::TaskEnded))
}

/// What stands for a command of a page: its form carries it, so that sending it twice is one request.
pub fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// Reads the request id of a form.
pub fn parse_request(text: &str) -> Result<RequestId, Error> {
    RequestId::parse(text).map_err(|_| malformed())
}

/// What is asked for at an address that nothing has.
pub async fn no_such_page(Extension(visitor): Extension<Visitor>) -> Response {
    visitor.refuse(&no_such_address())
}

/// The error of an address that nothing has.
pub fn no_such_address() -> Error {
    Error::Other {
        code: "no-such-page",
        message: "there is no such page".to_owned(),
    }
}

/// Every request passes here on its way in and out.
pub async fn enter(Extract(console): Extract<State>, mut request: Request, next: Next) -> Response {
    let asked = asked_language(request.uri());
    let visitor = visitor(&console, &request, asked);
    let id = visitor.request;
    let answer = if is_from_elsewhere(&request) {
        visitor.refuse(&Error::Other {
            code: "form-expired",
            message: "the form was sent from another site".to_owned(),
        })
    } else {
        request.extensions_mut().insert(visitor);
        next.run(request).await
    };
    leave(&console, answer, id, asked)
}

/// The cookie that carries a session; with an empty token it ends.
pub fn session_cookie(console: &State, token: &str) -> String {
    let secure = if console.inner.options.secure_cookies {
        "; Secure"
    } else {
        ""
    };
    let age = if token.is_empty() { "; Max-Age=0" } else { "" };
    format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{age}")
}

fn visitor(console: &State, request: &Request, asked: Option<Language>) -> Visitor {
    let headers = request.headers();
    let remembered = cookie(headers, LANGUAGE_COOKIE).and_then(Language::parse);
    let token = cookie(headers, SESSION_COOKIE).map(ToOwned::to_owned);
    let session = token
        .as_deref()
        .and_then(|token| console.inner.sessions.resume(token, console.now_ms()));
    let signed_in = session.and_then(|session| {
        // An officer who was locked meanwhile is as good as signed out.
        let caller = console.gateway().caller(session.officer).ok()?;
        Some((caller, session))
    });
    Visitor {
        language: asked.or(remembered).unwrap_or_default(),
        request: Uuid::new_v4(),
        here: here(request.uri()),
        method: request.method().clone(),
        token,
        signed_in,
    }
}

/// Cookies are kept from other sites by SameSite; where a browser says who sent a form, it is asked as well, which also
/// covers the form that signs in.
fn is_from_elsewhere(request: &Request) -> bool {
    let site = request
        .headers()
        .get("sec-fetch-site")
        .and_then(|site| site.to_str().ok());
    request.method() == Method::POST
        && site.is_some_and(|site| site != "same-origin" && site != "none")
}

fn leave(
    console: &State,
    mut answer: Response,
    request: Uuid,
    asked: Option<Language>,
) -> Response {
    let is_page = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| {
            kind.to_str()
                .is_ok_and(|kind| kind.starts_with("text/html"))
        });
    let headers = answer.headers_mut();
    let storing = if is_page {
        "no-store"
    } else {
        "public, max-age=3600"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(storing));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    if let Ok(request) = HeaderValue::from_str(&request.to_string()) {
        headers.insert("x-request-id", request);
    }
    if let Some(language) = asked {
        let secure = if console.inner.options.secure_cookies {
            "; Secure"
        } else {
            ""
        };
        let code = language.code();
        let cookie = format!(
            "{LANGUAGE_COOKIE}={code}; Path=/; Max-Age={YEAR_SECONDS}; HttpOnly; SameSite=Strict{secure}"
        );
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    answer
}

fn asked_language(uri: &Uri) -> Option<Language> {
    pairs(uri).find_map(|pair| Language::parse(pair.strip_prefix("lang=")?))
}

fn here(uri: &Uri) -> String {
    let rest: Vec<&str> = pairs(uri)
        .filter(|pair| !pair.starts_with("lang="))
        .collect();
    if rest.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{}", uri.path(), rest.join("&"))
    }
}

fn pairs(uri: &Uri) -> impl Iterator<Item = &str> {
    uri.query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// For a value inside a query (RFC 3986): everything but unreserved characters and slashes.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
