//! Requests and connections of one server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use engine::figures::tally::Tally;
use engine::figures::times::Times;
use http::{Method, StatusCode};
use parking_lot::RwLock;
use web::route_name::RouteName;

use crate::family::{Distribution, Family, label};

/// What a server counts.
#[derive(Debug, Default)]
pub struct HttpFigures {
    answers: Tally<Answer>,
    times: RwLock<BTreeMap<Route, Times>>,
    in_flight: AtomicU64,
    connections: AtomicU64,
    connections_max: AtomicU64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Answer {
    route: Route,
    method: &'static str,
    status: u16,
}

/// A pattern of paths, which begins with a slash, or [`NO_ROUTE`].
type Route = Arc<str>;

/// Of what no route took.
const NO_ROUTE: &str = "none";

/// A request that is under way, or an open connection, until this is dropped.
#[derive(Debug)]
pub struct Held {
    figures: Arc<HttpFigures>,
    what: fn(&HttpFigures) -> &AtomicU64,
}

impl Drop for Held {
    fn drop(&mut self) {
        (self.what)(&self.figures).fetch_sub(1, Ordering::Relaxed);
    }
}

impl HttpFigures {
    #[must_use = "it is counted as long as this is held"]
    pub fn request(self: &Arc<Self>) -> Held {
        self.hold(|figures| &figures.in_flight)
    }

    #[must_use = "it is counted as long as this is held"]
    pub fn connection(self: &Arc<Self>) -> Held {
        self.hold(|figures| &figures.connections)
    }

    fn hold(self: &Arc<Self>, what: fn(&HttpFigures) -> &AtomicU64) -> Held {
        what(self).fetch_add(1, Ordering::Relaxed);
        Held {
            figures: Arc::clone(self),
            what,
        }
    }

    /// Says how many connections the server takes at a time.
    pub fn allow(&self, connections_max: usize) {
        let most = connections_max as u64;
        self.connections_max.store(most, Ordering::Relaxed);
    }

    pub fn answered(&self, name: &RouteName, method: &Method, status: StatusCode, took: Duration) {
        let matched = name.read();
        let pattern = matched
            .as_ref()
            .map_or(NO_ROUTE, |matched| matched.as_str());
        self.answers.add(Answer {
            route: self.note(pattern, took),
            method: word(method),
            status: status.as_u16(),
        });
    }

    /// Notes the time, and gives the route back as it is known here, so that no request makes a text of its own.
    fn note(&self, pattern: &str, took: Duration) -> Route {
        if let Some((route, times)) = self.times.read().get_key_value(pattern) {
            times.note(took);
            return Arc::clone(route);
        }
        let route = Route::from(pattern);
        let mut times = self.times.write();
        times.entry(Arc::clone(&route)).or_default().note(took);
        route
    }

    pub fn families(&self) -> Vec<Family> {
        let answers = self.answers.read().into_iter().map(|(answer, count)| {
            let labels = vec![
                ("method", answer.method.to_owned()),
                ("route", answer.route.to_string()),
                ("status", answer.status.to_string()),
            ];
            (labels, count as f64)
        });
        let times = self.times.read();
        let times = times
            .iter()
            .map(|(route, times)| (label("route", route.to_string()), Distribution::of(times)));
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed) as f64;
        vec![
            Family::counters(
                "scrip_http_requests",
                "Answers, by the pattern of their path.",
                answers.collect(),
            ),
            Family::times(
                "scrip_http_request_duration_seconds",
                "From the request's head to the answer's.",
                times.collect(),
            ),
            Family::gauge(
                "scrip_http_requests_in_flight",
                "Requests that have no answer yet.",
                read(&self.in_flight),
            ),
            Family::gauge(
                "scrip_http_connections",
                "Open connections.",
                read(&self.connections),
            ),
            Family::gauge(
                "scrip_http_connections_max",
                "As many are taken; more wait.",
                read(&self.connections_max),
            ),
        ]
    }
}

/// Clients may send any method; only those that mean something have a word of their own.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests;
