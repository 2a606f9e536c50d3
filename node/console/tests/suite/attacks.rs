//! Attacks on the console.

use crate::office::{HOST, Office, address, pair, passphrase};
use axum::body::Body;
use axum::http::{Request, StatusCode};
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

/// Twenty texts that have broken pages, in several scripts.
const PAYLOADS: [&str; 20] = [
    "<script>alert(1)</script>",
    "</td><script src=//evil.example></script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ f.form }} {% include \"x\" %}",
    "]]><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "\u{202e}<script>alert(1)</script>",
    "محمد<script>alert(1)</script>",
    "王伟\"><script>alert(1)</script>",
    "Иванов</title><script>alert(1)</script>",
    "ሰላም<img src=x onerror=alert(1)>",
    "\u{0}<scr\u{0}ipt>alert(1)</scr\u{0}ipt>",
];

#[tokio::test]
async fn names_are_text_whatever_they_hold() {
    let office = Office::new(1);
    let anna = office.browser("anna").await;
    let fields = ["given names", "family names", "birth date", "birth place", "document number", "phone", "note"];
    for payload in PAYLOADS {
        // In every value, and in the name of a field.
        let mut record: Vec<_> = fields.iter().map(|field| ((*field).to_owned(), payload.to_owned())).collect();
        record.push((payload.to_owned(), payload.to_owned()));
        *office.node.record.lock().unwrap() = record;
        let text = anna.get(&format!("/pair/{}", address(pair(1)))).await.text;
        // What lies outside the page's own markup holds no mark that begins or ends an element or an attribute.
        let harmless =
            ["<script", "<img", "<iframe", "<body onload", "<a href=javascript", "<math", "<svg/", "<svg><", "<!--"];
        for mark in harmless {
            assert!(!text.contains(mark), "{payload}: {mark}");
        }
        assert_eq!(text.matches("<body>").count(), 1);
        assert!(!text.contains("' onmouseover='"), "{payload}");
        assert!(!text.contains(&format!("<bdi>{}</bdi>", anna.form)), "{payload}: a template in a name was filled");
        assert!(text.contains("<bdi>"));
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

#[tokio::test]
async fn guesses_at_once_count_as_well() {
    let office = Office::new(1);
    let tries = (0..40).map(|n| {
        let app = &office;
        async move {
            app.stranger()
                .log_in("carla", &if n == 39 { passphrase("carla") } else { format!("wrong {n}") })
                .await
                .status
        }
    });
    let mut got = Vec::new();
    for answer in tries {
        got.push(answer.await);
    }
    assert!(got.iter().all(|status| *status == StatusCode::UNAUTHORIZED));
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
