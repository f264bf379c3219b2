//! The mail server that letters are handed to.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, UNIX_EPOCH};

use engine::service::contact::EmailAddress;
use ids::time::Timestamp;
use lettre::Message;
use lettre::address::Address;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use url::Url;

use crate::letter::Written;

/// How long a mail server may take for each part of the conversation.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until there is a connection.
    pub connection: Duration,
    /// Until the server has greeted, encrypted and let us in.
    pub greeting: Duration,
    /// Until it answers from whom and to whom the letter is.
    pub command: Duration,
    /// Until it is ready for the text.
    pub data: Duration,
    /// Until it has the text and says that it has taken the letter. Whoever goes before that does not know whether it has,
    /// and sends it again.
    pub end: Duration,
}

/// How long an answer to the farewell is waited for, beside everything else: nothing depends on it.
const FAREWELL: Duration = Duration::from_secs(5);

impl Patience {
    /// What RFC 5321 asks of those who send (section 4.5.3.2): five minutes for the greeting and each command, two for
    /// DATA, and behind three for the text ten for the answer to its end. Of the connection itself it says nothing.
    pub const STANDARD: Patience = Patience {
        connection: Duration::from_secs(30),
        greeting: Duration::from_secs(5 * 60),
        command: Duration::from_secs(5 * 60),
        data: Duration::from_secs(2 * 60),
        end: Duration::from_secs((3 + 10) * 60),
    };

    /// The same for each part, for tests that meet a server which hangs.
    pub fn each(span: Duration) -> Patience {
        Patience {
            connection: span,
            greeting: span,
            command: span,
            data: span,
            end: span,
        }
    }
}

/// A mail server, and in whose name letters are sent.
pub struct SmtpServer {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    hello_name: ClientId,
    from: Mailbox,
    patience: Patience,
}

/// How the connection is encrypted.
enum Security {
    FromTheStart(TlsParameters),
    StartTls(TlsParameters),
    Plain,
}

/// A server that has agreed to take a letter to one address and waits for it.
pub struct Ready {
    connection: AsyncSmtpConnection,
    patience: Patience,
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

/// What a server is asked, which says whom it means if it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// Who this platform is, and in whose name it writes.
    Sender,
    /// Whether it takes this letter to this address.
    Letter,
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
        SmtpServer::with_patience(server, sender, Patience::STANDARD)
    }

    /// The same with another patience, for tests that meet a server which hangs.
    pub fn with_patience(
        server: &str,
        sender: &str,
        patience: Patience,
    ) -> Result<SmtpServer, SmtpRefusal> {
        let from: Mailbox = sender.parse().map_err(|_| SmtpRefusal::NoSender)?;
        let url = Url::parse(server).map_err(|_| SmtpRefusal::NoServer)?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or(SmtpRefusal::NoServer)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let (security, usual_port) = security(&url, host)?;
        Ok(SmtpServer {
            host: host.to_owned(),
            port: url.port().unwrap_or(usual_port),
            security,
            credentials: credentials(&url)?,
            hello_name: ClientId::Domain(from.email.domain().to_owned()),
            from,
            patience,
        })
    }

    /// Comes as far as the text of a letter to this address. An error says how it ended before that; nothing was sent then.
    pub async fn begin(&self, to: &EmailAddress) -> Result<Ready, Ending> {
        let to = mailbox(to).map_err(|_| Ending::Silent(NO_LETTER.to_owned()))?;
        let mut connection = self.connection().await?;
        let agreed = self.agree(&mut connection, to).await;
        match agreed {
            Ok(()) => Ok(Ready {
                connection,
                patience: self.patience,
            }),
            Err(ending) => {
                leave(connection);
                Err(ending)
            }
        }
    }

    async fn connection(&self) -> Result<AsyncSmtpConnection, Ending> {
        let greeting = self.patience.greeting;
        within(greeting, Asked::Sender, "a greeting", self.connect()).await
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, smtp::Error> {
        let wrapper = match &self.security {
            Security::FromTheStart(tls) => Some(tls.clone()),
            Security::StartTls(_) | Security::Plain => None,
        };
        let place = (self.host.as_str(), self.port);
        let patience = Some(self.patience.connection);
        let name = &self.hello_name;
        let connected =
            AsyncSmtpConnection::connect_tokio1(place, patience, name, wrapper, None).await;
        let mut connection = connected?;
        if let Security::StartTls(tls) = &self.security {
            connection.starttls(tls.clone(), name).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }

    /// Agrees with the server from whom and to whom.
    async fn agree(&self, connection: &mut AsyncSmtpConnection, to: Address) -> Result<(), Ending> {
        let from = Mail::new(Some(self.from.email.clone()), Vec::new());
        let command = self.patience.command;
        let said = connection.command(from);
        within(command, Asked::Sender, "an answer to MAIL", said).await?;
        let said = connection.command(Rcpt::new(to, Vec::new()));
        within(command, Asked::Letter, "an answer to RCPT", said).await?;
        Ok(())
    }

    /// The letter as it goes over the wire.
    pub fn written(&self, envelope: Envelope<'_>) -> Result<Vec<u8>, Ending> {
        let message = self.message(envelope);
        let message = message.map_err(|_| Ending::Silent(NO_LETTER.to_owned()))?;
        Ok(message.formatted())
    }

    fn message(&self, envelope: Envelope<'_>) -> Result<Message, lettre::error::Error> {
        let to = mailbox(envelope.to).map_err(|_| lettre::error::Error::MissingTo)?;
        let to = Mailbox::new(None, to);
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

impl Ready {
    /// Hands the letter over.
    pub async fn hand_over(mut self, letter: &[u8]) -> Ending {
        let ending = self.send_text(letter).await;
        // Behind the server's word nothing can change it any more, whatever becomes of the farewell.
        leave(self.connection);
        match ending {
            Ok(ending) | Err(ending) => ending,
        }
    }

    async fn send_text(&mut self, letter: &[u8]) -> Result<Ending, Ending> {
        let Patience { data, end, .. } = self.patience;
        let said = self.connection.command(Data);
        within(data, Asked::Letter, "an answer to DATA", said).await?;
        let said = self.connection.message(letter);
        let taken = within(end, Asked::Letter, "a word behind the text", said).await?;
        Ok(Ending::Answered(taken.code().into()))
    }

    /// Goes without a letter.
    pub fn leave(self) {
        leave(self.connection);
    }
}

/// Says goodbye beside everything else.
fn leave(mut connection: AsyncSmtpConnection) {
    tokio::spawn(async move {
        let farewell = tokio::time::timeout(FAREWELL, connection.quit()).await;
        tracing::debug!(
            heard = farewell.is_ok_and(|said| said.is_ok()),
            "left the mail server"
        );
    });
}

/// What the server says, or how it ended without that.
async fn within<T>(
    patience: Duration,
    asked: Asked,
    awaited: &str,
    saying: impl Future<Output = Result<T, smtp::Error>>,
) -> Result<T, Ending> {
    match tokio::time::timeout(patience, saying).await {
        Ok(said) => said.map_err(|error| ending_of(&error, asked)),
        Err(_) => Err(Ending::Silent(format!(
            "the mail server was silent for {} s: {awaited} did not come",
            patience.as_secs()
        ))),
    }
}

const NO_LETTER: &str = "the letter cannot be written";

fn mailbox(address: &EmailAddress) -> Result<Address, lettre::address::AddressError> {
    address.expose().parse()
}

/// How the connection is encrypted, and the port that is usual for that.
fn security(url: &Url, host: &str) -> Result<(Security, u16), SmtpRefusal> {
    let is_bare =
        matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !is_bare {
        return Err(SmtpRefusal::NoServer);
    }
    let tls = || TlsParameters::new(host.to_owned()).map_err(|_| SmtpRefusal::NoTls);
    match url.scheme() {
        "smtps" => Ok((Security::FromTheStart(tls()?), smtp::SUBMISSIONS_PORT)),
        "smtp+starttls" => Ok((Security::StartTls(tls()?), smtp::SUBMISSION_PORT)),
        "smtp+plain" if is_this_machine(host) => Ok((Security::Plain, smtp::SMTP_PORT)),
        "smtp+plain" => Err(SmtpRefusal::PlainBeyondThisMachine),
        _ => Err(SmtpRefusal::NoServer),
    }
}

/// Who we are to the server, if the URL says so.
fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpRefusal> {
    let user = plain_text(url.username()).ok_or(SmtpRefusal::NoServer)?;
    let password = plain_text(url.password().unwrap_or_default()).ok_or(SmtpRefusal::NoServer)?;
    Ok((!user.is_empty()).then(|| Credentials::new(user, password)))
}

/// The text whose special signs are written as %40 and so on (RFC 3986, section 2.1).
fn plain_text(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        if first == b'%' {
            let (digits, behind) = rest.split_first_chunk::<2>()?;
            let digits = std::str::from_utf8(digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = behind;
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).ok()
}

fn is_this_machine(host: &str) -> bool {
    let address: Result<IpAddr, _> = host.parse();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Replies that end a letter (RFC 5321, section 4.2.3), if they are said of it: there is no such mailbox, or none for this
/// letter. Any other lasting refusal, such as of the password, and each one that is said of the sender, is about this
/// platform, and may be over when somebody has looked.
const ABOUT_THE_ADDRESS: [u16; 5] = [550, 551, 552, 553, 556];

/// What a server says may repeat the address, so only its number is kept.
fn ending_of(error: &smtp::Error, asked: Asked) -> Ending {
    if let Some(code) = error.status().map(u16::from) {
        return match code {
            500.. if asked == Asked::Sender || !ABOUT_THE_ADDRESS.contains(&code) => {
                Ending::Silent(format!(
                    "the mail server refused this platform, with {code}"
                ))
            }
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
