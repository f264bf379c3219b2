//! Hosts on one switch, and the ways in which their links fail.

use std::process::Command;

use crate::command::run;

/// The machines of the system under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostName {
    Etcd(u8),
    Db(u8),
    Node(u8),
    Balancer,
}

/// All of them, as `deploy/` names them.
pub const HOSTS: [HostName; 9] = [
    HostName::Etcd(1),
    HostName::Etcd(2),
    HostName::Etcd(3),
    HostName::Db(1),
    HostName::Db(2),
    HostName::Node(1),
    HostName::Node(2),
    HostName::Node(3),
    HostName::Balancer,
];
pub const DATABASES: [HostName; 2] = [HostName::Db(1), HostName::Db(2)];
pub const NODES: [HostName; 3] = [HostName::Node(1), HostName::Node(2), HostName::Node(3)];

/// The network of deploy/scrip/scrip.toml; it exists in the sandbox alone.
const NETWORK: &str = "10.86.0";
/// The switch; it is also where the clients are.
const SWITCH: &str = "switch";
const CLIENTS_FIRST: u8 = 100;
/// Addresses of clients.
pub const CLIENTS: u8 = 64;
/// A link-layer address that nobody has: what goes there is lost without a word.
const NOWHERE: &str = "02:00:00:00:de:ad";

impl HostName {
    pub fn text(self) -> String {
        match self {
            HostName::Etcd(number) => format!("etcd{number}"),
            HostName::Db(number) => format!("db{number}"),
            HostName::Node(number) => format!("node{number}"),
            HostName::Balancer => "balancer".to_owned(),
        }
    }

    pub fn address(self) -> String {
        let last = match self {
            HostName::Etcd(number) => 10 + number,
            HostName::Db(number) => 20 + number,
            HostName::Node(number) => 30 + number,
            HostName::Balancer => 40,
        };
        format!("{NETWORK}.{last}")
    }

    fn port(self) -> String {
        format!("to-{}", self.text())
    }
}

/// The address of a client, which comes before all others for its number.
pub fn client_address(number: u8) -> String {
    format!("{NETWORK}.{}", CLIENTS_FIRST + number % CLIENTS)
}

/// Makes the switch, the hosts and their links.
pub fn build() -> anyhow::Result<()> {
    ip(&["link", "add", "name", SWITCH, "type", "bridge"])?;
    ip(&["link", "set", SWITCH, "up"])?;
    for number in 0..CLIENTS {
        ip(&[
            "address",
            "add",
            &format!("{}/24", client_address(number)),
            "dev",
            SWITCH,
        ])?;
    }
    HOSTS.into_iter().try_for_each(join)
}

fn join(host: HostName) -> anyhow::Result<()> {
    let (name, port) = (host.text(), host.port());
    ip(&["netns", "add", &name])?;
    ip(&[
        "link", "add", &port, "type", "veth", "peer", "name", "eth0", "netns", &name,
    ])?;
    ip(&["link", "set", &port, "master", SWITCH, "up"])?;
    ip(&["-n", &name, "link", "set", "lo", "up"])?;
    ip(&[
        "-n",
        &name,
        "address",
        "add",
        &format!("{}/24", host.address()),
        "dev",
        "eth0",
    ])?;
    ip(&["-n", &name, "link", "set", "eth0", "up"])
}

/// The lines of `/etc/hosts` by which everyone knows everyone.
pub fn hosts_file() -> String {
    let lines = HOSTS.map(|host| format!("{} {}\n", host.address(), host.text()));
    format!("127.0.0.1 localhost\n{}", lines.concat())
}

/// Loses everything that goes from one host to the other; what comes back still arrives.
pub fn cut(from: HostName, to: HostName) -> anyhow::Result<()> {
    let change = [
        "neighbour",
        "replace",
        &to.address(),
        "lladdr",
        NOWHERE,
        "dev",
        "eth0",
        "nud",
        "permanent",
    ];
    ip(&[&["-n", &from.text()], &change[..]].concat())
}

/// Takes back a cut.
pub fn mend(from: HostName, to: HostName) -> anyhow::Result<()> {
    ip(&[
        "-n",
        &from.text(),
        "neighbour",
        "delete",
        &to.address(),
        "dev",
        "eth0",
    ])
}

/// Lets the host send and receive no more than so many kilobits a second; what waits longer than half a second is lost.
pub fn slow(host: HostName, kilobits: u32) -> anyhow::Result<()> {
    let rate = format!("{kilobits}kbit");
    let shape = [
        "root", "tbf", "rate", &rate, "burst", "4kb", "latency", "500ms",
    ];
    tc(&[&["qdisc", "add", "dev", &host.port()], &shape[..]].concat())?;
    tc(&[
        &["-n", &host.text(), "qdisc", "add", "dev", "eth0"],
        &shape[..],
    ]
    .concat())
}

/// Takes back a slowness.
pub fn hasten(host: HostName) -> anyhow::Result<()> {
    tc(&["qdisc", "delete", "dev", &host.port(), "root"])?;
    tc(&["-n", &host.text(), "qdisc", "delete", "dev", "eth0", "root"])
}

fn ip(arguments: &[&str]) -> anyhow::Result<()> {
    run(Command::new("ip").args(arguments)).map(drop)
}

fn tc(arguments: &[&str]) -> anyhow::Result<()> {
    run(Command::new("tc").args(arguments)).map(drop)
}
