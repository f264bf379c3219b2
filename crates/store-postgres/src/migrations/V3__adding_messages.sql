-- Numbers and adds messages, and moves the cursor from where the reader found it. Answers the id of the last message;
-- -1 if the cursor stood elsewhere, before which nothing was changed. Without a step (`upto` is null) it adds alone.
CREATE FUNCTION enqueue_messages_1(
    since bigint, upto bigint,
    merchants bigint[], channels smallint[], events text[], urls text[], bodies text[], entries bigint[], times bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    before_first bigint;
BEGIN
    -- The row of the cursor is the lock of all who add, so that ids and numbers grow in the order of the commits.
    UPDATE outbox_cursor SET entry = coalesce(upto, entry), last_message = last_message + cardinality(merchants)
        WHERE id = 1 AND (upto IS NULL OR (entry = since AND since < upto))
        RETURNING last_message - cardinality(merchants) INTO before_first;
    IF before_first IS NULL THEN RETURN -1; END IF;
    INSERT INTO messages (id, merchant, channel, number, event, url, body, entry, created_at, attempts, status, next_attempt_at)
        SELECT before_first + new.place, new.merchant, new.channel,
            coalesce(counters.last, 0) + row_number() OVER (PARTITION BY new.merchant, new.channel ORDER BY new.place),
            new.event, new.url, new.body, new.entry, new.at, 0, 0, new.at
        FROM unnest(merchants, channels, events, urls, bodies, entries, times) WITH ORDINALITY
            AS new(merchant, channel, event, url, body, entry, at, place)
        LEFT JOIN outbox_counters counters ON counters.merchant = new.merchant AND counters.channel = new.channel;
    INSERT INTO outbox_counters (merchant, channel, last)
        SELECT new.merchant, new.channel, count(*) FROM unnest(merchants, channels) AS new(merchant, channel)
        GROUP BY new.merchant, new.channel
        ON CONFLICT (merchant, channel) DO UPDATE SET last = outbox_counters.last + excluded.last;
    RETURN before_first + cardinality(merchants);
END
$$;
