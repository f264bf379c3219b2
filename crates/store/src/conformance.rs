//! The suite that every backend passes.
//!
//! A backend's tests implement [`Harness`] and name it in [`conformance_suite!`](crate::conformance_suite);
//! each case becomes a test of its own. Cases build their entries by hand: no engine stands between.

pub mod commits;
pub mod debts;
pub mod journal;
pub mod leases;
pub mod liabilities;
pub mod logs;
pub mod messages;
pub mod moving;
pub mod queries;
pub mod reversals;
pub mod rows;
pub mod seeds;
pub mod timers;
pub mod world;

use std::future::Future;

use crate::moving::Movable;

/// How the suite comes by a backend.
pub trait Harness {
    type Backend: Movable;

    /// An empty storage of its own.
    fn create() -> Self;

    fn backend(&self) -> &Self::Backend;

    /// Closes the storage and opens it again, as a restart of the program would.
    fn reopen(&mut self);

    /// Drives a future to its end.
    fn wait<T>(&self, future: impl Future<Output = T>) -> T;
}

/// Makes a test of every case for this [`Harness`](crate::conformance::Harness).
#[macro_export]
macro_rules! conformance_suite {
    ($harness:ty) => {
        $crate::conformance_suite! { $harness;
            commits: a_commit_is_all_or_nothing,
            commits: a_conflict_leaves_no_trace,
            commits: the_second_of_two_commits_on_one_snapshot_conflicts,
            commits: entries_follow_one_another_and_the_head,
            commits: a_batch_that_was_overtaken_is_placed_behind_the_head_or_refused,
            commits: a_payment_that_was_overtaken_keeps_its_earlier_entries,
            commits: what_exists_is_not_created_again,
            commits: a_pin_opens_one_voucher,
            commits: an_empty_commit_changes_nothing,
            commits: balances_follow_every_commit,
            rows: every_kind_of_row_is_loaded_as_it_was_written,
            rows: an_api_key_brings_its_owner,
            rows: absent_rows_are_left_out,
            rows: a_pin_finds_its_voucher,
            rows: a_payment_brings_its_vouchers,
            rows: an_order_brings_its_voucher_and_terminal,
            rows: a_load_sees_the_commit_before_it,
            rows: an_erased_payment_knows_the_entry_that_erased_it,
            rows: closed_rows_come_back,
            rows: a_closed_voucher_opens_again_by_a_refund,
            rows: command_keys_are_permanent,
            rows: a_cancelled_order_frees_its_terminal,
            journal: entries_are_read_as_they_were_written,
            journal: pages_of_entries_have_no_gap,
            journal: entries_are_found_by_their_sequences,
            journal: the_journal_survives_a_reopen,
            queries: each_condition_selects_its_payments,
            queries: pages_neither_lose_nor_double_a_payment,
            queries: payments_of_another_merchant_are_not_listed,
            queries: movements_are_captures_and_refunds_in_their_order,
            queries: a_voucher_knows_the_entries_that_touched_it,
            reversals: reversals_are_listed_by_party_and_kind_newest_first,
            queries: lists_survive_a_reopen,
            timers: open_payments_fall_due,
            timers: vouchers_fall_due,
            timers: timers_survive_a_reopen,
            messages: numbers_have_no_gap_for_each_recipient_and_channel,
            messages: a_cursor_that_is_not_ahead_changes_nothing,
            messages: a_reader_that_was_overtaken_changes_nothing,
            messages: messages_fall_due_oldest_first,
            messages: queues_fall_due_apart,
            messages: attempts_are_recorded_with_their_outcome,
            messages: an_attempt_is_recorded_once,
            messages: a_message_is_sent_again_on_request,
            messages: only_the_message_that_is_meant_is_sent_again,
            messages: messages_are_listed_newest_first,
            messages: letters_that_were_given_up_are_listed_alone,
            messages: the_outbox_survives_a_reopen,
            moving: an_outbox_is_restored_as_it_was,
            moving: a_span_of_messages_becomes_exactly_what_is_restored,
            moving: what_has_moved_takes_no_entries,
            moving: an_earlier_run_of_a_move_changes_nothing,
            seeds: seeds_are_committed_with_their_entries,
            seeds: a_batch_that_is_not_written_leaves_no_seeds,
            seeds: seeds_of_a_batch_that_was_overtaken_stand_with_its_entries,
            seeds: seeds_are_added_where_there_are_none,
            seeds: an_entry_is_erased_with_its_seed_or_not_at_all,
            seeds: runs_of_seeds_are_read_by_the_entries_that_they_hold,
            seeds: seeds_move_as_they_are,
            logs: files_are_read_as_they_were_stored,
            logs: a_file_is_never_replaced,
            logs: a_full_file_lets_its_partial_ones_go,
            logs: a_head_is_replaced_by_whoever_knows_the_last,
            logs: what_is_shown_never_shrinks,
            logs: a_stopped_log_keeps_its_head_until_it_goes_on,
            logs: a_log_that_signed_nothing_can_be_stopped,
            logs: a_closed_log_neither_stops_nor_goes_on,
            logs: a_log_moves_as_it_is_and_a_closed_one_stays_closed,
            liabilities: parts_are_read_as_they_were_stored,
            liabilities: a_part_is_replaced_by_the_one_that_is_stored_later,
            liabilities: a_statement_is_forgotten_alone,
            leases: a_lease_has_one_holder,
            leases: a_released_lease_is_free,
            leases: a_lease_ends_by_itself,
        }
    };
    ($harness:ty; $($part:ident: $case:ident,)*) => {
        $(#[test]
        fn $case() {
            $crate::conformance::$part::$case::<$harness>();
        })*
    };
}
