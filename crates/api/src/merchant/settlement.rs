//! The settlement report: what was captured and refunded, as lines of CSV.

use accounting::entry::Entry;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use ids::party::Mid;
use ids::time::{Span, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use payment::merchant::Merchant;
use payment::payment::Payment;
use serde::Deserialize;
use store::query::{MovementQuery, PAGE_SIZE_MAX};
use utoipa::IntoParams;

use crate::answer::{Result, WARNINGS_HEADER};
use crate::call::MerchantCall;
use crate::json::Warnings;
use crate::merchant::settlement::line::{HEADER, Line};
use crate::problem::{Subject, invalid, missing, of};
use crate::query::Query;
use crate::state::ApiState;

pub mod line;

#[cfg(test)]
mod tests;

/// The longest time that one report may cover: a leap year.
const SPAN_MAX: Span = Span::DAY.times(366);
/// Lines in one report; more are refused, not cut off.
const LINES_MAX: usize = 200_000;

/// Which movements to report.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SettlementFilter {
    /// The first day, in UTC.
    #[param(example = "2026-01-01", pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    pub from: String,
    /// The last day, in UTC; at most twelve months after the first.
    #[param(example = "2026-01-31", pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    pub to: String,
    /// Of these MIDs; of all where it is missing.
    #[param(pattern = "^([0-9]{10})?$")]
    pub mid: Option<String>,
    /// Of this submerchant.
    pub submerchant_id: Option<String>,
    /// Of this customer.
    pub customer_id: Option<String>,
    /// `PAYMENT`, `REFUND` or `PAYOUT`; may be repeated. Payments alone where it is missing.
    #[param(pattern = "^(PAYMENT|REFUND|PAYOUT)?$")]
    pub transaction_type: Option<String>,
    /// Whether the first line names the columns; it does where this is missing.
    pub include_header: Option<bool>,
    /// This payment or refund.
    pub transaction_id: Option<String>,
    /// Accounts are not enabled, so this finds nothing.
    pub customer_psc_id: Option<String>,
    /// Invoices are not written here, so this finds nothing.
    pub invoice_number: Option<String>,
}

/// Read the settlement report
///
/// Captures and refunds by the time they were made, oldest first. The versions 3 to 7 in the path give the same report.
/// Times are in UTC.
#[utoipa::path(
    get,
    path = "/v7/reports/settlement",
    tag = "Reports",
    params(SettlementFilter),
    responses((status = 200, description = "The report", body = String, content_type = "text/csv")),
)]
pub async fn read_settlement(State(api): State<ApiState>, call: MerchantCall) -> Result<Response> {
    let mut warnings = Warnings::default();
    let filter = Filter::read(call.query(), &call.party, &mut warnings)?;
    let mut csv = String::new();
    if filter.header == HeaderLine::Written {
        csv.push_str(HEADER);
    }
    write_lines(&api, &filter, &mut csv).await?;
    let mut response = csv.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if !warnings.is_empty()
        && let Ok(text) = HeaderValue::try_from(warnings.header_text())
    {
        headers.insert(WARNINGS_HEADER, text);
    }
    Ok(response)
}

async fn write_lines(api: &ApiState, filter: &Filter, csv: &mut String) -> Result<()> {
    let mut query = filter.movements.clone();
    let mut lines = 0;
    loop {
        let page = api
            .merchants
            .movements(&query)
            .await
            .map_err(|error| of(error, Subject::Account))?;
        for (entry, payment) in &page.items {
            if let Some(line) = filter.line(entry, payment) {
                lines += 1;
                line.write(csv);
            }
        }
        if LINES_MAX < lines {
            return Err(invalid(
                "to",
                format!("the report would have more than {LINES_MAX} lines; ask for less time"),
            ));
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

/// What of a merchant's movements goes into the report.
struct Filter {
    movements: MovementQuery,
    /// All where it is empty.
    mids: Vec<Mid>,
    submerchant: Option<String>,
    customer_id: Option<String>,
    transaction_id: Option<String>,
    kinds: Vec<Kind>,
    header: HeaderLine,
    /// A condition that nothing here can meet.
    impossible: bool,
}

/// What kind of movement a line reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Payment,
    Refund,
    Payout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HeaderLine {
    Written,
    Omitted,
}

impl Filter {
    fn read(text: Option<&str>, merchant: &Merchant, warnings: &mut Warnings) -> Result<Filter> {
        let mut query = Query::parse_tolerantly(text);
        let from = day(&mut query, "from")?;
        let to = day(&mut query, "to")?.plus(Span::DAY);
        if to <= from || from.plus(SPAN_MAX) < to {
            return Err(invalid(
                "to",
                "must be from the first day to twelve months later",
            ));
        }
        let text = |value: Option<std::borrow::Cow<'_, str>>| value.map(|text| text.into_owned());
        let filter = Filter {
            movements: MovementQuery {
                merchant: merchant.id,
                from,
                to,
                after: None,
                page_size: PAGE_SIZE_MAX,
            },
            mids: mids(&mut query, merchant)?,
            submerchant: text(query.text("submerchant_id")?),
            customer_id: text(query.text("customer_id")?),
            transaction_id: text(query.text("transaction_id")?),
            kinds: kinds(&mut query)?,
            header: header_line(&mut query)?,
            impossible: query.text("customer_psc_id")?.is_some()
                | query.text("invoice_number")?.is_some(),
        };
        query.warn(warnings);
        Ok(filter)
    }

    fn line<'a>(&self, entry: &'a Entry, payment: &'a Payment) -> Option<Line<'a>> {
        let request = &payment.request;
        let is_wanted = |wanted: &Option<String>, found: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == found
        };
        let matches = !self.impossible
            && (self.mids.is_empty() || self.mids.contains(&payment.id.mid))
            && is_wanted(&self.submerchant, request.submerchant.as_deref())
            && is_wanted(&self.customer_id, Some(&request.customer.id));
        if !matches {
            return None;
        }
        let line = Line::of(entry, payment)?;
        let is_chosen = self.kinds.contains(&line.kind())
            && is_wanted(&self.transaction_id, Some(&line.transaction_id));
        is_chosen.then_some(line)
    }
}

fn day(query: &mut Query<'_>, name: &'static str) -> Result<Timestamp> {
    let date: Date = query
        .value(name, "a day as in 2026-01-31")?
        .ok_or_else(|| missing(name))?;
    let start = date
        .to_zoned(TimeZone::UTC)
        .map_err(|_| invalid(name, "must be a day as in 2026-01-31"))?;
    Ok(Timestamp(start.timestamp().as_millisecond()))
}

fn mids(query: &mut Query<'_>, merchant: &Merchant) -> Result<Vec<Mid>> {
    let texts = query.all("mid");
    let texts = texts.iter().flat_map(|text| text.split(','));
    let own = |text: &str| {
        let mid: Option<Mid> = text.trim().parse().ok();
        mid.filter(|mid| mid.merchant == merchant.id)
            .ok_or_else(|| invalid("mid", "must be a MID of this merchant, ten digits"))
    };
    texts.map(own).collect()
}

fn kinds(query: &mut Query<'_>) -> Result<Vec<Kind>> {
    let texts = query.all("transaction_type");
    if texts.is_empty() {
        return Ok(vec![Kind::Payment]);
    }
    let kind = |text: &str| match text {
        "PAYMENT" => Ok(Kind::Payment),
        "REFUND" => Ok(Kind::Refund),
        "PAYOUT" => Ok(Kind::Payout),
        _ => Err(invalid(
            "transaction_type",
            "must be PAYMENT, REFUND or PAYOUT",
        )),
    };
    texts.iter().map(|text| kind(text)).collect()
}

fn header_line(query: &mut Query<'_>) -> Result<HeaderLine> {
    match query.text("include_header")?.as_deref() {
        None | Some("true" | "1") => Ok(HeaderLine::Written),
        Some("false" | "0") => Ok(HeaderLine::Omitted),
        Some(_) => Err(invalid("include_header", "must be true or false")),
    }
}
