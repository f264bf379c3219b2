-- Parts of the sum trees of statements of liabilities. They follow from the journal, and are made again where they are missing.
CREATE TABLE liability_parts (
    statement bigint NOT NULL,
    currency integer NOT NULL,
    depth integer NOT NULL,
    prefix bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (statement, currency, depth, prefix)
);
-- What is sealed cannot be compressed.
ALTER TABLE liability_parts ALTER COLUMN sealed SET STORAGE EXTERNAL;
