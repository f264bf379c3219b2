-- A move is made by one run after another: see the setting 'run'. A run that stood still is refused once the next one has
-- begun, whatever it does then. Locks are always taken in the same order: the journal's head, the outbox, the run.

-- Refuses every run but the last that began, and lets the next one wait until this transaction ends.
CREATE FUNCTION require_run_1(own text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM settings WHERE name = 'run' AND value = own FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'another run of a move has taken over' USING ERRCODE = 'SC005';
    END IF;
END
$$;

-- What a session that names a run adds, entries as well as messages, at whatever time it arrives.
CREATE FUNCTION refuse_older_run_1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_run_1(current_setting('scrip.move'));
    RETURN NEW;
END
$$;
CREATE TRIGGER journal_has_its_run BEFORE UPDATE ON journal_head
    FOR EACH ROW WHEN (current_setting('scrip.move', true) <> '') EXECUTE FUNCTION refuse_older_run_1();
CREATE TRIGGER outbox_has_its_run BEFORE UPDATE ON outbox_cursor
    FOR EACH ROW WHEN (current_setting('scrip.move', true) <> '') EXECUTE FUNCTION refuse_older_run_1();

-- While data arrives, what is noted as the mover is the run. Noting the next one adds nothing, so it is no matter of this
-- trigger.
CREATE OR REPLACE FUNCTION refuse_receiving_1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.mover = OLD.mover AND OLD.mover IS DISTINCT FROM current_setting('scrip.move', true) THEN
        RAISE EXCEPTION 'data is on its way into this database' USING ERRCODE = 'SC004';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION begin_run_1(own text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM journal_head WHERE id = 1 FOR UPDATE;
    PERFORM FROM outbox_cursor WHERE id = 1 FOR UPDATE;
    INSERT INTO settings VALUES ('run', own) ON CONFLICT (name) DO UPDATE SET value = excluded.value;
    UPDATE journal_head SET mover = own WHERE id = 1 AND mover IS NOT NULL AND mover <> own;
    UPDATE outbox_cursor SET mover = own WHERE id = 1 AND mover IS NOT NULL AND mover <> own;
END
$$;

-- As those of version 5, in the name of a run. Only a move calls them, never a node, so those are gone: a move of the
-- version before that stands still now must not go on.
CREATE FUNCTION set_standing_2(
    own text, standing text, closing boolean, moving boolean, at_entry bigint, at_cursor bigint, at_message bigint
) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    head journal_head;
    outbox outbox_cursor;
    whose text := CASE WHEN moving THEN own END;
BEGIN
    SELECT * INTO head FROM journal_head WHERE id = 1 FOR UPDATE;
    SELECT * INTO outbox FROM outbox_cursor WHERE id = 1 FOR UPDATE;
    PERFORM require_run_1(own);
    IF at_entry IS NOT NULL AND (head.last, outbox.entry, outbox.last_message) <> (at_entry, at_cursor, at_message) THEN
        RETURN false;
    END IF;
    UPDATE journal_head SET closed = closing, mover = whose
        WHERE id = 1 AND (closed <> closing OR mover IS DISTINCT FROM whose);
    UPDATE outbox_cursor SET closed = closing, mover = whose
        WHERE id = 1 AND (closed <> closing OR mover IS DISTINCT FROM whose);
    INSERT INTO settings VALUES ('standing', standing) ON CONFLICT (name) DO UPDATE SET value = excluded.value;
    RETURN true;
END
$$;
DROP FUNCTION set_standing_1(text, boolean, text, bigint, bigint, bigint);

CREATE FUNCTION restore_messages_2(
    own text, since bigint, upto bigint,
    ids bigint[], merchants bigint[], channels smallint[], numbers bigint[], events text[], urls text[], bodies text[],
    entries bigint[], times bigint[], tries integer[], statuses smallint[], next_attempts bigint[],
    a_messages bigint[], a_numbers integer[], a_times bigint[], a_durations bigint[], a_http_statuses integer[],
    a_reasons text[], a_statuses smallint[], a_next_attempts bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM require_run_1(own);
    DELETE FROM attempts WHERE since < message AND message <= upto;
    DELETE FROM messages WHERE since < id AND id <= upto;
    INSERT INTO messages (id, merchant, channel, number, event, url, body, entry, created_at, attempts, status, next_attempt_at)
        SELECT * FROM unnest(ids, merchants, channels, numbers, events, urls, bodies, entries, times, tries, statuses,
            next_attempts);
    INSERT INTO attempts (message, number, at, duration_ms, http_status, reason, status, next_attempt_at)
        SELECT * FROM unnest(a_messages, a_numbers, a_times, a_durations, a_http_statuses, a_reasons, a_statuses,
            a_next_attempts);
    INSERT INTO outbox_counters (merchant, channel, last)
        SELECT new.merchant, new.channel, max(new.number)
        FROM unnest(merchants, channels, numbers) AS new(merchant, channel, number) GROUP BY new.merchant, new.channel
        ON CONFLICT (merchant, channel) DO UPDATE SET last = greatest(outbox_counters.last, excluded.last);
END
$$;
DROP FUNCTION restore_messages_1(bigint, bigint, bigint[], bigint[], smallint[], bigint[], text[], text[], text[],
    bigint[], bigint[], integer[], smallint[], bigint[], bigint[], integer[], bigint[], bigint[], integer[], text[],
    smallint[], bigint[]);

CREATE FUNCTION settle_messages_2(own text, cursor bigint) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM outbox_cursor WHERE id = 1 FOR UPDATE;
    PERFORM require_run_1(own);
    UPDATE outbox_cursor SET entry = cursor, last_message = (SELECT coalesce(max(messages.id), 0) FROM messages) WHERE id = 1;
    UPDATE outbox_counters SET last = (
        SELECT coalesce(max(messages.number), 0) FROM messages
        WHERE messages.merchant = outbox_counters.merchant AND messages.channel = outbox_counters.channel);
END
$$;
DROP FUNCTION settle_messages_1(bigint);
