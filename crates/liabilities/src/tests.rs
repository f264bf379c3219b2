mod cheating;
mod parts;
mod proofs;
mod world;
