//! `blindlink console`: the pages on which people review pairs, for browsers on this machine.

use crate::exit::{Exit, Failure};
use crate::office::Office;
use crate::output;
use crate::output::printed;
use crate::runtime::{block_on, stop_signal};
use blindlink_console::{Begin, Cost, Listener, serve};
use clap::Args;
use serde::Serialize;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tokio::net::{TcpListener, UnixListener, UnixStream};

/// Serve the pages on which people review pairs. They need an account (`blindlink account add`) and a browser on this
/// machine; from another one, use a tunnel that logs in here, such as `ssh -L 8017:127.0.0.1:8017`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  blindlink console --listen 127.0.0.1:8017\n  blindlink console --socket /run/blindlink/console.sock"
)]
pub(super) struct Console {
    /// Address of this machine alone; port 0 takes any that is free
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8017")]
    listen: SocketAddr,
    /// Socket in the file system instead of an address: only this node's user reaches it, by a tunnel such as `ssh -L
    /// 8017:/run/blindlink/console.sock`
    #[arg(long, value_name = "PATH", conflicts_with = "listen")]
    socket: Option<PathBuf>,
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
        if let Some(path) = &self.socket {
            return self.serve_socket(office, path).await;
        }
        let failed = || Failure::because(Exit::Io, format!("cannot listen at {}", self.listen));
        let listener = TcpListener::bind(self.listen).await.map_err(failed())?;
        let at = listener.local_addr().map_err(failed())?;
        // What a browser on this machine may call it.
        let hosts = vec![at.to_string(), format!("localhost:{}", at.port())];
        self.answer(office, (listener, hosts), format!("http://{at}/")).await
    }

    /// Behind a socket that only this node's user can open.
    async fn serve_socket(&self, office: &Office, path: &Path) -> Result<(), Failure> {
        let failed = || Failure::because(Exit::Io, format!("cannot listen at {}", path.display()));
        if UnixStream::connect(path).await.is_ok() {
            return Err(Failure::new(Exit::Io, format_args!("a console listens at {} already", path.display())));
        }
        // What an earlier console left behind. Another kind of file is not touched.
        if fs::symlink_metadata(path).is_ok_and(|known| known.file_type().is_socket()) {
            fs::remove_file(path).map_err(failed())?;
        }
        let listener = UnixListener::bind(path).map_err(failed())?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed())?;
        let hosts = vec!["127.0.0.1:*".to_owned(), "localhost:*".to_owned()];
        let done = self.answer(office, (listener, hosts), path.display().to_string()).await;
        let _ = fs::remove_file(path);
        done
    }

    /// Answers until a signal comes.
    async fn answer<L>(
        &self,
        office: &Office,
        (listener, hosts): (L, Vec<String>),
        address: String,
    ) -> Result<(), Failure>
    where
        L: Listener,
        L::Addr: std::fmt::Debug,
    {
        let mut stop = stop_signal();
        let begin = Begin { keeper: Box::new(office.keeper()), cost: Cost::default(), hosts };
        let console = blindlink_console::Console::new(begin);
        let shown = Shown { schema: "blindlink.console/v1", address };
        printed(output::print(self.json, &shown, || format!("the console is at {}", shown.address)))?;
        let stopped = async move {
            let _ = stop.wait_for(|stop| *stop).await;
        };
        serve(console, listener, stopped).await.map_err(Failure::because(Exit::Io, "the console stopped"))
    }
}
