//! Configuration: a TOML file, every key of which an environment variable can override.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use engine::guard::{GuardLimits, WRONG_PINS_PER_HOUR, WRONG_PINS_PER_HOUR_MAX};
use engine::risk::ENTITIES_DEFAULT;
use mail::smtp::SmtpServer;
use risk::profile::store::{ENTITIES_MAX, ENTITIES_MIN};
use serde::Deserialize;
use tlog::key::KeyName;
use toml::{Table, Value};
use url::Url;

use crate::anchored::AnchorSettings;
use crate::platform::{Judging, RiskSetup};

pub const HELP: &str = "\
Example:
  scrip serve --config scrip.toml

A configuration file with every key and its default:
  data = \"./scrip-data\"            # where everything is kept
  store = \"\"                       # a PostgreSQL for several nodes, as postgres://user@host,host2/database;
                                   # then data holds vault.key alone, the same on every node
  listen = \"127.0.0.1:8080\"        # address and port
  public_url = \"\"                  # how browsers and shops reach this server, if not http://LISTEN
  trusted_proxies = []             # networks whose X-Forwarded-For is believed, as [\"10.0.0.0/8\"]
  metrics = \"\"                     # where Prometheus may ask how the node does, as \"127.0.0.1:9464\", at /metrics;
                                   # whoever reaches it learns how much is sold; empty: nothing is told
  connections_max = 10000          # connections at a time
  drain_seconds = 0                # how long to go on after SIGTERM, not ready, until balancers have seen it;
                                   # a second SIGTERM or Ctrl-C ends the process at once
  wrong_pins_per_hour = 7200       # what the whole system forgives guessers, the same on every node

  [tls]                            # leave both empty behind a proxy that does TLS
  certificate = \"\"                 # PEM file with the chain
  key = \"\"                         # PEM file with the private key

  [webhooks]
  allow_private_targets = false    # whether messages may go to private networks

  [mail]
  smtp = \"\"                        # the server for letters to owners of vouchers, as
                                   # smtps://user:password@host:465 or smtp+starttls://user:password@host:587;
                                   # empty: no letters are sent, and no addresses are taken
  from = \"\"                        # the sender, as \"Scrip <scrip@issuer.example>\"

  [risk]
  enabled = true                   # whether attempts to pay are judged
  entities_max = 1000000           # addresses, devices, vouchers and so on that are remembered, 200 bytes each;
                                   # between 256 and 1073741824
  atlas = \"\"                       # MaxMind DB file (.mmdb) of countries or cities that says where addresses are;
                                   # held in memory, and read again within a minute when it changes

  [log]
  origin = \"\"                      # the name of the transparency log, such as pay.example/log, which it keeps for ever;
                                   # empty: entries get no leaves as long as there is none
  policy = \"\"                      # the file with the witnesses of the log, their addresses, and how many must cosign
                                   # what it shows, 3 of 4 by default (C2SP tlog-policy); empty: it is shown without being witnessed
  liabilities_hours = 24           # how often it is stated there what the issuer owes; 0: only when somebody asks for it
  level = \"info\"                   # error, warn, info, debug or trace
  format = \"text\"                  # text or json

  [anchors]                        # leave contract empty where the log is not anchored on a chain
  contract = \"\"                    # where the contract is, as `scrip anchors deploy` said
  chain = 0                        # the chain's number (EIP-155)
  nodes = []                       # addresses of nodes of the chain, of different hosts: they must agree
  every_seconds = 3600             # how often a checkpoint is anchored, if there is a newer one
  gwei_max = 100                   # what a unit of gas may cost; above, anchoring waits

Every key can be given as an environment variable: SCRIP_LISTEN, SCRIP_TLS_CERTIFICATE,
SCRIP_WEBHOOKS_ALLOW_PRIVATE_TARGETS and so on; lists are written as in TOML.";

/// The prefix of environment variables.
const PREFIX: &str = "SCRIP_";

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub data: PathBuf,
    /// Where the journal is: a URL, or empty for the data directory.
    pub store: String,
    pub listen: SocketAddr,
    pub public_url: String,
    pub trusted_proxies: Vec<String>,
    /// An address for metrics; empty for none.
    pub metrics: String,
    pub connections_max: usize,
    pub drain_seconds: u64,
    /// The budget of the whole system for wrong PINs.
    pub wrong_pins_per_hour: u32,
    pub tls: Tls,
    pub webhooks: Webhooks,
    pub mail: Mail,
    pub risk: Risk,
    pub log: Log,
    pub anchors: Anchors,
}

/// Letters to owners of vouchers.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// A URL with a password in it.
    pub smtp: String,
    pub from: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("smtp", &"[redacted]")
            .field("from", &self.from)
            .finish()
    }
}

impl Mail {
    /// The server that letters are handed to; none where none is configured.
    pub fn server(&self) -> anyhow::Result<Option<SmtpServer>> {
        match (self.smtp.is_empty(), self.from.is_empty()) {
            (true, true) => Ok(None),
            (false, false) => {
                let server = SmtpServer::new(&self.smtp, &self.from);
                server.context("mail.smtp and mail.from").map(Some)
            }
            (true, false) | (false, true) => {
                bail!("mail.smtp and mail.from go together: give both, or neither")
            }
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    pub allow_private_targets: bool,
}

/// How attempts to pay are judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Risk {
    pub enabled: bool,
    /// Profiles that are remembered at most, some 200 bytes each.
    pub entities_max: usize,
    /// The file that says where addresses are; empty for none.
    pub atlas: PathBuf,
}

impl Default for Risk {
    fn default() -> Risk {
        Risk {
            enabled: true,
            entities_max: ENTITIES_DEFAULT,
            atlas: PathBuf::new(),
        }
    }
}

impl Risk {
    pub fn setup(&self) -> RiskSetup {
        RiskSetup {
            judging: if self.enabled {
                Judging::On
            } else {
                Judging::Off
            },
            entities_max: self.entities_max,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// The transparency log's name; the rest is how the program tells what it does.
    pub origin: String,
    /// Names its witnesses; empty for none.
    pub policy: PathBuf,
    /// Hours between two statements of what is owed; 0 for none by itself.
    pub liabilities_hours: u32,
    pub level: String,
    pub format: LogFormat,
}

/// Where checkpoints of the log are anchored.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Anchors {
    /// Empty where they are not.
    pub contract: String,
    pub chain: u64,
    pub nodes: Vec<String>,
    pub every_seconds: u64,
    pub gwei_max: u64,
}

impl Default for Anchors {
    fn default() -> Anchors {
        Anchors {
            contract: String::new(),
            chain: 0,
            nodes: Vec::new(),
            every_seconds: 3_600,
            gwei_max: 100,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            data: PathBuf::from("./scrip-data"),
            store: String::new(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: String::new(),
            trusted_proxies: Vec::new(),
            metrics: String::new(),
            connections_max: 10_000,
            drain_seconds: 0,
            wrong_pins_per_hour: WRONG_PINS_PER_HOUR,
            tls: Tls::default(),
            webhooks: Webhooks::default(),
            mail: Mail::default(),
            risk: Risk::default(),
            log: Log::default(),
            anchors: Anchors::default(),
        }
    }
}

impl Default for Log {
    fn default() -> Log {
        Log {
            origin: String::new(),
            policy: PathBuf::new(),
            liabilities_hours: 24,
            level: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

/// A year, about.
const LIABILITIES_HOURS_MAX: u32 = 10_000;
/// The longest time to drain.
const DRAIN_SECONDS_MAX: u64 = 600;

/// What `log.level` can be.
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

/// Keys whose values are no texts.
const TYPED_KEYS: [&str; 12] = [
    "trusted_proxies",
    "connections_max",
    "drain_seconds",
    "wrong_pins_per_hour",
    "webhooks.allow_private_targets",
    "risk.enabled",
    "risk.entities_max",
    "log.liabilities_hours",
    "anchors.chain",
    "anchors.nodes",
    "anchors.every_seconds",
    "anchors.gwei_max",
];

/// Every key that there is, with dots between its parts.
const KEYS: [&str; 27] = [
    "data",
    "store",
    "listen",
    "public_url",
    "trusted_proxies",
    "metrics",
    "connections_max",
    "drain_seconds",
    "wrong_pins_per_hour",
    "tls.certificate",
    "tls.key",
    "webhooks.allow_private_targets",
    "mail.smtp",
    "mail.from",
    "risk.enabled",
    "risk.entities_max",
    "risk.atlas",
    "log.origin",
    "log.policy",
    "log.liabilities_hours",
    "log.level",
    "log.format",
    "anchors.contract",
    "anchors.chain",
    "anchors.nodes",
    "anchors.every_seconds",
    "anchors.gwei_max",
];

impl Config {
    /// Reads the file and lets the environment override it.
    pub fn load(
        path: &Path,
        environment: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Config> {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!(
                "cannot read the configuration file {}; `scrip serve --help` shows one",
                path.display()
            )
        })?;
        Config::parse(&text, environment).with_context(|| format!("in {}", path.display()))
    }

    fn parse(
        text: &str,
        environment: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Config> {
        let mut table: Table = text.parse().context("this is not TOML")?;
        require_known(&table)?;
        for (name, value) in environment {
            if let Some(suffix) = name.strip_prefix(PREFIX) {
                apply_variable(&mut table, suffix, &value)
                    .with_context(|| format!("in the environment variable {name}"))?;
            }
        }
        let config: Config = Value::Table(table).try_into()?;
        config.require_consistent()?;
        Ok(config)
    }

    fn require_consistent(&self) -> anyhow::Result<()> {
        let empty = |path: &Path| path.as_os_str().is_empty();
        if empty(&self.data) {
            bail!("data must name a directory");
        }
        if empty(&self.tls.certificate) != empty(&self.tls.key) {
            bail!("tls.certificate and tls.key go together: give both, or neither");
        }
        if !LEVELS.contains(&self.log.level.as_str()) {
            bail!("log.level is one of {}", LEVELS.join(", "));
        }
        if !self.public_url.is_empty() {
            require_origin(&self.public_url)?;
        } else if self.listen.ip().is_unspecified() {
            bail!(
                "public_url is needed where listen names no address: browsers and shops must know where to go"
            );
        }
        self.metrics_address()?;
        if self.connections_max == 0 {
            bail!("connections_max must be at least 1");
        }
        if DRAIN_SECONDS_MAX < self.drain_seconds {
            bail!("drain_seconds must be at most {DRAIN_SECONDS_MAX}");
        }
        let entities = self.risk.entities_max;
        if !(ENTITIES_MIN..=ENTITIES_MAX).contains(&entities) {
            bail!(
                "risk.entities_max must be between {ENTITIES_MIN} and {ENTITIES_MAX}, not {entities}: below, nothing is \
                 remembered long enough to judge by, and no machine has the memory for more"
            );
        }
        if LIABILITIES_HOURS_MAX < self.log.liabilities_hours {
            bail!(
                "log.liabilities_hours must be at most {LIABILITIES_HOURS_MAX}, or 0 to state what is owed only when somebody asks"
            );
        }
        self.mail.server()?;
        if !self.log.origin.is_empty() {
            KeyName::parse(&self.log.origin).context("log.origin")?;
        } else if !self.log.policy.as_os_str().is_empty() {
            bail!("log.policy names witnesses, and there is no log: set log.origin as well");
        }
        if let Some(anchors) = AnchorSettings::of(&self.anchors)?
            && self.log.origin.is_empty()
        {
            bail!(
                "anchors.contract {} is for checkpoints, and there is no log: set log.origin as well",
                anchors.place.contract
            );
        }
        self.guard_limits().map(drop)
    }

    /// Where metrics are told; none if nowhere.
    pub fn metrics_address(&self) -> anyhow::Result<Option<SocketAddr>> {
        if self.metrics.is_empty() {
            return Ok(None);
        }
        let address: SocketAddr = self.metrics.parse().map_err(|_| {
            anyhow!(
                "metrics: `{}` is not an address and a port such as 127.0.0.1:9464",
                self.metrics
            )
        })?;
        if address == self.listen && address.port() != 0 {
            bail!(
                "metrics and listen are both {address}: metrics need an address that payers and shops do not reach"
            );
        }
        Ok(Some(address))
    }

    /// The limits for wrong PINs.
    pub fn guard_limits(&self) -> anyhow::Result<GuardLimits> {
        GuardLimits::forgiving(self.wrong_pins_per_hour).with_context(|| {
            format!(
                "wrong_pins_per_hour must be between 1 and {WRONG_PINS_PER_HOUR_MAX}: with none nobody could ever \
                 mistype, and beyond, guessing pays"
            )
        })
    }
}

/// Scheme, host and port, and nothing behind them.
fn require_origin(text: &str) -> anyhow::Result<()> {
    let url = Url::parse(text).ok().filter(|url| {
        let is_web = url.scheme() == "https" || url.scheme() == "http";
        is_web
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
    });
    match url {
        Some(_) => Ok(()),
        None => bail!("public_url is a scheme and a host, such as https://pay.example"),
    }
}

fn require_known(table: &Table) -> anyhow::Result<()> {
    for key in flat_keys(table, "") {
        let section = KEYS
            .iter()
            .any(|known| known.starts_with(&format!("{key}.")));
        if !KEYS.contains(&key.as_str()) && !section {
            return Err(unknown_key(&key));
        }
    }
    Ok(())
}

fn flat_keys(table: &Table, prefix: &str) -> Vec<String> {
    let keys = table.iter().flat_map(|(name, value)| {
        let key = format!("{prefix}{name}");
        match value {
            Value::Table(inner) if !inner.is_empty() => flat_keys(inner, &format!("{key}.")),
            _ => vec![key],
        }
    });
    keys.collect()
}

fn unknown_key(key: &str) -> anyhow::Error {
    let near = KEYS
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)));
    match near {
        Some(near) if 0.7 < strsim::jaro_winkler(near, key) => {
            anyhow!("there is no key `{key}`; did you mean `{near}`?")
        }
        _ => anyhow!("there is no key `{key}`; `scrip serve --help` lists them all"),
    }
}

/// Variables of tests and of other tools that share the prefix are none of ours.
fn apply_variable(table: &mut Table, suffix: &str, value: &str) -> anyhow::Result<()> {
    if suffix.starts_with("TEST_") || suffix.starts_with("CHAOS_") {
        return Ok(());
    }
    let known = KEYS
        .iter()
        .find(|key| key.replace('.', "_").to_uppercase() == suffix);
    let Some(key) = known else {
        return Err(unknown_key(&suffix.to_lowercase()));
    };
    let (table, name) = match key.split_once('.') {
        Some((section, name)) => {
            let inner = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            (
                inner
                    .as_table_mut()
                    .with_context(|| format!("`{section}` is not a section"))?,
                name,
            )
        }
        None => (table, *key),
    };
    let value = if TYPED_KEYS.contains(key) {
        typed_value(value)
    } else {
        Value::String(value.to_owned())
    };
    table.insert(name.to_owned(), value);
    Ok(())
}

/// A value as TOML writes it; what is none stays a text, and is refused with the key's name.
fn typed_value(text: &str) -> Value {
    let parsed: Option<Table> = format!("value = {text}").parse().ok();
    parsed
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests;
