mod decide;
mod guard;
mod idempotency;
mod rows;
