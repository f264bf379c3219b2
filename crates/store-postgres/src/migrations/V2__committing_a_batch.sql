-- Writes one batch, all of it or nothing, in one call: no client is waited for while a lock is held.
--
-- Answers the head behind which the batch was placed, or -1 for a conflict, before which nothing was written. Rows that
-- must exist are locked in the order of their keys, which callers sort, and the head after them, so that two batches do
-- not wait for each other. An offset is a place in the batch, from 1; with an offset of 0 a row keeps version 0.
--
-- A later form of this function gets a new name, so that older nodes still find theirs.
CREATE FUNCTION commit_batch_1(
    batch bytea, assumed bigint, newest bigint, bodies bytea[],
    must_serials bigint[], must_serial_versions bigint[],
    must_payments bytea[], must_payment_versions bigint[],
    must_orders bytea[], must_order_versions bigint[],
    must_kinds smallint[], must_parties bytea[], must_party_versions bigint[],
    new_commands bytea[],
    v_serial bigint[], v_fresh boolean[], v_place bigint[], v_pin bytea[], v_due bigint[], v_body bytea[],
    p_key bytea[], p_fresh boolean[], p_place bigint[], p_added text[], p_merchant bigint[], p_status smallint[],
    p_currency integer[], p_amount bigint[], p_customer text[], p_submerchant text[], p_created bigint[],
    p_due bigint[], p_serials text[], p_body bytea[],
    o_key bytea[], o_fresh boolean[], o_place bigint[], o_serial bigint[], o_terminal bytea[], o_body bytea[],
    s_kind smallint[], s_key bytea[], s_fresh boolean[], s_place bigint[], s_body bytea[],
    c_key bytea[], c_fingerprint bytea[], c_place bigint[],
    t_serial bigint[], t_place bigint[],
    m_merchant bigint[], m_at bigint[], m_place bigint[],
    r_party bigint[], r_kind smallint[], r_at bigint[], r_place bigint[],
    b_account bytea[], b_minor bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    base bigint;
    found_rows bigint;
    fresh_rows bigint;
BEGIN
    -- What must be as it was loaded.
    SELECT count(*) INTO found_rows FROM (
        SELECT 1 FROM unnest(must_serials, must_serial_versions) AS must(serial, version)
        JOIN vouchers v ON v.serial = must.serial AND v.version = must.version
        ORDER BY v.serial FOR UPDATE OF v
    ) AS held;
    IF found_rows <> (SELECT count(*) FROM unnest(must_serial_versions) AS n WHERE n IS NOT NULL) THEN RETURN -1; END IF;
    SELECT count(*) INTO found_rows FROM (
        SELECT 1 FROM unnest(must_payments, must_payment_versions) AS must(key, version)
        JOIN payments p ON p.key = must.key AND p.version = must.version
        ORDER BY p.key FOR UPDATE OF p
    ) AS held;
    IF found_rows <> (SELECT count(*) FROM unnest(must_payment_versions) AS n WHERE n IS NOT NULL) THEN RETURN -1; END IF;
    SELECT count(*) INTO found_rows FROM (
        SELECT 1 FROM unnest(must_orders, must_order_versions) AS must(key, version)
        JOIN orders o ON o.key = must.key AND o.version = must.version
        ORDER BY o.key FOR UPDATE OF o
    ) AS held;
    IF found_rows <> (SELECT count(*) FROM unnest(must_order_versions) AS n WHERE n IS NOT NULL) THEN RETURN -1; END IF;
    SELECT count(*) INTO found_rows FROM (
        SELECT 1 FROM unnest(must_kinds, must_parties, must_party_versions) AS must(kind, key, version)
        JOIN parties s ON s.kind = must.kind AND s.key = must.key AND s.version = must.version
        ORDER BY s.kind, s.key FOR UPDATE OF s
    ) AS held;
    IF found_rows <> (SELECT count(*) FROM unnest(must_party_versions) AS n WHERE n IS NOT NULL) THEN RETURN -1; END IF;

    -- What must not exist. Another batch may still add it before this one does: the inserts below notice.
    IF EXISTS (SELECT 1 FROM unnest(must_serials, must_serial_versions) AS must(serial, version)
               JOIN vouchers v ON v.serial = must.serial WHERE must.version IS NULL)
        OR EXISTS (SELECT 1 FROM unnest(v_pin, v_fresh) AS new(pin, fresh)
                   JOIN vouchers v ON v.pin = new.pin WHERE new.fresh)
        OR EXISTS (SELECT 1 FROM unnest(must_payments, must_payment_versions) AS must(key, version)
                   JOIN payments p ON p.key = must.key WHERE must.version IS NULL)
        OR EXISTS (SELECT 1 FROM unnest(must_orders, must_order_versions) AS must(key, version)
                   JOIN orders o ON o.key = must.key WHERE must.version IS NULL)
        OR EXISTS (SELECT 1 FROM unnest(must_kinds, must_parties, must_party_versions) AS must(kind, key, version)
                   JOIN parties s ON s.kind = must.kind AND s.key = must.key WHERE must.version IS NULL)
        OR EXISTS (SELECT 1 FROM unnest(new_commands) AS new(key) JOIN commands c ON c.key = new.key)
    THEN RETURN -1; END IF;

    -- From here on the batches of all nodes follow one another.
    UPDATE journal_head SET last = last + cardinality(bodies), latest = greatest(latest, newest)
        WHERE id = 1 AND assumed <= last
        RETURNING last - cardinality(bodies) INTO base;
    IF base IS NULL THEN RETURN -1; END IF;
    INSERT INTO batches (id, base) VALUES (batch, base) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the batch was given up' USING ERRCODE = 'SC002';
    END IF;
    INSERT INTO entries SELECT base + place, body FROM unnest(bodies) WITH ORDINALITY AS new(body, place);

    UPDATE vouchers SET due_at = new.due_at, version = base + new.place, body = new.body
        FROM unnest(v_serial, v_fresh, v_place, v_due, v_body) AS new(serial, fresh, place, due_at, body)
        WHERE vouchers.serial = new.serial AND NOT new.fresh;
    INSERT INTO vouchers (serial, pin, due_at, version, body)
        SELECT new.serial, new.pin, new.due_at, base + new.place, new.body
        FROM unnest(v_serial, v_fresh, v_place, v_pin, v_due, v_body) AS new(serial, fresh, place, pin, due_at, body)
        WHERE new.fresh ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS fresh_rows = ROW_COUNT;

    UPDATE payments SET status = new.status, due_at = new.due_at, serials = new.serials::bigint[],
            entries = entries || (SELECT array_agg(base + n ORDER BY n) FROM unnest(new.added::bigint[]) AS n),
            version = base + new.place, body = new.body
        FROM unnest(p_key, p_fresh, p_place, p_added, p_status, p_due, p_serials, p_body)
            AS new(key, fresh, place, added, status, due_at, serials, body)
        WHERE payments.key = new.key AND NOT new.fresh;
    INSERT INTO payments (key, merchant, status, currency, amount, customer, submerchant, created_at, first_entry,
            due_at, serials, entries, version, body)
        SELECT new.key, new.merchant, new.status, new.currency, new.amount, new.customer, new.submerchant,
            new.created_at, base + (new.added::bigint[])[1], new.due_at, new.serials::bigint[],
            (SELECT array_agg(base + n ORDER BY n) FROM unnest(new.added::bigint[]) AS n), base + new.place, new.body
        FROM unnest(p_key, p_fresh, p_place, p_added, p_merchant, p_status, p_currency, p_amount, p_customer,
                p_submerchant, p_created, p_due, p_serials, p_body)
            AS new(key, fresh, place, added, merchant, status, currency, amount, customer,
                submerchant, created_at, due_at, serials, body)
        WHERE new.fresh ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS found_rows = ROW_COUNT;
    fresh_rows = fresh_rows + found_rows;

    UPDATE orders SET version = base + new.place, body = new.body
        FROM unnest(o_key, o_fresh, o_place, o_body) AS new(key, fresh, place, body)
        WHERE orders.key = new.key AND NOT new.fresh;
    INSERT INTO orders (key, serial, terminal, version, body)
        SELECT new.key, new.serial, new.terminal, base + new.place, new.body
        FROM unnest(o_key, o_fresh, o_place, o_serial, o_terminal, o_body)
            AS new(key, fresh, place, serial, terminal, body)
        WHERE new.fresh ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS found_rows = ROW_COUNT;
    fresh_rows = fresh_rows + found_rows;

    UPDATE parties SET version = CASE new.place WHEN 0 THEN 0 ELSE base + new.place END, body = new.body
        FROM unnest(s_kind, s_key, s_fresh, s_place, s_body) AS new(kind, key, fresh, place, body)
        WHERE parties.kind = new.kind AND parties.key = new.key AND NOT new.fresh;
    INSERT INTO parties (kind, key, version, body)
        SELECT new.kind, new.key, CASE new.place WHEN 0 THEN 0 ELSE base + new.place END, new.body
        FROM unnest(s_kind, s_key, s_fresh, s_place, s_body) AS new(kind, key, fresh, place, body)
        WHERE new.fresh ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS found_rows = ROW_COUNT;
    fresh_rows = fresh_rows + found_rows;

    INSERT INTO commands (key, fingerprint, entry)
        SELECT new.key, new.fingerprint, base + new.place
        FROM unnest(c_key, c_fingerprint, c_place) AS new(key, fingerprint, place) ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS found_rows = ROW_COUNT;
    fresh_rows = fresh_rows + found_rows;

    IF fresh_rows <> cardinality(c_key) + (
        SELECT count(*) FROM unnest(v_fresh || p_fresh || o_fresh || s_fresh) AS new(fresh) WHERE fresh
    ) THEN
        -- Another batch added the same key between the check and here: take everything back.
        RAISE EXCEPTION 'a key was taken meanwhile' USING ERRCODE = 'SC001';
    END IF;

    INSERT INTO voucher_entries SELECT new.serial, base + new.place FROM unnest(t_serial, t_place) AS new(serial, place);
    INSERT INTO movements SELECT new.merchant, new.at, base + new.place
        FROM unnest(m_merchant, m_at, m_place) AS new(merchant, at, place);
    INSERT INTO reversals SELECT new.party, base + new.place, new.kind, new.at
        FROM unnest(r_party, r_kind, r_at, r_place) AS new(party, kind, at, place);
    INSERT INTO balance_deltas SELECT base + cardinality(bodies), new.account, new.minor
        FROM unnest(b_account, b_minor) AS new(account, minor);
    RETURN base;
END
$$;
