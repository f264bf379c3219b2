//! Answers that other stores give and the one of the tests does not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, Response, StatusCode};
use tlog_reader::error::{FetchError, ReadError};
use tlog_reader::objects::Access;

use super::store::access;
use super::{copy_as, place};
use crate::support::{Log, Server, files_of};

const OBJECT_BYTES_MAX: usize = 4 << 20;

/// Objects by their paths.
type Stored = Arc<Mutex<HashMap<String, Vec<u8>>>>;

async fn serve(app: Router) -> Access {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    access(&[
        ("AWS_ACCESS_KEY_ID", "somebody"),
        ("AWS_SECRET_ACCESS_KEY", "of somebody"),
        ("AWS_ENDPOINT_URL", &address),
    ])
}

fn answer(status: u16, code: &str) -> Response<Body> {
    let body = format!("<Error><Code>{code}</Code><Message>\u{1b}[2Jno</Message></Error>");
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

#[tokio::test]
async fn every_refusal_of_a_store_says_what_to_do() {
    let log = Log::honest(2);
    let server = Server::start(log.directory.path()).await;
    for (status, code, says) in [
        (301, "PermanentRedirect", "set AWS_REGION"),
        (400, "AuthorizationHeaderMalformed", "set AWS_REGION"),
        (400, "ExpiredToken", "AWS_SESSION_TOKEN"),
        (403, "RequestTimeTooSkewed", "the clock"),
        (403, "AccessDenied", "s3:ListBucket"),
        (401, "Unauthorized", "s3:ListBucket"),
        (404, "NoSuchBucket", "there is no bucket copies"),
        (503, "SlowDown", "the store says: "),
    ] {
        let access = serve(Router::new().fallback(async move || answer(status, code))).await;
        let result = copy_as(&access, &place("x"), &server.place).await;
        let Err(ReadError::Fetch {
            why: FetchError::Object(why),
            ..
        }) = result.map(|_| ())
        else {
            panic!("{code}: it did not fail to read the checkpoint");
        };
        let said = why.to_string();
        assert!(said.contains(says), "{code}: {said}");
        assert!(!said.contains('\u{1b}'), "{said}");
    }
}

/// A store that has everything but conditions.
async fn unconditional(State(stored): State<Stored>, request: Request) -> Response<Body> {
    let path = request
        .uri()
        .path()
        .trim_start_matches("/copies/x/")
        .to_owned();
    let headers = request.headers();
    if headers.contains_key("if-match") || headers.contains_key("if-none-match") {
        return answer(501, "NotImplemented");
    }
    if request.method() == Method::PUT {
        let bytes = to_bytes(request.into_body(), OBJECT_BYTES_MAX).await;
        let bytes = bytes.expect("an object").to_vec();
        stored
            .lock()
            .expect("nobody panics with it")
            .insert(path, bytes);
        return tagged(Body::empty());
    }
    match stored.lock().expect("nobody panics with it").get(&path) {
        Some(bytes) => tagged(bytes.clone().into()),
        None => answer(404, "NoSuchKey"),
    }
}

fn tagged(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert("etag", "\"a tag\"".parse().expect("a header"));
    let date = "Mon, 30 Nov 2026 10:00:00 GMT";
    headers.insert("last-modified", date.parse().expect("a header"));
    response
}

#[tokio::test]
async fn a_store_that_has_no_conditions_is_written_without_them() {
    let stored = Stored::default();
    let app = Router::new()
        .fallback(unconditional)
        .with_state(stored.clone());
    let access = serve(app).await;
    let mut log = Log::honest(300);
    let server = Server::start(log.directory.path()).await;
    for size in [300, 600] {
        log.grow_to(size);
        copy_as(&access, &place("x"), &server.place).await.unwrap();
        let stored = stored.lock().unwrap().clone();
        let whole = files_of(log.directory.path());
        assert_eq!(
            stored
                .into_iter()
                .collect::<std::collections::BTreeSet<_>>(),
            whole
        );
    }
}
