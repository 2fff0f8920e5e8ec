-- What T-SQL has and PostgreSQL has not. This schema comes first in the search path, so its operators replace PostgreSQL's own.
CREATE SCHEMA tds;
CREATE SCHEMA dbo;
COMMENT ON SCHEMA dbo IS '{"name": "dbo"}';

-- Names are compared without regard to case.
CREATE COLLATION tds.names (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

-- BIT: a small number of its own, so that a column and an expression are still known as BIT in an answer.
CREATE TYPE tds.flag;
CREATE FUNCTION tds.flag_in(cstring) RETURNS tds.flag LANGUAGE internal IMMUTABLE STRICT AS 'int2in';
CREATE FUNCTION tds.flag_out(tds.flag) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int2out';
CREATE TYPE tds.flag (INPUT = tds.flag_in, OUTPUT = tds.flag_out, LIKE = int2, CATEGORY = 'N');
CREATE FUNCTION tds.flag_eq(tds.flag, tds.flag) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int2eq';
CREATE FUNCTION tds.flag_ne(tds.flag, tds.flag) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int2ne';
CREATE FUNCTION tds.flag_lt(tds.flag, tds.flag) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int2lt';
CREATE FUNCTION tds.flag_le(tds.flag, tds.flag) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int2le';
CREATE FUNCTION tds.flag_gt(tds.flag, tds.flag) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int2gt';
CREATE FUNCTION tds.flag_ge(tds.flag, tds.flag) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int2ge';
CREATE FUNCTION tds.flag_cmp(tds.flag, tds.flag) RETURNS int4 LANGUAGE internal IMMUTABLE STRICT AS 'btint2cmp';
CREATE FUNCTION tds.flag_hash(tds.flag) RETURNS int4 LANGUAGE internal IMMUTABLE STRICT AS 'hashint2';
CREATE OPERATOR tds.= (FUNCTION = tds.flag_eq, LEFTARG = tds.flag, RIGHTARG = tds.flag, COMMUTATOR = OPERATOR(tds.=),
    NEGATOR = OPERATOR(tds.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR tds.<> (FUNCTION = tds.flag_ne, LEFTARG = tds.flag, RIGHTARG = tds.flag, COMMUTATOR = OPERATOR(tds.<>),
    NEGATOR = OPERATOR(tds.=), RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR tds.< (FUNCTION = tds.flag_lt, LEFTARG = tds.flag, RIGHTARG = tds.flag);
CREATE OPERATOR tds.<= (FUNCTION = tds.flag_le, LEFTARG = tds.flag, RIGHTARG = tds.flag);
CREATE OPERATOR tds.> (FUNCTION = tds.flag_gt, LEFTARG = tds.flag, RIGHTARG = tds.flag);
CREATE OPERATOR tds.>= (FUNCTION = tds.flag_ge, LEFTARG = tds.flag, RIGHTARG = tds.flag);
CREATE OPERATOR CLASS tds.flag_btree DEFAULT FOR TYPE tds.flag USING btree AS
    OPERATOR 1 tds.<, OPERATOR 2 tds.<=, OPERATOR 3 tds.=, OPERATOR 4 tds.>=, OPERATOR 5 tds.>, FUNCTION 1 tds.flag_cmp(tds.flag, tds.flag);
CREATE OPERATOR CLASS tds.flag_hash DEFAULT FOR TYPE tds.flag USING hash AS OPERATOR 1 tds.=, FUNCTION 1 tds.flag_hash(tds.flag);

CREATE FUNCTION tds.flag_to_int(tds.flag) RETURNS int4 LANGUAGE internal IMMUTABLE STRICT AS 'i2toi4';
CREATE CAST (tds.flag AS int4) WITH FUNCTION tds.flag_to_int(tds.flag) AS IMPLICIT;
CREATE FUNCTION tds.to_flag(int4) RETURNS tds.flag LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN $1 IS NULL THEN NULL WHEN $1 = 0 THEN '0'::tds.flag ELSE '1'::tds.flag END $$;
CREATE FUNCTION tds.to_flag(int2) RETURNS tds.flag LANGUAGE sql IMMUTABLE AS 'SELECT tds.to_flag($1::int4)';
CREATE FUNCTION tds.to_flag(int8) RETURNS tds.flag LANGUAGE sql IMMUTABLE AS 'SELECT tds.to_flag(sign($1)::int4)';
CREATE FUNCTION tds.to_flag(numeric) RETURNS tds.flag LANGUAGE sql IMMUTABLE AS 'SELECT tds.to_flag(sign($1)::int4)';
CREATE FUNCTION tds.to_flag(text) RETURNS tds.flag LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE lower(rtrim($1)) WHEN 'true' THEN '1'::tds.flag WHEN 'false' THEN '0'::tds.flag ELSE tds.to_flag($1::int4) END $$;
CREATE CAST (int4 AS tds.flag) WITH FUNCTION tds.to_flag(int4) AS ASSIGNMENT;
CREATE CAST (int2 AS tds.flag) WITH FUNCTION tds.to_flag(int2) AS ASSIGNMENT;
CREATE CAST (int8 AS tds.flag) WITH FUNCTION tds.to_flag(int8) AS ASSIGNMENT;
CREATE CAST (numeric AS tds.flag) WITH FUNCTION tds.to_flag(numeric) AS ASSIGNMENT;
CREATE CAST (text AS tds.flag) WITH FUNCTION tds.to_flag(text) AS ASSIGNMENT;

-- Text becomes what it is compared with or put into, as in T-SQL. Implicit for one type of each kind only, or comparing were ambiguous.
CREATE CAST (text AS numeric) WITH INOUT AS IMPLICIT;
CREATE CAST (text AS timestamp) WITH INOUT AS IMPLICIT;
CREATE CAST (text AS uuid) WITH INOUT AS IMPLICIT;
CREATE CAST (text AS int2) WITH INOUT AS ASSIGNMENT;
CREATE CAST (text AS int4) WITH INOUT AS ASSIGNMENT;
CREATE CAST (text AS int8) WITH INOUT AS ASSIGNMENT;
CREATE CAST (text AS float4) WITH INOUT AS ASSIGNMENT;
CREATE CAST (text AS float8) WITH INOUT AS ASSIGNMENT;
CREATE CAST (text AS date) WITH INOUT AS ASSIGNMENT;
CREATE CAST (text AS time) WITH INOUT AS ASSIGNMENT;
CREATE CAST (text AS timestamptz) WITH INOUT AS ASSIGNMENT;
CREATE FUNCTION tds.to_bytes(text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT convert_to($1, 'UTF8') $$;
CREATE CAST (text AS bytea) WITH FUNCTION tds.to_bytes(text) AS ASSIGNMENT;
CREATE FUNCTION tds.to_bytes(int4) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT int4send($1) $$;
CREATE CAST (int4 AS bytea) WITH FUNCTION tds.to_bytes(int4) AS ASSIGNMENT;

-- Text is equal without regard to trailing blanks. An index on rtrim(column) serves these, because they are inlined.
CREATE FUNCTION tds.text_eq(text, text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT rtrim($1) OPERATOR(pg_catalog.=) rtrim($2)';
CREATE FUNCTION tds.text_ne(text, text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT rtrim($1) OPERATOR(pg_catalog.<>) rtrim($2)';
CREATE OPERATOR tds.= (FUNCTION = tds.text_eq, LEFTARG = text, RIGHTARG = text, COMMUTATOR = OPERATOR(tds.=),
    NEGATOR = OPERATOR(tds.<>), RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE OPERATOR tds.<> (FUNCTION = tds.text_ne, LEFTARG = text, RIGHTARG = text, COMMUTATOR = OPERATOR(tds.<>),
    NEGATOR = OPERATOR(tds.=), RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE FUNCTION tds.key(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT rtrim($1)';
CREATE FUNCTION tds.key(anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE AS 'SELECT $1';

CREATE FUNCTION tds.text_plus(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1 || $2';
CREATE OPERATOR tds.+ (FUNCTION = tds.text_plus, LEFTARG = text, RIGHTARG = text);

-- Refuses text that is too long, naming column and value: PostgreSQL's own message names neither.
CREATE FUNCTION tds.units(text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT length($1) + CASE WHEN octet_length($1) < 4 THEN 0
        ELSE length(regexp_replace($1 COLLATE "C", '[^\U00010000-\U0010ffff]', '', 'g')) END $$;
CREATE FUNCTION tds.fits(value text, room int, field text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    -- One character takes at most four bytes, and no more than one unit of UTF-16 for every two of them.
    IF value IS NULL OR octet_length(value) <= room OR tds.units(value) <= room THEN RETURN true; END IF;
    IF tds.units(rtrim(value)) <= room THEN RETURN true; END IF;
    RAISE EXCEPTION USING ERRCODE = 'TD628', MESSAGE = left(value, room), COLUMN = field;
END $$;
CREATE FUNCTION tds.fits(value bytea, room int, field text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF value IS NULL OR octet_length(value) <= room THEN RETURN true; END IF;
    RAISE EXCEPTION USING ERRCODE = 'TD628', MESSAGE = '', COLUMN = field;
END $$;
CREATE FUNCTION tds.is_tinyint(int2) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF $1 BETWEEN 0 AND 255 OR $1 IS NULL THEN RETURN true; END IF;
    RAISE EXCEPTION USING ERRCODE = 'TD220', MESSAGE = $1::text;
END $$;

-- Whole numbers are cut, not rounded.
CREATE FUNCTION tds.cut(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT trunc($1)';
CREATE FUNCTION tds.cut(float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT trunc($1)';
CREATE FUNCTION tds.cut(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(nullif(btrim($1), ''), CASE WHEN $1 IS NULL THEN NULL ELSE '0' END) $$;
CREATE FUNCTION tds.cut(anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION tds.overflow(numeric) RETURNS int4 LANGUAGE sql IMMUTABLE AS 'SELECT $1::int4';
CREATE FUNCTION tds.sum_int(int8, int4) RETURNS int8 LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1 + $2, $1, $2::int8)';
CREATE FUNCTION tds.sum_big(int8, int8) RETURNS int8 LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1 + $2, $1, $2)';
CREATE FUNCTION tds.sum_end(int8) RETURNS int4 LANGUAGE sql IMMUTABLE AS 'SELECT $1::int4';
CREATE AGGREGATE tds.sum(int4) (SFUNC = tds.sum_int, STYPE = int8, FINALFUNC = tds.sum_end);
CREATE AGGREGATE tds.sum(int8) (SFUNC = tds.sum_big, STYPE = int8);

-- Text functions.
CREATE FUNCTION tds.tsql_len(text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT tds.units(rtrim($1))';
CREATE FUNCTION tds.tsql_datalength(text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * tds.units($1)';
CREATE FUNCTION tds.tsql_datalength(bytea) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT octet_length($1)';
CREATE FUNCTION tds.is_exact(text) RETURNS bool LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(pg_collation_for($1) COLLATE "C" ~* '_(bin2?|cs_as)', false);
END $$;
CREATE FUNCTION tds.tsql_charindex(needle text, hay text, start int DEFAULT 1) RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
    from_here int := greatest(start, 1);
    found int;
BEGIN
    IF tds.is_exact(hay) OR tds.is_exact(needle) THEN
        found := strpos(substr(hay, from_here) COLLATE "C", needle COLLATE "C");
    ELSE
        found := strpos(lower(substr(hay, from_here) COLLATE "und-x-icu") COLLATE "C", lower(needle COLLATE "und-x-icu") COLLATE "C");
    END IF;
    RETURN CASE WHEN found = 0 THEN 0 ELSE found + from_here - 1 END;
END $$;
CREATE FUNCTION tds.tsql_replace(hay text, needle text, other text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    sought text;
    instead text;
BEGIN
    IF needle = '' OR tds.is_exact(hay) THEN RETURN replace(hay COLLATE "C", needle COLLATE "C", other COLLATE "C"); END IF;
    sought := regexp_replace(needle COLLATE "C", '([][\\.*+?^$(){}|-])', '\\\1', 'g');
    instead := replace(other COLLATE "C", '\', '\\');
    RETURN regexp_replace(hay COLLATE "und-x-icu", sought, instead, 'gi');
END $$;
-- LIKE with T-SQL's own classes, as a regular expression.
CREATE FUNCTION tds.pattern(pattern text, escape text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    built text := '^';
    place int := 1;
    letter text;
    closing int;
BEGIN
    WHILE place <= length(pattern) LOOP
        letter := substr(pattern, place, 1);
        closing := 0;
        IF letter COLLATE "C" = escape COLLATE "C" THEN
            place := place + 1;
            letter := regexp_replace(substr(pattern, place, 1) COLLATE "C", '([][\\.*+?^$(){}|-])', '\\\1');
        ELSIF letter = '%' THEN letter := '.*';
        ELSIF letter = '_' THEN letter := '.';
        ELSIF letter = '[' THEN
            closing := strpos(substr(pattern, place + 1) COLLATE "C", ']');
            IF closing > 0 THEN
                letter := '[' || replace(substr(pattern, place + 1, closing - 1) COLLATE "C", '\', '\\') || ']';
                place := place + closing;
            ELSE letter := '\[';
            END IF;
        ELSE letter := regexp_replace(letter COLLATE "C", '([][\\.*+?^$(){}|-])', '\\\1');
        END IF;
        built := built || letter;
        place := place + 1;
    END LOOP;
    RETURN built || '$';
END $$;
CREATE FUNCTION tds.tsql_like(value text, pattern text, escape text DEFAULT NULL) RETURNS bool LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF tds.is_exact(value) OR tds.is_exact(pattern) THEN RETURN value COLLATE "C" ~ tds.pattern(pattern COLLATE "C", escape COLLATE "C"); END IF;
    RETURN value COLLATE "und-x-icu" ~* tds.pattern(pattern COLLATE "und-x-icu", escape COLLATE "und-x-icu");
END $$;

-- Time. The server's clock shows UTC.
CREATE FUNCTION tds.tsql_sysutcdatetime() RETURNS timestamp LANGUAGE sql VOLATILE AS $$ SELECT clock_timestamp() AT TIME ZONE 'UTC' $$;
CREATE FUNCTION tds.tsql_sysdatetime() RETURNS timestamp LANGUAGE sql VOLATILE AS $$ SELECT clock_timestamp() AT TIME ZONE 'UTC' $$;
CREATE FUNCTION tds.tsql_getutcdate() RETURNS timestamp LANGUAGE sql VOLATILE AS $$ SELECT (clock_timestamp() AT TIME ZONE 'UTC')::timestamp(3) $$;
CREATE FUNCTION tds.tsql_getdate() RETURNS timestamp LANGUAGE sql VOLATILE AS $$ SELECT (clock_timestamp() AT TIME ZONE 'UTC')::timestamp(3) $$;
CREATE FUNCTION tds.unit(part text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE lower(part) WHEN 'yy' THEN 'year' WHEN 'yyyy' THEN 'year' WHEN 'mm' THEN 'month' WHEN 'm' THEN 'month' WHEN 'dd' THEN 'day'
        WHEN 'd' THEN 'day' WHEN 'hh' THEN 'hour' WHEN 'mi' THEN 'minute' WHEN 'n' THEN 'minute' WHEN 'ss' THEN 'second'
        WHEN 's' THEN 'second' WHEN 'ms' THEN 'millisecond' WHEN 'mcs' THEN 'microsecond' WHEN 'wk' THEN 'week' WHEN 'ww' THEN 'week'
        WHEN 'qq' THEN 'quarter' WHEN 'q' THEN 'quarter' WHEN 'dw' THEN 'weekday' WHEN 'weekday' THEN 'weekday' ELSE lower(part) END $$;
CREATE FUNCTION tds.tsql_dateadd(part text, amount int, moment timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
    SELECT moment + CASE tds.unit(part) WHEN 'quarter' THEN 3 * amount * interval '1 month'
        ELSE amount * ('1 ' || tds.unit(part))::interval END $$;
CREATE FUNCTION tds.tsql_datediff_big(part text, first timestamp, last timestamp) RETURNS int8 LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE tds.unit(part)
        WHEN 'year' THEN extract(year FROM last) - extract(year FROM first)
        WHEN 'quarter' THEN 4 * (extract(year FROM last) - extract(year FROM first)) + extract(quarter FROM last) - extract(quarter FROM first)
        WHEN 'month' THEN 12 * (extract(year FROM last) - extract(year FROM first)) + extract(month FROM last) - extract(month FROM first)
        WHEN 'week' THEN floor((extract(epoch FROM last::date) / 86400 + 4) / 7) - floor((extract(epoch FROM first::date) / 86400 + 4) / 7)
        WHEN 'day' THEN last::date - first::date
        WHEN 'hour' THEN floor(extract(epoch FROM last) / 3600) - floor(extract(epoch FROM first) / 3600)
        WHEN 'minute' THEN floor(extract(epoch FROM last) / 60) - floor(extract(epoch FROM first) / 60)
        WHEN 'second' THEN floor(extract(epoch FROM last)) - floor(extract(epoch FROM first))
        WHEN 'millisecond' THEN floor(extract(epoch FROM last) * 1000) - floor(extract(epoch FROM first) * 1000)
        WHEN 'microsecond' THEN extract(epoch FROM last) * 1000000 - extract(epoch FROM first) * 1000000
    END::int8 $$;
CREATE FUNCTION tds.tsql_datediff(part text, first timestamp, last timestamp) RETURNS int LANGUAGE sql IMMUTABLE AS
    'SELECT tds.tsql_datediff_big(part, first, last)::int';
CREATE FUNCTION tds.tsql_datepart(part text, moment timestamp) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE tds.unit(part) WHEN 'weekday' THEN extract(dow FROM moment) + 1 WHEN 'second' THEN floor(extract(second FROM moment))
        WHEN 'dayofyear' THEN extract(doy FROM moment) WHEN 'year' THEN extract(year FROM moment)
        WHEN 'quarter' THEN extract(quarter FROM moment) WHEN 'month' THEN extract(month FROM moment)
        WHEN 'day' THEN extract(day FROM moment) WHEN 'hour' THEN extract(hour FROM moment) WHEN 'minute' THEN extract(minute FROM moment)
        WHEN 'millisecond' THEN floor(extract(millisecond FROM moment))::int % 1000 WHEN 'week' THEN extract(week FROM moment) END::int $$;

-- The session: what belongs to it is kept in settings that the server writes.
CREATE FUNCTION tds.tsql_db_name() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('tds.database') $$;
CREATE FUNCTION tds.tsql_schema_name() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'dbo'::text $$;
CREATE FUNCTION tds.tsql_suser_sname() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('tds.login') $$;
CREATE FUNCTION tds.tsql_original_login() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('tds.login') $$;
CREATE FUNCTION tds.tsql_user_name() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'dbo'::text $$;
CREATE FUNCTION tds.tsql_host_name() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('tds.host') $$;
CREATE FUNCTION tds.tsql_app_name() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('tds.program') $$;
CREATE FUNCTION tds.tsql_newid() RETURNS uuid LANGUAGE sql VOLATILE AS $$ SELECT gen_random_uuid() $$;
CREATE FUNCTION tds.tsql_scope_identity() RETURNS numeric LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN lastval()::numeric(38, 0);
EXCEPTION WHEN object_not_in_prerequisite_state THEN RETURN NULL;
END $$;
CREATE FUNCTION tds.tsql_xact_state() RETURNS int LANGUAGE sql STABLE AS $$ SELECT (current_setting('tds.transaction') <> '0')::int $$;
CREATE FUNCTION tds.tsql_serverproperty(name text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE lower(name) WHEN 'productversion' THEN '15.0.4410.1' WHEN 'productmajorversion' THEN '15' WHEN 'productlevel' THEN 'RTM'
        WHEN 'edition' THEN 'Developer Edition (64-bit)' WHEN 'engineedition' THEN '3' WHEN 'servername' THEN current_setting('tds.server')
        WHEN 'machinename' THEN current_setting('tds.server') WHEN 'collation' THEN current_setting('tds.server_collation')
        WHEN 'isclustered' THEN '0' WHEN 'ishadrenabled' THEN '0' WHEN 'isfulltextinstalled' THEN '0' END $$;
CREATE FUNCTION tds.tsql_databasepropertyex(name text, property text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE lower(property) WHEN 'collation' THEN current_setting('tds.collation') WHEN 'status' THEN 'ONLINE'
        WHEN 'updateability' THEN 'READ_WRITE' WHEN 'recovery' THEN 'FULL' WHEN 'useraccess' THEN 'MULTI_USER' END $$;
