//! Attacks on the console.

use crate::office::{HOST, Office, address, pair, passphrase};
use crate::payloads::{PAYLOADS, plant};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use std::sync::Arc;
use std::sync::atomic::Ordering;

const YES: &[(&str, &str)] = &[("seen", "0"), ("choice", "worth_asking.document")];

fn judge() -> String {
    format!("/pair/{}/judge", address(pair(1)))
}

fn decided(office: &Office) -> bool {
    let kept = office.node.kept.lock().unwrap();
    kept.iter().any(|entry| matches!(entry.event.what, blindlink_review::What::Judged { .. }))
}

#[tokio::test]
async fn a_form_from_elsewhere_decides_nothing() {
    let office = Office::new(1);
    let (anna, ben) = (office.browser("anna").await, office.browser("ben").await);
    // Without a token, with a token of nobody, with that of another session.
    assert_eq!(anna.bare_post(&judge(), YES).await.status, StatusCode::FORBIDDEN);
    for form in ["", "00", &"0".repeat(64), &ben.form, &"é".repeat(32)] {
        let fields = [&[("form", form)], YES].concat();
        assert_eq!(anna.bare_post(&judge(), &fields).await.status, StatusCode::FORBIDDEN, "{form}");
    }
    // With the right token, from a page elsewhere.
    let body = format!("form={}&seen=0&choice=worth_asking.document", anna.form);
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = anna.request("POST", &judge()).header("content-type", "application/x-www-form-urlencoded");
        let request = request.header(name, value).body(Body::from(body.clone())).unwrap();
        assert_eq!(office.send(request).await.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    // No other form of a page does anything either.
    let page = format!("/pair/{}", address(pair(1)));
    let forms = ["/logout", "/language", "/statistics"].map(str::to_owned).into_iter();
    let forms =
        forms.chain(["judge", "approve", "disclose", "withdraw", "reopen"].map(|form| format!("{page}/{form}")));
    for path in forms {
        let fields = [("seen", "0"), ("choice", "worth_asking.document"), ("reason", "danger"), ("language", "fr")];
        assert_eq!(anna.bare_post(&path, &fields).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(anna.get("/queue").await.text.contains("lang=\"en\""), "still logged in, in the same language");
    // By a link.
    assert_eq!(anna.get(&format!("{}?{body}", judge())).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(!decided(&office));
    assert_eq!(anna.post(&judge(), YES).await.status, StatusCode::SEE_OTHER);
    assert!(decided(&office));
}

#[tokio::test]
async fn a_session_begins_with_a_fresh_token_and_ends() {
    let office = Office::new(1);
    // A token that somebody planted is never taken over.
    let planted = "ab".repeat(32);
    let mut anna = office.stranger();
    anna.cookie = Some(planted.clone());
    assert_eq!(anna.get("/queue").await.header("location"), "/login");
    anna.log_in("anna", &passphrase("anna")).await;
    let first = anna.cookie.clone().unwrap();
    assert_ne!(first, planted);
    let mut victim = office.stranger();
    victim.cookie = Some(planted);
    assert_eq!(victim.get("/queue").await.header("location"), "/login");
    // Logging in again ends the session before.
    let answer = anna.log_in("anna", &passphrase("anna")).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
    let mut old = office.stranger();
    old.cookie = Some(first);
    assert_eq!(old.get("/queue").await.header("location"), "/login");
    // Log-out, and a quarter of an hour without a request.
    anna.form = anna.get("/status").await.form_token();
    let again = office.browser("anna").await;
    anna.post("/logout", &[]).await;
    assert_eq!(anna.get("/queue").await.header("location"), "/login");
    assert_eq!(again.get("/queue").await.status, StatusCode::OK);
    office.node.now.fetch_add(15 * 60, Ordering::SeqCst);
    assert_eq!(again.get("/queue").await.header("location"), "/login");
}

/// The marks of a page: each element as it begins or ends, without what stands between and in attributes.
fn marks(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let (mark, after) = rest[at..].split_at(rest[at..].find('>').expect("a mark that never ends") + 1);
        // Values of attributes may differ: their number and names may not.
        let names = mark.split('"').step_by(2).collect::<Vec<_>>().join("\"");
        found.push(names);
        rest = after;
    }
    found
}

/// Pages that hold texts from elsewhere, with a person who sees each.
fn pages() -> [(&'static str, String); 4] {
    let pair = format!("/pair/{}", address(pair(1)));
    [("anna", pair.clone()), ("carla", pair), ("otto", "/node".to_owned()), ("anna", "/queue".to_owned())]
}

#[tokio::test]
async fn names_are_text_whatever_they_hold() {
    let office = Office::new(1);
    // One person has judged, with a note: then grade, tables and picture are on that person's page.
    let anna = office.browser("anna").await;
    let note = ("note", PAYLOADS[0]);
    assert_eq!(anna.post(&judge(), &[YES, &[note]].concat()).await.status, StatusCode::SEE_OTHER);
    let carla = office.browser("carla").await;
    let otto = office.browser("otto").await;
    let browsers = [("anna", &anna), ("carla", &carla), ("otto", &otto)];
    let browser = |name| browsers.iter().find(|(of, _)| *of == name).unwrap().1;
    plant(&office, &["harmless"]);
    let mut usual = Vec::new();
    for (name, page) in pages() {
        let text = browser(name).get(&page).await.text;
        let times = text.matches("harmless").count();
        assert!(page == "/queue" || times >= 4, "{page} holds the text {times} times");
        usual.push((marks(&text), times));
    }
    for payload in PAYLOADS {
        plant(&office, &[payload]);
        for ((name, page), (marks_before, _)) in pages().into_iter().zip(&usual) {
            let text = browser(name).get(&page).await.text;
            // The page has the same elements with the same attributes as with a harmless name.
            assert_eq!(marks(&text), *marks_before, "{payload} on {page} of {name}");
            assert!(!text.contains(&format!("<bdi>{}</bdi>", anna.form)), "{payload}: a template in a name was filled");
        }
        // A letter is text, and is never shown as a page.
        let letter = carla.get(&format!("/pair/{}/letter/request/en", address(pair(1)))).await;
        assert_eq!(letter.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(letter.header("x-content-type-options"), "nosniff");
        assert!(letter.header("content-disposition").starts_with("attachment"), "{:?}", letter.headers);
    }
    // The same in what a browser sends: addresses, queries, log-in names.
    for payload in PAYLOADS {
        let coded = crate::office::encoded(payload);
        for page in [
            format!("/pair/{coded}"),
            format!("/queue?stage={coded}&after={coded}"),
            format!("/{coded}"),
            format!("/log?from={coded}"),
        ] {
            let text = anna.get(&page).await.text;
            assert!(!text.contains("alert(1)"), "{page}");
        }
        let text = office.stranger().bare_post("/login", &[("name", payload), ("passphrase", payload)]).await.text;
        assert!(!text.contains("alert(1)"), "{payload}");
    }
}

#[tokio::test]
async fn addresses_lead_to_pages_only() {
    let office = Office::new(1);
    let anna = office.browser("anna").await;
    let good = address(pair(1));
    for path in [
        "/../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/style.css/../../Cargo.toml",
        "/pair/..%2f..%2fetc%2fpasswd",
        "/pair/%2e%2e/%2e%2e/etc/passwd",
        "/pair/",
        "/templates/base.html",
        "/style.css%00.html",
        &format!("/pair/{}", good.to_uppercase()),
        &format!("/pair/{good}-1"),
        &format!("/pair/0{good}"),
        &format!("/pair/{}", good.replace("-1", "-01")),
        &format!("/pair/{}", good.replace("-1", "-4294967297")),
    ] {
        let answer = anna.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.text.contains("root:") && !answer.text.contains("Oksana"), "{path}");
    }
}

#[tokio::test]
async fn a_body_is_bounded_and_must_be_a_form() {
    let office = Office::new(1);
    let anna = office.browser("anna").await;
    let large = "x".repeat(20_000);
    let answer = anna.post(&judge(), &[("seen", "0"), ("choice", "worth_asking.document"), ("note", &large)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = office.stranger().bare_post("/login", &[("name", "anna"), ("passphrase", &large)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    for (kind, body) in
        [("application/json", "{}"), ("multipart/form-data; boundary=x", "--x--"), ("text/plain", "form=1")]
    {
        let request = anna.request("POST", &judge()).header("content-type", kind).body(Body::from(body)).unwrap();
        assert!(office.send(request).await.status.is_client_error(), "{kind}");
    }
    let long = "x".repeat(5_000);
    let fields = [("seen", "0"), ("choice", "worth_asking.document"), ("note", long.as_str())];
    assert_eq!(anna.post(&judge(), &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A verdict with a reason of another, none at all, a version that is no number.
    for fields in [
        [("seen", "0"), ("choice", "worth_asking.common_name")],
        [("seen", "0"), ("choice", "")],
        [("seen", "x"), ("choice", "worth_asking.document")],
    ] {
        assert_eq!(anna.post(&judge(), &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(!decided(&office));
}

#[tokio::test]
async fn ten_thousand_guesses_lock_a_name_and_look_at_five() {
    let office = Office::new(1);
    let mut guesser = office.stranger();
    let first = guesser.log_in("anna", "wrong 0").await;
    for n in 1..10_000 {
        let answer = guesser.log_in("anna", &format!("wrong {n}")).await;
        assert_eq!((answer.status, &answer.text), (StatusCode::UNAUTHORIZED, &first.text), "guess {n}");
    }
    // The right one does not open it either, and the answer is the same: also for names that nobody has.
    let right = guesser.log_in("anna", &passphrase("anna")).await;
    let nobody = guesser.log_in("nobody", "wrong").await;
    assert_eq!((right.status, &right.text), (StatusCode::UNAUTHORIZED, &first.text));
    assert_eq!((nobody.status, &nobody.text), (StatusCode::UNAUTHORIZED, &first.text));
    // Others work on, and a quarter of an hour later so does anna.
    office.browser("ben").await;
    office.node.now.fetch_add(15 * 60, Ordering::SeqCst);
    office.browser("anna").await;
}

/// All guesses are on their way before the first passphrase is compared.
#[tokio::test]
async fn guesses_at_once_count_as_well() {
    let office = Arc::new(Office::new(1));
    let mut tries = tokio::task::JoinSet::new();
    for n in 0..40 {
        let office = Arc::clone(&office);
        tries.spawn(async move {
            let guess = if n == 39 { passphrase("carla") } else { format!("wrong {n}") };
            office.stranger().log_in("carla", &guess).await.status
        });
    }
    let got = tries.join_all().await;
    assert_eq!(got, [StatusCode::UNAUTHORIZED; 40]);
}

#[tokio::test]
async fn every_answer_has_the_headers() {
    let office = Office::new(1);
    let anna = office.browser("anna").await;
    let answers = [
        office.stranger().get("/login").await,
        office.stranger().get("/queue").await,
        anna.get("/queue").await,
        anna.get("/style.css").await,
        anna.get("/nowhere").await,
        anna.bare_post(&judge(), YES).await,
        office.send(Request::builder().uri("/").header("host", "evil.example").body(Body::empty()).unwrap()).await,
    ];
    for answer in answers {
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script-src") && !policy.contains('*'));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value);
        }
    }
}

#[tokio::test]
async fn another_name_of_this_machine_gets_nothing() {
    let office = Office::new(1);
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:80", "", &format!("{HOST}.evil.example"), &format!("x@{HOST}")]
    {
        let request = Request::builder().uri("/login").header("host", host).body(Body::empty()).unwrap();
        let answer = office.send(request).await;
        let refused = "Refused: this request came from another page, or to another name.\n";
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::MISDIRECTED_REQUEST, refused), "{host}");
    }
    let request = Request::builder().uri("/login").body(Body::empty()).unwrap();
    assert_eq!(office.send(request).await.status, StatusCode::MISDIRECTED_REQUEST);
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
        let request = Request::builder().method(method).uri("/login").header("host", HOST).body(Body::empty()).unwrap();
        assert_eq!(office.send(request).await.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}
