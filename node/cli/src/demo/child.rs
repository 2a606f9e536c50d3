//! A node as a child process: this same program, read through its JSON lines.

use super::{Options, Side};
use crate::exit::{Exit, Failure};
use crate::progress::Reporter;
use blindlink::session::Stage;
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{ChildStderr, ChildStdout, Command};

/// Longest wait for a child to listen, in seconds. Reading and encoding the list comes before.
const START: u64 = 120;

pub(super) struct Child {
    name: &'static str,
    process: tokio::process::Child,
    events: Lines<BufReader<ChildStderr>>,
    result: ChildStdout,
    last_log: Option<String>,
}

impl Child {
    pub(super) fn start(
        name: &'static str,
        command: &str,
        side: &Side,
        policy: &Path,
        options: Options,
        more: &[String],
    ) -> Result<Self, Failure> {
        let failed = Failure::because(Exit::Internal, format!("cannot start the {name}"));
        let program = std::env::current_exe().map_err(Failure::because(Exit::Internal, "cannot find this program"))?;
        let mut process = Command::new(program)
            .arg("--data-dir")
            .arg(side.data.path())
            .arg(command)
            .args(more)
            .arg("--records")
            .arg(&side.records)
            .arg("--policy")
            .arg(policy)
            .arg("--out")
            .arg(&side.out)
            .args(["--training", "--json", "--progress", "json", "--frame-timeout", &options.frame_timeout.to_string()])
            .args(["--suite", &options.suite.number.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let pipe = || Failure::new(Exit::Internal, "a child has no pipes");
        let events = BufReader::new(process.stderr.take().ok_or_else(pipe)?).lines();
        let result = process.stdout.take().ok_or_else(pipe)?;
        Ok(Self { name, process, events, result, last_log: None })
    }

    async fn event(&mut self) -> Option<Value> {
        while let Ok(Some(line)) = self.events.next_line().await {
            match serde_json::from_str::<Value>(&line) {
                Ok(event) => return Some(event),
                // Not ours: the last words of a crash, perhaps.
                Err(_) => self.last_log = Some(line),
            }
        }
        None
    }

    /// Waits until it listens; says where.
    pub(super) async fn listening(&mut self) -> Result<String, Failure> {
        let wait = async {
            while let Some(event) = self.event().await {
                if event["event"] == "listening" {
                    return event["addr"].as_str().map(str::to_owned);
                }
            }
            None
        };
        match tokio::time::timeout(std::time::Duration::from_secs(START), wait).await {
            Ok(Some(addr)) => Ok(addr),
            Ok(None) => Err(self.finish(None).await.err().unwrap_or_else(|| self.odd())),
            Err(_) => Err(self.odd()),
        }
    }

    fn odd(&self) -> Failure {
        let last = self.last_log.as_deref().unwrap_or("it said nothing");
        Failure::new(Exit::Internal, format_args!("the {} ended oddly: {last}", self.name))
    }

    /// Waits for its end, showing its progress; gives its result.
    pub(super) async fn finish(&mut self, show: Option<&Reporter>) -> Result<Value, Failure> {
        while let Some(event) = self.event().await {
            let number = |name: &str| event[name].as_u64().and_then(|n| u32::try_from(n).ok());
            let stage = Stage::ALL.into_iter().find(|stage| event["stage"] == stage.name());
            if let (Some(reporter), Some(stage), Some(done), Some(total)) =
                (show, stage, number("done"), number("total"))
            {
                reporter.stage(stage, done, total);
            }
        }
        let mut text = String::new();
        let read = self.result.read_to_string(&mut text).await;
        let status = self.process.wait().await;
        let result: Value = read.ok().and_then(|_| serde_json::from_str(&text).ok()).ok_or_else(|| self.odd())?;
        let error = &result["error"];
        if !error.is_object() && status.is_ok_and(|status| status.success()) {
            return Ok(result);
        }
        let exit = Exit::ALL.iter().copied().find(|exit| error["code"] == exit.code()).unwrap_or(Exit::Unexpected);
        let message = error["message"].as_str().unwrap_or("it said nothing");
        Err(Failure::new(exit, format_args!("the {}: {message}", self.name)))
    }
}
