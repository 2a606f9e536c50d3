//! The async runtime and the signals of a command.

use crate::exit::{Exit, Failure};
use std::future::Future;
use tokio::sync::watch;

/// Runs `work` on a small runtime: the network needs little, the heavy maths has threads of its own.
pub(crate) fn block_on<F: Future>(work: F) -> Result<F::Output, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map(|runtime| runtime.block_on(work))
        .map_err(Failure::because(Exit::Internal, "cannot start the async runtime"))
}

/// Turns true at Ctrl-C or a termination signal; a second one ends the process at once.
pub(crate) fn stop_signal() -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        signal().await;
        stop.send_replace(true);
        signal().await;
        std::process::exit(Exit::Interrupted.exit().into());
    });
    stopped
}

/// Changes whenever the operator wants lists, peers and configuration to be read anew.
pub(crate) fn reload_signal() -> watch::Receiver<u64> {
    let (reload, wanted) = watch::channel(0);
    #[cfg(unix)]
    tokio::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
        while hangup.recv().await.is_some() {
            reload.send_modify(|times| *times += 1);
        }
    });
    #[cfg(not(unix))]
    std::mem::forget(reload);
    wanted
}

async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
