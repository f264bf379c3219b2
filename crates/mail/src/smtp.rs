//! The mail server that letters are handed to.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, UNIX_EPOCH};

use engine::service::contact::EmailAddress;
use ids::time::Timestamp;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp;
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use url::Url;

use crate::letter::Written;

/// How long one letter may take, from the connection to the server's word.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A mail server, and in whose name letters are sent.
pub struct SmtpServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
}

/// Why no letters can be sent as configured. It shows no password.
#[derive(Debug, thiserror::Error)]
pub enum SmtpRefusal {
    #[error(
        "it must be smtps://user:password@host:465 or smtp+starttls://user:password@host:587; characters of the \
         password that mean something in a URL are written as %40 and so on"
    )]
    NoServer,
    #[error(
        "smtp+plain:// sends letters and passwords unencrypted, and is for a server on this machine alone"
    )]
    PlainBeyondThisMachine,
    #[error(
        "TLS cannot be set up; install the root certificates of your system (package ca-certificates)"
    )]
    NoTls,
    #[error(
        "the sender must be an address, such as scrip@issuer.example or \"Scrip <scrip@issuer.example>\""
    )]
    NoSender,
}

/// How handing over a letter ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The server said so; 250 means that it has taken the letter.
    Answered(u16),
    /// There was no word of a server.
    Silent(String),
}

/// A letter with its envelope.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    pub to: &'a EmailAddress,
    pub written: &'a Written,
    /// Tells a letter that was sent twice from two letters.
    pub id: &'a str,
    pub at: Timestamp,
}

impl SmtpServer {
    /// The server of this URL; letters come from `sender`.
    pub fn new(server: &str, sender: &str) -> Result<SmtpServer, SmtpRefusal> {
        SmtpServer::with_patience(server, sender, PATIENCE)
    }

    /// The same with another patience, for tests that meet a server which hangs.
    pub fn with_patience(
        server: &str,
        sender: &str,
        patience: Duration,
    ) -> Result<SmtpServer, SmtpRefusal> {
        let from: Mailbox = sender.parse().map_err(|_| SmtpRefusal::NoSender)?;
        let name = ClientId::Domain(from.email.domain().to_owned());
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&understood(server)?)
            .map_err(|_| SmtpRefusal::NoTls)?
            .hello_name(name)
            .timeout(Some(patience))
            .build();
        Ok(SmtpServer {
            transport,
            from,
            patience,
        })
    }

    /// Hands one letter over.
    pub async fn send(&self, envelope: Envelope<'_>) -> Ending {
        let message = match self.message(envelope) {
            Ok(message) => message,
            Err(error) => return Ending::Silent(format!("the letter cannot be written: {error}")),
        };
        match tokio::time::timeout(self.patience, self.transport.send(message)).await {
            Ok(Ok(response)) => Ending::Answered(response.code().into()),
            Ok(Err(error)) => ending_of(&error),
            Err(_) => Ending::Silent(format!("no answer within {} s", self.patience.as_secs())),
        }
    }

    fn message(&self, envelope: Envelope<'_>) -> Result<Message, lettre::error::Error> {
        let to = envelope
            .to
            .expose()
            .parse()
            .map(|email| Mailbox::new(None, email));
        let to = to.map_err(|_| lettre::error::Error::MissingTo)?;
        let at = u64::try_from(envelope.at.0).unwrap_or_default();
        let host = self.from.email.domain();
        Message::builder()
            .date(UNIX_EPOCH + Duration::from_millis(at))
            .message_id(Some(format!("<{}@{host}>", envelope.id)))
            .from(self.from.clone())
            .to(to)
            .subject(&envelope.written.subject)
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(envelope.written.body.clone())
    }
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpServer([redacted])")
    }
}

/// The URL in the words of the library. It asks for TLS where ours does.
fn understood(server: &str) -> Result<String, SmtpRefusal> {
    let url = Url::parse(server).map_err(|_| SmtpRefusal::NoServer)?;
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or(SmtpRefusal::NoServer)?;
    let is_bare =
        matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !is_bare {
        return Err(SmtpRefusal::NoServer);
    }
    let (_, rest) = server.split_once("://").ok_or(SmtpRefusal::NoServer)?;
    match url.scheme() {
        "smtps" => Ok(format!("smtps://{rest}")),
        "smtp+starttls" => Ok(format!("smtp://{rest}?tls=required")),
        "smtp+plain" if is_this_machine(host) => Ok(format!("smtp://{rest}")),
        "smtp+plain" => Err(SmtpRefusal::PlainBeyondThisMachine),
        _ => Err(SmtpRefusal::NoServer),
    }
}

fn is_this_machine(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let address: Result<IpAddr, _> = literal.parse();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Replies that end a letter (RFC 5321, section 4.2.3): there is no such mailbox, or none for this letter. Any other lasting
/// refusal, such as of the password, is about this platform, and may be over when somebody has looked.
const ABOUT_THE_ADDRESS: [u16; 5] = [550, 551, 552, 553, 556];

/// What a server says may repeat the address, so only its number is kept.
fn ending_of(error: &smtp::Error) -> Ending {
    if let Some(code) = error.status().map(u16::from) {
        return match code {
            500.. if !ABOUT_THE_ADDRESS.contains(&code) => Ending::Silent(format!(
                "the mail server refused this platform, with {code}"
            )),
            _ => Ending::Answered(code),
        };
    }
    let cause = std::iter::successors(error.source(), |cause| (*cause).source()).last();
    let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
    Ending::Silent(if error.is_timeout() {
        "the mail server did not answer in time".to_owned()
    } else if error.is_tls() {
        format!("the mail server's TLS is not to be trusted{cause}")
    } else {
        format!("no connection to the mail server{cause}")
    })
}

/// Keeps programs that answer letters from answering (RFC 3834, section 5).
#[derive(Clone, Copy, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<AutoSubmitted, Box<dyn Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(AutoSubmitted::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests;
