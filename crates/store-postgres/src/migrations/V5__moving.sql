-- Data that moves to another storage, or comes from there: see the setting 'standing'.

-- Once the data has moved nothing is added any more, by no program of any version.
ALTER TABLE journal_head ADD COLUMN closed boolean NOT NULL DEFAULT false;
ALTER TABLE outbox_cursor ADD COLUMN closed boolean NOT NULL DEFAULT false;
CREATE FUNCTION refuse_moved_1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the data of this database has moved and goes on elsewhere' USING ERRCODE = 'SC003';
END
$$;
CREATE TRIGGER journal_has_moved BEFORE UPDATE ON journal_head
    FOR EACH ROW WHEN (OLD.closed AND NEW.closed) EXECUTE FUNCTION refuse_moved_1();
CREATE TRIGGER outbox_has_moved BEFORE UPDATE ON outbox_cursor
    FOR EACH ROW WHEN (OLD.closed AND NEW.closed) EXECUTE FUNCTION refuse_moved_1();

-- While data arrives, only sessions that name its move add anything: a node that slept when the move began does not.
ALTER TABLE journal_head ADD COLUMN mover text;
ALTER TABLE outbox_cursor ADD COLUMN mover text;
CREATE FUNCTION refuse_receiving_1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.mover IS DISTINCT FROM current_setting('scrip.move', true) THEN
        RAISE EXCEPTION 'data is on its way into this database' USING ERRCODE = 'SC004';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER journal_is_receiving BEFORE UPDATE ON journal_head
    FOR EACH ROW WHEN (OLD.mover IS NOT NULL AND NEW.mover IS NOT NULL) EXECUTE FUNCTION refuse_receiving_1();
CREATE TRIGGER outbox_is_receiving BEFORE UPDATE ON outbox_cursor
    FOR EACH ROW WHEN (OLD.mover IS NOT NULL AND NEW.mover IS NOT NULL) EXECUTE FUNCTION refuse_receiving_1();

-- Notes the standing. With an extent it does so only if the data is exactly as far as that; answers whether it did. Its
-- locks are those of all who add entries or messages.
CREATE FUNCTION set_standing_1(standing text, closing boolean, moving text, at_entry bigint, at_cursor bigint, at_message bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    head journal_head;
    outbox outbox_cursor;
BEGIN
    SELECT * INTO head FROM journal_head WHERE id = 1 FOR UPDATE;
    SELECT * INTO outbox FROM outbox_cursor WHERE id = 1 FOR UPDATE;
    IF at_entry IS NOT NULL AND (head.last, outbox.entry, outbox.last_message) <> (at_entry, at_cursor, at_message) THEN
        RETURN false;
    END IF;
    UPDATE journal_head SET closed = closing, mover = moving
        WHERE id = 1 AND (closed <> closing OR mover IS DISTINCT FROM moving);
    UPDATE outbox_cursor SET closed = closing, mover = moving
        WHERE id = 1 AND (closed <> closing OR mover IS DISTINCT FROM moving);
    INSERT INTO settings VALUES ('standing', standing) ON CONFLICT (name) DO UPDATE SET value = excluded.value;
    RETURN true;
END
$$;

-- Makes the messages behind `since`, up to `upto`, exactly these, with their ids, numbers and attempts.
CREATE FUNCTION restore_messages_1(
    since bigint, upto bigint,
    ids bigint[], merchants bigint[], channels smallint[], numbers bigint[], events text[], urls text[], bodies text[],
    entries bigint[], times bigint[], tries integer[], statuses smallint[], next_attempts bigint[],
    a_messages bigint[], a_numbers integer[], a_times bigint[], a_durations bigint[], a_http_statuses integer[],
    a_reasons text[], a_statuses smallint[], a_next_attempts bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
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

-- Lets ids and numbers go on behind the greatest that there are, and the reader behind `cursor`.
CREATE FUNCTION settle_messages_1(cursor bigint) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    UPDATE outbox_cursor SET entry = cursor, last_message = (SELECT coalesce(max(messages.id), 0) FROM messages) WHERE id = 1;
    UPDATE outbox_counters SET last = (
        SELECT coalesce(max(messages.number), 0) FROM messages
        WHERE messages.merchant = outbox_counters.merchant AND messages.channel = outbox_counters.channel);
END
$$;
