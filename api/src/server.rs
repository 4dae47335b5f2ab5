//! The HTTP server: every route, the middleware, the background loops, the
//! orderly stop.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::sync::watch;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::Any;
use tower_http::cors::CorsLayer;
use tower_http::request_id::MakeRequestUuid;
use tower_http::request_id::PropagateRequestIdLayer;
use tower_http::request_id::SetRequestIdLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::app::App;
use crate::article;
use crate::config::Config;
use crate::error::Error;
use crate::event;
use crate::protocol::answer;
use crate::protocol::http;
use crate::protocol::http::Endpoint;
use crate::protocol::http::REQUEST_ID;
use crate::ranking;
use crate::region;
use crate::view;

/// The longest wait for views to be folded after the stop.
const FOLDING: Duration = Duration::from_secs(20);

/// Every route.
pub fn router(app: &App) -> Result<Router, Error> {
    let endpoint = Endpoint::new(app)?;
    let routes = Router::new()
        .route("/", get(|| async { Redirect::temporary("/graphql") }))
        .route("/graphql", get(http::get).post(http::post))
        .with_state(endpoint)
        .merge(json_documents().with_state(app.clone()))
        .merge(views().with_state(app.clone()))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready).with_state(app.clone()))
        .fallback(|| async { StatusCode::NOT_FOUND });
    Ok(layered(routes, &app.config))
}

/// Routes with what all of them have in common. One layer, the outermost part first: the
/// router boxes each layer for each request.
fn layered(routes: Router, config: &Config) -> Router {
    let name = HeaderName::from_static(REQUEST_ID);
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(name.clone(), MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(name))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(finished))
        .map_response(|response: axum::http::Response<_>| coded(response.map(Body::new)))
        .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        .layer(RequestBodyTimeoutLayer::new(config.timeout()))
        .layer(DefaultBodyLimit::max(config.max_body));
    routes.layer(layers)
}

/// JSON documents, compressed for those who take that.
fn json_documents() -> Router<App> {
    let directory = get(region::http::directory);
    Router::new().route("/v1/regions.json", directory).layer(CompressionLayer::new())
}

/// Counting, from pages of any origin: nothing here is secret or needs a cookie.
fn views() -> Router<App> {
    let any = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION])
        .max_age(Duration::from_secs(86_400));
    let views = get(view::http::totals).post(view::http::count);
    Router::new().route("/v1/views", views).layer(any)
}

/// Serves until `stop`, then lets running requests finish, at most for the
/// time of the settings.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let router = router(&app)?;
    serve_router(app, router, listener, stop).await
}

/// The same with other routes.
pub async fn serve_router(
    app: App,
    router: Router,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let (stopping, stopped) = watch::channel(false);
    let loops = [
        tokio::spawn(every(Duration::from_millis(500), stopped.clone(), app.clone(), flips)),
        tokio::spawn(every(Duration::from_millis(500), stopped.clone(), app.clone(), follow)),
        tokio::spawn(every(Duration::from_secs(2), stopped.clone(), app.clone(), file_anew)),
        tokio::spawn(every(Duration::from_secs(3600), stopped.clone(), app.clone(), prune)),
        tokio::spawn(every(Duration::from_millis(250), stopped.clone(), app.clone(), follow_views)),
        tokio::spawn(every(Duration::from_millis(500), stopped.clone(), app.clone(), rank)),
        tokio::spawn(every(Duration::from_secs(1), stopped.clone(), app.clone(), fold_views)),
        tokio::spawn(every(Duration::from_secs(60), stopped.clone(), app.clone(), keep_views)),
        tokio::spawn(count_views(app.clone())),
    ];
    let drain = Duration::from_secs(app.config.drain);
    let mut drained = stopped.clone();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        tracing::info!("stopping: running requests may finish");
        stopping.send_replace(true);
    });
    let too_late = async move {
        // An error means that the sender is gone, and so the server.
        drop(drained.wait_for(|stopped| *stopped).await);
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        served = serving.into_future() => {
            served.map_err(|error| Error::Unavailable(format!("The server stopped: {error}")))?;
        }
        () = too_late => tracing::warn!("some requests did not finish in time"),
    }
    for running in loops {
        running.abort();
    }
    // On SQLite, whoever copies the database afterwards needs no other file.
    let folded = tokio::time::timeout(FOLDING, fold_views(app)).await;
    if !matches!(folded, Ok(Ok(()))) {
        tracing::warn!(?folded, "not all views are folded yet: the next start goes on");
    }
    Ok(())
}

/// Repeats `work` until told to stop; a failure is logged and tried again.
async fn every<F>(
    period: Duration,
    mut stopped: watch::Receiver<bool>,
    app: App,
    work: fn(App) -> F,
) where
    F: Future<Output = Result<(), Error>>,
{
    loop {
        if let Err(error) = work(app.clone()).await {
            tracing::warn!(code = error.code(), ?error, "background work failed, trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(period) => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
    }
}

async fn flips(app: App) -> Result<(), Error> {
    article::flip::run(&app.db, app.clock.now()).await
}

async fn file_anew(app: App) -> Result<(), Error> {
    app.file_anew().await
}

/// Follows the change log for what this instance keeps in memory.
pub async fn follow(app: App) -> Result<(), Error> {
    loop {
        let events = event::after(&app.db.read, app.followed()).await?;
        let Some(last) = events.last() else { return Ok(()) };
        if events.iter().any(|event| event.kind == event::Kind::RegionsChanged.name()) {
            app.refresh_tree().await?;
        }
        if events.iter().any(|event| event.kind == event::Kind::RankingCurated.name()) {
            let rankings = app.rankings().rankings;
            ranking::curate::follow(&app.db, &rankings, app.clock.now()).await?;
        }
        for event in &events {
            if let Some(article) = event.article_id {
                app.views.known.forget(article);
                app.rankings().rankings.touch([article]);
            }
            if event.kind == event::Kind::ViewsImported.name() {
                let articles = view::base::follow(&app.db, &app.views, &event.data).await?;
                app.rankings().rankings.touch(articles);
            }
            if event.kind == event::Kind::ViewsRebuilt.name() {
                app.rankings().rankings.set_stale();
            }
        }
        app.set_followed(last.id);
    }
}

/// Follows the log of views.
pub async fn follow_views(app: App) -> Result<(), Error> {
    view::follow::run(&app.db, &app.views).await
}

/// Brings lists by views up to date.
pub async fn rank(app: App) -> Result<(), Error> {
    ranking::follow::run(&app.rankings()).await
}

/// Makes sketches and scores of what was counted.
pub async fn fold_views(app: App) -> Result<(), Error> {
    while view::fold::run(&app.db, app.config.time_zone, app.clock.now()).await? {}
    Ok(())
}

/// Removes and folds what is too old.
pub async fn keep_views(app: App) -> Result<(), Error> {
    view::keep::run(&app.db, &app.views, &app.config, app.clock.now()).await?;
    ranking::store::prune(&app.rankings(), app.clock.now()).await
}

/// Keeps a writer of views running.
pub async fn count_views(app: App) {
    // On SQLite it asks the database on its own thread, and waits there for the disk.
    let blocks = app.db.sqlite_files().is_some();
    let writer = || {
        let app = app.clone();
        async move { view::writer::run(&app.db, &app.clock, &app.views).await }
    };
    restarted(blocks, writer, || app.views.set_failing(true)).await;
}

/// Starts `work` again whenever it ends, after `died` was told. What blocks its thread gets
/// one of its own.
async fn restarted<F>(blocks: bool, work: impl Fn() -> F, died: impl Fn())
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let work = work();
        let (alive, gone) = oneshot::channel::<()>();
        let task = async move {
            // Who waits for this one may be stopped.
            tokio::select! { () = work => {}, _ = gone => {} }
        };
        let running = match blocks {
            true => {
                let runtime = Handle::current();
                tokio::task::spawn_blocking(move || runtime.block_on(task))
            }
            false => tokio::spawn(task),
        };
        let ended = running.await;
        drop(alive);
        died();
        tracing::error!(?ended, "the writer of views ended, starting another one");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn prune(app: App) -> Result<(), Error> {
    let txn = app.db.begin().await?;
    event::prune(&txn, app.clock.now()).await?;
    txn.commit().await
}

async fn ready(State(app): State<App>) -> Response {
    let views = match app.views.is_failing() {
        true => Err(Error::Unavailable("Views cannot be stored: the log tells why.".into())),
        false => Ok(()),
    };
    match app.db.ping().await.and(views) {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            let body = answer::refused(error.code(), &error.to_string());
            (StatusCode::SERVICE_UNAVAILABLE, axum::Json(body)).into_response()
        }
    }
}

/// Gives a coded JSON body to errors that come from the libraries.
fn coded(response: Response) -> Response {
    let (code, message) = match response.status() {
        _ if is_json(&response) => return response,
        StatusCode::NOT_FOUND => ("NOT_FOUND", "There is nothing at this path: try /graphql."),
        StatusCode::METHOD_NOT_ALLOWED => (
            "METHOD_NOT_ALLOWED",
            "This path does not take this method; `Allow` names those it does.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("PAYLOAD_TOO_LARGE", "The request body is too large: send less at once.")
        }
        StatusCode::REQUEST_TIMEOUT => {
            ("TIMEOUT", "The request body took too long to arrive: send it again.")
        }
        StatusCode::INTERNAL_SERVER_ERROR => (
            "INTERNAL",
            "Something went wrong here. Try again; if it stays, give the operator the request id.",
        ),
        _ => return response,
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    (parts.status, parts.headers, axum::Json(answer::refused(code, message))).into_response()
}

fn is_json(response: &Response) -> bool {
    let value = response.headers().get(header::CONTENT_TYPE);
    value.and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("json"))
}

fn span(request: &Request) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    tracing::info_span!(
        "request",
        id = id.unwrap_or_default(),
        method = %request.method(),
        path = request.uri().path()
    )
}

fn finished(response: &Response, took: Duration, _: &tracing::Span) {
    let (status, micros) = (response.status().as_u16(), took.as_micros() as u64);
    tracing::info!(status, micros, "answered");
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;
    use std::sync::atomic::Ordering::SeqCst;

    use clap::Parser;
    use tokio::sync::mpsc;
    use tower::ServiceExt;

    use super::*;
    use crate::config::Cli;

    #[tokio::test]
    async fn a_panic_is_answered_like_any_other_error() {
        let config = Cli::try_parse_from(["redian", "schema"]).unwrap().config;
        let panics = || async { assert_eq!(1, 2, "inside") };
        let routes = layered(Router::new().route("/", get(panics)), &config);
        let answer = routes.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.headers().contains_key(REQUEST_ID));
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL");
        assert!(!body.to_string().contains("inside"), "{body}");
    }

    #[tokio::test]
    async fn what_dies_is_told_and_started_again_and_stops_with_who_waits_for_it() {
        for blocks in [false, true] {
            let (started, mut starts) = mpsc::unbounded_channel();
            let deaths = Arc::new(AtomicU32::new(0));
            let died = deaths.clone();
            let kept = tokio::spawn(async move {
                let work = || {
                    started.send(()).unwrap();
                    let (dies, alive) = (died.load(SeqCst) < 2, started.clone());
                    async move {
                        assert!(!dies, "it dies");
                        std::future::pending::<()>().await;
                        drop(alive);
                    }
                };
                restarted(blocks, work, || _ = died.fetch_add(1, SeqCst)).await;
            });
            for _ in 0..3 {
                starts.recv().await.unwrap();
            }
            assert_eq!(deaths.load(SeqCst), 2);
            kept.abort();
            assert!(starts.recv().await.is_none(), "nothing is left of it");
        }
    }
}
