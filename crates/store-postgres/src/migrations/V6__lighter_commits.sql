-- What changes with every step of a payment leaves the indexes of `payments`: its rows are then updated in place, without
-- a new entry in each index. Indexes that go are only those that the nodes of the version before can do without for the
-- minutes of a rolling restart: their lists of open payments and their timers become slow, not wrong.

-- At once the strongest lock that is needed below: a commit that had read payments under a weaker one would wait for this
-- migration, and this migration for it.
LOCK TABLE payments IN ACCESS EXCLUSIVE MODE;

-- Payments that wait, for somebody or for a time. There are few of them among all, and one stays only for a while.
CREATE TABLE pending_payments (
    merchant bigint NOT NULL,
    created_at bigint NOT NULL,
    first_entry bigint NOT NULL,
    key bytea NOT NULL,
    status smallint NOT NULL,
    due_at bigint NOT NULL,
    PRIMARY KEY (merchant, created_at, first_entry)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 10000);
CREATE INDEX pending_payments_due ON pending_payments (due_at) WHERE due_at < 9223372036854775807;
INSERT INTO pending_payments
    SELECT merchant, created_at, first_entry, key, status, due_at FROM payments
    WHERE status < 3 OR due_at < 9223372036854775807;

-- Whoever writes payments, a node of whatever version or somebody who moves data, need not know of the table.
CREATE FUNCTION follow_new_payments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pending_payments
        SELECT merchant, created_at, first_entry, key, status, due_at FROM written
        WHERE status < 3 OR due_at < 9223372036854775807;
    RETURN NULL;
END
$$;
CREATE FUNCTION follow_changed_payments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pending_payments AS pending USING written
        WHERE pending.merchant = written.merchant AND pending.created_at = written.created_at
            AND pending.first_entry = written.first_entry
            AND NOT (written.status < 3 OR written.due_at < 9223372036854775807);
    INSERT INTO pending_payments
        SELECT merchant, created_at, first_entry, key, status, due_at FROM written
        WHERE status < 3 OR due_at < 9223372036854775807
        ON CONFLICT (merchant, created_at, first_entry)
            DO UPDATE SET status = excluded.status, due_at = excluded.due_at;
    RETURN NULL;
END
$$;
CREATE FUNCTION follow_removed_payments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pending_payments AS pending USING removed
        WHERE pending.merchant = removed.merchant AND pending.created_at = removed.created_at
            AND pending.first_entry = removed.first_entry;
    RETURN NULL;
END
$$;
CREATE TRIGGER follow_new AFTER INSERT ON payments REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION follow_new_payments();
CREATE TRIGGER follow_changed AFTER UPDATE ON payments REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION follow_changed_payments();
CREATE TRIGGER follow_removed AFTER DELETE ON payments REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION follow_removed_payments();

DROP INDEX payments_open;
DROP INDEX payments_due;
-- The time of a payment is that of its first entry, which is found by its number.
DROP INDEX payments_by_first_entry;
ALTER TABLE payments SET (fillfactor = 45);

-- Writes one batch, all of it or nothing, in one call: no client is waited for while a lock is held.
--
-- Answers the head behind which the batch was placed, or -1 for a conflict, after which nothing is written. The head is
-- the first row that is locked: batches follow one another from there on, so no row is checked, locked and then written,
-- but written if it is as expected, and no two batches wait for each other's rows. A row that is expected to be nothing is
-- inserted. A place is one in the batch, from 1; with a place of 0 a row keeps version 0. `p_added` names the entries that
-- changed a payment where these are more than the one at its place.
CREATE FUNCTION commit_batch_2(
    batch bytea, assumed bigint, newest bigint, bodies bytea[],
    read_serials bigint[], read_serial_versions bigint[],
    read_payments bytea[], read_payment_versions bigint[],
    read_orders bytea[], read_order_versions bigint[],
    read_kinds smallint[], read_parties bytea[], read_party_versions bigint[],
    read_commands bytea[],
    v_serial bigint[], v_expected bigint[], v_place bigint[], v_pin bytea[], v_due bigint[], v_body bytea[],
    p_key bytea[], p_expected bigint[], p_place bigint[], p_added text[], p_merchant bigint[], p_status smallint[],
    p_currency integer[], p_amount bigint[], p_customer text[], p_submerchant text[], p_created bigint[],
    p_due bigint[], p_serials text[], p_body bytea[],
    o_key bytea[], o_expected bigint[], o_place bigint[], o_serial bigint[], o_terminal bytea[], o_body bytea[],
    s_kind smallint[], s_key bytea[], s_expected bigint[], s_place bigint[], s_body bytea[],
    c_key bytea[], c_fingerprint bytea[], c_place bigint[],
    t_serial bigint[], t_place bigint[],
    m_merchant bigint[], m_at bigint[], m_place bigint[],
    r_party bigint[], r_kind smallint[], r_at bigint[], r_place bigint[],
    b_account bytea[], b_minor bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    base bigint;
    known bigint;
    written bigint;
BEGIN
    -- From here on the batches of all nodes follow one another.
    UPDATE journal_head SET last = last + cardinality(bodies), latest = greatest(latest, newest)
        WHERE id = 1 AND assumed <= last
        RETURNING last - cardinality(bodies) INTO base;
    IF base IS NULL THEN RETURN -1; END IF;
    INSERT INTO batches (id, base) VALUES (batch, base) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the batch was given up' USING ERRCODE = 'SC002';
    END IF;

    -- What was read and is not written must be as it was, or must still be nothing.
    IF 0 < cardinality(read_serials) AND EXISTS (
        SELECT 1 FROM unnest(read_serials, read_serial_versions) AS seen(serial, version)
        LEFT JOIN vouchers v ON v.serial = seen.serial WHERE v.version IS DISTINCT FROM seen.version)
    THEN RAISE EXCEPTION USING ERRCODE = 'SC001'; END IF;
    IF 0 < cardinality(read_payments) AND EXISTS (
        SELECT 1 FROM unnest(read_payments, read_payment_versions) AS seen(key, version)
        LEFT JOIN payments p ON p.key = seen.key WHERE p.version IS DISTINCT FROM seen.version)
    THEN RAISE EXCEPTION USING ERRCODE = 'SC001'; END IF;
    IF 0 < cardinality(read_orders) AND EXISTS (
        SELECT 1 FROM unnest(read_orders, read_order_versions) AS seen(key, version)
        LEFT JOIN orders o ON o.key = seen.key WHERE o.version IS DISTINCT FROM seen.version)
    THEN RAISE EXCEPTION USING ERRCODE = 'SC001'; END IF;
    IF 0 < cardinality(read_parties) AND EXISTS (
        SELECT 1 FROM unnest(read_kinds, read_parties, read_party_versions) AS seen(kind, key, version)
        LEFT JOIN parties s ON s.kind = seen.kind AND s.key = seen.key WHERE s.version IS DISTINCT FROM seen.version)
    THEN RAISE EXCEPTION USING ERRCODE = 'SC001'; END IF;
    IF 0 < cardinality(read_commands) AND EXISTS (
        SELECT 1 FROM unnest(read_commands) AS seen(key) JOIN commands c ON c.key = seen.key)
    THEN RAISE EXCEPTION USING ERRCODE = 'SC001'; END IF;

    INSERT INTO entries SELECT base + place, body FROM unnest(bodies) WITH ORDINALITY AS new(body, place);

    known := cardinality(array_remove(v_expected, NULL));
    IF 0 < known THEN
        UPDATE vouchers SET due_at = new.due_at, version = base + new.place, body = new.body
            FROM unnest(v_serial, v_expected, v_place, v_due, v_body) AS new(serial, expected, place, due_at, body)
            WHERE vouchers.serial = new.serial AND vouchers.version = new.expected;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> known THEN RAISE EXCEPTION USING ERRCODE = 'SC001'; END IF;
    END IF;
    IF known < cardinality(v_expected) THEN
        INSERT INTO vouchers (serial, pin, due_at, version, body)
            SELECT new.serial, new.pin, new.due_at, base + new.place, new.body
            FROM unnest(v_serial, v_expected, v_place, v_pin, v_due, v_body)
                AS new(serial, expected, place, pin, due_at, body)
            WHERE new.expected IS NULL;
    END IF;

    known := cardinality(array_remove(p_expected, NULL));
    IF 0 < known THEN
        UPDATE payments SET status = new.status, due_at = new.due_at, serials = new.serials::bigint[],
                entries = entries || CASE WHEN new.added IS NULL THEN ARRAY[base + new.place] ELSE
                    (SELECT array_agg(base + n ORDER BY n) FROM unnest(new.added::bigint[]) AS n) END,
                version = base + new.place, body = new.body
            FROM unnest(p_key, p_expected, p_place, p_added, p_status, p_due, p_serials, p_body)
                AS new(key, expected, place, added, status, due_at, serials, body)
            WHERE payments.key = new.key AND payments.version = new.expected;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> known THEN RAISE EXCEPTION USING ERRCODE = 'SC001'; END IF;
    END IF;
    IF known < cardinality(p_expected) THEN
        INSERT INTO payments (key, merchant, status, currency, amount, customer, submerchant, created_at, first_entry,
                due_at, serials, entries, version, body)
            SELECT new.key, new.merchant, new.status, new.currency, new.amount, new.customer, new.submerchant,
                new.created_at, base + coalesce((new.added::bigint[])[1], new.place), new.due_at, new.serials::bigint[],
                CASE WHEN new.added IS NULL THEN ARRAY[base + new.place] ELSE
                    (SELECT array_agg(base + n ORDER BY n) FROM unnest(new.added::bigint[]) AS n) END,
                base + new.place, new.body
            FROM unnest(p_key, p_expected, p_place, p_added, p_merchant, p_status, p_currency, p_amount, p_customer,
                    p_submerchant, p_created, p_due, p_serials, p_body)
                AS new(key, expected, place, added, merchant, status, currency, amount, customer,
                    submerchant, created_at, due_at, serials, body)
            WHERE new.expected IS NULL;
    END IF;

    known := cardinality(array_remove(o_expected, NULL));
    IF 0 < known THEN
        UPDATE orders SET version = base + new.place, body = new.body
            FROM unnest(o_key, o_expected, o_place, o_body) AS new(key, expected, place, body)
            WHERE orders.key = new.key AND orders.version = new.expected;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> known THEN RAISE EXCEPTION USING ERRCODE = 'SC001'; END IF;
    END IF;
    IF known < cardinality(o_expected) THEN
        INSERT INTO orders (key, serial, terminal, version, body)
            SELECT new.key, new.serial, new.terminal, base + new.place, new.body
            FROM unnest(o_key, o_expected, o_place, o_serial, o_terminal, o_body)
                AS new(key, expected, place, serial, terminal, body)
            WHERE new.expected IS NULL;
    END IF;

    known := cardinality(array_remove(s_expected, NULL));
    IF 0 < known THEN
        UPDATE parties SET version = CASE new.place WHEN 0 THEN 0 ELSE base + new.place END, body = new.body
            FROM unnest(s_kind, s_key, s_expected, s_place, s_body) AS new(kind, key, expected, place, body)
            WHERE parties.kind = new.kind AND parties.key = new.key AND parties.version = new.expected;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> known THEN RAISE EXCEPTION USING ERRCODE = 'SC001'; END IF;
    END IF;
    IF known < cardinality(s_expected) THEN
        INSERT INTO parties (kind, key, version, body)
            SELECT new.kind, new.key, CASE new.place WHEN 0 THEN 0 ELSE base + new.place END, new.body
            FROM unnest(s_kind, s_key, s_expected, s_place, s_body) AS new(kind, key, expected, place, body)
            WHERE new.expected IS NULL;
    END IF;

    IF 0 < cardinality(c_key) THEN
        INSERT INTO commands (key, fingerprint, entry)
            SELECT new.key, new.fingerprint, base + new.place
            FROM unnest(c_key, c_fingerprint, c_place) AS new(key, fingerprint, place);
    END IF;
    IF 0 < cardinality(t_serial) THEN
        INSERT INTO voucher_entries
            SELECT new.serial, base + new.place FROM unnest(t_serial, t_place) AS new(serial, place);
    END IF;
    IF 0 < cardinality(m_merchant) THEN
        INSERT INTO movements SELECT new.merchant, new.at, base + new.place
            FROM unnest(m_merchant, m_at, m_place) AS new(merchant, at, place);
    END IF;
    IF 0 < cardinality(r_party) THEN
        INSERT INTO reversals SELECT new.party, base + new.place, new.kind, new.at
            FROM unnest(r_party, r_kind, r_at, r_place) AS new(party, kind, at, place);
    END IF;
    IF 0 < cardinality(b_account) THEN
        INSERT INTO balance_deltas SELECT base + cardinality(bodies), new.account, new.minor
            FROM unnest(b_account, b_minor) AS new(account, minor);
    END IF;
    RETURN base;
EXCEPTION
    -- A row is not as expected, or a key was taken: all of the block is taken back.
    WHEN SQLSTATE 'SC001' OR unique_violation THEN RETURN -1;
END
$$;
