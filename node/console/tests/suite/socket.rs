//! Attacks that need a socket: heads and bodies that never end.

use crate::office::{HOST, Office, address, pair};
use blindlink_console::serve;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A console on a socket of its own.
async fn listening(office: &Office) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(serve(Arc::clone(&office.console), listener, std::future::pending()));
    at
}

/// Sends as long as somebody reads; gives the head of the answer, which is empty if there is none.
async fn sent(at: SocketAddr, parts: &[&[u8]]) -> String {
    let (mut reader, mut writer) = TcpStream::connect(at).await.unwrap().into_split();
    let all: Vec<Vec<u8>> = parts.iter().map(|part| part.to_vec()).collect();
    // The other side may stop reading before everything is sent.
    let sending = tokio::spawn(async move {
        for part in all {
            if writer.write_all(&part).await.is_err() {
                break;
            }
        }
        // The line stays open: an answer must not wait for its end.
        writer
    });
    let mut head = vec![0; 12];
    // Who waits for the end of what has none never answers: that is a failure, and this only keeps the test from waiting too.
    let read = tokio::time::timeout(Duration::from_secs(60), reader.read_exact(&mut head)).await;
    sending.abort();
    if matches!(read, Ok(Ok(_))) { String::from_utf8(head).unwrap() } else { String::new() }
}

#[tokio::test]
async fn a_head_or_a_body_that_never_ends_is_refused_at_its_bound() {
    let office = Office::new(1);
    let anna = office.browser("anna").await;
    let at = listening(&office).await;
    let host = format!("host: {HOST}\r\n");
    let get = format!("GET /login HTTP/1.1\r\n{host}\r\n");
    assert_eq!(sent(at, &[get.as_bytes()]).await, "HTTP/1.1 200");

    // A head of four megabytes, in one line and in many; an address of a megabyte.
    let line = format!("GET /login HTTP/1.1\r\n{host}x: {}\r\n\r\n", "x".repeat(4 << 20));
    let many = format!("GET /login HTTP/1.1\r\n{host}{}\r\n", "x: y\r\n".repeat(1 << 17));
    let long = format!("GET /{} HTTP/1.1\r\n{host}\r\n", "x".repeat(1 << 20));
    for (name, text) in [("a line", line), ("many lines", many), ("an address", long)] {
        let said = sent(at, &[text.as_bytes()]).await;
        assert!(["HTTP/1.1 431", "HTTP/1.1 414", "HTTP/1.1 400", ""].contains(&said.as_str()), "{name}: {said}");
    }

    // A form in pieces, without an end, and one whose length is a lie: refused when the bound is passed.
    let judge = format!("/pair/{}/judge", address(pair(1)));
    let head = format!(
        "POST {judge} HTTP/1.1\r\n{host}origin: http://{HOST}\r\ncookie: session={}\r\n\
         content-type: application/x-www-form-urlencoded\r\n",
        anna.cookie.as_ref().unwrap()
    );
    let body = format!("form={}&seen=0&choice=worth_asking.document&note=", anna.form);
    let pieces = format!("{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len());
    let more = format!("{:x}\r\n{}\r\n", 4_096, "x".repeat(4_096));
    let lie = format!("{head}content-length: 99999999999\r\n\r\n{body}");
    let filling = "x".repeat(17 << 10);
    let parts = [&[pieces.as_bytes()][..], &[more.as_bytes(); 5]].concat();
    assert_eq!(sent(at, &parts).await, "HTTP/1.1 413", "in pieces");
    assert_eq!(sent(at, &[lie.as_bytes(), filling.as_bytes()]).await, "HTTP/1.1 413", "a length that is a lie");
    assert!(
        !office
            .node
            .kept
            .lock()
            .unwrap()
            .iter()
            .any(|entry| { matches!(entry.event.what, blindlink_review::What::Judged { .. }) })
    );
}

#[tokio::test]
async fn requests_that_are_never_finished_keep_nobody_out() {
    let office = Office::new(1);
    let at = listening(&office).await;
    let mut unfinished = Vec::new();
    for _ in 0..300 {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream
            .write_all(format!("POST /login HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 9\r\n").as_bytes())
            .await
            .unwrap();
        unfinished.push(stream);
    }
    let get = format!("GET /login HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    assert_eq!(sent(at, &[get.as_bytes()]).await, "HTTP/1.1 200");
    drop(unfinished);
}
