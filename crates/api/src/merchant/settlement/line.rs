//! One line of the settlement report.

use std::fmt::Write;

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::time::Timestamp;
use jiff::tz::TimeZone;
use money::amount::Amount;
use money::currency::Currency;
use money::decimal;
use payment::payment::Payment;
use payment::state::{CaptureMode, Change};

use crate::merchant::settlement::Kind;

/// The first line: the columns in their order.
pub const HEADER: &str = concat!(
    r#""MID","TransactionID","DebitNr","ReportingCriteria","MerchantClientID","Currency","GrossAmount","FeeAmount","#,
    r#""PercentageOfTax","DebitAmount","ExchangeRate","InvoiceNumber","VoucherNumber","DebitTimestamp","#,
    r#""InitialAmount","DispositionAmount","NetAmount","CreationTimestamp","ShopID","ClientIpCountry","CardOrigin","#,
    r#""BusinessType","CustomerPscId","OriginalTransactionID""#,
    "\r\n"
);

/// Places behind the point of fees and net amounts, whatever the currency.
const FINE_PLACES: usize = 5;

/// A capture or a refund.
pub struct Line<'a> {
    pub transaction_id: String,
    moved: Moved,
    at: Timestamp,
    payment: &'a Payment,
}

#[derive(Clone, Copy)]
enum Moved {
    Captured { minor: i64, fee_minor: i64 },
    Refunded { minor: i64 },
}

impl<'a> Line<'a> {
    /// What the entry moved of the payment, if it moved anything.
    pub fn of(entry: &Entry, payment: &'a Payment) -> Option<Line<'a>> {
        let Fact::PaymentChanged { change, .. } = entry.fact() else {
            return None;
        };
        let (transaction_id, moved) = match change {
            Change::Authorize {
                holds,
                mode: CaptureMode::Automatic,
                fee_minor,
                ..
            } => {
                let minor = holds.iter().map(|hold| hold.minor).sum();
                (payment.id.to_string(), Moved::captured(minor, *fee_minor))
            }
            Change::Capture {
                shares, fee_minor, ..
            } => {
                let minor = shares.iter().sum();
                (payment.id.to_string(), Moved::captured(minor, *fee_minor))
            }
            Change::Release {
                mode: CaptureMode::Automatic,
                fee_minor,
                ..
            } => {
                let parts = payment.allocations.iter();
                let minor = parts.map(|part| part.authorized).sum();
                (payment.id.to_string(), Moved::captured(minor, *fee_minor))
            }
            Change::Refund { id, request, .. } => (
                id.to_string(),
                Moved::Refunded {
                    minor: request.minor,
                },
            ),
            Change::Authorize {
                mode: CaptureMode::Manual,
                ..
            }
            | Change::Release {
                mode: CaptureMode::Manual,
                ..
            }
            | Change::Challenge { .. }
            | Change::FailChallenge
            | Change::Review { .. }
            | Change::Approve { .. }
            | Change::Label { .. }
            | Change::ErasePayer
            | Change::Open { .. }
            | Change::RejectPin
            | Change::Cancel { .. }
            | Change::Expire { .. }
            | Change::ValidateRefund { .. }
            | Change::LapseRefund { .. }
            | Change::FlagDuplicate { .. }
            | Change::Stop { .. }
            | Change::Resume { .. } => return None,
        };
        Some(Line {
            transaction_id,
            moved,
            at: entry.at(),
            payment,
        })
    }

    pub fn kind(&self) -> Kind {
        match self.moved {
            Moved::Captured { .. } => Kind::Payment,
            Moved::Refunded { .. } => Kind::Refund,
        }
    }

    pub fn write(&self, csv: &mut String) {
        let request = &self.payment.request;
        let currency = request.amount.currency;
        let money = |minor| decimal::print(Amount::new(minor, currency));
        let mut fields = Fields::new(csv);
        fields.write(&self.payment.id.mid.to_string());
        fields.write(&self.transaction_id);
        // The interface keeps this column and no longer counts in it.
        fields.write("1");
        fields.write(request.submerchant.as_deref().unwrap_or_default());
        fields.write(&request.customer.id);
        fields.write(currency.code());
        match self.moved {
            Moved::Captured { minor, fee_minor } => {
                fields.write(&money(minor));
                fields.write(&fine(fee_minor, currency));
                fields.write("0.000");
                fields.write(&money(minor));
                fields.write("1.00000");
                fields.write_empty(2);
                fields.write(&time(self.at));
                fields.write(&money(request.amount.minor));
                fields.write(&money(0));
                fields.write(&fine(minor - fee_minor, currency));
                fields.write(&time(self.payment.created_at));
            }
            Moved::Refunded { minor } => {
                fields.write(&money(minor));
                fields.write_empty(6);
                fields.write(&time(self.at));
                fields.write_empty(4);
            }
        }
        fields.write(request.shop_id.as_deref().unwrap_or_default());
        fields.write("");
        let origin = self.payment.allocations.first();
        fields.write(origin.map_or("", |part| part.country.as_str()));
        self.write_end(fields);
    }

    fn write_end(&self, mut fields: Fields<'_>) {
        match self.moved {
            Moved::Captured { .. } => {
                fields.write("I");
                fields.write_empty(2);
            }
            Moved::Refunded { .. } => {
                fields.write("R");
                fields.write("");
                fields.write(&self.payment.id.to_string());
            }
        }
        fields.end();
    }
}

impl Moved {
    fn captured(minor: i64, fee_minor: i64) -> Moved {
        Moved::Captured { minor, fee_minor }
    }
}

/// The fields of a line, each in quotation marks (RFC 4180, section 2).
struct Fields<'a> {
    csv: &'a mut String,
    is_first: bool,
}

impl<'a> Fields<'a> {
    fn new(csv: &'a mut String) -> Fields<'a> {
        Fields {
            csv,
            is_first: true,
        }
    }

    fn write(&mut self, text: &str) {
        if !self.is_first {
            self.csv.push(',');
        }
        self.is_first = false;
        self.csv.push('"');
        for character in text.chars() {
            if character == '"' {
                self.csv.push('"');
            }
            self.csv.push(character);
        }
        self.csv.push('"');
    }

    fn write_empty(&mut self, count: usize) {
        for _ in 0..count {
            self.write("");
        }
    }

    fn end(self) {
        self.csv.push_str("\r\n");
    }
}

/// An amount with five places behind the point.
fn fine(minor: i64, currency: Currency) -> String {
    let mut text = decimal::print(Amount::new(minor, currency));
    let places = currency.exponent() as usize;
    if places == 0 {
        text.push('.');
    }
    let zeros = FINE_PLACES.saturating_sub(places);
    text.extend(std::iter::repeat_n('0', zeros));
    text
}

/// `2017-05-16 13:54:57.751`, in UTC.
fn time(time: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(time.0).unwrap_or(jiff::Timestamp::MAX);
    let zoned = time.to_zoned(TimeZone::UTC);
    let mut text = String::with_capacity(23);
    write!(text, "{}", zoned.strftime("%Y-%m-%d %H:%M:%S%.3f"))
        .expect("writing to a string does not fail");
    text
}
