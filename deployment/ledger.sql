-- The ledger of Rananeeti, version 1: which transactions this database has settled.
--
-- The platform runs this by itself where its role may create a schema. Where it may not, run it once
-- as the owner of the database, in one transaction (psql --single-transaction --file ledger.sql), and
-- then, with the platform's role in the place of platform_role:
--
--   GRANT SELECT, INSERT, UPDATE, DELETE ON rananeeti.ledger TO platform_role;
--   GRANT SELECT, INSERT, UPDATE, DELETE ON rananeeti.intent TO platform_role;
--   GRANT SELECT, INSERT, UPDATE ON rananeeti.incarnation TO platform_role;
--   GRANT SELECT ON rananeeti.version TO platform_role;
--   GRANT SELECT, UPDATE ON rananeeti.epoch TO platform_role;

CREATE SCHEMA IF NOT EXISTS rananeeti;

CREATE TABLE rananeeti.version (
  version integer NOT NULL PRIMARY KEY
);
INSERT INTO rananeeti.version (version) VALUES (1);

-- One row for each open of a log that has spoken to this database. No transaction of it with a number
-- below settled_below may be settled any more: its row of the ledger may have been deleted.
CREATE TABLE rananeeti.incarnation (
  incarnation uuid NOT NULL PRIMARY KEY,
  platform text NOT NULL,
  log uuid NOT NULL,
  registered_at timestamp with time zone NOT NULL DEFAULT pg_catalog.now(),
  seen_at timestamp with time zone NOT NULL DEFAULT pg_catalog.now(),
  settled_below bigint NOT NULL DEFAULT 1
);

-- One row for each settled transaction, written by the transaction itself or by the one that fenced
-- it. claim is 0 where the transaction wrote it at its own COMMIT, else the random number of the attempt
-- that wrote it.
CREATE TABLE rananeeti.ledger (
  incarnation uuid NOT NULL,
  number bigint NOT NULL,
  claim bigint NOT NULL,
  outcome text NOT NULL,
  sqlstate text,
  message text,
  CONSTRAINT ledger_identity PRIMARY KEY (incarnation, number)
);

-- One row for each intent key that an application has given, written with the row of the ledger by the
-- transaction that has it. key is its UTF-8, digest the SHA-256 of what the transaction is about. The
-- message of a DUPLICATE in the ledger is the transaction that had the key before it.
CREATE TABLE rananeeti.intent (
  key bytea NOT NULL,
  digest bytea NOT NULL,
  incarnation uuid NOT NULL,
  number bigint NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT intent_key PRIMARY KEY (key)
);
CREATE INDEX intent_expiry ON rananeeti.intent (expires_at);

-- How often a recovery has begun here, where platforms keep transactions for other regions: one row. A
-- writer with a lower epoch than a platform has seen is on a stale branch, or was promoted without it.
CREATE TABLE rananeeti.epoch (
  epoch bigint NOT NULL
);
INSERT INTO rananeeti.epoch (epoch) VALUES (0);

-- After SET ROLE the row is written in the name of the new role. Whoever has INSERT alone can neither
-- read nor change a row, and cannot guess the incarnation of a log (122 random bits).
GRANT USAGE ON SCHEMA rananeeti TO PUBLIC;
GRANT INSERT ON rananeeti.ledger TO PUBLIC;

-- The same for intent keys. Who could guess one that an application is going to use could take it: the
-- application's transaction is refused then (22R01), unless its content was guessed too.
GRANT INSERT ON rananeeti.intent TO PUBLIC;
