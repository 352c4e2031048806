-- Puts a loaded shadow table in the place of a DataStore table, in one transaction: readers see the old table or the new one.
--
-- Run it in a transaction of its own as the owner of the tables (CKAN's write user), with these settings set before by
--   SELECT set_config('govdata.shadow', '…', true), …          (true: for this transaction only)
--
--   govdata.shadow    name of the table that was loaded (a resource id)
--   govdata.live      name of the table that readers ask for (a resource id); it need not exist yet
--   govdata.rows      rows that were sent
--   govdata.checksum  sum over the rows of the first eight bytes of md5(line), a signed big-endian number each; a line is
--                     the values as text, divided by tabs, \N for null, columns in the order of the table, without `_id` and `_full_text`
--   govdata.indexes   JSON object: name of an index of the shadow -> name that CKAN would give it on the live table; may be {}
--   govdata.lock_ms   how long to wait for readers to end before they are let through again (1000 is good)
--   govdata.tries     how often
--
-- Afterwards current_setting('govdata.result') is `switched`, or `already` where an earlier run has done it and its answer was lost.
-- Kept: the name, alias views and views on them, grants (columns' too), owner, triggers, indexes, comment.
-- Errors, by SQLSTATE: GD001 no shadow · GD002 other rows than sent · GD003 readers did not end · GD004 a view that does not fit the
-- new columns · GD005 something else depends on the table (a materialised view, a foreign key). Nothing is changed then.
--
-- Without parameters of the driver: the text holds percent signs.
SET LOCAL search_path = public;
SET LOCAL DateStyle = 'ISO, YMD';
DO $switch$
DECLARE
    shadow_name text := current_setting('govdata.shadow');
    live_name   text := current_setting('govdata.live');
    lock_ms     text := coalesce(nullif(current_setting('govdata.lock_ms', true), ''), '1000');
    tries       int  := coalesce(nullif(current_setting('govdata.tries', true), ''), '30');
    index_names jsonb := coalesce(nullif(current_setting('govdata.indexes', true), ''), '{}');
    shadow      oid;
    live        oid;
    checked     text;
    found_rows  bigint;
    found_sum   numeric;
    item        record;
    views       oid[];
    again       oid[];
    kept        text[] := '{}';  -- views to make again, those that others stand on first
    later       text[] := '{}';  -- everything else to be done once the new table has the name
    definition  text;
    -- The views on a table, and those on them, each after what it stands on.
    views_query text := $query$
        WITH RECURSIVE standing(oid, depth) AS (
            SELECT r.ev_class, 1 FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
            WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND r.ev_class <> $1
            UNION
            SELECT r.ev_class, s.depth + 1 FROM standing s
            JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid
            JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass AND r.ev_class <> s.oid)
        SELECT coalesce(array_agg(oid ORDER BY depth, oid), '{}')
        FROM (SELECT s.oid, max(s.depth) AS depth FROM standing s JOIN pg_class c ON c.oid = s.oid AND c.relkind = 'v' GROUP BY s.oid) AS deepest
    $query$;
    -- What gives the relation $2 the grants of the relation $1: those that it has by default are taken back first.
    grants_query text := $query$
        SELECT coalesce(array_agg(written ORDER BY place), '{}') FROM (
            SELECT 1 AS place, format('REVOKE ALL ON %I FROM %s', $2, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END) AS written
            FROM pg_default_acl d, aclexplode(d.defaclacl) g
            WHERE d.defaclobjtype = 'r' AND d.defaclrole = current_user::regrole AND g.grantee <> d.defaclrole
            UNION ALL
            SELECT 2, format('GRANT %s ON %I TO %s%s', g.privilege_type, $2, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
            FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid = $1 AND g.grantee <> c.relowner
            UNION ALL
            SELECT 3, format('GRANT %s (%I) ON %I TO %s%s', g.privilege_type, a.attname, $2,
                CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
            FROM pg_attribute a JOIN pg_attribute n ON n.attrelid = $3 AND n.attname = a.attname AND NOT n.attisdropped, aclexplode(a.attacl) g
            WHERE a.attrelid = $1 AND NOT a.attisdropped) AS grants
    $query$;
    grants      text[];
    detail      text;
BEGIN
    SELECT c.oid INTO shadow FROM pg_class c WHERE c.relname = shadow_name AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace;
    SELECT c.oid INTO live FROM pg_class c WHERE c.relname = live_name AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace;
    IF shadow_name = live_name OR (shadow IS NULL AND live IS NULL) THEN
        RAISE EXCEPTION 'no table %', shadow_name USING ERRCODE = 'GD001';
    END IF;

    -- What the table holds is what was sent.
    checked := CASE WHEN shadow IS NULL THEN live_name ELSE shadow_name END;
    EXECUTE format('LOCK TABLE %I IN SHARE MODE', checked);
    SELECT format(
        'SELECT count(*), coalesce(sum(%s), 0) FROM %I AS t',
        '(''x'' || substr(md5(array_to_string(ARRAY[' || string_agg(format('t.%I::text', a.attname), ',' ORDER BY a.attnum)
            || ']::text[], E''\t'', ''\N'')), 1, 16))::bit(64)::bigint',
        checked)
    INTO definition
    FROM pg_attribute a
    WHERE a.attrelid = coalesce(shadow, live) AND a.attnum > 0 AND NOT a.attisdropped AND NOT starts_with(a.attname, '_');
    EXECUTE definition INTO found_rows, found_sum;
    IF found_rows <> current_setting('govdata.rows')::bigint OR found_sum <> current_setting('govdata.checksum')::numeric THEN
        RAISE EXCEPTION '% holds % rows (checksum %), sent were % (%)', checked, found_rows, found_sum,
            current_setting('govdata.rows'), current_setting('govdata.checksum') USING ERRCODE = CASE WHEN shadow IS NULL THEN 'GD001' ELSE 'GD002' END;
    END IF;
    IF shadow IS NULL THEN
        PERFORM set_config('govdata.result', 'already', true);
        RETURN;
    END IF;

    -- The data dictionary says which columns are required.
    FOR item IN
        SELECT a.attname FROM pg_attribute a JOIN pg_description d ON d.objoid = a.attrelid AND d.objsubid = a.attnum AND d.classoid = 'pg_class'::regclass
        WHERE a.attrelid = shadow AND NOT a.attisdropped AND NOT a.attnotnull AND d.description ~ '"required": ?true'
            AND (d.description::jsonb -> '_info' ->> 'required') = 'true'
    LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET NOT NULL', shadow_name, item.attname);
    END LOOP;
    EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''_id''), greatest(max(_id), 1)) FROM %I', quote_ident(shadow_name), shadow_name);

    -- Indexes that somebody gave the old table; those that both have keep their names.
    FOR item IN
        WITH defined AS (
            SELECT i.indrelid, c.relname, pg_get_indexdef(i.indexrelid) AS written,
                regexp_replace(replace(pg_get_indexdef(i.indexrelid), ' INDEX ' || quote_ident(c.relname) || ' ON ', ' INDEX ON '),
                    ' ON (public\.)?("[^"]*"|[^ ]*) USING ', ' USING ') AS plain
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE i.indrelid IN (shadow, live) AND NOT i.indisprimary)
        SELECT o.relname AS old, n.relname AS new, o.plain FROM defined o
        LEFT JOIN defined n ON n.indrelid = shadow AND n.plain = o.plain WHERE o.indrelid = live
    LOOP
        IF item.new IS NULL THEN
            item.new := substr(md5(shadow_name || item.old), 1, 32);
            BEGIN
                EXECUTE replace(item.plain, ' INDEX USING ', format(' INDEX %I ON %I USING ', item.new, shadow_name));
            EXCEPTION WHEN undefined_column OR unique_violation OR undefined_object THEN
                CONTINUE;  -- an index on a column that is gone, or that the new rows do not allow
            END;
        END IF;
        index_names := index_names || jsonb_build_object(item.new, item.old);
    END LOOP;
    EXECUTE format('ANALYZE %I', shadow_name);

    -- Views first, then the table: the order in which readers lock. Readers that do not end are let through and waited for again.
    PERFORM set_config('lock_timeout', lock_ms, true);
    WHILE live IS NOT NULL LOOP
        BEGIN
            tries := tries - 1;
            EXECUTE views_query INTO views USING live;
            FOR item IN SELECT v.oid::regclass AS name FROM unnest(views) WITH ORDINALITY AS v(oid, place) ORDER BY v.place DESC LOOP
                EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', item.name);
            END LOOP;
            EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', live_name);
            EXECUTE views_query INTO again USING live;
            EXIT WHEN views = again;
            RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = 'views changed';
        EXCEPTION WHEN lock_not_available OR deadlock_detected OR undefined_table OR invalid_parameter_value THEN
            IF tries <= 0 THEN
                RAISE EXCEPTION '% is in use: %', live_name, SQLERRM USING ERRCODE = 'GD003';
            END IF;
            PERFORM pg_sleep(0.05 + random() * 0.2);
        END;
    END LOOP;
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', shadow_name);

    IF live IS NOT NULL THEN
        FOR item IN
            SELECT c.oid, c.relname, pg_get_viewdef(c.oid) AS written, pg_get_userbyid(c.relowner) AS owner, c.relacl, obj_description(c.oid, 'pg_class') AS said
            FROM unnest(views) WITH ORDINALITY AS v(oid, place) JOIN pg_class c ON c.oid = v.oid ORDER BY v.place
        LOOP
            -- `SELECT *` is stored with the columns of its day: an alias of the whole table stays one of the whole table.
            SELECT 'SELECT' || string_agg(quote_ident(a.attname), ',' ORDER BY a.attnum) || 'FROM' || quote_ident(live_name) || ';' INTO definition
            FROM pg_attribute a WHERE a.attrelid = live AND a.attnum > 0 AND NOT a.attisdropped;
            IF regexp_replace(replace(replace(item.written, quote_ident(live_name) || '.', ''), ' ', ''), '\s', '', 'g') = replace(definition, ' ', '') THEN
                item.written := format('SELECT * FROM %I', live_name);
            END IF;
            kept := kept || format('CREATE VIEW %I AS %s', item.relname, item.written);
            EXECUTE grants_query INTO grants USING item.oid, item.relname::text, item.oid;
            later := later || grants;
            IF item.said IS NOT NULL THEN
                later := later || format('COMMENT ON VIEW %I IS %L', item.relname, item.said);
            END IF;
            IF item.owner <> current_user THEN
                later := later || format('ALTER VIEW %I OWNER TO %I', item.relname, item.owner);
            END IF;
        END LOOP;
        EXECUTE grants_query INTO grants USING live, live_name, shadow;
        later := later || grants;
        FOR item IN
            SELECT pg_get_triggerdef(t.oid) AS written FROM pg_trigger t WHERE t.tgrelid = live AND NOT t.tgisinternal
                AND NOT EXISTS (SELECT 1 FROM pg_trigger n WHERE n.tgrelid = shadow AND n.tgname = t.tgname)
        LOOP
            later := later || item.written;
        END LOOP;
        later := later || format('COMMENT ON TABLE %I IS %L', live_name, obj_description(live, 'pg_class'));
        SELECT pg_get_userbyid(c.relowner) INTO detail FROM pg_class c JOIN pg_class n ON n.oid = shadow AND n.relowner <> c.relowner WHERE c.oid = live;
        IF detail IS NOT NULL THEN
            later := later || format('ALTER TABLE %I OWNER TO %I', live_name, detail);
        END IF;

        BEGIN
            FOR item IN SELECT v.oid::regclass AS name FROM unnest(views) WITH ORDINALITY AS v(oid, place) ORDER BY v.place DESC LOOP
                EXECUTE format('DROP VIEW %s', item.name);
            END LOOP;
            EXECUTE format('DROP TABLE %I', live_name);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
            RAISE EXCEPTION '%', detail USING ERRCODE = 'GD005';
        END;
    END IF;

    EXECUTE format('ALTER TABLE %I RENAME TO %I', shadow_name, live_name);
    FOR item IN
        SELECT c.relname, CASE WHEN i.indisprimary THEN live_name || '_pkey' ELSE index_names ->> c.relname END AS wanted
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = shadow
    LOOP
        IF item.wanted IS NOT NULL AND item.wanted <> item.relname AND to_regclass(quote_ident(item.wanted)) IS NULL THEN
            EXECUTE format('ALTER INDEX %I RENAME TO %I', item.relname, item.wanted);
        END IF;
    END LOOP;
    IF to_regclass(quote_ident(shadow_name || '__id_seq')) IS NOT NULL AND to_regclass(quote_ident(live_name || '__id_seq')) IS NULL THEN
        EXECUTE format('ALTER SEQUENCE %I RENAME TO %I', shadow_name || '__id_seq', live_name || '__id_seq');
    END IF;
    FOREACH definition IN ARRAY kept LOOP
        BEGIN
            EXECUTE definition;
        EXCEPTION WHEN undefined_column OR undefined_table OR undefined_function OR datatype_mismatch THEN
            RAISE EXCEPTION '%: %', definition, SQLERRM USING ERRCODE = 'GD004';
        END;
    END LOOP;
    FOREACH definition IN ARRAY later LOOP
        EXECUTE definition;
    END LOOP;
    IF to_regclass('_table_stats') IS NOT NULL THEN
        DELETE FROM _table_stats WHERE resource_id IN (shadow_name, live_name);
        INSERT INTO _table_stats VALUES (live_name, jsonb_build_object('rows', found_rows));
    END IF;
    PERFORM set_config('govdata.result', 'switched', true);
END
$switch$;
