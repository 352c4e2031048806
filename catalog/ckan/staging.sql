-- Prepares a faster COPY into a table of the DataStore, where that gives what CKAN's full-text trigger gives; or says that it cannot.
--
-- Run it in the transaction of the COPY, as the owner of the table (CKAN's write user), with `govdata.shadow`, the table's name, set before.
-- Afterwards current_setting('govdata.fill') is
--   empty          COPY into the table itself, and let its triggers do their work;
--   a statement    COPY into pg_temp.govdata_staged (`_id`, then the columns in their order), run the statement of
--                  current_setting('govdata.make'), which makes the full texts, and then this one: of all who load the table at once,
--                  one at a time. TRUNCATE pg_temp.govdata_staged and pg_temp.govdata_made, and so on.
-- Nothing is left of it after the transaction, whatever its end.
--
-- CKAN's trigger makes JSON of each row to take it apart again, which is most of the work of a COPY. But it leaves a `_full_text` alone that
-- is there already: so the rows come with it, made of the same texts, and the trigger itself stays as it is. That is only done where the
-- trigger is the table's only one, of a function whose source is known (`known`); a site that has changed either keeps its own way.
--
-- Half of what is left is the full-text index, which several cannot fill at once without waiting for each other's pages: a full text is
-- made, on any processor, before it is a row's turn to be written.
--
-- Without parameters of the driver: the text holds percent signs.
DO $staging$
DECLARE
    -- SHA-256 of the source of the function -> where it was seen.
    known     CONSTANT jsonb := '{
        "1c61cae88d0dd0b585d90902daadfae77dcc098226aa5b546f7cd20b294ece49": "CKAN 2.12.0"
    }';
    wanted    oid;
    names     text;
    texts     text;
BEGIN
    PERFORM set_config('govdata.make', '', true), set_config('govdata.fill', '', true);
    SELECT c.oid INTO wanted FROM pg_class c
    WHERE c.relname = current_setting('govdata.shadow') AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        AND NOT c.relhasrules AND NOT c.relrowsecurity
        AND has_database_privilege(current_database(), 'TEMPORARY')
        AND (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) = 1
        AND EXISTS (
            SELECT 1 FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
            WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
                AND t.tgtype = 23  -- BEFORE INSERT OR UPDATE, FOR EACH ROW
                AND t.tgenabled = 'O' AND t.tgqual IS NULL AND t.tgnargs = 0 AND t.tgattr::text = ''
                AND l.lanname = 'plpgsql' AND NOT p.prosecdef AND p.proconfig IS NULL
                AND known ? encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'));
    IF wanted IS NULL THEN
        RETURN;
    END IF;

    -- The texts that json_each_text gives of a row: of most types what they are written as, of others what JSON makes of them.
    SELECT string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum),
        string_agg(CASE
            WHEN a.atttypid IN ('text'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype,
                'bool'::regtype, 'time'::regtype) THEN format('%I::text', a.attname)
            ELSE format('to_json(%I) #>> ''{}''', a.attname) END, ', ' ORDER BY a.attnum)
    INTO names, texts
    FROM pg_attribute a WHERE a.attrelid = wanted AND a.attnum > 0 AND NOT a.attisdropped AND NOT starts_with(a.attname, '_');

    EXECUTE format('CREATE TEMPORARY TABLE govdata_staged ON COMMIT DROP AS SELECT _id, %s FROM public.%I WITH NO DATA',
        names, current_setting('govdata.shadow'));
    EXECUTE format('CREATE TEMPORARY TABLE govdata_made ON COMMIT DROP AS SELECT _id, _full_text, %s FROM public.%I WITH NO DATA',
        names, current_setting('govdata.shadow'));
    -- Where there is no text at all, the trigger decides.
    PERFORM set_config('govdata.make', format(
        'INSERT INTO pg_temp.govdata_made (_id, _full_text, %s) SELECT _id, to_tsvector(nullif(array_to_string(ARRAY[%s]::text[], '' ''), '''')), %s FROM pg_temp.govdata_staged',
        names, texts, names), true);
    PERFORM set_config('govdata.fill', format(
        'INSERT INTO public.%I (_id, _full_text, %s) SELECT _id, _full_text, %s FROM pg_temp.govdata_made',
        current_setting('govdata.shadow'), names, names), true);
END
$staging$;
