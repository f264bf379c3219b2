-- The transparency log: the seeds of its leaves, its files, and the last head that each log signed.

-- One row for the entries of a commit. Not in the entries, which are never changed: seeds can be erased.
CREATE TABLE leaf_seeds (
    first bigint PRIMARY KEY,
    count integer NOT NULL CHECK (0 < count),
    sealed bytea NOT NULL
);

-- Hashes cannot be compressed.
CREATE TABLE log_files (
    path text COLLATE "C" PRIMARY KEY,
    bytes bytea NOT NULL
);
ALTER TABLE log_files ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE logs (
    origin text PRIMARY KEY,
    size bigint NOT NULL,
    root bytea NOT NULL,
    published_size bigint,
    checkpoint bytea,
    -- Set where this is a copy that others may have gone on from.
    closed boolean NOT NULL DEFAULT false
);

-- Stores files that are not there, all of them or none; answers a path under which there are other bytes, if there is one.
-- A full tile lets its partial ones go: behind the stroke comes a digit, and the nought comes behind the stroke.
CREATE FUNCTION store_log_files_1(paths text[], bodies bytea[], full_paths text[]) RETURNS text LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    differing text;
BEGIN
    INSERT INTO log_files (path, bytes)
        SELECT new.path, new.body FROM unnest(paths, bodies) AS new(path, body) ORDER BY new.path
        ON CONFLICT DO NOTHING;
    SELECT new.path INTO differing FROM unnest(paths, bodies) AS new(path, body)
        LEFT JOIN log_files old ON old.path = new.path
        WHERE old.bytes IS DISTINCT FROM new.body LIMIT 1;
    IF differing IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'SC006';
    END IF;
    DELETE FROM log_files AS old USING unnest(full_paths) AS whole(path)
        WHERE whole.path || '.p/' <= old.path AND old.path < whole.path || '.p0';
    RETURN NULL;
EXCEPTION
    WHEN SQLSTATE 'SC006' THEN RETURN differing;
END
$$;

-- What a move writes, in the name of its run.
CREATE FUNCTION restore_seeds_1(own text, firsts bigint[], counts integer[], bodies bytea[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_run_1(own);
    INSERT INTO leaf_seeds (first, count, sealed) SELECT * FROM unnest(firsts, counts, bodies)
        ON CONFLICT (first) DO UPDATE SET count = excluded.count, sealed = excluded.sealed;
END
$$;
CREATE FUNCTION restore_logs_1(
    own text, origins text[], sizes bigint[], roots bytea[], published_sizes bigint[], checkpoints bytea[], closings boolean[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_run_1(own);
    INSERT INTO logs (origin, size, root, published_size, checkpoint, closed)
        SELECT * FROM unnest(origins, sizes, roots, published_sizes, checkpoints, closings)
        ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root,
            published_size = excluded.published_size, checkpoint = excluded.checkpoint, closed = excluded.closed;
END
$$;
