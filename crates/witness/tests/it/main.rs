//! The witness through its HTTP routes, over real directories, against logs that are honest and logs that forge with
//! their real keys.

mod clock;
mod crowd;
mod directory;
mod evidence;
mod forger;
mod status;
mod support;
