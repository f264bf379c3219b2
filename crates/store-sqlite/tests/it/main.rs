//! Tests of the embedded store through its public face.

mod audit;
mod backup;
mod conformance;
mod crash;
mod directory;
mod disk;
mod full;
mod history;
