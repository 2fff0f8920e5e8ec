-- T-SQL's catalog. What PostgreSQL cannot keep - the spelling of a name, the declared type - is in the comments, as JSON.
CREATE SCHEMA sys;
CREATE SCHEMA info;

CREATE FUNCTION tds.json(comment text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(comment, '{}')::jsonb $$;
CREATE FUNCTION tds.of_table(table_id oid) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT tds.json(obj_description(table_id, 'pg_class')) $$;
CREATE FUNCTION tds.of_column(table_id oid, place int) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT tds.json(col_description(table_id, place)) $$;
CREATE FUNCTION tds.of_schema(schema_id oid) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT tds.json(obj_description(schema_id, 'pg_namespace')) $$;

-- The same rule as the server's own: small letters, and a digest in place of what PostgreSQL would cut off.
CREATE FUNCTION tds.fold(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN octet_length(folded) <= 60 THEN folded ELSE substr(folded, 1, 45) || '$' || substr(md5(folded), 1, 12) END
    FROM (SELECT CASE WHEN left(name, 1) = '#' THEN 'temp$' || lower(substr(name, 2) COLLATE "und-x-icu")
        ELSE lower(name COLLATE "und-x-icu") END) AS f(folded) $$;
CREATE FUNCTION tds.tsql_object_id(name text, kind text DEFAULT NULL) RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
    parts text[] := '{}';
    part text;
    found oid;
BEGIN
    FOR part IN SELECT coalesce(m[1], m[2], m[3]) FROM regexp_matches(name COLLATE "C", '\[([^]]*)\]|"([^"]*)"|([^.\[\]"]+)', 'g') AS m LOOP
        parts := parts || part;
    END LOOP;
    part := parts[cardinality(parts)];
    IF left(part, 1) = '#' THEN
        found := to_regclass('pg_temp.' || quote_ident(tds.fold(part)));
    ELSE
        found := to_regclass(quote_ident(CASE WHEN cardinality(parts) > 1 AND parts[cardinality(parts) - 1] <> '' AND parts[1] <> 'tempdb'
            THEN tds.fold(parts[cardinality(parts) - 1]) ELSE 'dbo' END) || '.' || quote_ident(tds.fold(part)));
    END IF;
    IF found IS NULL OR kind IS NOT NULL AND upper(kind) <> (SELECT CASE relkind WHEN 'v' THEN 'V' ELSE 'U' END FROM pg_class WHERE oid = found) THEN
        RETURN NULL;
    END IF;
    RETURN found::int8::int;
END $$;
CREATE FUNCTION tds.tsql_has_perms_by_name(securable text, class text, permission text) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF securable IS NULL OR upper(class) NOT IN ('OBJECT') THEN RETURN 1; END IF;
    IF tds.tsql_object_id(securable) IS NULL THEN RETURN NULL; END IF;
    IF upper(permission) IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') THEN
        RETURN has_table_privilege(tds.tsql_object_id(securable)::oid, permission)::int;
    END IF;
    RETURN 1;
END $$;

CREATE FUNCTION tds.tsql_is_srvrolemember(role text) RETURNS int LANGUAGE sql STABLE AS 'SELECT 0';
CREATE FUNCTION tds.tsql_is_rolemember(role text) RETURNS int LANGUAGE sql STABLE AS 'SELECT 0';

CREATE VIEW sys.schemas AS
    SELECT coalesce(tds.of_schema(oid) ->> 'name', nspname) COLLATE tds.names AS name, oid::int8::int AS schema_id, 1 AS principal_id
    FROM pg_namespace WHERE nspname !~ '^(pg_|tds$|info$|information_schema$|public$)';

-- Temporary tables are the session's own; they pass as objects of dbo.
CREATE VIEW sys.objects AS
    SELECT coalesce(tds.of_table(c.oid) ->> 'name', c.relname) COLLATE tds.names AS name, c.oid::int8::int AS object_id, 1 AS principal_id,
        CASE WHEN c.relpersistence = 't' THEN 'dbo'::regnamespace::oid ELSE c.relnamespace END::int8::int AS schema_id,
        0 AS parent_object_id, CASE c.relkind WHEN 'v' THEN 'V' ELSE 'U' END COLLATE tds.names AS type,
        CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'USER_TABLE' END COLLATE tds.names AS type_desc,
        c.relpersistence = 't' AS is_temporary
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v') AND (n.nspname !~ '^(pg_|tds$|sys$|info$|information_schema$|public$)' OR n.oid = pg_my_temp_schema());
CREATE VIEW sys.tables AS SELECT * FROM sys.objects WHERE type = 'U';
CREATE VIEW sys.views AS SELECT * FROM sys.objects WHERE type = 'V';
CREATE VIEW sys.all_objects AS SELECT * FROM sys.objects;
CREATE VIEW sys.system_views AS SELECT v.name COLLATE tds.names AS name FROM (VALUES ('dm_exec_sessions'::text), ('objects')) AS v(name);
CREATE VIEW sys.sql_modules AS
    SELECT oid::int8::int AS object_id, tds.of_table(oid) ->> 'definition' AS definition FROM pg_class WHERE relkind = 'v';

CREATE VIEW sys.types AS
    SELECT t.name COLLATE tds.names AS name, t.id AS system_type_id, t.id AS user_type_id, 4 AS schema_id, t.size AS max_length,
        t.precision, t.scale, NULL::text AS collation_name, '1'::tds.flag AS is_nullable, '0'::tds.flag AS is_user_defined,
        '0'::tds.flag AS is_assembly_type, 0 AS default_object_id, 0 AS rule_object_id, '0'::tds.flag AS is_table_type
    FROM (VALUES ('image'::text, 34, 16, 0, 0), ('text', 35, 16, 0, 0), ('uniqueidentifier', 36, 16, 0, 0), ('date', 40, 3, 10, 0),
        ('time', 41, 5, 16, 7), ('datetime2', 42, 8, 27, 7), ('datetimeoffset', 43, 10, 34, 7), ('tinyint', 48, 1, 3, 0),
        ('smallint', 52, 2, 5, 0), ('int', 56, 4, 10, 0), ('smalldatetime', 58, 4, 16, 0), ('real', 59, 4, 24, 0), ('money', 60, 8, 19, 4),
        ('datetime', 61, 8, 23, 3), ('float', 62, 8, 53, 0), ('sql_variant', 98, 8016, 0, 0), ('ntext', 99, 16, 0, 0), ('bit', 104, 1, 1, 0),
        ('decimal', 106, 17, 38, 38), ('numeric', 108, 17, 38, 38), ('smallmoney', 122, 4, 10, 4), ('bigint', 127, 8, 19, 0),
        ('varbinary', 165, 8000, 0, 0), ('varchar', 167, 8000, 0, 0), ('binary', 173, 8000, 0, 0), ('char', 175, 8000, 0, 0),
        ('timestamp', 189, 8, 0, 0), ('nvarchar', 231, 8000, 0, 0), ('nchar', 239, 8000, 0, 0), ('xml', 241, -1, 0, 0)
    ) AS t(name, id, size, precision, scale);

CREATE VIEW sys.all_columns AS
    SELECT a.attrelid::int8::int AS object_id, coalesce(m.meta ->> 'name', a.attname) COLLATE tds.names AS name, a.attnum::int AS column_id,
        t.system_type_id, t.user_type_id,
        CASE WHEN t.name IN ('nvarchar', 'nchar') THEN CASE WHEN m.first = 'max' THEN -1 ELSE 2 * m.first::int END
            WHEN t.name IN ('varchar', 'char', 'varbinary', 'binary') THEN CASE WHEN m.first = 'max' THEN -1 ELSE m.first::int END
            ELSE t.max_length END AS max_length,
        CASE WHEN t.name IN ('decimal', 'numeric') THEN m.first::int ELSE t.precision END AS precision,
        CASE WHEN t.name IN ('decimal', 'numeric') THEN m.second::int
            WHEN t.name IN ('datetime2', 'time', 'datetimeoffset') THEN m.first::int ELSE t.scale END AS scale,
        m.meta ->> 'collation' AS collation_name, CASE WHEN a.attnotnull THEN '0' ELSE '1' END::tds.flag AS is_nullable,
        CASE WHEN m.meta ? 'identity' THEN '1' ELSE '0' END::tds.flag AS is_identity, '0'::tds.flag AS is_computed,
        CASE WHEN m.meta ? 'default' THEN a.attrelid::int8::int * 1 + a.attnum ELSE 0 END AS default_object_id, a.attnum::int AS ordinal_position
    FROM pg_attribute AS a
    CROSS JOIN LATERAL (
        -- A view's columns have no description of their own: they are told by what PostgreSQL made of them.
        SELECT meta, coalesce(split_part(meta ->> 'type', '(', 1), CASE a.atttypid::regtype::text
                WHEN 'integer' THEN 'int' WHEN 'bigint' THEN 'bigint' WHEN 'smallint' THEN 'smallint' WHEN 'numeric' THEN 'decimal'
                WHEN 'double precision' THEN 'float' WHEN 'timestamp without time zone' THEN 'datetime2' ELSE 'nvarchar' END) AS base,
            coalesce(substring(meta ->> 'type' FROM '\((max|\d+)'), CASE WHEN meta ? 'type' THEN NULL ELSE '38' END) AS first,
            coalesce(substring(meta ->> 'type' FROM ',\s*(\d+)'), '0') AS second
        FROM (SELECT tds.of_column(a.attrelid, a.attnum) AS meta) AS j
    ) AS m
    JOIN sys.types AS t ON t.name = m.base
    WHERE a.attnum > 0 AND NOT a.attisdropped;
CREATE VIEW sys.columns AS SELECT * FROM sys.all_columns;

CREATE VIEW sys.default_constraints AS
    SELECT d.adrelid::int8::int * 1 + d.adnum AS object_id, coalesce(tds.of_column(d.adrelid, d.adnum) ->> 'default_name', 'DF_' || d.oid) AS name,
        d.adrelid::int8::int AS parent_object_id, d.adnum::int AS parent_column_id, tds.of_column(d.adrelid, d.adnum) ->> 'default' AS definition
    FROM pg_attrdef AS d WHERE tds.of_column(d.adrelid, d.adnum) ? 'default';
CREATE VIEW sys.computed_columns AS
    SELECT 0 AS object_id, 0 AS column_id, NULL::text AS definition, NULL::tds.flag AS is_persisted WHERE false;
CREATE VIEW sys.identity_columns AS
    SELECT object_id, name, column_id, is_identity, (tds.of_column(object_id::oid, column_id) #>> '{identity,0}')::int8 AS seed_value,
        (tds.of_column(object_id::oid, column_id) #>> '{identity,1}')::int8 AS increment_value, NULL::int8 AS last_value
    FROM sys.all_columns WHERE is_identity = 1;
CREATE VIEW sys.extended_properties AS
    SELECT 1 AS class, c.oid::int8::int AS major_id, 0 AS minor_id, 'MS_Description' COLLATE tds.names AS name,
        tds.of_table(c.oid) ->> 'comment' AS value FROM pg_class AS c WHERE c.relkind IN ('r', 'v') AND tds.of_table(c.oid) ? 'comment'
    UNION ALL
    SELECT 1, object_id, column_id, 'MS_Description' COLLATE tds.names, tds.of_column(object_id::oid, column_id) ->> 'comment'
    FROM sys.all_columns WHERE tds.of_column(object_id::oid, column_id) ? 'comment';

CREATE VIEW sys.indexes AS
    SELECT i.indrelid::int8::int AS object_id, (tds.of_table(i.indexrelid) ->> 'name') COLLATE tds.names AS name, i.indexrelid::int8::int AS index_id,
        CASE WHEN (tds.of_table(i.indexrelid) ->> 'clustered')::bool THEN 1 ELSE 2 END AS type,
        CASE WHEN i.indisunique THEN '1' ELSE '0' END::tds.flag AS is_unique,
        CASE WHEN tds.of_table(i.indexrelid) ->> 'kind' = 'PK' THEN '1' ELSE '0' END::tds.flag AS is_primary_key,
        CASE WHEN tds.of_table(i.indexrelid) ->> 'kind' = 'UQ' THEN '1' ELSE '0' END::tds.flag AS is_unique_constraint,
        CASE WHEN i.indpred IS NULL THEN '0' ELSE '1' END::tds.flag AS has_filter, tds.of_table(i.indexrelid) ->> 'filter' AS filter_definition
    FROM pg_index AS i WHERE tds.of_table(i.indexrelid) ? 'kind';
CREATE VIEW sys.index_columns AS
    SELECT i.indrelid::int8::int AS object_id, i.indexrelid::int8::int AS index_id, k.place::int AS index_column_id, k.number::int AS column_id,
        k.place::int AS key_ordinal, '0'::tds.flag AS is_included_column, '0'::tds.flag AS is_descending_key
    FROM pg_index AS i CROSS JOIN LATERAL jsonb_array_elements_text(tds.of_table(i.indexrelid) -> 'columns') WITH ORDINALITY AS k(number, place)
    UNION ALL
    SELECT i.indrelid::int8::int, i.indexrelid::int8::int, 1000 + k.place::int, k.number::int, 0, '1'::tds.flag, '0'::tds.flag
    FROM pg_index AS i CROSS JOIN LATERAL jsonb_array_elements_text(tds.of_table(i.indexrelid) -> 'include') WITH ORDINALITY AS k(number, place);
CREATE VIEW sys.key_constraints AS
    SELECT name, index_id AS object_id, object_id AS parent_object_id, index_id AS unique_index_id,
        CASE WHEN is_primary_key = 1 THEN 'PK' ELSE 'UQ' END COLLATE tds.names AS type
    FROM sys.indexes WHERE is_primary_key = 1 OR is_unique_constraint = 1;

-- Filled by the server for each session that asks.
CREATE VIEW sys.databases AS
    SELECT (d ->> 'name') COLLATE tds.names AS name, place::int + 4 AS database_id, d ->> 'collation' AS collation_name,
        (d ->> 'snapshot')::tds.flag AS is_read_committed_snapshot_on, (d ->> 'snapshot')::int AS snapshot_isolation_state,
        150 AS compatibility_level, 0 AS state, 'ONLINE' COLLATE tds.names AS state_desc, '0'::tds.flag AS is_read_only
    FROM jsonb_array_elements(current_setting('tds.databases')::jsonb) WITH ORDINALITY AS e(d, place);
CREATE VIEW sys.dm_exec_sessions AS
    SELECT (s ->> 'session_id')::int AS session_id, s ->> 'login' AS login_name, s ->> 'host' AS host_name, s ->> 'program' AS program_name,
        (s ->> 'isolation')::int2 AS transaction_isolation_level, (s ->> 'transactions')::int AS open_transaction_count, '1'::tds.flag AS is_user_process
    FROM jsonb_array_elements(current_setting('tds.sessions')::jsonb) AS e(s);
CREATE FUNCTION tds.fn_listextendedproperty(text, text, text, text, text, text, text)
    RETURNS TABLE (objtype text, objname text, name text, value text) LANGUAGE sql STABLE AS $$ SELECT '', '', '', '' WHERE false $$;

CREATE VIEW info.schemata AS
    SELECT current_setting('tds.database') AS catalog_name, name AS schema_name, 'dbo'::text AS schema_owner FROM sys.schemas;
CREATE VIEW info.tables AS
    SELECT current_setting('tds.database') AS table_catalog, s.name AS table_schema, o.name AS table_name,
        CASE o.type WHEN 'V' THEN 'VIEW' ELSE 'BASE TABLE' END COLLATE tds.names AS table_type
    FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE NOT o.is_temporary;
CREATE VIEW info.views AS SELECT table_catalog, table_schema, table_name FROM info.tables WHERE table_type = 'VIEW';
CREATE VIEW info.columns AS
    SELECT current_setting('tds.database') AS table_catalog, s.name AS table_schema, o.name AS table_name, c.name AS column_name,
        c.column_id AS ordinal_position, tds.of_column(c.object_id::oid, c.column_id) ->> 'default' AS column_default,
        CASE WHEN c.is_nullable = 1 THEN 'YES' ELSE 'NO' END COLLATE tds.names AS is_nullable, t.name AS data_type,
        CASE WHEN t.name IN ('nvarchar', 'nchar') THEN CASE WHEN c.max_length = -1 THEN -1 ELSE c.max_length / 2 END
            WHEN t.name IN ('varchar', 'char', 'varbinary', 'binary') THEN c.max_length END AS character_maximum_length,
        CASE WHEN t.name IN ('nvarchar', 'nchar', 'varchar', 'char', 'varbinary', 'binary') THEN c.max_length END AS character_octet_length,
        CASE WHEN t.name IN ('tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'money', 'smallmoney', 'float', 'real')
            THEN c.precision END AS numeric_precision,
        CASE WHEN t.name IN ('tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'money', 'smallmoney') THEN c.scale END AS numeric_scale,
        CASE WHEN t.name IN ('datetime2', 'time', 'datetimeoffset', 'datetime') THEN c.scale END AS datetime_precision, c.collation_name
    FROM sys.columns AS c JOIN sys.objects AS o ON o.object_id = c.object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id
    JOIN sys.types AS t ON t.user_type_id = c.user_type_id WHERE NOT o.is_temporary;
CREATE VIEW info.table_constraints AS
    SELECT current_setting('tds.database') AS constraint_catalog, s.name AS constraint_schema, k.name AS constraint_name,
        current_setting('tds.database') AS table_catalog, s.name AS table_schema, o.name AS table_name,
        CASE k.type WHEN 'PK' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END COLLATE tds.names AS constraint_type
    FROM sys.key_constraints AS k JOIN sys.objects AS o ON o.object_id = k.parent_object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id
    WHERE NOT o.is_temporary;
CREATE VIEW info.key_column_usage AS
    SELECT s.name AS constraint_schema, k.name AS constraint_name, s.name AS table_schema, o.name AS table_name, c.name AS column_name,
        i.key_ordinal AS ordinal_position
    FROM sys.key_constraints AS k JOIN sys.objects AS o ON o.object_id = k.parent_object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id
    JOIN sys.index_columns AS i ON i.index_id = k.unique_index_id JOIN sys.columns AS c ON c.object_id = i.object_id AND c.column_id = i.column_id
    WHERE NOT o.is_temporary;
-- Foreign keys are kept, but not told of.
CREATE VIEW info.referential_constraints AS
    SELECT NULL::text AS constraint_schema, NULL::text AS constraint_name, NULL::text AS unique_constraint_schema,
        NULL::text AS unique_constraint_name, NULL::text AS match_option, NULL::text AS update_rule, NULL::text AS delete_rule WHERE false;

-- SELECT * from these answers with names in capital letters.
DO $$
DECLARE item record;
BEGIN
    FOR item IN SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'info'::regnamespace AND c.relkind = 'v' AND a.attnum > 0 LOOP
        EXECUTE format('COMMENT ON COLUMN info.%I.%I IS %L', item.relname, item.attname, json_build_object('name', upper(item.attname)));
    END LOOP;
END $$;
GRANT USAGE ON SCHEMA tds, sys, info, dbo TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA sys, info TO PUBLIC;
