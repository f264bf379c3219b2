//! What is said of one server among several.

use tokio_postgres::config::Host;

use super::{NotReached, Timelines, of_one};
use crate::target::Target;

#[test]
fn each_server_is_asked_with_everything_that_the_url_says() {
    let url = "postgres://scrip:secret@db1:5433,db2:5434/pay?options=-c%20geqo%3Doff&keepalives_interval=1";
    let config = Target::parse(url).expect("it is a URL").config;
    for (place, name, port) in [(0, "db1", 5433), (1, "db2", 5434)] {
        let one = of_one(&config, place);
        assert_eq!(one.get_hosts(), [Host::Tcp(name.to_owned())]);
        assert_eq!(one.get_ports(), [port]);
        // Apart from its place it is the same, whatever a later version of the driver adds.
        let mut whole = config.clone();
        let mut again = one.clone();
        for other in config.get_hosts() {
            if let Host::Tcp(name) = other {
                again.host(name);
            }
        }
        for port in config.get_ports() {
            again.port(*port);
        }
        whole.host(name).port(port);
        let sorted = |config: &tokio_postgres::Config| {
            let mut shown: Vec<char> = format!("{config:?}").chars().collect();
            shown.sort_unstable();
            shown
        };
        assert_eq!(sorted(&again), sorted(&whole), "{again:?} {whole:?}");
    }
}

#[test]
fn one_port_is_that_of_every_server() {
    let config = Target::parse("postgres://scrip@db1,db2:5433/pay")
        .expect("it is a URL")
        .config;
    let ports = [0, 1].map(|place| of_one(&config, place).get_ports().to_vec());
    assert_eq!(ports, [vec![5432], vec![5433]]);
}

#[test]
fn a_server_that_was_replaced_is_not_believed() {
    let timelines = Timelines::default();
    for (found, believed) in [(1, true), (1, true), (2, true), (1, false), (2, true)] {
        let noted = timelines.note(found);
        let refused = matches!(noted, Err(NotReached::Replaced { newest: 2, .. }));
        assert_eq!((noted.is_ok(), refused), (believed, !believed), "{found}");
    }
    // What was connected before the other took over is of no use either.
    assert!(timelines.require_newest(1).is_err());
    assert!(timelines.require_newest(2).is_ok());
}
