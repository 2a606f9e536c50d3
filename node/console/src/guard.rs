//! The first door: where a request comes from, how large it is, and what every answer says to the browser.

use crate::console::Console;
use crate::pages;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use std::sync::Arc;

/// Longest body of a form, in bytes.
const MOST_BYTES: usize = 16 * 1_024;

/// What every answer carries.
const HEADERS: [(HeaderName, &str); 9] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: a browser then sends `Origin: null` with the forms of these pages, and the door refuses them.
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// All pages of a console.
pub fn router(console: Arc<Console>) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/style.css", get(pages::style))
        .route("/login", get(pages::login_page).post(pages::login))
        .route("/logout", post(pages::logout))
        .route("/language", post(pages::language))
        .route("/queue", get(pages::queue))
        .route("/status", get(pages::status))
        .route("/log", get(pages::log))
        .route("/node", get(pages::node))
        .route("/statistics", get(pages::statistics).post(pages::publish))
        .route("/pair/{id}", get(pages::pair))
        .route("/pair/{id}/letter/{kind}/{language}", get(pages::letter))
        .route("/pair/{id}/judge", post(pages::judge))
        .route("/pair/{id}/approve", post(pages::approve))
        .route("/pair/{id}/disclose", post(pages::disclose))
        .route("/pair/{id}/withdraw", post(pages::withdraw))
        .route("/pair/{id}/reopen", post(pages::reopen))
        .fallback(pages::nowhere)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(&console), door))
        .with_state(console)
}

/// Answers requests until `stop` is ready. The listener must be one that only this machine reaches: an address of it, or a
/// socket in its file system.
///
/// # Errors
/// Whatever the system says of the socket.
pub async fn serve<L>(
    console: Arc<Console>,
    listener: L,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()>
where
    L: axum::serve::Listener,
    L::Addr: std::fmt::Debug,
{
    axum::serve(listener, router(console)).with_graceful_shutdown(stop).await
}

async fn door(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let mut response = match refused(&console.hosts, request.method(), request.headers()) {
        Some(status) => {
            // A browser shows an empty refusal as an error of its own.
            let mut response =
                Response::new(Body::from("Refused: this request came from another page, or to another name.\n"));
            *response.status_mut() = status;
            let kind = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether a browser may call the console so. A name that ends in `:*` stands for each of its ports: behind a socket in the
/// file system nobody knows from which port a tunnel leads here.
fn is_known(known: &str, host: &str) -> bool {
    match known.strip_suffix('*') {
        Some(name) => host
            .strip_prefix(name)
            .is_some_and(|port| (1..=5).contains(&port.len()) && port.bytes().all(|digit| digit.is_ascii_digit())),
        None => known == host,
    }
}

/// Why a request gets no further: it names another host (a page elsewhere that had its name resolve to this machine), or
/// a form was sent from another page.
fn refused(hosts: &[String], method: &Method, headers: &HeaderMap) -> Option<StatusCode> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let Some(host) = text(header::HOST).filter(|host| hosts.iter().any(|known| is_known(known, host))) else {
        return Some(StatusCode::MISDIRECTED_REQUEST);
    };
    match *method {
        Method::GET | Method::HEAD => None,
        Method::POST => {
            let origin = text(header::ORIGIN).is_none_or(|origin| origin == format!("http://{host}"));
            let site = text(HeaderName::from_static("sec-fetch-site")).is_none_or(|site| site == "same-origin");
            (!origin || !site).then_some(StatusCode::FORBIDDEN)
        }
        _ => Some(StatusCode::METHOD_NOT_ALLOWED),
    }
}
