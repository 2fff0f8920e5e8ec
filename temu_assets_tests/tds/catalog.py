"""What the database knows of its tables in T-SQL's terms; PostgreSQL keeps it in comments."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from temu_assets_tests.tds.names import literal, quoted, table_name
from temu_assets_tests.tds.sqltypes import SqlType, parse_type

Run = Callable[[str], list[list[str | None]]]


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column as declared."""

    name: str
    type: SqlType | None
    number: int
    is_nullable: bool = True
    collation: str = ""
    identity: tuple[int, int] | None = None
    default: str = ""
    default_name: str = ""
    comment: str = ""

    def to_json(self) -> str:
        """What is kept as the column's comment."""
        kept: dict[str, object] = {"name": self.name, "type": str(self.type)}
        if self.identity:
            kept["identity"] = list(self.identity)
        for key in ("collation", "default", "default_name", "comment"):
            if value := getattr(self, key):
                kept[key] = value
        return json.dumps(kept, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table or view with its columns by folded name."""

    schema: str
    name: str
    columns: dict[str, ColumnShape]

    @property
    def full_name(self) -> str:
        """The name as messages tell it."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class IndexShape:
    """An index: PK, UQ or IX, with the numbers of its columns."""

    name: str
    kind: str
    columns: tuple[int, ...]
    postgres_name: str


@dataclass(slots=True)
class Version:
    """Grows with every change of a table, so that sessions forget what they know."""

    number: int = 0


@dataclass(slots=True)
class Catalog:
    """One session's knowledge of its database."""

    run: Run
    version: Version
    _known: dict[int, TableShape] = field(default_factory=dict)
    _known_at: int = -1

    def by_oid(self, oid: int) -> TableShape:
        """A table that a result came from."""
        if self._known_at != self.version.number:
            self._known.clear()
            self._known_at = self.version.number
        if oid not in self._known:
            self._known[oid] = self._load(oid)
        return self._known[oid]

    def find(self, parts: tuple[str, ...]) -> TableShape | None:
        """A table by the name a statement gives it; None when there is none."""
        ((oid,),) = self.run(f"SELECT to_regclass({literal(table_name(parts))})::oid")
        return self._load(int(oid)) if oid else None

    def indexes(self, parts: tuple[str, ...]) -> list[IndexShape]:
        """The indexes of a table."""
        rows = self.run(
            "SELECT obj_description(i.indexrelid, 'pg_class'), i.indexrelid::regclass::text FROM pg_index AS i "
            f"WHERE i.indrelid = to_regclass({literal(table_name(parts))})"
        )
        found = []
        for comment, name in rows:
            kept = json.loads(comment or "{}")
            if "kind" in kept and name is not None:
                found.append(IndexShape(kept["name"], kept["kind"], tuple(kept["columns"]), name))
        return found

    def index_named(self, postgres_name: str, schema: str) -> tuple[str, str]:
        """T-SQL's name and the kind of an index that refused a key."""
        rows = self.run(
            "SELECT obj_description(c.oid, 'pg_class') FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
            f"WHERE c.relname = {literal(postgres_name)} AND n.nspname = {literal(schema)}"
        )
        kept = json.loads((rows[0][0] if rows else None) or "{}")
        return kept.get("name", postgres_name), kept.get("kind", "IX")

    def _load(self, oid: int) -> TableShape:
        rows = self.run(
            "SELECT n.nspname, c.relname, obj_description(c.oid, 'pg_class'), obj_description(n.oid, 'pg_namespace'), a.attname, a.attnum, "
            f"a.attnotnull, col_description(a.attrelid, a.attnum), n.oid = pg_my_temp_schema() FROM pg_class AS c "
            "JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid "
            f"WHERE c.oid = {oid} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
        )
        columns = {}
        schema = name = ""
        for schema_name, relation, of_table, of_schema, column, number, not_null, of_column, is_temporary in rows:
            assert schema_name
            assert relation
            assert column
            assert number
            schema = "dbo" if is_temporary == "t" else json.loads(of_schema or "{}").get("name", schema_name)
            name = json.loads(of_table or "{}").get("name", relation)
            columns[column] = _column(json.loads(of_column or "{}"), column, int(number), is_nullable=not_null == "f")
        return TableShape(schema, name, columns)


def _column(kept: dict[str, object], name: str, number: int, *, is_nullable: bool) -> ColumnShape:
    identity = kept.get("identity")
    return ColumnShape(
        name=str(kept.get("name", name)),
        type=parse_type(str(kept["type"])) if "type" in kept else None,
        number=number,
        is_nullable=is_nullable,
        collation=str(kept.get("collation", "")),
        identity=(int(identity[0]), int(identity[1])) if isinstance(identity, list) else None,
        default=str(kept.get("default", "")),
        default_name=str(kept.get("default_name", "")),
        comment=str(kept.get("comment", "")),
    )


def comment_on_column(table: str, column: str, shape: ColumnShape) -> str:
    """The statement that keeps what T-SQL knows of a column."""
    return f"COMMENT ON COLUMN {table}.{quoted(column)} IS {literal(shape.to_json())}"


def comment_on_table(table: str, name: str, **more: object) -> str:
    """The statement that keeps a table's spelling."""
    return f"COMMENT ON TABLE {table} IS {literal(json.dumps({'name': name, **more}, ensure_ascii=False))}"
