//! Tests of the console: a browser of a few lines against the pages over a real store.

mod alerts;
mod cases;
mod doubts;
mod enactments;
mod loans;
mod money;
mod pages;
mod previews;
mod signing_in;
mod tasks;
mod views;
mod world;

use std::collections::BTreeMap;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use tower::ServiceExt as _;

use self::world::World;

/// What a page answered.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

/// Keeps cookies as a browser does, and the world as long as somebody looks at it.
struct Browser {
    world: World,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new(world: World) -> Self {
        Self {
            world,
            cookies: BTreeMap::new(),
        }
    }

    /// A browser in which somebody has signed in.
    async fn of(world: World, login: &str) -> Self {
        let mut browser = Self::new(world);
        let answer = browser
            .post(
                "/sign-in",
                &[("login", login), ("password", world::PASSWORD)],
            )
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, self.cookie());
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let request = Request::post(path)
            .header(header::COOKIE, self.cookie())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(fields.join("&"))).unwrap())
            .await
    }

    /// The token that the forms of the session carry.
    async fn form_token(&mut self) -> String {
        let page = self.get("/search").await.body;
        let (_, rest) = page.split_once("name=\"form_token\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    async fn search(&mut self, by: &str, text: &str) -> Answer {
        let token = self.form_token().await;
        self.post(
            "/search",
            &[("form_token", &token), ("by", by), ("text", text)],
        )
        .await
    }

    async fn send(&mut self, request: Request<Body>) -> Answer {
        let answer = self.world.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    fn cookie(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    /// What a reader sees: the text of the main part, one line a block.
    fn text(&self) -> String {
        let (_, main) = self.body.split_once("<main").unwrap();
        let main = main.split("</main>").next().unwrap();
        let (_, main) = main.split_once('>').unwrap();
        let mut text = String::new();
        let mut rest = main;
        while let Some((before, tag)) = rest.split_once('<') {
            text.push_str(&before.replace('\n', " "));
            let (tag, after) = tag.split_once('>').unwrap();
            text.push_str(
                match tag.trim_start_matches('/').split(' ').next().unwrap() {
                    "th" | "td" | "dt" | "dd" => " | ",
                    "span" | "a" | "strong" | "small" | "code" | "br" => "",
                    _ => "\n",
                },
            );
            rest = after;
        }
        let lines = text.lines().map(|line| {
            let parts = line
                .split('|')
                .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
            parts
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" | ")
        });
        lines
            .filter(|line| !line.is_empty())
            .map(|line| line + "\n")
            .collect()
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
