"""CREATE, ALTER and DROP in PostgreSQL's words. Read by hand: sqlglot loses too much of T-SQL's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from temu_assets_tests.tds.catalog import Catalog, ColumnShape, IndexShape, TableShape, comment_on_column, comment_on_table
from temu_assets_tests.tds.errors import SqlError, invalid_object
from temu_assets_tests.tds.lexing import Cursor, Kind, SyntaxFault, Token, split_at_commas, text_of
from temu_assets_tests.tds.names import collation_name, fold, index_name, literal, quoted, schema_of, table_name
from temu_assets_tests.tds.sqltypes import MAX, SqlType, parse_type
from temu_assets_tests.tds.translation import DATABASE_COLLATION, Slot, translate

_COLUMN_NOISE = {"NULL", "ROWGUIDCOL", "SPARSE", "PERSISTED"}
_KEY_NOISE = {"CLUSTERED", "NONCLUSTERED"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a statement about tables depends on. ``collations`` are the database's and the one of temporary tables."""

    catalog: Catalog
    collation: str
    temporary_collation: str
    collations: frozenset[str]

    def collation_of(self, table: tuple[str, ...], declared: str) -> str:
        """The collation of a new text column. Raises SqlError for one that is not known."""
        if declared.lower() == "database_default":
            return self.collation
        if not declared:
            return self.temporary_collation if table[-1].startswith("#") else self.collation
        if declared.lower() not in self.collations:
            raise SqlError(448, f"Invalid collation '{declared}'.")
        return declared


@dataclass(slots=True)
class _Key:
    name: str
    kind: str
    columns: list[str]
    is_clustered: bool
    included: list[str] = field(default_factory=list)
    condition: str = ""


@dataclass(slots=True)
class _Column:
    shape: ColumnShape
    sql: str
    keys: list[_Key] = field(default_factory=list)


def change_tables(tokens: Sequence[Token], text: str, around: Surroundings) -> list[str]:
    """The statements for PostgreSQL. Raises SyntaxFault and SqlError."""
    cursor = Cursor(list(tokens))
    action = cursor.next().word
    if action == "TRUNCATE":
        cursor.expect("TABLE")
        return [f"TRUNCATE {table_name(cursor.name())}"]
    handlers = {"CREATE": _create, "ALTER": _alter, "DROP": _drop}
    return handlers[action](cursor, text, around)


# --- CREATE ---


def _create(cursor: Cursor, text: str, around: Surroundings) -> list[str]:
    if cursor.skip("TABLE"):
        return _create_table(cursor, around)
    if cursor.skip("SCHEMA"):
        (name,) = cursor.name()
        return [f"CREATE SCHEMA {quoted(fold(name))}", f"COMMENT ON SCHEMA {quoted(fold(name))} IS {literal(json.dumps({'name': name}))}"]
    is_replaced = cursor.skip("OR", "ALTER")
    if cursor.skip("VIEW"):
        return _create_view(cursor, text, around, is_replaced=is_replaced)
    is_unique = cursor.skip("UNIQUE")
    is_clustered = cursor.skip("CLUSTERED")
    cursor.skip("NONCLUSTERED")
    if cursor.skip("INDEX"):
        return _create_index(cursor, around, is_unique=is_unique, is_clustered=is_clustered)
    raise SyntaxFault(cursor.peek())


def _create_table(cursor: Cursor, around: Surroundings) -> list[str]:
    parts = cursor.name()
    columns: list[_Column] = []
    keys: list[_Key] = []
    constraints: list[str] = []
    for piece in split_at_commas(cursor.inside_parentheses()):
        item = Cursor(piece)
        if item.peek() in {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "INDEX"}:
            key, constraint = _table_constraint(item, parts)
            keys += [key] if key else []
            constraints += [constraint] if constraint else []
        else:
            columns.append(_column(item, parts, len(columns) + 1, around))
    keys += [key for column in columns for key in column.keys]
    in_primary_key = {fold(name) for key in keys if key.kind == "PK" for name in key.columns}
    table = table_name(parts)
    shape = TableShape("", parts[-1], {fold(column.shape.name): column.shape for column in columns})
    required = [name for name in in_primary_key if name in shape.columns]
    temporary = "TEMPORARY " if parts[-1].startswith("#") else ""
    definitions = [column.sql for column in columns] + constraints
    statements = [f"CREATE {temporary}TABLE {table} ({', '.join(definitions)})", comment_on_table(table, parts[-1])]
    statements += [f"ALTER TABLE {table} ALTER COLUMN {quoted(name)} SET NOT NULL" for name in required]
    statements += [comment_on_column(table, fold(column.shape.name), column.shape) for column in columns]
    for key in keys:
        statements += _index_statements(parts, shape, key)
    return statements


def _column(item: Cursor, table: tuple[str, ...], number: int, around: Surroundings) -> _Column:
    name = item.next().name
    kind = _type(item)
    column = _Column(ColumnShape(name, kind, number), "")
    words = [quoted(fold(name)), kind.postgres]
    collation, is_required, constraint = "", False, ""
    while not item.is_at_end:
        if item.skip("COLLATE"):
            collation = item.next().name
        elif item.skip("NOT", "NULL"):
            is_required = True
        elif item.peek() in _COLUMN_NOISE:
            item.next()
        elif item.skip("IDENTITY"):
            start, step = _identity(item)
            column.shape = replace(column.shape, identity=(start, step))
            words.append(f"GENERATED ALWAYS AS IDENTITY (START WITH {start} INCREMENT BY {step} MINVALUE {min(start, -(2**31))})")
            is_required = True
        elif item.skip("CONSTRAINT"):
            constraint = item.next().name
        else:
            words += _column_constraint(item, column, constraint, table)
            constraint = ""
    words += _rest_of_column(column, around.collation_of(table, collation) if kind.is_text else "", is_required=is_required)
    column.sql = " ".join(words)
    return column


def _rest_of_column(column: _Column, collation: str, *, is_required: bool) -> list[str]:
    words = [f"COLLATE {collation_name(collation)}"] if collation else []
    words += ["NOT NULL"] if is_required else []
    column.shape = replace(column.shape, collation=collation, is_nullable=not is_required)
    check = _length_check(column.shape)
    return [*words, check] if check else words


def _column_constraint(item: Cursor, column: _Column, name: str, table: tuple[str, ...]) -> list[str]:
    own = column.shape.name
    if item.skip("DEFAULT"):
        tokens = item.inside_parentheses() if item.peek() == "(" else _one_value(item)
        value = f"({text_of(tokens)})"
        column.shape = replace(column.shape, default=value, default_name=name or f"DF__{table[-1]}__{own}")
        return [f"DEFAULT {_expression(text_of(tokens))}"]
    if item.skip("PRIMARY", "KEY"):
        column.keys.append(_Key(name or f"PK__{table[-1]}", "PK", [own], _is_clustered(item, otherwise=True)))
        return []
    if item.skip("UNIQUE"):
        column.keys.append(_Key(name or f"UQ__{table[-1]}__{own}", "UQ", [own], _is_clustered(item, otherwise=False)))
        return []
    if item.skip("CHECK"):
        return [_check(name or f"CK__{table[-1]}__{own}", item.inside_parentheses())]
    item.skip("FOREIGN", "KEY")
    if item.skip("REFERENCES"):
        return [f"CONSTRAINT {quoted(fold(name or f'FK__{table[-1]}__{own}'))} {_references(item)}"]
    raise SyntaxFault(item.peek() or item.next().text)


def _one_value(item: Cursor) -> list[Token]:
    tokens = [item.next()]
    if tokens[0].text in {"-", "+"}:
        tokens.append(item.next())
    elif item.peek() == "(":
        start = item.place
        item.inside_parentheses()
        tokens += item.tokens[start : item.place]
    return tokens


def _table_constraint(item: Cursor, table: tuple[str, ...]) -> tuple[_Key | None, str]:
    name = item.next().name if item.skip("CONSTRAINT") else ""
    if item.skip("PRIMARY", "KEY"):
        is_clustered = _is_clustered(item, otherwise=True)
        return _Key(name or f"PK__{table[-1]}", "PK", _column_names(item), is_clustered), ""
    if item.skip("UNIQUE"):
        is_clustered = _is_clustered(item, otherwise=False)
        return _Key(name or f"UQ__{table[-1]}", "UQ", _column_names(item), is_clustered), ""
    if item.skip("CHECK"):
        return None, _check(name or f"CK__{table[-1]}", item.inside_parentheses())
    if item.skip("FOREIGN", "KEY"):
        columns = ", ".join(quoted(fold(column)) for column in _column_names(item))
        item.expect("REFERENCES")
        return None, f"CONSTRAINT {quoted(fold(name or f'FK__{table[-1]}'))} FOREIGN KEY ({columns}) {_references(item, is_read=True)}"
    raise SyntaxFault(item.peek() or item.next().text)


def _references(item: Cursor, *, is_read: bool = False) -> str:
    del is_read  # REFERENCES itself has been read either way
    target = table_name(item.name())
    columns = f" ({', '.join(quoted(fold(name)) for name in _column_names(item))})" if item.peek() == "(" else ""
    actions = text_of([token for token in item.rest() if token.kind is Kind.WORD])
    return f"REFERENCES {target}{columns} {actions}"


def _check(name: str, condition: list[Token]) -> str:
    return f"CONSTRAINT {quoted(fold(name))} CHECK ({_condition(text_of(condition))})"


def _type(item: Cursor) -> SqlType:
    first = item.next()
    text = first.name
    if item.peek() in {"PRECISION", "VARYING"}:
        text += f" {item.next().text}"
    if item.peek() == "(":
        text += f"({text_of(item.inside_parentheses()).replace(' ', '')})"
    try:
        return parse_type(text)
    except ValueError:
        raise SqlError(2715, f"Column, parameter, or variable: Cannot find data type {first.name}.") from None


def _identity(item: Cursor) -> tuple[int, int]:
    if item.peek() != "(":
        return 1, 1
    start, step = split_at_commas(item.inside_parentheses())
    return int(text_of(start).replace(" ", "")), int(text_of(step).replace(" ", ""))


def _is_clustered(item: Cursor, *, otherwise: bool) -> bool:
    word = item.peek()
    if word in _KEY_NOISE:
        item.next()
        return word == "CLUSTERED"
    return otherwise


def _column_names(item: Cursor) -> list[str]:
    """The names of columns in parentheses; whether they go up or down is no matter here."""
    return [piece[0].name for piece in split_at_commas(item.inside_parentheses())]


def _length_check(shape: ColumnShape) -> str:
    kind = shape.type
    assert kind is not None
    column, name = quoted(fold(shape.name)), quoted(fold(f"fits${shape.name}"))
    if kind.name == "tinyint":
        return f"CONSTRAINT {name} CHECK (tds.is_tinyint({column}))"
    if not (kind.is_text or kind.is_binary) or kind.length in {0, MAX}:
        return ""
    return f"CONSTRAINT {name} CHECK (tds.fits({column}, {kind.length}, {literal(shape.name)}))"


def _expression(text: str) -> str:
    return _translated(f"SELECT {text}").removeprefix("SELECT ")


def _condition(text: str) -> str:
    return _translated(f"SELECT 1 WHERE {text}").removeprefix("SELECT 1 WHERE ")


def _translated(text: str, collation: str = "") -> str:
    pieces = []
    for part in translate(text).parts:
        if isinstance(part, Slot):
            if part.name != DATABASE_COLLATION:
                raise SqlError(112, "Variables are not allowed in this statement.")
            pieces.append(collation)
        else:
            pieces.append(part)
    return "".join(pieces)


def _create_view(cursor: Cursor, text: str, around: Surroundings, *, is_replaced: bool) -> list[str]:
    parts = cursor.name()
    names = _column_names(cursor) if cursor.peek() == "(" else []
    while not cursor.skip("AS"):
        cursor.next()
    body = text[cursor.tokens[cursor.place].start :]
    translated = translate(body)
    view = table_name(parts)
    listed = names or [name for name in translated.names or () if name]
    columns = f" ({', '.join(quoted(fold(name)) for name in listed)})" if listed else ""
    kept = literal(json.dumps({"name": parts[-1], "definition": text}, ensure_ascii=False))
    statements = [f"DROP VIEW IF EXISTS {view}"] if is_replaced else []
    statements += [
        f"CREATE VIEW {view}{columns} AS {_translated(body, collation_name(around.collation))}",
        f"COMMENT ON VIEW {view} IS {kept}",
    ]
    return statements + [
        f"COMMENT ON COLUMN {view}.{quoted(fold(name))} IS {literal(json.dumps({'name': name}, ensure_ascii=False))}" for name in listed
    ]


def _create_index(cursor: Cursor, around: Surroundings, *, is_unique: bool, is_clustered: bool) -> list[str]:
    name = cursor.next().name
    cursor.expect("ON")
    parts = cursor.name()
    shape = _existing(parts, around)
    key = _Key(name, "IX", _column_names(cursor), is_clustered)
    if cursor.skip("INCLUDE"):
        key.included = _column_names(cursor)
    if cursor.skip("WHERE"):
        rest = cursor.rest()
        end = next((place for place, token in enumerate(rest) if token.word in {"WITH", "ON"}), len(rest))
        key.condition = text_of(rest[:end])
    if any(index.name.lower() == name.lower() for index in around.catalog.indexes(parts)):
        raise SqlError(
            1913,
            f"The operation failed because an index or statistics with name '{name}' already exists on table '{parts[-1]}'.",
        )
    return _index_statements(parts, shape, key, is_unique=is_unique)


def _existing(parts: tuple[str, ...], around: Surroundings) -> TableShape:
    shape = around.catalog.find(parts)
    if shape is None:
        raise invalid_object(".".join(part for part in parts if part))
    return shape


def _index_statements(parts: tuple[str, ...], shape: TableShape, key: _Key, *, is_unique: bool = True) -> list[str]:
    wanted = []
    for name in [*key.columns, *key.included]:
        column = shape.columns.get(fold(name))
        if column is None:
            raise SqlError(1911, f"Column name '{name}' does not exist in the target table or view.")
        wanted.append(column)
    count = len(key.columns)
    # Text is equal whatever its trailing blanks; the index has to say so as well as the operator.
    keys = [f"rtrim({quoted(fold(c.name))})" if c.type and c.type.is_text else quoted(fold(c.name)) for c in wanted[:count]]
    index = index_name(parts, key.name)
    condition = f" WHERE {_condition(key.condition)}" if key.condition else ""
    kept: dict[str, object] = {"name": key.name, "kind": key.kind, "columns": [column.number for column in wanted[:count]]}
    kept |= {"clustered": key.is_clustered, "include": [column.number for column in wanted[count:]]}
    if key.condition:
        kept["filter"] = f"({key.condition})"
    qualified = f"{quoted(schema_of(parts))}.{quoted(index)}"
    return [
        f"CREATE {'UNIQUE ' if is_unique else ''}INDEX {quoted(index)} ON {table_name(parts)} ({', '.join(keys)}){condition}",
        f"COMMENT ON INDEX {qualified} IS {literal(json.dumps(kept, ensure_ascii=False))}",
    ]


# --- ALTER ---


def _alter(cursor: Cursor, text: str, around: Surroundings) -> list[str]:
    if not cursor.skip("TABLE"):
        raise SyntaxFault(cursor.peek())
    parts = cursor.name()
    shape = around.catalog.find(parts)
    if shape is None:
        name = ".".join(part for part in parts if part)
        raise SqlError(4902, f'Cannot find the object "{name}" because it does not exist or you do not have permissions.')
    if cursor.skip("WITH"):
        cursor.next()
    if cursor.skip("ALTER", "COLUMN"):
        return _alter_column(cursor, parts, shape, around)
    if cursor.skip("ADD"):
        return _add(cursor, parts, shape, around)
    if cursor.skip("DROP"):
        return _drop_from(cursor, parts, shape, around)
    if cursor.peek() in {"CHECK", "NOCHECK", "ENABLE", "DISABLE", "REBUILD", "SET"}:
        return []
    raise SyntaxFault(cursor.peek())


def _add(cursor: Cursor, parts: tuple[str, ...], shape: TableShape, around: Surroundings) -> list[str]:
    table = table_name(parts)
    statements: list[str] = []
    number = max((column.number for column in shape.columns.values()), default=0)
    columns = dict(shape.columns)
    for piece in split_at_commas(cursor.rest()):
        item = Cursor(piece)
        if item.peek() in {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "DEFAULT"}:
            statements += _add_constraint(item, parts, replace(shape, columns=columns))
            continue
        number += 1
        column = _column(item, parts, number, around)
        columns[fold(column.shape.name)] = column.shape
        statements += [f"ALTER TABLE {table} ADD COLUMN {column.sql}", comment_on_column(table, fold(column.shape.name), column.shape)]
        for key in column.keys:
            statements += _index_statements(parts, replace(shape, columns=columns), key)
    return statements


def _add_constraint(item: Cursor, parts: tuple[str, ...], shape: TableShape) -> list[str]:
    table = table_name(parts)
    name = item.tokens[item.place + 1].name if item.peek() == "CONSTRAINT" else ""
    if item.peek(2 if name else 0) == "DEFAULT":
        item.place += 3 if name else 1
        tokens = item.inside_parentheses() if item.peek() == "(" else _one_value(item)
        item.expect("FOR")
        column = item.next().name
        known = shape.columns[fold(column)]
        kept = replace(known, default=f"({text_of(tokens)})", default_name=name or f"DF__{parts[-1]}__{column}")
        return [
            f"ALTER TABLE {table} ALTER COLUMN {quoted(fold(column))} SET DEFAULT {_expression(text_of(tokens))}",
            comment_on_column(table, fold(column), kept),
        ]
    key, constraint = _table_constraint(item, parts)
    if key is None:
        return [f"ALTER TABLE {table} ADD {constraint}"]
    if key.kind == "PK":
        for column_name in key.columns:
            found = shape.columns.get(fold(column_name))
            if found is not None and found.is_nullable:
                raise SqlError(8111, f"Cannot define PRIMARY KEY constraint on nullable column in table '{parts[-1]}'.")
    return _index_statements(parts, shape, key)


def _alter_column(cursor: Cursor, parts: tuple[str, ...], shape: TableShape, around: Surroundings) -> list[str]:
    name = cursor.next().name
    known = shape.columns.get(fold(name))
    if known is None:
        raise SqlError(4924, f"ALTER TABLE ALTER COLUMN failed because column '{name}' does not exist in table '{parts[-1]}'.")
    kind = _type(cursor)
    declared = cursor.next().name if cursor.skip("COLLATE") else ""
    is_nullable = not cursor.skip("NOT", "NULL")
    collation = around.collation_of(parts, declared) if kind.is_text else ""
    changed = replace(known, type=kind, collation=collation, is_nullable=is_nullable)
    _refuse_dependent(parts, known, changed, around)
    table, column = table_name(parts), quoted(fold(name))
    collate = f" COLLATE {collation_name(collation)}" if collation else ""
    value = column if known.type and known.type.postgres == kind.postgres else f"{column}::text::{kind.postgres}"
    check = _length_check(changed)
    return [
        f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {quoted(fold(f'fits${known.name}'))}",
        f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind.postgres}{collate} USING {value}",
        f"ALTER TABLE {table} ALTER COLUMN {column} {'DROP' if is_nullable else 'SET'} NOT NULL",
        *([f"ALTER TABLE {table} ADD {check}"] if check else []),
        comment_on_column(table, fold(name), changed),
    ]


def _refuse_dependent(parts: tuple[str, ...], known: ColumnShape, changed: ColumnShape, around: Surroundings) -> None:
    """A column that an index uses can only be made longer, one of a primary key not even that."""
    old, new = known.type, changed.type
    assert old is not None
    assert new is not None
    is_same = old.name == new.name and known.collation == changed.collation and known.is_nullable == changed.is_nullable
    is_longer = is_same and (old.is_text or old.is_binary) and (new.length == MAX or new.length >= old.length > 0)
    for index in around.catalog.indexes(parts):
        if known.number in index.columns and not (is_longer and index.kind != "PK" and new.length != MAX):
            raise SqlError(
                5074,
                f"The {_kind_word(index)} '{index.name}' is dependent on column '{known.name}'.\n"
                f"ALTER TABLE ALTER COLUMN {known.name} failed because one or more objects access this column.",
            )


def _kind_word(index: IndexShape) -> str:
    return "index" if index.kind == "IX" else "object"


def _drop_from(cursor: Cursor, parts: tuple[str, ...], shape: TableShape, around: Surroundings) -> list[str]:
    table = table_name(parts)
    if cursor.skip("COLUMN"):
        cursor.skip("IF", "EXISTS")
        return [f"ALTER TABLE {table} DROP COLUMN {quoted(fold(piece[0].name))}" for piece in split_at_commas(cursor.rest())]
    cursor.skip("CONSTRAINT")
    is_optional = cursor.skip("IF", "EXISTS")
    name = cursor.next().name
    for index in around.catalog.indexes(parts):
        if index.name.lower() == name.lower():
            return [f"DROP INDEX {index.postgres_name}"]
    for column in shape.columns.values():
        if column.default_name.lower() == name.lower():
            without = replace(column, default="", default_name="")
            return [
                f"ALTER TABLE {table} ALTER COLUMN {quoted(fold(column.name))} DROP DEFAULT",
                comment_on_column(table, fold(column.name), without),
            ]
    found = around.catalog.run(
        f"SELECT 1 FROM pg_constraint WHERE conrelid = to_regclass({literal(table)}) AND conname = {literal(fold(name))}"
    )
    if not found and not is_optional:
        raise SqlError(3728, f"'{name}' is not a constraint.")
    return [f"ALTER TABLE {table} DROP CONSTRAINT {quoted(fold(name))}"] if found else []


# --- DROP ---


def _drop(cursor: Cursor, text: str, around: Surroundings) -> list[str]:
    what = cursor.next().word
    is_optional = cursor.skip("IF", "EXISTS")
    if what in {"TABLE", "VIEW"}:
        return [_drop_relation(what, Cursor(piece).name(), around, is_optional=is_optional) for piece in split_at_commas(cursor.rest())]
    if what == "INDEX":
        return _drop_index(cursor, around, is_optional=is_optional)
    if what == "SCHEMA":
        return [f"DROP SCHEMA {'IF EXISTS ' if is_optional else ''}{quoted(fold(cursor.name()[-1]))}"]
    raise SyntaxFault(what)


def _drop_relation(what: str, parts: tuple[str, ...], around: Surroundings, *, is_optional: bool) -> str:
    if not is_optional and around.catalog.find(parts) is None:
        name = ".".join(part for part in parts if part)
        raise SqlError(
            3701,
            f"Cannot drop the {what.lower()} '{name}', because it does not exist or you do not have permission.",
            severity=11,
            state=5,
        )
    return f"DROP {what} {'IF EXISTS ' if is_optional else ''}{table_name(parts)}"


def _drop_index(cursor: Cursor, around: Surroundings, *, is_optional: bool) -> list[str]:
    *table, name = cursor.name()
    parts = cursor.name() if cursor.skip("ON") else tuple(table)
    for index in around.catalog.indexes(parts):
        if index.name.lower() == name.lower():
            return [f"DROP INDEX {index.postgres_name}"]
    if is_optional:
        return []
    raise SqlError(
        3701,
        f"Cannot drop the index '{'.'.join(parts)}.{name}', because it does not exist or you do not have permission.",
        severity=11,
        state=7,
    )


# --- sp_rename ---


def rename(old: tuple[str, ...], new: str, kind: str, around: Surroundings) -> list[str]:
    """What sp_rename does with a table, a key, a column or an index."""
    if kind == "COLUMN":
        *table, name = old
        parts = tuple(table)
        known = _existing(parts, around).columns.get(fold(name))
        if known is None:
            raise _ambiguous(kind)
        renamed, full = replace(known, name=new), table_name(parts)
        check = _length_check(renamed)
        return [
            f"ALTER TABLE {full} RENAME COLUMN {quoted(fold(name))} TO {quoted(fold(new))}",
            f"ALTER TABLE {full} DROP CONSTRAINT IF EXISTS {quoted(fold(f'fits${known.name}'))}",
            *([f"ALTER TABLE {full} ADD {check}"] if check else []),
            comment_on_column(full, fold(new), renamed),
        ]
    if kind == "INDEX":
        *table, name = old
        for index in around.catalog.indexes(tuple(table)):
            if index.name.lower() == name.lower():
                kept = around.catalog.run(f"SELECT obj_description({literal(index.postgres_name)}::regclass, 'pg_class')")[0][0]
                changed = json.dumps(json.loads(kept or "{}") | {"name": new}, ensure_ascii=False)
                return [
                    f"COMMENT ON INDEX {index.postgres_name} IS {literal(changed)}",
                    f"ALTER INDEX {index.postgres_name} RENAME TO {quoted(index_name(tuple(table), new))}",
                ]
        raise _ambiguous(kind)
    if around.catalog.find(old) is None:
        # A key is an object beside its table.
        tables = around.catalog.run(
            "SELECT s.name, o.name FROM sys.key_constraints AS k JOIN sys.objects AS o ON o.object_id = k.parent_object_id "
            f"JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE lower(k.name) = lower({literal(old[-1])})"
        )
        if len(tables) != 1:
            raise _ambiguous("OBJECT")
        return rename((str(tables[0][0]), str(tables[0][1]), old[-1]), new, "INDEX", around)
    return [
        f"ALTER TABLE {table_name(old)} RENAME TO {quoted(fold(new))}",
        comment_on_table(table_name((*old[:-1], new)), new),
    ]


def _ambiguous(kind: str) -> SqlError:
    return SqlError(
        15248 if kind == "COLUMN" else 15225,
        f"Either the parameter @objname is ambiguous or the claimed @objtype ({kind}) is wrong.",
        severity=11,
    )


# --- comments ---


def describe(parts: tuple[str, ...], column: str, text: str, around: Surroundings) -> list[str]:
    """Keep the comment of a table or, if one is named, of its column; no text takes it away."""
    shape, table = _existing(parts, around), table_name(parts)
    if column:
        known = shape.columns.get(fold(column))
        if known is None:
            raise SqlError(15135, f"Object is invalid. Extended properties are not permitted on '{column}', or the object does not exist.")
        return [comment_on_column(table, fold(column), replace(known, comment=text))]
    return [comment_on_table(table, shape.name, **({"comment": text} if text else {}))]
