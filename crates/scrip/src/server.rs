//! The HTTP server: accepts connections, within bounds, until it is told to stop.

mod tls;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use telemetry::http_figures::HttpFigures;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::Service;
use web::problem::{Applied, Problem};
use web::route_name::RouteName;

pub use tls::acceptor;

/// How long a client may take to send a request's head, or to finish a TLS handshake.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a connection may stay silent, between requests or within one.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a request may take, its body and its answer together.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// How long requests that are under way may take once the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// A pause after an accept that failed, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// File descriptors that are kept for everything that is no connection.
const DESCRIPTORS_RESERVED: u64 = 256;

/// Where and how to listen.
pub struct Server {
    pub listener: TcpListener,
    pub tls: Option<tokio_rustls::TlsAcceptor>,
    pub connections_max: usize,
    /// How long to go on after the signal to stop, so that balancers see it coming.
    pub drain: Duration,
    /// Counts what it serves.
    pub figures: Arc<HttpFigures>,
}

/// Binds the address, and says what to do where that fails.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}; stop what uses that port, or choose another address (port 0 picks a free port)"
        )
    })
}

/// As many of the wanted connections as the operating system allows; its limit is raised as far as it goes.
pub fn connections_within_limit(wanted: usize) -> usize {
    let Ok(descriptors) = rlimit::increase_nofile_limit(u64::MAX) else {
        return wanted;
    };
    let room = descriptors.saturating_sub(DESCRIPTORS_RESERVED).max(1);
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    if room < wanted {
        tracing::warn!(
            wanted,
            room,
            "the limit of open files allows fewer connections than are configured"
        );
    }
    wanted.min(room)
}

impl Server {
    /// Serves until `stop` and for as long as it drains: connections are still taken, and closed after one answer.
    /// Then finishes the requests that are under way.
    pub async fn run(self, router: Router, stop: CancellationToken) {
        let builder = Arc::new(builder());
        let permits = Arc::new(Semaphore::new(self.connections_max));
        self.figures.allow(self.connections_max);
        let graceful = GracefulShutdown::new();
        let drained = async {
            stop.cancelled().await;
            tokio::time::sleep(self.drain).await;
        };
        tokio::pin!(drained);
        loop {
            let accept = async {
                let permit = Arc::clone(&permits).acquire_owned().await;
                (permit, self.listener.accept().await)
            };
            let (permit, accepted) = tokio::select! {
                accepted = accept => accepted,
                () = &mut drained => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let watcher = graceful.watcher();
            let connection = Connection {
                router: router.clone(),
                builder: Arc::clone(&builder),
                peer,
                stop: stop.clone(),
                figures: Arc::clone(&self.figures),
            };
            let tls = self.tls.clone();
            let counted = self.figures.connection();
            tokio::spawn(async move {
                let _counted = counted;
                if let Err(error) = connection.serve(stream, tls, watcher).await {
                    tracing::debug!(%error, "a connection ended early");
                }
                drop(permit);
            });
        }
        drop(self.listener);
        if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("some requests did not end in time and were cut off");
        }
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // A client that closes its half after the request still gets its answer. One that goes away does not stop its
        // command either way, so nothing needs to look for the end of the stream while a command is under way.
        .half_close(true)
        .header_read_timeout(HEAD_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30));
    builder
}

struct Connection {
    router: Router,
    builder: Arc<auto::Builder<TokioExecutor>>,
    peer: SocketAddr,
    stop: CancellationToken,
    figures: Arc<HttpFigures>,
}

impl Connection {
    async fn serve(
        self,
        stream: TcpStream,
        tls: Option<tokio_rustls::TlsAcceptor>,
        watcher: Watcher,
    ) -> anyhow::Result<()> {
        stream.set_nodelay(true)?;
        match tls {
            None => self.serve_http(stream, watcher).await,
            Some(acceptor) => {
                let handshake = tokio::time::timeout(HEAD_TIMEOUT, acceptor.accept(stream));
                let stream = handshake
                    .await
                    .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
                self.serve_http(stream, watcher).await
            }
        }
    }

    async fn serve_http<S>(self, stream: S, watcher: Watcher) -> anyhow::Result<()>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let Connection {
            router,
            builder,
            peer,
            stop,
            figures,
        } = self;
        let mut stream = TimeoutStream::new(stream);
        stream.set_read_timeout(Some(IDLE_TIMEOUT));
        stream.set_write_timeout(Some(IDLE_TIMEOUT));
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            counted_answer(router.clone(), request, stop.clone(), Arc::clone(&figures))
        });
        let connection = builder
            .serve_connection(TokioIo::new(Box::pin(stream)), service)
            .into_owned();
        watcher
            .watch(connection)
            .await
            .map_err(|error| anyhow::anyhow!(error))
    }
}

async fn counted_answer(
    router: Router,
    mut request: hyper::Request<Incoming>,
    stop: CancellationToken,
    figures: Arc<HttpFigures>,
) -> Result<Response, Infallible> {
    let (begun, method) = (Instant::now(), request.method().clone());
    let _under_way = figures.request();
    let name = RouteName::default();
    request.extensions_mut().insert(name.clone());
    let answer = answer(router, request, stop).await?;
    figures.answered(&name, &method, answer.status(), begun.elapsed());
    Ok(answer)
}

/// The router's answer, unless it takes too long: then most likely because the body never ends.
async fn answer(
    mut router: Router,
    request: hyper::Request<Incoming>,
    stop: CancellationToken,
) -> Result<Response, Infallible> {
    let version = request.version();
    let mut answer = match tokio::time::timeout(REQUEST_TIMEOUT, router.call(request)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(never)) => match never {},
        Err(_) => too_slow().into_response(),
    };
    // Whoever keeps connections shall take the next request elsewhere. HTTP/2 has a frame of its own for that.
    if stop.is_cancelled() && version < Version::HTTP_2 {
        let headers = answer.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(answer)
}

fn too_slow() -> Problem {
    Problem {
        status: StatusCode::REQUEST_TIMEOUT,
        code: "request_timeout",
        number: 10007,
        param: None,
        message: "The request took too long".into(),
        title: "Request timeout",
        detail:
            "The request was not complete in time; send it again with the same Idempotency-Key."
                .into(),
        instance: None,
        applied: Applied::Unknown,
        extension: None,
        retry_after: None,
    }
}
