-- Entries are the truth. Everything else follows from them and is written in the same transaction.
-- Migrations only add: nodes of the version before go on working beside those of the next.

CREATE TABLE journal_head (
    id smallint PRIMARY KEY CHECK (id = 1),
    last bigint NOT NULL,
    -- The latest time of all entries.
    latest bigint NOT NULL
);
INSERT INTO journal_head VALUES (1, 0, 0);

-- The sequence is not part of the body: it is known only when the row is written.
CREATE TABLE entries (
    sequence bigint PRIMARY KEY,
    body bytea NOT NULL
);

-- What became of each batch, for callers whose answer was lost. Without a base it was given up.
CREATE TABLE batches (
    id bytea PRIMARY KEY,
    base bigint,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX batches_by_age ON batches (made_at);

CREATE TABLE vouchers (
    serial bigint PRIMARY KEY,
    pin bytea NOT NULL UNIQUE,
    due_at bigint NOT NULL,
    version bigint NOT NULL,
    body bytea NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX vouchers_due ON vouchers (due_at) WHERE due_at < 9223372036854775807;

CREATE TABLE payments (
    key bytea PRIMARY KEY,
    merchant bigint NOT NULL,
    status smallint NOT NULL,
    currency integer NOT NULL,
    amount bigint NOT NULL,
    customer text NOT NULL,
    submerchant text,
    created_at bigint NOT NULL,
    first_entry bigint NOT NULL,
    due_at bigint NOT NULL,
    serials bigint[] NOT NULL,
    entries bigint[] NOT NULL,
    version bigint NOT NULL,
    body bytea NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX payments_by_merchant ON payments (merchant, created_at, first_entry);
CREATE INDEX payments_by_customer ON payments (merchant, customer, created_at, first_entry);
CREATE INDEX payments_open ON payments (merchant, status, created_at, first_entry) WHERE status < 3;
CREATE INDEX payments_due ON payments (due_at) WHERE due_at < 9223372036854775807;
CREATE INDEX payments_by_first_entry ON payments (first_entry);

CREATE TABLE orders (
    key bytea PRIMARY KEY,
    serial bigint NOT NULL,
    terminal bytea NOT NULL,
    version bigint NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE commands (
    key bytea PRIMARY KEY,
    fingerprint bytea NOT NULL,
    entry bigint NOT NULL
);

-- Merchants, distributors, products, API keys and terminals: there are few of them, and all are found by key alone.
CREATE TABLE parties (
    kind smallint NOT NULL,
    key bytea NOT NULL,
    version bigint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE TABLE voucher_entries (
    serial bigint NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (serial, sequence)
);

CREATE TABLE movements (
    merchant bigint NOT NULL,
    at bigint NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (merchant, at, sequence)
);

-- What was put right by itself, of merchants and of distributors, whose numbers differ in length.
CREATE TABLE reversals (
    party bigint NOT NULL,
    sequence bigint NOT NULL,
    kind smallint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (party, sequence)
);

-- A balance is its folded part and all that was appended since.
CREATE TABLE balances (
    account bytea PRIMARY KEY,
    minor bigint NOT NULL
);
CREATE TABLE balance_deltas (
    sequence bigint NOT NULL,
    account bytea NOT NULL,
    minor bigint NOT NULL,
    PRIMARY KEY (sequence, account)
);

CREATE TABLE outbox_cursor (
    id smallint PRIMARY KEY CHECK (id = 1),
    entry bigint NOT NULL,
    last_message bigint NOT NULL
);
INSERT INTO outbox_cursor VALUES (1, 0, 0);
CREATE TABLE outbox_counters (
    merchant bigint NOT NULL,
    channel smallint NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (merchant, channel)
);
CREATE TABLE messages (
    id bigint PRIMARY KEY,
    merchant bigint NOT NULL,
    channel smallint NOT NULL,
    number bigint NOT NULL,
    event text NOT NULL,
    url text NOT NULL,
    body text NOT NULL,
    entry bigint,
    created_at bigint NOT NULL,
    attempts integer NOT NULL,
    status smallint NOT NULL,
    -- Set while the message is pending.
    next_attempt_at bigint,
    UNIQUE (merchant, channel, number)
);
CREATE INDEX messages_due ON messages (next_attempt_at, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX messages_by_merchant ON messages (merchant, id);
CREATE TABLE attempts (
    message bigint NOT NULL,
    number integer NOT NULL,
    at bigint NOT NULL,
    duration_ms bigint NOT NULL,
    http_status integer,
    reason text,
    status smallint NOT NULL,
    next_attempt_at bigint,
    PRIMARY KEY (message, number)
);

CREATE TABLE leases (
    name text PRIMARY KEY,
    holder bytea NOT NULL,
    -- Grows with every change of the holder.
    token bigint NOT NULL,
    ends_at timestamptz NOT NULL
);

-- Facts about the installation, such as which keys its data belongs to.
CREATE TABLE settings (
    name text PRIMARY KEY,
    value text NOT NULL
);
