//! A short round of failures against the real system, and the judge against a system that loses what it acknowledged.

mod deploy;
mod failover;
