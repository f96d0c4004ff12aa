-- Aurora PostgreSQL's own functions, as its documentation lists their columns, over plain streaming replication.
-- Who is a member and who is the writer is read from aurora_topology.json in the data directory, so that standbys,
-- which can run no DDL, see a change at once. Every LSN is real: it comes from the replication slots, which remember
-- how far a standby had flushed even when it is gone.

CREATE FUNCTION pg_catalog.aurora_version() RETURNS text LANGUAGE sql STABLE
  AS $$ SELECT pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1) || '.0' $$;

CREATE FUNCTION pg_catalog.aurora_db_instance_identifier() RETURNS text LANGUAGE sql STABLE
  AS $$ SELECT pg_catalog.current_setting('cluster_name') $$;

CREATE FUNCTION pg_catalog.aurora_emulator_topology() RETURNS jsonb
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
  AS $$ SELECT pg_read_file('aurora_topology.json')::jsonb $$;

CREATE FUNCTION pg_catalog.aurora_emulator_instances()
  RETURNS TABLE (server_id text, aws_region text, is_writer boolean, silent_since timestamptz, place bigint)
  LANGUAGE sql VOLATILE SET search_path = pg_catalog
  AS $$
    SELECT i.value->>'id', i.value->>'region', i.value->>'id' = t->>'writer', (i.value->>'silent')::timestamptz, i.ordinality
    FROM aurora_emulator_topology() t, jsonb_array_elements(t->'instances') WITH ORDINALITY i
  $$;

-- A byte position is what COMMIT has reached here: written by a writer, received and flushed by a reader.
CREATE FUNCTION pg_catalog.aurora_emulator_lsn() RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
  AS $$
    BEGIN
      IF pg_is_in_recovery() THEN
        RETURN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0'::pg_lsn;
      END IF;
      RETURN pg_current_wal_lsn() - '0/0'::pg_lsn;
    END
  $$;

-- How far the others are, as far as this instance can know: a writer from its slots, a reader of itself alone.
CREATE FUNCTION pg_catalog.aurora_emulator_replication()
  RETURNS TABLE (server_id text, streaming boolean, durable_lsn bigint, replayed_lsn bigint, durable_lag double precision,
    replay_lag double precision, calculated timestamptz, feedback_xmin bigint)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
  AS $$
    DECLARE
      here constant bigint := aurora_emulator_lsn();
      instant constant timestamptz := clock_timestamp();
    BEGIN
      IF pg_is_in_recovery() THEN
        RETURN QUERY
          SELECT aurora_db_instance_identifier(), w.status IS NOT DISTINCT FROM 'streaming', here,
            (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint,
            CASE WHEN w.latest_end_lsn - '0/0'::pg_lsn <= here THEN 0.0
              ELSE extract(epoch FROM instant - coalesce(w.latest_end_time, pg_last_xact_replay_timestamp(), instant)) * 1000 END::double precision,
            CASE WHEN pg_last_wal_replay_lsn() - '0/0'::pg_lsn >= here THEN 0.0
              ELSE extract(epoch FROM instant - coalesce(pg_last_xact_replay_timestamp(), instant)) * 1000 END::double precision,
            instant, NULL::bigint
          FROM (VALUES (1)) one LEFT JOIN pg_stat_wal_receiver w ON true;
        RETURN;
      END IF;
      RETURN QUERY
        SELECT i.server_id, r.state IS NOT DISTINCT FROM 'streaming', (greatest(s.restart_lsn, r.flush_lsn) - '0/0'::pg_lsn)::bigint,
          (r.replay_lsn - '0/0'::pg_lsn)::bigint,
          CASE WHEN greatest(s.restart_lsn, r.flush_lsn) - '0/0'::pg_lsn >= here THEN 0.0
            WHEN s.active THEN extract(epoch FROM greatest(r.flush_lag, instant - r.reply_time, '0')) * 1000
            ELSE extract(epoch FROM instant - coalesce(s.inactive_since, instant)) * 1000 END::double precision,
          CASE WHEN r.replay_lsn - '0/0'::pg_lsn >= here THEN 0.0
            WHEN s.active THEN extract(epoch FROM greatest(r.replay_lag, instant - r.reply_time, '0')) * 1000
            ELSE extract(epoch FROM instant - coalesce(s.inactive_since, instant)) * 1000 END::double precision,
          coalesce(r.reply_time, s.inactive_since, instant), s.xmin::text::bigint
        FROM aurora_emulator_instances() i
          JOIN pg_replication_slots s ON s.slot_name = translate(i.server_id, '-', '_')
          LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid;
    END
  $$;

CREATE FUNCTION pg_catalog.aurora_replica_status()
  RETURNS TABLE (server_id text, session_id text, durable_lsn bigint, highest_lsn_rcvd bigint, current_read_lsn bigint,
    cur_replay_latency_in_usec bigint, active_txns integer, is_current boolean, last_transport_error integer,
    last_error_timestamp timestamptz, last_update_timestamp timestamptz, feedback_xmin bigint, feedback_epoch bigint,
    replica_lag_in_msec double precision, log_stream_speed_in_kib_per_second double precision,
    log_buffer_sequence_number bigint, oldest_read_view_trx_id bigint, oldest_read_view_lsn bigint,
    pending_read_ios bigint, read_ios bigint, iops integer, cpu double precision)
  LANGUAGE sql VOLATILE SET search_path = pg_catalog
  AS $$
    SELECT i.server_id,
      CASE WHEN i.is_writer THEN 'MASTER_SESSION_ID' ELSE md5(i.server_id)::uuid::text END,
      CASE WHEN i.is_writer THEN aurora_emulator_lsn() ELSE r.durable_lsn END,
      CASE WHEN NOT i.is_writer THEN r.durable_lsn END,
      CASE WHEN NOT i.is_writer THEN r.replayed_lsn END,
      CASE WHEN NOT i.is_writer THEN (r.replay_lag * 1000)::bigint END,
      CASE WHEN NOT i.is_writer THEN 0 END,
      true, 0, NULL::timestamptz, coalesce(i.silent_since, clock_timestamp()),
      CASE WHEN NOT i.is_writer THEN coalesce(r.feedback_xmin, 0) END,
      CASE WHEN NOT i.is_writer THEN 0::bigint END,
      CASE WHEN NOT i.is_writer THEN r.replay_lag END,
      0.0::double precision, 0::bigint, NULL::bigint, NULL::bigint, 0::bigint, 0::bigint, 0, 1.0::double precision
    FROM aurora_emulator_instances() i
      LEFT JOIN aurora_emulator_replication() r ON r.server_id = i.server_id
    WHERE i.aws_region = (
      SELECT own.aws_region FROM aurora_emulator_instances() own WHERE own.server_id = aurora_db_instance_identifier())
    ORDER BY i.place
  $$;

-- A region has what the most backward of its connected instances has flushed: whichever is promoted has that.
CREATE FUNCTION pg_catalog.aurora_global_db_status()
  RETURNS TABLE (aws_region text, highest_lsn_written bigint, durability_lag_in_msec bigint, rpo_lag_in_msec bigint,
    last_lag_calculation_time timestamptz, feedback_epoch bigint, feedback_xmin bigint)
  LANGUAGE sql VOLATILE SET search_path = pg_catalog
  AS $$
    SELECT region.value,
      CASE WHEN region.value = home.aws_region THEN aurora_emulator_lsn()
        ELSE coalesce(min(r.durable_lsn) FILTER (WHERE r.streaming), min(r.durable_lsn)) END,
      CASE WHEN region.value = home.aws_region THEN -1
        ELSE ceil(coalesce(max(r.durable_lag) FILTER (WHERE r.streaming), max(r.durable_lag)))::bigint END,
      CASE WHEN region.value = home.aws_region THEN -1
        ELSE ceil(coalesce(max(r.durable_lag) FILTER (WHERE r.streaming), max(r.durable_lag)))::bigint END,
      CASE WHEN region.value = home.aws_region THEN 'epoch'::timestamptz ELSE max(r.calculated) END,
      0::bigint,
      CASE WHEN region.value = home.aws_region THEN 0 ELSE coalesce(min(r.feedback_xmin), 0) END
    FROM aurora_emulator_topology() t
      CROSS JOIN jsonb_array_elements_text(t->'regions') WITH ORDINALITY region
      CROSS JOIN (SELECT w.aws_region FROM aurora_emulator_instances() w WHERE w.is_writer) home
      LEFT JOIN aurora_emulator_instances() i ON i.aws_region = region.value
      LEFT JOIN aurora_emulator_replication() r ON r.server_id = i.server_id
    GROUP BY region.value, region.ordinality, home.aws_region
    ORDER BY region.ordinality
  $$;

CREATE FUNCTION pg_catalog.aurora_global_db_instance_status()
  RETURNS TABLE (server_id text, session_id text, aws_region text, durable_lsn bigint, highest_lsn_rcvd bigint,
    feedback_epoch bigint, feedback_xmin bigint, oldest_read_view_lsn bigint, visibility_lag_in_msec bigint)
  LANGUAGE sql VOLATILE SET search_path = pg_catalog
  AS $$
    SELECT i.server_id,
      CASE WHEN i.is_writer THEN 'MASTER_SESSION_ID' ELSE md5(i.server_id)::uuid::text END,
      i.aws_region,
      CASE WHEN i.is_writer THEN aurora_emulator_lsn() ELSE r.durable_lsn END,
      CASE WHEN NOT i.is_writer THEN r.durable_lsn END,
      CASE WHEN NOT i.is_writer THEN 0::bigint END,
      CASE WHEN NOT i.is_writer THEN coalesce(r.feedback_xmin, 0) END,
      CASE WHEN NOT i.is_writer THEN r.replayed_lsn END,
      CASE WHEN NOT i.is_writer THEN ceil(r.replay_lag)::bigint END
    FROM aurora_emulator_instances() i
      LEFT JOIN aurora_emulator_replication() r ON r.server_id = i.server_id
    ORDER BY i.place
  $$;

-- What the blue/green plugin of the AWS wrapper asks; without rows while there is no deployment.
CREATE FUNCTION pg_catalog.get_blue_green_fast_switchover_metadata(client text)
  RETURNS TABLE (id text, endpoint text, port integer, role text, status text, version text)
  LANGUAGE sql VOLATILE SET search_path = pg_catalog
  AS $$
    SELECT b->>'id', b->>'endpoint', (b->>'port')::integer, b->>'role', b->>'status', b->>'version'
    FROM aurora_emulator_topology() t, jsonb_array_elements(coalesce(t->'blue_green', '[]')) b
  $$;

-- By this row the AWS wrapper knows Aurora. A setting with a dot in its name is not listed, so the view gets it.
CREATE OR REPLACE VIEW pg_catalog.pg_settings AS
  SELECT * FROM pg_catalog.pg_show_all_settings()
  UNION ALL
  SELECT 'rds.extensions', 'aurora_stat_utils, pg_stat_statements, plpgsql', NULL, 'Customized Options', 'Extensions of RDS',
    NULL, 'internal', 'string', 'default', NULL, NULL, NULL::text[], '', 'aurora_stat_utils, pg_stat_statements, plpgsql', NULL,
    NULL::integer, false;
