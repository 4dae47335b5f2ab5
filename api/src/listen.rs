//! Accepts connections: so many at once, each with so long for the headers of a request.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use axum::response::Response;
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;

use crate::config::Config;

/// The pause when the machine has no more connections to give.
const PAUSE: Duration = Duration::from_secs(1);

const GONE: [ErrorKind; 2] = [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset];

/// Serves with what `answer` gives to the request of a peer until `stop`, then until the last running request is answered.
pub async fn run<F, A>(
    listener: TcpListener,
    answer: F,
    config: &Config,
    stop: impl Future<Output = ()>,
) where
    F: Fn(Request<Incoming>, SocketAddr) -> A + Clone + Send + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    let most = config.max_connections;
    let room = Arc::new(Semaphore::new(most as usize));
    let stopping = watch::Sender::new(false);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(config.timeout());
    let accepting = async {
        // More than that wait in the system's queue.
        while let Ok(place) = room.clone().acquire_owned().await {
            let (stream, address) = accept(&listener).await;
            let answer = answer.clone();
            let service =
                service_fn(move |request| answer(request, address).map(Ok::<_, Infallible>));
            // Who does not take what it asked for is not waited for.
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(config.timeout()));
            let connection = http.serve_connection(TokioIo::new(Box::pin(stream)), service);
            let (mut connection, mut stopped) = (connection.with_upgrades(), stopping.subscribe());
            tokio::spawn(async move {
                let ended = tokio::select! {
                    ended = &mut connection => ended,
                    () = async { drop(stopped.wait_for(|stop| *stop).await) } => {
                        std::pin::Pin::new(&mut connection).graceful_shutdown();
                        connection.await
                    }
                };
                // A connection that breaks is the client's business.
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended");
                }
                drop(place);
            });
        }
    };
    tokio::select! { () = accepting => {}, () = stop => {} }
    drop(listener);
    stopping.send_replace(true);
    // All places are free when the last connection has ended.
    drop(room.acquire_many(most).await);
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                // A message does not wait until the one before has arrived.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection sends with delays");
                }
                return (stream, address);
            }
            // Gone before it was accepted.
            Err(error) if GONE.contains(&error.kind()) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
