//! Every statement that is asked again and again. A test prepares each against the real schema.

/// All rows of a batch, with the vouchers that PINs, payments and orders point to, the owners of API keys, and the
/// journal's head. The body of an API key holds, behind its format and digest, the kind of its owner, the owner's number
/// and, in the last byte, its status; a person (2) is a document (5), the first kind of them. A test of the suite that every
/// backend passes would notice another form.
pub const LOAD: &str = "
    WITH paid AS (SELECT version, body, entries, serials FROM payments WHERE key = ANY ($3::bytea[])),
        ordered AS (SELECT version, body, serial, terminal FROM orders WHERE key = ANY ($4::bytea[]))
    SELECT 0::smallint AS kind, last AS version, ''::bytea AS body, NULL::bytea AS fingerprint,
        NULL::bigint[] AS entries, latest FROM journal_head WHERE id = 1
    UNION ALL SELECT 1::smallint, version, body, NULL, NULL, NULL FROM vouchers WHERE serial IN (
        SELECT unnest($1::bigint[]) UNION SELECT unnest(serials) FROM paid UNION SELECT serial FROM ordered)
    UNION ALL SELECT 1::smallint, version, body, NULL, NULL, NULL FROM vouchers WHERE pin = ANY ($2::bytea[])
    UNION ALL SELECT 2::smallint, version, body, NULL, entries, NULL FROM paid
    UNION ALL SELECT 3::smallint, version, body, NULL, NULL, NULL FROM ordered
    UNION ALL SELECT 4::smallint, entry, key, fingerprint, NULL, NULL FROM commands WHERE key = ANY ($5::bytea[])
    UNION ALL SELECT (10 + kind)::smallint, version, body, NULL, NULL, NULL FROM parties WHERE (kind, key) IN (
        SELECT kind, key FROM unnest($6::smallint[], $7::bytea[]) AS wanted(kind, key)
        UNION SELECT 4::smallint, terminal FROM ordered
        UNION SELECT CASE get_byte(body, 33) WHEN 2 THEN 5 ELSE get_byte(body, 33) END::smallint,
            CASE get_byte(body, 33) WHEN 2 THEN '\\x0200'::bytea ELSE '\\x02'::bytea END
                || substring(body FROM 35 FOR octet_length(body) - 35)
            FROM parties WHERE kind = 3 AND (kind, key) IN (
                SELECT kind, key FROM unnest($6::smallint[], $7::bytea[]) AS keys(kind, key) WHERE kind = 3))";

/// The commit: see the function in the migrations. The seeds of its entries, if it has any, are written behind it.
pub const COMMIT: &str = "WITH placed AS (SELECT commit_batch_2(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
    $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48,
    $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59) AS base),
    sown AS (INSERT INTO leaf_seeds (first, count, sealed)
        SELECT base + 1, cardinality($4::bytea[]), $60::bytea FROM placed WHERE 0 <= base AND $60::bytea IS NOT NULL)
    SELECT base FROM placed";

/// Whoever asks what became of a batch gives it up, unless it is there.
pub const GIVE_UP: &str = "INSERT INTO batches (id) VALUES ($1) ON CONFLICT DO NOTHING";
/// Writes, so that the answer waits for the replicas as the commit itself would have: a transaction whose session ended
/// while it waited for them is visible here and perhaps nowhere else.
pub const BATCH: &str = "UPDATE batches SET made_at = made_at WHERE id = $1 RETURNING base";
pub const FORGET_BATCHES: &str = "
    DELETE FROM batches WHERE id IN (
        SELECT id FROM batches WHERE made_at < now() - interval '1 day' ORDER BY made_at LIMIT 1000)";

/// Which timeline the server writes: a number that grows whenever a replica takes over.
pub const TIMELINE: &str =
    "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint";

pub const HEAD: &str = "SELECT last FROM journal_head WHERE id = 1";
pub const ENTRIES_AFTER: &str =
    "SELECT sequence, body FROM entries WHERE $1 < sequence ORDER BY sequence LIMIT $2";
pub const ENTRIES_AT: &str =
    "SELECT sequence, body FROM entries WHERE sequence = ANY ($1::bigint[])";

/// What is due, the longest overdue first. Few rows are due at a time, so both parts are short.
pub const DUE: &str = "
    SELECT due_at, key, serial FROM (
        (SELECT due_at, key, NULL::bigint AS serial FROM pending_payments
            WHERE due_at <= $1 AND due_at < 9223372036854775807 ORDER BY due_at LIMIT $2)
        UNION ALL
        (SELECT due_at, NULL::bytea, serial FROM vouchers
            WHERE due_at <= $1 AND due_at < 9223372036854775807 ORDER BY due_at LIMIT $2)
    ) AS due ORDER BY due_at LIMIT $2";

pub const VOUCHER_ENTRIES: &str =
    "SELECT sequence FROM voucher_entries WHERE serial = $1 ORDER BY sequence";
pub const PAYMENTS_BY_KEY: &str =
    "SELECT version, body, entries FROM payments WHERE key = ANY ($1::bytea[])";
pub const MOVEMENTS: &str = "
    SELECT sequence FROM movements
    WHERE merchant = $1 AND $2 <= at AND at < $3 AND ($4, $5) < (at, sequence)
    ORDER BY at, sequence LIMIT $6";
pub const REVERSALS: &str = "
    SELECT sequence FROM reversals
    WHERE party = $1 AND sequence < $2 AND ($3::smallint IS NULL OR kind = $3) AND $4 <= at AND at < $5
    ORDER BY sequence DESC LIMIT $6";
pub const ENTRY_BODY: &str = "SELECT body FROM entries WHERE sequence = $1";

pub const BALANCES: &str = "
    SELECT account, sum(minor)::bigint FROM (
        SELECT account, minor FROM balances UNION ALL SELECT account, minor FROM balance_deltas
    ) AS parts GROUP BY account";
/// Moves what was appended into the balances, a bounded part at a time; what another node moves is left to it.
pub const FOLD_BALANCES: &str = "
    WITH oldest AS (
        SELECT sequence, account FROM balance_deltas ORDER BY sequence, account LIMIT 5000 FOR UPDATE SKIP LOCKED),
    moved AS (
        DELETE FROM balance_deltas USING oldest
        WHERE balance_deltas.sequence = oldest.sequence AND balance_deltas.account = oldest.account
        RETURNING balance_deltas.account, balance_deltas.minor)
    INSERT INTO balances SELECT account, sum(minor)::bigint FROM moved GROUP BY account ORDER BY account
    ON CONFLICT (account) DO UPDATE SET minor = balances.minor + excluded.minor";

pub const CURSOR: &str = "SELECT entry FROM outbox_cursor WHERE id = 1";
pub const ENQUEUE: &str = "SELECT enqueue_messages_1($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub const MESSAGES_DUE: &str = "
    SELECT id, merchant, channel, number, event, url, body, entry, created_at, attempts, status, next_attempt_at
    FROM messages WHERE next_attempt_at <= $1 AND channel BETWEEN $2 AND $3 ORDER BY next_attempt_at, id LIMIT $4";
pub const MESSAGES_OF_RECIPIENT: &str = "
    SELECT id, merchant, channel, number, event, url, body, entry, created_at, attempts, status, next_attempt_at
    FROM messages WHERE merchant = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
/// Serials are greater than every merchant's number, so that the index by recipient finds the letters.
pub const LETTERS_GIVEN_UP: &str = "
    SELECT id, merchant, channel, number, event, url, body, entry, created_at, attempts, status, next_attempt_at
    FROM messages WHERE 1000000000000000 <= merchant AND channel = 2 AND status = 2 AND id < $1
    ORDER BY id DESC LIMIT $2";
pub const MESSAGE: &str = "
    SELECT id, merchant, channel, number, event, url, body, entry, created_at, attempts, status, next_attempt_at
    FROM messages WHERE merchant = $1 AND id = $2";
pub const ATTEMPTS: &str = "
    SELECT message, at, duration_ms, http_status, reason, status, next_attempt_at, number
    FROM attempts WHERE message = $1 ORDER BY number";
pub const LAST_ATTEMPTS: &str = "
    SELECT DISTINCT ON (message) message, at, duration_ms, http_status, reason, status, next_attempt_at, number
    FROM attempts WHERE message = ANY($1) ORDER BY message, number DESC";
/// Recorded again after a lost answer, an attempt is none: its number is no longer the next one.
pub const RECORD: &str = "
    WITH counted AS (
        UPDATE messages SET attempts = $8::integer, status = $6, next_attempt_at = $7
        WHERE id = $1 AND attempts = $8::integer - 1 RETURNING attempts)
    INSERT INTO attempts SELECT $1::bigint, attempts, $2::bigint, $3::bigint, $4::integer, $5::text, $6::smallint,
        $7::bigint FROM counted";
pub const RESEND: &str = "
    UPDATE messages SET status = 0, next_attempt_at = $3 WHERE merchant = $1 AND id = $2
        AND ($4::integer IS NULL OR attempts = $4) AND ($5::smallint IS NULL OR status = $5)
        AND ($6::bigint IS NULL OR next_attempt_at = $6)";

/// The time of a lease is the database's. A statement sees the time of its beginning, which is behind that of its caller.
pub const ACQUIRE_LEASE: &str = "
    INSERT INTO leases VALUES ($1, $2, 1, now() + $3::bigint * interval '1 millisecond')
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = leases.token + 1, ends_at = excluded.ends_at
    WHERE leases.ends_at <= now() RETURNING token";
pub const RENEW_LEASE: &str = "
    UPDATE leases SET ends_at = now() + $4::bigint * interval '1 millisecond'
    WHERE name = $1 AND holder = $2 AND token = $3 AND now() < ends_at";
pub const RELEASE_LEASE: &str = "
    UPDATE leases SET ends_at = now() WHERE name = $1 AND holder = $2 AND token = $3 AND now() < ends_at";

pub const CLAIM_SETTING: &str = "INSERT INTO settings VALUES ($1, $2) ON CONFLICT DO NOTHING";
pub const SETTING: &str = "SELECT value FROM settings WHERE name = $1";

/// What moves: everything of the outbox in the order of its ids, and where the data is served.
pub const EXTENT: &str = "SELECT (SELECT last FROM journal_head WHERE id = 1), entry,
    (SELECT coalesce(max(id), 0) FROM messages) FROM outbox_cursor WHERE id = 1";
pub const ALL_MESSAGES: &str = "
    SELECT id, merchant, channel, number, event, url, body, entry, created_at, attempts, status, next_attempt_at
    FROM messages WHERE $1 < id ORDER BY id LIMIT $2";
pub const ALL_ATTEMPTS: &str = "
    SELECT message, at, duration_ms, http_status, reason, status, next_attempt_at, number
    FROM attempts WHERE $1 < message AND message <= $2 ORDER BY message, number";
pub const BEGIN_RUN: &str = "SELECT begin_run_1($1)";
pub const RESTORE: &str = "SELECT restore_messages_2(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)";
pub const SETTLE: &str = "SELECT settle_messages_2($1, $2)";
pub const SET_STANDING: &str = "SELECT set_standing_2($1, $2, $3, $4, $5, $6, $7)";

/// How many vouchers, payments and orders there are; and what an audit asks of the outbox.
pub const COUNTS: &str = "SELECT (SELECT count(*) FROM vouchers), (SELECT count(*) FROM payments),
    (SELECT count(*) FROM orders), (SELECT count(*) FROM commands), (SELECT count(*) FROM parties)";
pub const OUTBOX_FIGURES: &str = "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM (
        SELECT 1 FROM messages GROUP BY merchant, channel
        HAVING count(DISTINCT number) != max(number) OR count(*) != max(number)
    ) AS gaps), (SELECT entry FROM outbox_cursor WHERE id = 1)";

/// After how long each owes nothing, in the order asked.
pub const OWED: &str = "
    SELECT greatest(coalesce(known.free_at, 0) - milliseconds_now_1(), 0)
    FROM unnest($1::bytea[]) WITH ORDINALITY AS wanted(debtor, place)
    LEFT JOIN debts known ON known.debtor = wanted.debtor ORDER BY wanted.place";
pub const CHARGE_DEBTS: &str = "SELECT charge_debts_1($1, $2, $3)";
/// Looks at each debt again when it is deleted: it may have grown since.
pub const FORGET_DEBTS: &str = "
    DELETE FROM debts WHERE free_at < milliseconds_now_1() AND debtor IN (
        SELECT debtor FROM debts WHERE free_at < milliseconds_now_1() ORDER BY free_at LIMIT 1000)";

/// The seeds of entries behind one and up to another. Runs do not overlap: the last one that begins early enough is the
/// first that may hold one of them.
pub const SEED_RUNS: &str = "
    SELECT first, count, sealed FROM leaf_seeds
    WHERE coalesce((SELECT max(first) FROM leaf_seeds WHERE first <= $1::bigint + 1), 0) <= first AND first <= $2
        AND $1 < first + count - 1 AND $1 < $2
    ORDER BY first";
pub const ADD_SEEDS: &str = "
    INSERT INTO leaf_seeds (first, count, sealed) SELECT $1::bigint, $3::integer, $4::bytea WHERE NOT EXISTS (
        SELECT FROM (SELECT first + count - 1 AS last FROM leaf_seeds WHERE first <= $2::bigint ORDER BY first DESC LIMIT 1)
            AS before
        WHERE $1::bigint <= last) ON CONFLICT DO NOTHING";
pub const SEED_RUNS_AFTER: &str =
    "SELECT first, count, sealed FROM leaf_seeds WHERE $1 < first ORDER BY first LIMIT $2";
/// Replaces an entry by one that says less, if its seeds are what they were. The first of two that do so waits for nobody;
/// the other one finds other seeds.
pub const ERASE: &str = "
    WITH sown AS (UPDATE leaf_seeds SET sealed = $4 WHERE first = $1 AND count = $2 AND sealed = $3 RETURNING first)
    UPDATE entries SET body = $6 WHERE sequence = $5 AND EXISTS (SELECT FROM sown)";
pub const RESTORE_SEEDS: &str = "SELECT restore_seeds_1($1, $2, $3, $4)";

pub const LOG_FILES: &str = "SELECT path, bytes FROM log_files WHERE path = ANY ($1::text[])";
pub const STORE_LOG_FILES: &str = "SELECT store_log_files_1($1, $2, $3)";
pub const LOG: &str = "SELECT origin, size, root, published_size, checkpoint, closed, stopped FROM logs WHERE origin = $1";
pub const LOGS: &str = "SELECT origin, size, root, published_size, checkpoint, closed, stopped FROM logs ORDER BY origin";
pub const NEW_LOG: &str = "
    INSERT INTO logs AS log (origin, size, root) VALUES ($1, $2, $3)
    ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root
        WHERE log.size = 0 AND NOT log.closed AND NOT log.stopped";
pub const REPLACE_LOG_HEAD: &str = "
    UPDATE logs SET size = $2, root = $3
    WHERE origin = $1 AND size = $4 AND root = $5 AND NOT closed AND NOT stopped";
/// Of a log that has signed nothing; it has perhaps no row yet.
pub const NOTE_STANDING_OF_NEW_LOG: &str = "
    INSERT INTO logs AS log (origin, size, root, closed, stopped) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (origin) DO UPDATE SET closed = excluded.closed, stopped = excluded.stopped
        WHERE log.size = excluded.size AND log.root = excluded.root AND (NOT log.closed OR excluded.closed)";
pub const NOTE_LOG_STANDING: &str = "
    UPDATE logs SET closed = $4, stopped = $5 WHERE origin = $1 AND size = $2 AND root = $3 AND (NOT closed OR $4)";
pub const PUBLISH_LOG: &str = "
    UPDATE logs SET published_size = $2, checkpoint = $3
    WHERE origin = $1 AND coalesce(published_size, 0) <= $2 AND $2 <= size";
pub const RESTORE_LOGS: &str = "SELECT restore_logs_2($1, $2, $3, $4, $5, $6, $7, $8)";

pub const STORE_PARTS: &str = "
    INSERT INTO liability_parts (statement, currency, depth, prefix, sealed)
    SELECT $1, new.* FROM unnest($2::integer[], $3::integer[], $4::bigint[], $5::bytea[])
        AS new(currency, depth, prefix, sealed) ORDER BY 2, 3, 4
    ON CONFLICT (statement, currency, depth, prefix) DO UPDATE SET sealed = excluded.sealed";
pub const PARTS: &str = "
    SELECT currency, depth, prefix, sealed FROM liability_parts
    JOIN unnest($2::integer[], $3::integer[], $4::bigint[]) AS wanted(currency, depth, prefix)
        USING (currency, depth, prefix)
    WHERE statement = $1";
pub const STATEMENTS: &str = "SELECT DISTINCT statement FROM liability_parts ORDER BY statement";
pub const FORGET_PARTS: &str = "DELETE FROM liability_parts WHERE statement = $1";

pub const ALL: &[&str] = &[
    LOAD,
    COMMIT,
    GIVE_UP,
    BATCH,
    FORGET_BATCHES,
    TIMELINE,
    HEAD,
    ENTRIES_AFTER,
    ENTRIES_AT,
    DUE,
    VOUCHER_ENTRIES,
    PAYMENTS_BY_KEY,
    MOVEMENTS,
    REVERSALS,
    ENTRY_BODY,
    BALANCES,
    FOLD_BALANCES,
    CURSOR,
    ENQUEUE,
    MESSAGES_DUE,
    MESSAGES_OF_RECIPIENT,
    LETTERS_GIVEN_UP,
    MESSAGE,
    ATTEMPTS,
    LAST_ATTEMPTS,
    RECORD,
    RESEND,
    ACQUIRE_LEASE,
    RENEW_LEASE,
    RELEASE_LEASE,
    CLAIM_SETTING,
    SETTING,
    EXTENT,
    ALL_MESSAGES,
    ALL_ATTEMPTS,
    BEGIN_RUN,
    RESTORE,
    SETTLE,
    SET_STANDING,
    COUNTS,
    OUTBOX_FIGURES,
    OWED,
    CHARGE_DEBTS,
    FORGET_DEBTS,
    SEED_RUNS,
    ADD_SEEDS,
    SEED_RUNS_AFTER,
    RESTORE_SEEDS,
    LOG_FILES,
    STORE_LOG_FILES,
    LOG,
    LOGS,
    NEW_LOG,
    REPLACE_LOG_HEAD,
    NOTE_STANDING_OF_NEW_LOG,
    NOTE_LOG_STANDING,
    PUBLISH_LOG,
    RESTORE_LOGS,
    STORE_PARTS,
    PARTS,
    STATEMENTS,
    FORGET_PARTS,
];
