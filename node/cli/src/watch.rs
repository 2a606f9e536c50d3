//! What leaves a running node for those who watch it: numbers in a file and on loopback, and a program that is called when a
//! person is needed. Names that the operator gave, states and numbers; never an identifier of a record, nor a token.

mod metrics;
#[cfg(test)]
mod tests;

use crate::exit::{Exit, Failure};
use blindlink_node::event::{Event, Sink};
use blindlink_node::round::Summary;
use blindlink_node::service::status::{Finding, Health, NodeStatus, status};
use blindlink_node::store::DataDir;
use blindlink_node::store::configuration::{Configuration, MetricsSettings, NotifySettings};
use blindlink_node::sys::files::write_whole;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longest time for one who reads the numbers, and for the program that is called.
const READER: Duration = Duration::from_secs(5);
const PROGRAM: Duration = Duration::from_secs(60);
/// Longest request that is read, in bytes.
const REQUEST: usize = 4_096;

/// What happened since the node was started.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    done: AtomicU64,
    failed: AtomicU64,
    lost: AtomicU64,
    turned_away: AtomicU64,
    /// Rounds with pairs of which nobody was told: link's peer, pairs, strong ones.
    found: Mutex<Vec<(String, usize, usize)>>,
    changed: Notify,
}

impl Counters {
    /// A round ended well.
    pub(crate) fn ended(&self, summary: &Summary) {
        self.done.fetch_add(1, Ordering::Relaxed);
        let pairs = summary.matches.max(summary.claims);
        if pairs > 0 {
            let found = (summary.peer.clone(), pairs, summary.strong);
            self.found.lock().unwrap_or_else(PoisonError::into_inner).push(found);
        }
        self.changed.notify_one();
    }
}

impl Sink for Counters {
    fn take(&self, event: &Event<'_>) {
        let counter = match event {
            Event::RoundFailed(_) => &self.failed,
            Event::ConnectionLost { .. } => &self.lost,
            Event::TurnedAway { .. } => &self.turned_away,
            Event::Reloaded { .. } | Event::Halted { .. } | Event::LinkBroken { .. } => {
                return self.changed.notify_one();
            }
            _ => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        if matches!(event, Event::RoundFailed(_)) {
            self.changed.notify_one();
        }
    }
}

/// Looks after the node, and tells.
pub(crate) struct Watch {
    data: DataDir,
    metrics: MetricsSettings,
    notify: NotifySettings,
    counters: Arc<Counters>,
}

/// Ends what looks after the node when it is dropped.
pub(crate) struct Watching(Vec<JoinHandle<()>>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Watch {
    pub(crate) fn new(
        data: &DataDir,
        metrics: MetricsSettings,
        notify: NotifySettings,
        counters: Arc<Counters>,
    ) -> Self {
        Self { data: data.clone(), metrics, notify, counters }
    }

    /// Begins, if anybody wants to know.
    pub(crate) async fn start(self) -> Result<Watching, Failure> {
        if self.metrics.textfile.is_none() && self.metrics.listen.is_none() && self.notify.command.is_none() {
            return Ok(Watching(Vec::new()));
        }
        let shown = Arc::new(Mutex::new(String::new()));
        let mut tasks = Vec::new();
        if let Some(address) = self.metrics.listen {
            let failed = Failure::because(Exit::Config, format!("cannot serve numbers at {address}"));
            let listener = TcpListener::bind(address).await.map_err(failed)?;
            tasks.push(tokio::spawn(serve(listener, Arc::clone(&shown))));
        }
        tasks.push(tokio::spawn(self.look_again_and_again(shown)));
        Ok(Watching(tasks))
    }

    async fn look_again_and_again(self, shown: Arc<Mutex<String>>) {
        let mut known = BTreeSet::new();
        loop {
            let data = self.data.clone();
            // It reads files and the database.
            let looked = tokio::task::spawn_blocking(move || {
                let configuration = Configuration::load(&data)?.resolved(&data);
                status(&data, &configuration, false)
            });
            if let Ok(Ok(status)) = looked.await {
                let text = metrics::text(&status, &self.counters);
                if let Some(path) = &self.metrics.textfile
                    && let Err(error) = write_whole(path, text.as_bytes())
                {
                    tracing::warn!("cannot write {}: {error}", path.display());
                }
                *shown.lock().unwrap_or_else(PoisonError::into_inner) = text;
                for notice in self.notices(&status, &mut known) {
                    self.tell(&notice).await;
                }
            }
            let every = Duration::from_secs(self.metrics.every);
            let _ = timeout(every, self.counters.changed.notified()).await;
        }
    }

    /// What nobody was told of yet. `known` are the findings of the last look: one that goes and comes back is told again.
    fn notices(&self, status: &NodeStatus, known: &mut BTreeSet<String>) -> Vec<Value> {
        if self.notify.command.is_none() {
            return Vec::new();
        }
        let found = std::mem::take(&mut *self.counters.found.lock().unwrap_or_else(PoisonError::into_inner));
        let mut notices: Vec<Value> = found
            .into_iter()
            .map(|(peer, pairs, strong)| {
                json!({"schema": "blindlink.notice/v1", "time": status.time, "kind": "pairs", "about": peer,
                    "pairs": pairs, "strong": strong})
            })
            .collect();
        let new = |finding: &&Finding| finding.health > Health::Well && !known.contains(&kind_of(finding));
        notices.extend(status.findings.iter().filter(new).map(|finding| {
            json!({"schema": "blindlink.notice/v1", "time": status.time, "kind": finding.health,
                "about": finding.about, "what": finding.what,
                "code": finding.failure.map(|code| Exit::from(code).code())})
        }));
        *known = status.findings.iter().map(kind_of).collect();
        notices
    }

    /// Calls the program, and waits for it a while.
    async fn tell(&self, notice: &Value) {
        let Some([program, arguments @ ..]) = self.notify.command.as_deref() else { return };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let told = async {
            let mut child = command.spawn()?;
            if let Some(mut input) = child.stdin.take() {
                input.write_all(format!("{notice}\n").as_bytes()).await?;
            }
            child.wait().await
        };
        match timeout(PROGRAM, told).await {
            Ok(Ok(status)) if status.success() => {}
            Ok(Ok(status)) => tracing::warn!("{program} ended with {status}"),
            Ok(Err(error)) => tracing::warn!("cannot call {program}: {error}"),
            Err(_) => tracing::warn!("{program} did not end in {} s", PROGRAM.as_secs()),
        }
    }
}

/// A finding without its numbers: that 29 days are left where 30 were is no news.
fn kind_of(finding: &Finding) -> String {
    let words: String = finding.what.chars().filter(|c| !c.is_ascii_digit()).collect();
    format!("{:?} {} {words}", finding.health, finding.about)
}

/// Serves the numbers, one reader after the other.
async fn serve(listener: TcpListener, shown: Arc<Mutex<String>>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_secs(1)).await;
            continue;
        };
        let text = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let _ = timeout(READER, answer(stream, &text)).await;
    }
}

async fn answer(mut stream: TcpStream, text: &str) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut part = [0; 512];
    while !request.ends_with(b"\r\n\r\n") && request.len() < REQUEST {
        match stream.read(&mut part).await? {
            0 => return Ok(()),
            read => request.extend_from_slice(part.get(..read).unwrap_or_default()),
        }
    }
    let (status, kind, body) = match request.starts_with(b"GET /metrics ") {
        true => ("200 OK", "text/plain; version=0.0.4; charset=utf-8", text),
        false => ("404 Not Found", "text/plain; charset=utf-8", ""),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
