//! A voucher, the payments that are paid from it, and what its users did and were told.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, bail};
use rand::Rng;
use rand::rngs::StdRng;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::checker::history::{Action, Answer, Answered, Call, History, PaymentSeen, Phase};
use crate::clients::caller::{Body, Called, Caller, Party, Reply};
use crate::parties::{DENOMINATION, Trade};

/// Calls after which a voucher is left alone.
const CALLS_MAX: usize = 150;
const PAYMENTS_MAX: usize = 24;
/// Whole units of a payment's amount, to which one hundredth comes: no sum of fewer than a hundred of them, with refunds
/// in whole units, empties a voucher to nothing, where other rules begin.
const UNITS_MAX: i64 = 9;
const MINOR_PER_UNIT: i64 = 100;
/// Seconds for which value stays held: longer than any run, so that no timer is part of a history.
const CAPTURE_WINDOW_SECONDS: u32 = 86_400;

#[derive(Clone)]
pub struct Family {
    caller: Caller,
    pin: Arc<str>,
    state: Arc<Mutex<State>>,
}

struct State {
    history: History,
    payments: Vec<Payment>,
    commands: u16,
    /// Payments under creation.
    wanted: usize,
}

#[derive(Clone)]
struct Payment {
    id: String,
    page: String,
    page_key: String,
}

/// What the script of the payment's page notices of a person: twenty seconds, and a PIN that was typed.
const NOTICED: &str = "time%3D20000%3Bentry%3Dtyped%3Bmean%3D180%3Bdeviation%3D60%3Bsigns%3D0";

impl Family {
    /// Buys a voucher; none if the run ended before that.
    pub async fn found(
        caller: &Caller,
        trade: &Trade,
        stop: &AtomicBool,
    ) -> anyhow::Result<Option<Family>> {
        let key = fresh_key("order");
        let body = json!({
            "amount": format!("{DENOMINATION}.00"), "currency": trade.currency, "product_id": trade.product,
            "country": trade.country, "terminal_id": key, "shop_id": "7",
        });
        loop {
            let sold = caller
                .api(
                    Party::Distributor,
                    Method::POST,
                    "/v1/orders",
                    Some(&key),
                    Some(&body),
                )
                .await;
            let Some(reply) = &sold.reply else {
                if stop.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                continue;
            };
            let Body::Json(order) = &reply.body else {
                bail!("an order was answered with {reply:?}")
            };
            let pin = find_pin(order).with_context(|| format!("no PIN in {reply:?}"))?;
            caller.tally.done(sold.begun);
            let worth = DENOMINATION.parse::<i64>()? * MINOR_PER_UNIT;
            let history = History {
                worth,
                currency: trade.currency,
                amounts: Vec::new(),
                calls: Vec::new(),
            };
            let state = State {
                history,
                payments: Vec::new(),
                commands: 0,
                wanted: 0,
            };
            return Ok(Some(Family {
                caller: caller.clone(),
                pin: pin.into(),
                state: Arc::new(Mutex::new(state)),
            }));
        }
    }

    pub fn is_old(&self) -> bool {
        CALLS_MAX <= self.state().history.calls.len()
    }

    /// One thing that a shop or a payer may do next.
    pub async fn act(&self, caller: &Caller, chance: &mut StdRng) -> anyhow::Result<()> {
        let count = self.state().payments.len();
        let turn = chance.random_range(0..100);
        if count == 0 || turn < 15 {
            return self.create(caller, chance).await;
        }
        // Mostly the youngest, so that clients meet.
        let back = chance
            .random_range(0..count)
            .min(chance.random_range(0..count));
        let payment = count - 1 - back;
        match turn {
            15..40 => self.pay(caller, payment).await,
            40..55 => self.command(caller, Action::Capture { payment }).await,
            55..62 => self.command(caller, Action::Cancel { payment }).await,
            62..80 => {
                let minor = chance.random_range(1..=3) * MINOR_PER_UNIT;
                self.command(caller, Action::Refund { payment, minor })
                    .await
            }
            80..93 => self.look_at_payment(caller, payment).await,
            _ => self.look_at_voucher(caller).await,
        }
    }

    /// Looks at everything for the last time.
    pub async fn close(self) -> anyhow::Result<History> {
        let count = self.state().payments.len();
        for payment in 0..count {
            self.look_at_payment(&self.caller, payment).await?;
        }
        self.look_at_voucher(&self.caller).await?;
        Ok(self.state().history.clone())
    }

    async fn create(&self, caller: &Caller, chance: &mut StdRng) -> anyhow::Result<()> {
        {
            let mut state = self.state();
            if PAYMENTS_MAX <= state.wanted {
                return Ok(());
            }
            state.wanted += 1;
        }
        let units = chance.random_range(1..=UNITS_MAX);
        let currency = self.state().history.currency;
        let body = json!({
            "type": "PAYSAFECARD", "amount": format!("{units}.01"), "currency": currency,
            "redirect": { "success_url": "https://shop.example/ok", "failure_url": "https://shop.example/failed" },
            "notification_url": "https://shop.example/notify", "customer": { "id": CUSTOMER },
            "capture_window": CAPTURE_WINDOW_SECONDS,
        });
        let key = fresh_key("create");
        let created = caller
            .api(
                Party::Merchant,
                Method::POST,
                "/v1/payments",
                Some(&key),
                Some(&body),
            )
            .await;
        // A payment of which nobody knows hurts nobody.
        let Some(reply) = created.reply else {
            return Ok(());
        };
        let Body::Json(body) = &reply.body else {
            bail!("a creation was answered with {reply:?}")
        };
        if reply.status != StatusCode::CREATED {
            bail!("a creation was answered with {reply:?}");
        }
        caller.tally.done(created.begun);
        let id = body["id"]
            .as_str()
            .context("a payment without an id")?
            .to_owned();
        let link = body["redirect"]["auth_url"]
            .as_str()
            .context("a payment without a page")?;
        let (page, page_key) = link.split_once("?key=").context("a page without a key")?;
        let mut state = self.state();
        state.payments.push(Payment {
            id,
            page: page.to_owned(),
            page_key: page_key.to_owned(),
        });
        state.history.amounts.push(units * MINOR_PER_UNIT + 1);
        Ok(())
    }

    /// Types the PIN on the payment's page. However often the form is sent, a payment is paid once.
    async fn pay(&self, caller: &Caller, number: usize) -> anyhow::Result<()> {
        let payment = self.payment(number);
        let fields = [
            ("key", payment.page_key.as_str()),
            ("pin", &*self.pin),
            ("behaviour", NOTICED),
        ];
        let called = caller.form(&format!("{}/pay", payment.page), &fields).await;
        let answer = match &called.reply {
            None => None,
            Some(Reply {
                body: Body::Location(to),
                ..
            }) if to.contains("/result") => Some(Answer::Ended),
            Some(Reply {
                body: Body::Location(to),
                ..
            }) if !to.contains("problem=") => Some(Answer::NotEnough),
            // The voucher or the payment is unknown.
            Some(_) => Some(Answer::Nothing),
        };
        if answer == Some(Answer::Ended) {
            caller.tally.done(called.begun);
        }
        self.note(Action::Pay { payment: number }, None, &called, answer);
        Ok(())
    }

    /// A capture, cancellation or refund with a key of its own.
    async fn command(&self, caller: &Caller, action: Action) -> anyhow::Result<()> {
        let (number, path, body) = match action {
            Action::Capture { payment } => (payment, "capture", None),
            Action::Cancel { payment } => (payment, "cancel", None),
            Action::Refund { payment, minor } => (payment, "refunds", Some(minor)),
            Action::Pay { .. } | Action::LookAtPayment { .. } | Action::LookAtVoucher => {
                bail!("{action:?} is no command")
            }
        };
        let body = body.map(|minor| {
            json!({
                "type": "PAYSAFECARD", "capture": true, "amount": format!("{}.00", minor / MINOR_PER_UNIT),
                "currency": self.state().history.currency, "customer": { "id": CUSTOMER },
            })
        });
        let command = {
            let mut state = self.state();
            state.commands += 1;
            state.commands
        };
        let path = format!("/v1/payments/{}/{path}", self.payment(number).id);
        let key = fresh_key("command");
        let called = caller
            .api(
                Party::Merchant,
                Method::POST,
                &path,
                Some(&key),
                body.as_ref(),
            )
            .await;
        let answer = match &called.reply {
            None => None,
            Some(reply) if reply.status.is_success() => Some(Answer::Done),
            Some(reply) if reply.status == StatusCode::BAD_REQUEST => Some(Answer::Refused),
            Some(reply) if reply.status == StatusCode::NOT_FOUND => Some(Answer::Nothing),
            Some(reply) => bail!("{action:?} was answered with {reply:?}"),
        };
        if answer == Some(Answer::Done) {
            caller.tally.done(called.begun);
        }
        self.note(action, Some(command), &called, answer);
        Ok(())
    }

    async fn look_at_payment(&self, caller: &Caller, number: usize) -> anyhow::Result<()> {
        let path = format!("/v1/payments/{}", self.payment(number).id);
        let called = caller
            .api(Party::Merchant, Method::GET, &path, None, None)
            .await;
        let answer = match &called.reply {
            None => return Ok(()),
            Some(Reply {
                status: StatusCode::NOT_FOUND,
                ..
            }) => Answer::Nothing,
            Some(Reply {
                body: Body::Json(body),
                ..
            }) => Answer::Payment(payment_seen(body)?),
            Some(reply) => bail!("a look at a payment was answered with {reply:?}"),
        };
        self.note_look(Action::LookAtPayment { payment: number }, &called, answer);
        Ok(())
    }

    async fn look_at_voucher(&self, caller: &Caller) -> anyhow::Result<()> {
        let called = caller
            .form(&caller.url("/balance"), &[("pin", &self.pin)])
            .await;
        let answer = match &called.reply {
            None => return Ok(()),
            Some(Reply {
                status: StatusCode::UNPROCESSABLE_ENTITY,
                ..
            }) => Answer::Nothing,
            Some(Reply {
                body: Body::Text(page),
                ..
            }) => Answer::Voucher {
                left: balance_seen(page)?,
            },
            Some(reply) => bail!("a look at a voucher was answered with {reply:?}"),
        };
        self.note_look(Action::LookAtVoucher, &called, answer);
        Ok(())
    }

    /// A look changes nothing: only the attempt that was answered counts.
    fn note_look(&self, action: Action, called: &Called, answer: Answer) {
        let answer = Some(Answered {
            at: called.ended,
            answer,
        });
        self.state().history.calls.push(Call {
            action,
            command: None,
            begun: called.begun_last,
            answer,
        });
    }

    /// What was carried out may have been so by any of the attempts. What was refused was so by the last; the others
    /// may still be on their way.
    fn note(&self, action: Action, command: Option<u16>, called: &Called, answer: Option<Answer>) {
        let answered = answer.map(|answer| Answered {
            at: called.ended,
            answer,
        });
        let whole = Call {
            action,
            command,
            begun: called.begun,
            answer: answered,
        };
        let calls = &mut self.state().history.calls;
        if called.unanswered == 0 || answer == Some(Answer::Done) {
            calls.push(whole);
            return;
        }
        calls.push(Call {
            answer: None,
            ..whole.clone()
        });
        if answered.is_some() {
            calls.push(Call {
                begun: called.begun_last,
                ..whole
            });
        }
    }

    fn payment(&self, number: usize) -> Payment {
        self.state().payments[number].clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const CUSTOMER: &str = "customer-1";

/// Keys have to differ within one run, which begins with an empty database.
static KEYS: AtomicU64 = AtomicU64::new(0);

fn fresh_key(what: &str) -> String {
    format!("{what}-{}", KEYS.fetch_add(1, Ordering::Relaxed))
}

fn payment_seen(body: &Value) -> anyhow::Result<PaymentSeen> {
    let phase = match body["status"].as_str().unwrap_or_default() {
        "INITIATED" | "REDIRECTED" => Phase::Open,
        "AUTHORIZED" => Phase::Held,
        "SUCCESS" => Phase::Captured,
        "CANCELED_MERCHANT" | "CANCELED_CUSTOMER" => Phase::Cancelled,
        "EXPIRED" => Phase::Expired,
        other => bail!("a payment has the status {other:?}"),
    };
    Ok(PaymentSeen {
        phase,
        captured: minor(&body["captured_amount"].to_string())?,
        refunded: minor(&body["refunded_amount"].to_string())?,
        refunds: body["refunds"].as_array().map_or(0, Vec::len),
    })
}

/// The balance stands alone in a paragraph, with its currency.
fn balance_seen(page: &str) -> anyhow::Result<i64> {
    let (_, rest) = page
        .split_once("class=\"balance\">")
        .context("a page without a balance")?;
    let (text, _) = rest
        .split_once("</p>")
        .context("a balance without an end")?;
    let number: String = text
        .chars()
        .filter(|sign| sign.is_ascii_digit() || *sign == '.')
        .collect();
    minor(&number)
}

/// `12.34`, `12.3` or `12` as 1234, 1230 or 1200.
fn minor(text: &str) -> anyhow::Result<i64> {
    let (units, rest) = text.split_once('.').unwrap_or((text, ""));
    let hundredths = format!("{rest:0<2}");
    if hundredths.len() != 2 {
        bail!("{text:?} is no amount");
    }
    Ok(units.parse::<i64>()? * MINOR_PER_UNIT + hundredths.parse::<i64>()?)
}

fn find_pin(body: &Value) -> Option<String> {
    match body {
        Value::Object(members) => members.iter().find_map(|(name, value)| match value {
            Value::String(text) if name.contains("pin") => Some(text.clone()),
            value => find_pin(value),
        }),
        Value::Array(items) => items.iter().find_map(find_pin),
        _ => None,
    }
}
