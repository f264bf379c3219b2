//! The OpenAPI document: what the handlers say of themselves, and what holds for all of them.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{
    Components, ContentBuilder, HeaderBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    Required,
};
use utoipa::{PartialSchema, ToSchema};

use crate::wire::problem::ProblemBody;

/// The document before the handlers add themselves.
pub fn base() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Scrip")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Prepaid payments with vouchers: for merchants who take them and for distributors who sell them. \
             Software that was written for paysafecard's REST interface works here too.",
        ))
        .build();
    let mut components = Components::new();
    components.add_security_scheme(
        "basic",
        scheme(
            HttpAuthScheme::Basic,
            "The API key as user name, with or without a colon behind it; no password.",
        ),
    );
    components.add_security_scheme(
        "bearer",
        scheme(HttpAuthScheme::Bearer, "The API key as it is."),
    );
    let either = ["basic", "bearer"].map(|name| SecurityRequirement::new(name, [""; 0]));
    OpenApiBuilder::new()
        .info(info)
        .tags(Some(TAGS.map(|(name, description)| tag(name, description))))
        .components(Some(components))
        .security(Some(either))
        .build()
}

/// Adds what holds for every operation: the headers it takes and the errors it may answer with.
pub fn complete(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    components
        .schemas
        .insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    for (status, name, description) in ERRORS {
        let response = problem(status, description);
        components
            .responses
            .insert(name.to_owned(), RefOr::T(response));
    }
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            describe(path, method, operation);
        }
    }
    document
}

/// Every operation of a path with its method.
pub fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// The groups in which operations are documented, in their order.
const TAGS: [(&str, &str); 9] = [
    ("Payments", "From the request of a shop to captured value."),
    (
        "Refunds",
        "Giving captured value back, to the vouchers that paid.",
    ),
    (
        "Webhooks",
        "Signed messages for every change of a payment, and about attempts to pay where a rule asks for it.",
    ),
    ("Merchant", "The merchant's own terms."),
    ("Reports", "What was captured and refunded, for the books."),
    (
        "Reversals",
        "What was left hanging, and put right without a person.",
    ),
    ("Payouts", "Payouts go to accounts, which are not enabled."),
    ("Orders", "Vouchers made at the till, for distributors."),
    (
        "Operators",
        "Reviews, labels, reasons and rules, for the issuer's own people.",
    ),
];

/// Every error status with the name of its shared response.
const ERRORS: [(u16, &str, &str); 11] = [
    (
        400,
        "Refused",
        "The request is wrong, or the rules say no. Nothing was applied.",
    ),
    (
        401,
        "Unauthorized",
        "The API key is missing, unknown or revoked.",
    ),
    (
        403,
        "Forbidden",
        "The API key belongs to another kind of party.",
    ),
    (
        404,
        "NotFound",
        "There is nothing of this name, or not for this key.",
    ),
    (
        405,
        "MethodNotAllowed",
        "The address does not take this method.",
    ),
    (
        409,
        "ChangedMeanwhile",
        "Another request changed the same settings at the same moment.",
    ),
    (
        413,
        "TooLarge",
        "The body is larger than 65536 bytes, or a file larger than 8 MiB.",
    ),
    (415, "UnsupportedMediaType", "The body is not JSON."),
    (
        422,
        "KeyReused",
        "The idempotency key was used for another request.",
    ),
    (500, "Failed", "The platform failed."),
    (
        503,
        "Unavailable",
        "The platform is busy, full or stopping; try again.",
    ),
];

fn scheme(scheme: HttpAuthScheme, description: &str) -> SecurityScheme {
    let http = HttpBuilder::new()
        .scheme(scheme)
        .description(Some(description));
    SecurityScheme::Http(http.build())
}

fn tag(name: &str, description: &str) -> Tag {
    TagBuilder::new()
        .name(name)
        .description(Some(description))
        .build()
}

fn problem(status: u16, description: &str) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(ProblemBody::name())))
        .build();
    let mut response = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content);
    if status == 401 {
        let header = text_header("The scheme to authenticate with.");
        response = response.header("WWW-Authenticate", header);
    }
    if status == 503 {
        let header = HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::Integer)))
            .description(Some("Seconds to wait."));
        response = response.header("Retry-After", header.build());
    }
    response.build()
}

fn text_header(description: &str) -> utoipa::openapi::Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(description))
        .build()
}

fn describe(path: &str, method: &str, operation: &mut Operation) {
    let is_change = method != "get";
    let creates_named = CORRELATED.contains(&(method, path));
    let parameters = operation.parameters.get_or_insert_default();
    let is_operators = path.starts_with("/v1/operator/");
    let takes_key = is_change && !is_operators && !NOT_REPEATABLE.contains(&(method, path));
    if takes_key {
        parameters.push(RefOr::T(idempotency_key()));
    }
    if creates_named {
        let required = if method == "delete" {
            Required::True
        } else {
            Required::False
        };
        parameters.push(RefOr::T(correlation_id(required, NAMES_OBJECT)));
    }
    if NAMED.contains(&(method, path)) {
        let parameter = correlation_id(Required::False, NAMES_REQUEST);
        parameters.push(RefOr::T(parameter));
    }
    for (status, name, _) in ERRORS {
        let may_happen = match status {
            404 => path.contains('{') || method == "delete" || path.starts_with("/v1/webhook"),
            // Only an address that takes other methods answers so, and its operations are those methods.
            405 => false,
            409 => {
                SETTINGS.contains(&(method, path))
                    || is_change && is_operators && changes_what_is_in_force(path)
            }
            413 => is_change,
            415 => operation.request_body.is_some(),
            422 => takes_key,
            _ => true,
        };
        if may_happen {
            let response = RefOr::Ref(Ref::from_response_name(name));
            let responses = &mut operation.responses.responses;
            responses.entry(status.to_string()).or_insert(response);
        }
    }
    add_headers(&mut operation.responses.responses, is_change);
}

/// Rules, lists, models and settings are changed as they were read, and payments are not.
fn changes_what_is_in_force(path: &str) -> bool {
    let is_of_payments = ["/v1/operator/reviews", "/v1/operator/payments"];
    !path.ends_with("/backtest") && !is_of_payments.iter().any(|of| path.starts_with(of))
}

/// Operations that a `Correlation-ID` names the object of.
const CORRELATED: [(&str, &str); 4] = [
    ("post", "/v1/payments"),
    ("post", "/v1/payments/{id}/refunds"),
    ("post", "/v1/orders"),
    ("delete", "/v1/orders"),
];

/// Operations that a `Correlation-ID` names the request of.
const NAMED: [(&str, &str); 3] = [
    ("post", "/v1/payments/{id}/capture"),
    ("post", "/v1/payments/{id}/cancel"),
    ("post", "/v1/payments/{id}/refunds/{refund_id}/capture"),
];

const NAMES_OBJECT: &str = "Your own name for the object; it becomes part of its id. The same request again is answered as it was then; \
     a second object of the same name is refused.";
const NAMES_REQUEST: &str = "Your own name for the request. Without an `Idempotency-Key`, the same request again is answered as it was then; \
     another body under the same name is refused.";

/// Operations that replace the merchant's settings, if nobody else did since they were read.
const SETTINGS: [(&str, &str); 4] = [
    ("patch", "/v1/merchant"),
    ("put", "/v1/webhook"),
    ("delete", "/v1/webhook"),
    ("post", "/v1/webhook/rotate"),
];

/// Operations, beside those of operators, that take no idempotency key: their answers are not kept. Those that change
/// something refuse one.
const NOT_REPEATABLE: [(&str, &str); 10] = [
    ("patch", "/v1/merchant"),
    ("post", "/v1/orders/ping"),
    ("post", "/v1/orders/{id}/confirm"),
    ("post", "/v1/payouts"),
    ("post", "/v1/payouts/{id}/capture"),
    ("put", "/v1/webhook"),
    ("delete", "/v1/webhook"),
    ("post", "/v1/webhook/rotate"),
    ("post", "/v1/webhook/test"),
    ("post", "/v1/webhook/deliveries/{id}/resend"),
];

fn add_headers(responses: &mut BTreeMap<String, RefOr<Response>>, is_change: bool) {
    for (status, response) in responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if !is_change || !status.starts_with('2') {
            continue;
        }
        let replayed = text_header(
            "`true` where the same idempotency key or `Correlation-ID` asked for the same thing before: the answer is as it was then.",
        );
        let warnings = text_header("What of the request had no effect.");
        response
            .headers
            .insert("Idempotency-Replayed".to_owned(), RefOr::T(replayed));
        response
            .headers
            .insert("Scrip-Warnings".to_owned(), RefOr::T(warnings));
    }
}

fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Makes the request safe to repeat: the same key, address, `Correlation-ID` and body have one effect and one answer, for ever. \
             Without it, a `Correlation-ID` does the same.",
        ))
        .schema(Some(schema))
        .build()
}

fn correlation_id(required: Required, description: &str) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .max_length(Some(41))
        .pattern(Some("^[A-Za-z0-9_-]*$"));
    ParameterBuilder::new()
        .name("Correlation-ID")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}
