//! What the risk engine is worth: labelled streams of payments go through it as if live, and figures come out.
//!
//! Streams come from files of others ([`input`]) or from simulators with a seed ([`handbook`], [`frauds`]). All of them go
//! through the same profiles, features, training and scoring as live payments ([`run`]).

pub mod chance;
pub mod evaluate;
pub mod frauds;
pub mod handbook;
pub mod input;
pub mod measure;
pub mod run;
