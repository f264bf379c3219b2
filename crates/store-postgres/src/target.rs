//! Which database to use, and how it may be reached: what an operator writes as one URL.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use store::failure::Failure;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

/// A database and the rules of reaching it.
#[derive(Clone)]
pub struct Target {
    pub(crate) config: Config,
    /// Whom to trust; the system's roots where there is none.
    pub(crate) root_certificate: Option<PathBuf>,
    /// The database in words, without a password.
    pub(crate) place: String,
}

/// Parameters of the URL that are ours and not the driver's.
const ROOT_CERTIFICATE: &str = "sslrootcert";
const ALLOW_PLAINTEXT: &str = "allow_plaintext";

/// A dead server is noticed within about three seconds: a packet without an answer ends the connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const UNANSWERED_MAX: Duration = Duration::from_millis(2_500);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(1);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(1);
const KEEPALIVE_RETRIES: u32 = 2;

impl Target {
    /// Reads `postgres://user:password@host:port,host2:port/database?sslrootcert=FILE`.
    ///
    /// Beyond this machine the connection is encrypted and the server's certificate checked, unless the URL says
    /// `sslmode=disable&allow_plaintext=true`.
    pub fn parse(url: &str) -> Result<Target, Failure> {
        let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
        let mut root_certificate = None;
        let mut allow_plaintext = false;
        let mut of_driver = Vec::new();
        for parameter in parameters.split('&').filter(|part| !part.is_empty()) {
            match parameter.split_once('=') {
                Some((ROOT_CERTIFICATE, file)) => root_certificate = Some(PathBuf::from(file)),
                Some((ALLOW_PLAINTEXT, "true")) => allow_plaintext = true,
                _ => of_driver.push(parameter),
            }
        }
        let asks_for_plaintext = of_driver.contains(&"sslmode=disable");
        let mut config: Config = format!("{address}?{}", of_driver.join("&"))
            .parse()
            .map_err(|error: tokio_postgres::Error| {
                let why = std::error::Error::source(&error).map(ToString::to_string);
                unsuitable(
                    "the store",
                    format!(
                        "its URL is not understood: {}",
                        why.unwrap_or_else(|| error.to_string())
                    ),
                )
            })?;
        let place = place(&config);
        if config.get_hosts().is_empty() {
            return Err(unsuitable(&place, "its URL names no host".to_owned()));
        }
        // The driver would take the database of the user's name, which is rarely what was meant.
        if config.get_dbname().is_none() {
            let why = "its URL names no database: postgres://USER@HOST/DATABASE";
            return Err(unsuitable(&place, why.to_owned()));
        }
        let is_near = config.get_hosts().iter().all(is_on_this_machine);
        if asks_for_plaintext && !is_near && !allow_plaintext {
            let why = "sslmode=disable would send everything readable over the network; \
                       remove it, or add allow_plaintext=true if the network itself is encrypted";
            return Err(unsuitable(&place, why.to_owned()));
        }
        if config.get_ssl_mode() == SslMode::Prefer {
            config.ssl_mode(if is_near && root_certificate.is_none() {
                SslMode::Disable
            } else {
                SslMode::Require
            });
        }
        config
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .application_name("scrip")
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_user_timeout(UNANSWERED_MAX)
            .keepalives(true)
            .keepalives_idle(KEEPALIVE_IDLE)
            .keepalives_interval(KEEPALIVE_INTERVAL)
            .keepalives_retries(KEEPALIVE_RETRIES);
        Ok(Target {
            config,
            root_certificate,
            place,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.place).finish()
    }
}

pub(crate) fn unsuitable(place: &str, why: String) -> Failure {
    Failure::Unsuitable {
        place: place.to_owned(),
        why,
    }
}

/// The port that need not be named.
const PORT: u16 = 5432;

fn place(config: &Config) -> String {
    let name = config.get_dbname().unwrap_or("?");
    let ports = config.get_ports();
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(number, host)| match host {
            Host::Tcp(name) => match ports.get(number).or(ports.first()) {
                Some(port) if *port != PORT => format!("{name}:{port}"),
                _ => name.clone(),
            },
            Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    format!("the database {name} on {}", hosts.join(", "))
}

fn is_on_this_machine(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|address: IpAddr| address.is_loopback())
        }
    }
}

#[cfg(test)]
mod tests;
