-- What addresses, networks and the whole system owe for wrong tries: the time, in milliseconds, at which nothing is owed.
CREATE TABLE debts (
    debtor bytea PRIMARY KEY,
    free_at bigint NOT NULL
);
CREATE INDEX debts_by_time ON debts (free_at);

CREATE FUNCTION milliseconds_now_1() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
$$;

-- Adds charges one after another, the debtors in the order of their names, so that two nodes never wait for each other
-- in a ring.
CREATE FUNCTION charge_debts_1(debtors bytea[], spans bigint[], mosts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    charge record;
    moment bigint := milliseconds_now_1();
BEGIN
    FOR charge IN
        SELECT new.debtor, new.span, least(new.most, 9000000000000000000 - moment) AS most
        FROM unnest(debtors, spans, mosts) WITH ORDINALITY AS new(debtor, span, most, place)
        ORDER BY new.debtor, new.place
    LOOP
        INSERT INTO debts AS known VALUES (charge.debtor, moment + least(charge.span, charge.most))
        ON CONFLICT (debtor) DO UPDATE SET free_at = greatest(known.free_at,
            least(greatest(known.free_at, moment) + charge.span, moment + charge.most));
    END LOOP;
END
$$;
