//! Accepts connections: so many at once, each with so long for the headers of a request.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Router;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tower::Layer;

use crate::config::Config;

/// The pause when the machine has no more connections to give.
const PAUSE: Duration = Duration::from_secs(1);

const GONE: [ErrorKind; 2] = [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset];

/// Serves until `stop`, then until the last running request is answered.
pub async fn run(
    listener: TcpListener,
    router: Router,
    config: &Config,
    stop: impl Future<Output = ()>,
) {
    let room = Arc::new(Semaphore::new(config.max_connections as usize));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(config.timeout());
    let accepting = async {
        // More than that wait in the system's queue.
        while let Ok(place) = room.clone().acquire_owned().await {
            let (stream, address) = accept(&listener).await;
            let service = Extension(ConnectInfo(address)).layer(router.clone());
            let service = TowerToHyperService::new(service);
            let connection = http.serve_connection(TokioIo::new(stream), service);
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                // A connection that breaks is the client's business.
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection ended");
                }
                drop(place);
            });
        }
    };
    tokio::select! { () = accepting => {}, () = stop => {} }
    drop(listener);
    graceful.shutdown().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // Gone before it was accepted.
            Err(error) if GONE.contains(&error.kind()) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
