"""What type a statement's parameters have, for sp_describe_undeclared_parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from temu_assets_tests.tds.batches import Condition, statements_of
from temu_assets_tests.tds.errors import SqlError
from temu_assets_tests.tds.lexing import Kind, tokens_of
from temu_assets_tests.tds.names import TEMPORARY, fold
from temu_assets_tests.tds.sqltypes import INT, MAX, SqlType, decimal_size, type_info
from temu_assets_tests.tds.tokens import Column
from temu_assets_tests.tds.translation import prepared_tree

if TYPE_CHECKING:
    from temu_assets_tests.tds.catalog import TableShape
    from temu_assets_tests.tds.session import Session

_NUMBERS = {
    "image": 34, "text": 35, "uniqueidentifier": 36, "date": 40, "time": 41, "datetime2": 42, "datetimeoffset": 43, "tinyint": 48,
    "smallint": 52, "int": 56, "smalldatetime": 58, "real": 59, "money": 60, "datetime": 61, "float": 62, "ntext": 99, "bit": 104,
    "decimal": 106, "numeric": 108, "smallmoney": 122, "bigint": 127, "varbinary": 165, "varchar": 167, "binary": 173, "char": 175,
    "nvarchar": 231, "nchar": 239, "xml": 241,
}  # fmt: skip
_SIZES = {
    "tinyint": (1, 3, 0), "smallint": (2, 5, 0), "int": (4, 10, 0), "bigint": (8, 19, 0), "bit": (1, 1, 0), "float": (8, 53, 0),
    "real": (4, 24, 0), "money": (8, 19, 4), "datetime": (8, 23, 3), "smalldatetime": (4, 16, 0), "date": (3, 10, 0),
    "uniqueidentifier": (16, 0, 0),
}  # fmt: skip
_UNKNOWN = SqlType("nvarchar", 4000)
_TINY, _SMALL, _TEXT = SqlType("tinyint"), SqlType("smallint"), SqlType("nvarchar", 128)
_COLUMNS = [
    Column("parameter_ordinal", INT, is_nullable=False), Column("name", _TEXT, is_nullable=False),
    Column("suggested_system_type_id", INT, is_nullable=False), Column("suggested_system_type_name", _TEXT),
    Column("suggested_max_length", _SMALL, is_nullable=False), Column("suggested_precision", _TINY, is_nullable=False),
    Column("suggested_scale", _TINY, is_nullable=False), Column("suggested_user_type_id", INT),
    Column("suggested_user_type_database", _TEXT), Column("suggested_user_type_schema", _TEXT), Column("suggested_user_type_name", _TEXT),
    Column("suggested_assembly_qualified_type_name", SqlType("nvarchar", 4000)), Column("suggested_xml_collection_id", INT),
    Column("suggested_xml_collection_database", _TEXT), Column("suggested_xml_collection_schema", _TEXT),
    Column("suggested_xml_collection_name", _TEXT), Column("suggested_is_xml_document", SqlType("bit"), is_nullable=False),
    Column("suggested_is_case_sensitive", SqlType("bit"), is_nullable=False),
    Column("suggested_is_fixed_length_clr_type", SqlType("bit"), is_nullable=False),
    Column("suggested_is_input", SqlType("bit"), is_nullable=False), Column("suggested_is_output", SqlType("bit"), is_nullable=False),
    Column("formal_parameter_name", _TEXT), Column("suggested_tds_type_id", INT, is_nullable=False),
    Column("suggested_tds_length", INT, is_nullable=False),
]  # fmt: skip


def describe_parameters(session: Session, sql: str) -> tuple[list[Column], list[list[str | None]]]:
    """One row for each parameter. Raises SqlError where SQL Server cannot tell either: with temporary tables."""
    if "#" in sql and any(token.is_name and token.name.startswith("#") for token in tokens_of(sql)):
        raise SqlError(11525, f"The metadata could not be determined because statement '{sql}' uses a temp table.")
    names = list(dict.fromkeys(token.text for token in tokens_of(sql) if token.kind is Kind.VARIABLE and not token.text.startswith("@@")))
    found: dict[str, SqlType] = {}
    for statement in statements_of(sql):
        if not isinstance(statement, Condition):
            found |= _types(session, statement.text)
    return _COLUMNS, [_row(place, name, found.get(name.lower(), _UNKNOWN)) for place, name in enumerate(names, start=1)]


def _types(session: Session, sql: str) -> dict[str, SqlType]:
    tree = prepared_tree(sql)
    shapes = [shape for table in tree.find_all(exp.Table) if (shape := _shape(session, table)) is not None]
    found: dict[str, SqlType] = {}
    if isinstance(tree, exp.Insert):
        found |= _inserted(session, tree)
    for parameter in tree.find_all(exp.Parameter):
        kind = _compared(parameter, shapes)
        if kind is not None:
            found.setdefault(f"@{parameter.name.lower()}", kind)
    return found


def _shape(session: Session, table: exp.Table) -> TableShape | None:
    if not isinstance(table.this, exp.Identifier) or table.name.startswith(TEMPORARY):
        return None
    return session.catalog.find((table.db, table.name) if table.db else (table.name,))


def _inserted(session: Session, tree: exp.Insert) -> dict[str, SqlType]:
    target = tree.this
    table = target.this if isinstance(target, exp.Schema) else target
    shape = _shape(session, table)
    if shape is None:
        return {}
    names = [fold(item.name) for item in target.expressions] if isinstance(target, exp.Schema) else list(shape.columns)
    found: dict[str, SqlType] = {}
    source = tree.expression
    rows = [row.expressions for row in source.expressions] if isinstance(source, exp.Values) else [getattr(source, "selects", [])]
    for row in rows:
        for name, value in zip(names, row, strict=False):
            column = shape.columns.get(name)
            if isinstance(value, exp.Parameter) and column is not None and column.type is not None:
                found[f"@{value.name.lower()}"] = column.type
    return found


def _compared(parameter: exp.Parameter, shapes: list[TableShape]) -> SqlType | None:
    """The type of the column a parameter stands beside, or is cast to."""
    parent = parameter.parent
    if isinstance(parent, exp.Limit | exp.Offset | exp.Fetch):
        return SqlType("bigint")
    if parent is None:
        return None
    for column in parent.find_all(exp.Column):
        for shape in shapes:
            known = shape.columns.get(fold(column.name))
            if known is not None:
                return known.type
    return None


def _row(place: int, name: str, kind: SqlType) -> list[str | None]:
    number = _NUMBERS[kind.name]
    length, precision, scale = _size(kind)
    return [
        str(place), name, str(number), str(kind), str(length), str(precision), str(scale), None, None, None, None, None, None, None, None,
        None, "0", "0", "0", "1", "0", None, str(_wire_number(kind)), str(65535 if length == MAX else length),
    ]  # fmt: skip


def _size(kind: SqlType) -> tuple[int, int, int]:
    if kind.name in {"nvarchar", "nchar"}:
        return (MAX if kind.length == MAX else kind.length * 2), 0, 0
    if kind.is_text or kind.is_binary:
        return kind.length or MAX, 0, 0
    if kind.name in {"decimal", "numeric"}:
        return decimal_size(kind.precision), kind.precision, kind.scale
    if kind.name == "datetime2":
        return 6 if kind.scale <= 2 else 7 if kind.scale <= 4 else 8, 19 + (kind.scale + 1 if kind.scale else 0), kind.scale
    if kind.name == "datetimeoffset":
        return 10, 26 + (kind.scale + 1 if kind.scale else 0), kind.scale
    if kind.name == "time":
        return 5, 8 + (kind.scale + 1 if kind.scale else 0), kind.scale
    return _SIZES[kind.name]


def _wire_number(kind: SqlType) -> int:
    return type_info(kind)[0]


# --- sp_datatype_info: what SQLGetTypeInfo of ODBC asks for ---

_ODBC_TYPES = [
    ("nvarchar", -9, 4000), ("bit", -7, 1), ("tinyint", -6, 3), ("bigint", -5, 19), ("image", -4, 2147483647), ("varbinary", -3, 8000),
    ("binary", -2, 8000), ("text", -1, 2147483647), ("uniqueidentifier", -11, 36), ("ntext", -10, 1073741823), ("nchar", -8, 4000),
    ("char", 1, 8000), ("numeric", 2, 38), ("decimal", 3, 38), ("money", 3, 19), ("int", 4, 10), ("smallint", 5, 5), ("float", 6, 53),
    ("real", 7, 24), ("varchar", 12, 8000), ("date", 91, 10), ("time", -154, 16), ("datetime2", 93, 27), ("datetime", 93, 23),
    ("smalldatetime", 93, 16), ("datetimeoffset", -155, 34),
]  # fmt: skip
_TYPE_COLUMNS = [
    Column("TYPE_NAME", _TEXT, is_nullable=False), Column("DATA_TYPE", _SMALL, is_nullable=False), Column("PRECISION", INT),
    Column("LITERAL_PREFIX", _TEXT), Column("LITERAL_SUFFIX", _TEXT), Column("CREATE_PARAMS", _TEXT), Column("NULLABLE", _SMALL),
    Column("CASE_SENSITIVE", _SMALL), Column("SEARCHABLE", _SMALL), Column("UNSIGNED_ATTRIBUTE", _SMALL), Column("MONEY", _SMALL),
    Column("AUTO_INCREMENT", _SMALL), Column("LOCAL_TYPE_NAME", _TEXT), Column("MINIMUM_SCALE", _SMALL), Column("MAXIMUM_SCALE", _SMALL),
    Column("SQL_DATA_TYPE", _SMALL), Column("SQL_DATETIME_SUB", _SMALL), Column("NUM_PREC_RADIX", INT),
    Column("INTERVAL_PRECISION", _SMALL), Column("USERTYPE", _SMALL),
]  # fmt: skip


def type_information(number: int) -> tuple[list[Column], list[list[str | None]]]:
    """The types of one of ODBC's numbers, 0 for all. pyodbc takes from the first row how long a value may be."""
    rows: list[list[str | None]] = [
        [name, str(kind), str(size), None, None, None, "1", "0", "3", None, "0", None, name, None, None, str(kind), None, None, None, "0"]
        for name, kind, size in _ODBC_TYPES
        if number in {0, kind}
    ]
    return _TYPE_COLUMNS, rows
