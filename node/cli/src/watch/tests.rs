use super::*;

fn status_of(findings: Vec<Finding>) -> NodeStatus {
    NodeStatus {
        schema: "blindlink.status/v1",
        time: "2026-01-01T00:00:00Z".into(),
        health: findings.first().map_or(Health::Well, |worst| worst.health),
        key: String::new(),
        closed_until: None,
        links: Vec::new(),
        peers: Vec::new(),
        log_entries: Some(7),
        open_rounds: 1,
        journals_due: 0,
        results_due: 0,
        free_bytes: Some(9),
        findings,
    }
}

fn finding(health: Health, about: &str, what: &str) -> Finding {
    Finding { health, about: about.into(), failure: None, what: what.into() }
}

fn watch(command: Option<Vec<String>>) -> Watch {
    let data = DataDir::locate(Some("nowhere".into())).unwrap();
    Watch::new(&data, MetricsSettings::default(), NotifySettings { command }, Arc::new(Counters::default()))
}

#[test]
fn a_finding_is_told_once_and_again_when_it_comes_back() {
    let watch = watch(Some(vec!["true".into()]));
    let mut known = BTreeSet::new();
    let ends = |days: u32| finding(Health::Due, "south", &format!("agreement `a` ends in {days} days"));
    let told = |known: &mut BTreeSet<String>, findings| watch.notices(&status_of(findings), known).len();
    assert_eq!(told(&mut known, vec![ends(29)]), 1);
    assert_eq!(told(&mut known, vec![ends(28)]), 0, "a day less is no news");
    assert_eq!(told(&mut known, vec![finding(Health::Broken, "south", "agreement `a` is suspended"), ends(28)]), 1);
    assert_eq!(told(&mut known, vec![]), 0);
    assert_eq!(told(&mut known, vec![ends(28)]), 1, "it came back");
    let silent = super::tests::watch(None);
    assert_eq!(silent.notices(&status_of(vec![ends(1)]), &mut known).len(), 0, "nobody wants to know");
}

#[test]
fn the_numbers_are_in_the_format_and_labels_cannot_break_out() {
    let mut status = status_of(vec![finding(Health::Broken, "disk", "3 MB free")]);
    let peer = |name: &str| blindlink_node::service::status::PeerStatus {
        name: name.into(),
        key: String::new(),
        addr: None,
        tried: None,
        reached: None,
        reachable: Some(false),
        failure: None,
        clock_ahead: None,
        cosigned_here: None,
        cosigned_there: None,
    };
    status.peers = vec![peer("so\"uth\\\nblindlink_health 0")];
    let text = metrics::text(&status, &Counters::default());
    assert!(text.contains("blindlink_health 2\n") && !text.contains("\nblindlink_health 0"), "{text}");
    assert!(text.contains("blindlink_peer_reachable{peer=\"so\\\"uth\\\\\\nblindlink_health 0\"} 0\n"), "{text}");
    assert!(text.contains("blindlink_findings{health=\"broken\"} 1\n"), "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("blindlink_") && value.parse::<f64>().is_ok(), "{line}");
    }
}

fn asked(address: std::net::SocketAddr, request: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_numbers_are_served_and_nothing_else() {
    crate::runtime::block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shown = Arc::new(Mutex::new("blindlink_health 0\n".to_owned()));
        let serving = tokio::spawn(serve(listener, shown));
        let ask = |request: &'static str| tokio::task::spawn_blocking(move || asked(address, request));
        let metrics = ask("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        assert!(
            metrics.starts_with("HTTP/1.1 200 OK\r\n") && metrics.ends_with("\r\n\r\nblindlink_health 0\n"),
            "{metrics}"
        );
        for other in ["GET / HTTP/1.1\r\n\r\n", "POST /metrics HTTP/1.1\r\n\r\n", "GET /metricsx HTTP/1.1\r\n\r\n"] {
            let answer = ask(other).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 404 ") && answer.ends_with("\r\n\r\n"), "{answer}");
        }
        serving.abort();
    })
    .unwrap();
}
