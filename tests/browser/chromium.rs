//! Debian's Chromium, driven through its DevTools protocol over a pair of pipes: messages of JSON that end with a zero
//! byte. It needs no driver program, no port and no other crate.

use std::{
    collections::VecDeque,
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

const LONGEST_WAIT: Duration = Duration::from_secs(60);
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
    "--window-size=1280,1600",
];

/// A browser with one page. It is ended when it is let go of.
pub struct Chromium {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    events: VecDeque<Value>,
    session: Value,
    last: u64,
    _profile: TempDir,
}

impl Chromium {
    /// Starts the browser with a profile of its own.
    pub fn start() -> Self {
        let installed = Command::new("chromium").arg("--version").output();
        if installed.is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            panic!("chromium is not installed; `tools/setup test` brings it");
        }
        let profile = tempfile::tempdir().unwrap();
        // The protocol wants descriptors 3 and 4; the shell makes them of those that can be piped.
        let mut child = Command::new("sh")
            .args([
                "-c",
                "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null",
                "sh",
            ])
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (tell, from) = mpsc::channel();
        thread::spawn(move || {
            let mut message = Vec::new();
            while output
                .read_until(0, &mut message)
                .is_ok_and(|length| length > 0)
            {
                let text = message.strip_suffix(&[0]).unwrap_or(&message);
                if tell
                    .send(serde_json::from_slice(text).unwrap_or_default())
                    .is_err()
                {
                    return;
                }
                message.clear();
            }
        });
        let mut browser = Self {
            child,
            to,
            from,
            events: VecDeque::new(),
            session: Value::Null,
            last: 0,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        browser.session = browser.call("Target.attachToTarget", attach)["sessionId"].take();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Opens an address and waits until the page is loaded.
    pub fn open(&mut self, address: &str) {
        let answer = self.call("Page.navigate", json!({"url": address}));
        assert_eq!(answer["errorText"], Value::Null, "{address}");
        self.wait("Page.loadEventFired");
    }

    /// Types into the element that a selector names, as a person would.
    pub fn type_into(&mut self, selector: &str, text: &str) {
        self.evaluate(&format!(
            "document.querySelector({}).focus()",
            json!(selector)
        ));
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Clicks on the first element that a selector names, with the mouse, and waits for the page that follows.
    pub fn click(&mut self, selector: &str) {
        let selector = json!(selector);
        let place = self.evaluate(&format!(
            "(() => {{ const element = document.querySelector({selector}); element.scrollIntoView({{block: 'center'}}); \
             const box = element.getBoundingClientRect(); \
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        for action in ["mousePressed", "mouseReleased"] {
            self.call(
                "Input.dispatchMouseEvent",
                json!({"type": action, "x": place[0], "y": place[1], "button": "left", "clickCount": 1}),
            );
        }
        self.wait("Page.loadEventFired");
    }

    /// The value of a script's expression in the page.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let script = json!({"expression": expression, "returnByValue": true});
        let mut answer = self.call("Runtime.evaluate", script);
        assert_eq!(answer["exceptionDetails"], Value::Null, "{expression}");
        answer["result"]["value"].take()
    }

    /// What a reader of the page sees.
    pub fn text(&mut self) -> String {
        self.string("document.body.innerText")
    }

    /// A string of the page.
    pub fn string(&mut self, expression: &str) -> String {
        let value = self.evaluate(expression);
        value
            .as_str()
            .unwrap_or_else(|| panic!("{expression} is {value}"))
            .to_owned()
    }

    /// A picture of the page, as PNG.
    pub fn screenshot(&mut self) -> Vec<u8> {
        let settings = json!({"format": "png", "captureBeyondViewport": true});
        let picture = self.call("Page.captureScreenshot", settings);
        base64::engine::general_purpose::STANDARD
            .decode(picture["data"].as_str().unwrap())
            .unwrap()
    }

    /// Everything that went wrong in the pages so far, as the browser's console shows it.
    pub fn errors(&mut self) -> Vec<Value> {
        // An answer comes after all events before it.
        self.evaluate("0");
        let is_error = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown" | "Network.loadingFailed") => true,
            Some("Runtime.consoleAPICalled") => event["params"]["type"] == "error",
            Some("Log.entryAdded") => event["params"]["entry"]["level"] == "error",
            _ => false,
        };
        self.events.iter().filter(is_error).cloned().collect()
    }

    /// Every address that was asked for.
    pub fn requests(&self) -> Vec<String> {
        let sent = self
            .events
            .iter()
            .filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.filter_map(|event| event["params"]["request"]["url"].as_str())
            .map(str::to_owned)
            .collect()
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        let mut message = json!({"id": id, "method": method, "params": params});
        if !self.session.is_null() {
            message["sessionId"] = self.session.clone();
        }
        self.to
            .write_all(format!("{message}\0").as_bytes())
            .unwrap();
        loop {
            let mut message = self.receive(method);
            if message["id"] == id {
                assert_eq!(message["error"], Value::Null, "{method}");
                return message["result"].take();
            }
            self.events.push_back(message);
        }
    }

    /// Waits for an event that has not been waited for.
    fn wait(&mut self, event: &str) {
        if let Some(place) = self
            .events
            .iter()
            .position(|known| known["method"] == event)
        {
            self.events.remove(place);
            return;
        }
        loop {
            let message = self.receive(event);
            if message["method"] == event {
                return;
            }
            self.events.push_back(message);
        }
    }

    fn receive(&mut self, what: &str) -> Value {
        self.from
            .recv_timeout(LONGEST_WAIT)
            .unwrap_or_else(|error| panic!("waiting for {what} of the browser: {error}"))
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Asked to close it ends its own children too, which a signal would leave behind.
        let _ = self
            .to
            .write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let _ = self.child.wait();
    }
}
