//! `blindlink console`: the pages on which people review pairs, for browsers on this machine.

use crate::exit::{Exit, Failure};
use crate::office::Office;
use crate::output;
use crate::output::printed;
use crate::runtime::{block_on, stop_signal};
use blindlink_console::{Begin, Cost, serve};
use clap::Args;
use serde::Serialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::net::TcpListener;

/// Serve the pages on which people review pairs. They need an account (`blindlink account add`) and a browser on this
/// machine; from another one, use a tunnel that logs in here, such as `ssh -L 8017:127.0.0.1:8017`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  blindlink console --listen 127.0.0.1:8017")]
pub(super) struct Console {
    /// Address of this machine alone; port 0 takes any that is free
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8017")]
    listen: SocketAddr,
    /// Print the address as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    address: String,
}

impl Console {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        if !self.listen.ip().is_loopback() {
            let text = "the console is for this machine alone: use an address such as 127.0.0.1:8017";
            return Err(Failure::new(Exit::Usage, text));
        }
        let office = Office::open(dir)?;
        if office.desk().people().next().is_none() {
            let text = "nobody works here yet: `blindlink account add NAME --role security` names the first person";
            return Err(Failure::new(Exit::Config, text));
        }
        block_on(self.serve(&office))?
    }

    async fn serve(&self, office: &Office) -> Result<(), Failure> {
        let mut stop = stop_signal();
        let failed = || Failure::because(Exit::Io, format!("cannot listen at {}", self.listen));
        let listener = TcpListener::bind(self.listen).await.map_err(failed())?;
        let at = listener.local_addr().map_err(failed())?;
        // What a browser on this machine may call it.
        let hosts = vec![at.to_string(), format!("localhost:{}", at.port())];
        let begin = Begin { keeper: Box::new(office.keeper()), cost: Cost::default(), hosts };
        let console = blindlink_console::Console::new(begin);
        let shown = Shown { schema: "blindlink.console/v1", address: format!("http://{at}/") };
        printed(output::print(self.json, &shown, || format!("the console is at {}", shown.address)))?;
        let stopped = async move {
            let _ = stop.wait_for(|stop| *stop).await;
        };
        serve(console, listener, stopped).await.map_err(Failure::because(Exit::Io, "the console stopped"))
    }
}
