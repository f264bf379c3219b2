-- A log that its sequencer has stopped is stopped for every node. One that is closed is not asked whether it has stopped.
ALTER TABLE logs ADD COLUMN stopped boolean NOT NULL DEFAULT false;

-- What a move writes, in the name of its run.
CREATE FUNCTION restore_logs_2(
    own text, origins text[], sizes bigint[], roots bytea[], published_sizes bigint[], checkpoints bytea[], closings boolean[],
    stoppings boolean[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_run_1(own);
    INSERT INTO logs (origin, size, root, published_size, checkpoint, closed, stopped)
        SELECT * FROM unnest(origins, sizes, roots, published_sizes, checkpoints, closings, stoppings)
        ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root,
            published_size = excluded.published_size, checkpoint = excluded.checkpoint, closed = excluded.closed,
            stopped = excluded.stopped;
END
$$;
