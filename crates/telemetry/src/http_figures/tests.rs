use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use http::Method;
use tower::ServiceExt;
use web::route_name::RouteName;

use super::HttpFigures;
use crate::family::to_text;

async fn ask(figures: &HttpFigures, method: &str, path: &str) {
    let router = Router::new()
        .route("/plain", get(async || "plain"))
        .route("/things/{id}", get(async || "a thing"))
        .layer(from_fn(web::route_name::name));
    let name = RouteName::default();
    let request = Request::builder().method(method).uri(path);
    let request = request.extension(name.clone());
    let request = request.body(axum::body::Body::empty()).unwrap();
    let answer: Response = router.oneshot(request).await.unwrap();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    figures.answered(&name, &method, answer.status(), Duration::from_millis(3));
}

#[tokio::test]
async fn answers_are_counted_by_the_pattern_of_their_path() {
    let figures = Arc::new(HttpFigures::default());
    for (method, path) in [
        ("GET", "/things/1"),
        ("GET", "/things/2"),
        ("POST", "/things/3"),
        ("GET", "/plain"),
        ("BREW", "/etc/passwd"),
    ] {
        ask(&figures, method, path).await;
    }
    let text = to_text(figures.families());
    let counted: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("scrip_http_requests_total"))
        .collect();
    assert_eq!(
        counted,
        [
            r#"{method="GET",route="/plain",status="200"} 1.0"#,
            r#"{method="GET",route="/things/{id}",status="200"} 2.0"#,
            r#"{method="POST",route="/things/{id}",status="405"} 1.0"#,
            r#"{method="other",route="none",status="404"} 1.0"#,
        ]
    );
    let timed = r#"scrip_http_request_duration_seconds_count{route="/things/{id}"} 3"#;
    assert!(text.contains(timed), "{text}");
}

#[test]
fn what_is_under_way_is_counted_until_it_ends() {
    let figures = Arc::new(HttpFigures::default());
    figures.allow(7);
    let (request, connection) = (figures.request(), figures.connection());
    let text = || to_text(figures.families());
    assert!(text().contains("scrip_http_requests_in_flight 1.0"));
    assert!(text().contains("scrip_http_connections 1.0"));
    assert!(text().contains("scrip_http_connections_max 7.0"));
    drop((request, connection));
    assert!(text().contains("scrip_http_requests_in_flight 0.0"));
    assert!(text().contains("scrip_http_connections 0.0"));
}

#[tokio::test]
async fn the_route_is_known_of_a_request_that_never_has_an_answer() {
    let router = Router::new()
        .route("/slow/{id}", get(std::future::pending::<()>))
        .layer(from_fn(web::route_name::name));
    let name = RouteName::default();
    let request = Request::builder().uri("/slow/1").extension(name.clone());
    let request = request.body(axum::body::Body::empty()).unwrap();
    let given_up = tokio::time::timeout(Duration::from_millis(10), router.oneshot(request)).await;
    assert!(given_up.is_err());
    assert_eq!(name.read().unwrap().as_str(), "/slow/{id}");
}
