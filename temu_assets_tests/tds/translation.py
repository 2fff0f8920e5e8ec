"""SELECT, INSERT, UPDATE and DELETE in PostgreSQL's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError

from temu_assets_tests.tds.lexing import Cursor, Kind, SyntaxFault, Token, split_at_commas, tokens_of
from temu_assets_tests.tds.names import TEMPORARY, collation_name, fold
from temu_assets_tests.tds.sqltypes import SqlType, parse_type

DATABASE_COLLATION = "@collation"
"""The slot for the collation of the database a statement runs in."""
SYSTEM = "@sys__"
"""What the name of a variable of the server starts with: @@ROWCOUNT is @sys__rowcount."""

_SLOT = re.compile("\x01(.*?)\x02")
_OWN_FUNCTIONS = {
    "len", "datalength", "charindex", "replace", "getdate", "getutcdate", "sysdatetime", "sysutcdatetime", "dateadd", "datediff",
    "datediff_big", "datepart", "db_name", "schema_name", "suser_sname", "original_login", "user_name", "host_name", "app_name", "newid",
    "scope_identity", "xact_state", "serverproperty", "databasepropertyex", "object_id", "has_perms_by_name",
    "is_srvrolemember", "is_rolemember",
}  # fmt: skip
_WITH_DATE_PART = {"dateadd", "datediff", "datediff_big", "datepart"}
_ENDS_OUTPUT = {"FROM", "WHERE", "VALUES", "SELECT", "INTO", "DEFAULT", "WITH", "EXEC"}
_LONG_LIST = 20
_KINDS: dict[type[exp.Expr], str] = {exp.Insert: "INSERT", exp.Update: "UPDATE", exp.Delete: "DELETE"}
_LOCKING = {"UPDLOCK", "XLOCK"}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a parameter or variable goes; the name in small letters with its @."""

    name: str


@dataclass(frozen=True, slots=True)
class Translated:
    """A statement for PostgreSQL.

    ``names`` are the columns' names as the statement spells them, None where it asks for all columns of a table.
    """

    kind: str
    parts: tuple[str | Slot, ...]
    names: tuple[str, ...] | None = None
    returns_rows: bool = False
    reads_tables: bool = False
    target: tuple[str, ...] = ()
    databases: frozenset[str] = frozenset()
    assigns: tuple[str, ...] = ()


@dataclass(slots=True)
class _Prepared:
    sql: list[str] = field(default_factory=list)
    output: list[Token] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    waits: str = ""
    top: list[Token] = field(default_factory=list)
    lists: dict[str, list[str | Slot]] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def translate(sql: str) -> Translated:
    """Translate one statement. Raises SyntaxFault."""
    prepared = _prepare(tokens_of(sql), shortens=True)
    tree = _parse(" ".join(prepared.sql))
    return _Translation(tree, prepared).result()


def prepared_tree(sql: str) -> exp.Expr:
    """The statement as sqlglot reads it, before anything is changed. Raises SyntaxFault."""
    return _parse(" ".join(_prepare(tokens_of(sql)).sql))


def _parse(sql: str) -> exp.Expr:
    try:
        tree = sqlglot.parse_one(sql, read="tsql")
    except ParseError as error:
        near = error.errors[0].get("highlight") if error.errors else None
        raise SyntaxFault(str(near or sql[:30])) from error
    assert isinstance(tree, exp.Expr)
    return tree


# --- before sqlglot: what it does not know, or would change in a way that does not serve here ---


def _prepare(tokens: list[Token], *, shortens: bool = False) -> _Prepared:
    prepared = _Prepared()
    cursor = Cursor(tokens)
    depth = 0
    while not cursor.is_at_end:
        token = cursor.next()
        depth += (token.text == "(") - (token.text == ")")
        if token.word == "WITH" and cursor.peek() == "(" and cursor.place > 1:
            _note_hints(prepared, tokens[cursor.place - 2], cursor.inside_parentheses())
        elif token.word == "OPTION" and cursor.peek() == "(":
            cursor.inside_parentheses()
        elif token.word == "OUTPUT" and depth == 0:
            _take_output(prepared, cursor)
        elif token.word == "TOP" and cursor.place == 2 and token.word and tokens[0].word in {"UPDATE", "DELETE"}:
            prepared.top = cursor.inside_parentheses()
        else:
            prepared.sql += _spelled(token, cursor)
            if shortens and token.word in {"VALUES", "IN"} and cursor.peek() == "(":
                _shorten(prepared, token.word, cursor)
    return prepared


def _shorten(prepared: _Prepared, word: str, cursor: Cursor) -> None:
    """Keep a long list of plain values out of sqlglot, which would take a second for two thousand of them; it sees a single one."""
    start = cursor.place
    rows = [cursor.inside_parentheses()]
    while word == "VALUES" and cursor.peek() == "," and cursor.peek(1) == "(":
        cursor.next()
        rows.append(cursor.inside_parentheses())
    tokens = [token for row in rows for token in row]
    if len(tokens) < _LONG_LIST or not all(_is_plain(token) for token in tokens):
        cursor.place = start
        return
    name = f"{SYSTEM}list{len(prepared.lists)}"
    # The list stands where one value would stand, inside the parentheses of it, and for IN inside a call.
    between = "), TDS.KEY(" if word == "IN" else ", "
    pieces: list[str | Slot] = []
    for place, row in enumerate(rows):
        pieces += ["), ("] if place else []
        for token in row:
            pieces += [between] if token.text == "," else _plain(token)
    prepared.lists[name] = pieces
    prepared.sql.append(f"({name})")


def _is_plain(token: Token) -> bool:
    is_value = token.kind in {Kind.VARIABLE, Kind.STRING, Kind.NUMBER} and not token.text.startswith("@@")
    return is_value or token.word == "NULL" or token.text in {",", "-"}


def _plain(token: Token) -> list[str | Slot]:
    if token.kind is Kind.VARIABLE:
        return [Slot(token.text.lower())]
    return [token.text.lstrip("Nn") if token.kind is Kind.STRING else token.text]


def _note_hints(prepared: _Prepared, table: Token, hints: list[Token]) -> None:
    words = {token.word for token in hints}
    if words & _LOCKING and "TABLOCKX" not in words:
        prepared.locked.append(fold(table.name))
    if "READPAST" in words:
        prepared.waits = "SKIP LOCKED"
    elif "NOWAIT" in words:
        prepared.waits = "NOWAIT"


def _take_output(prepared: _Prepared, cursor: Cursor) -> None:
    depth = 0
    while not cursor.is_at_end and (depth or cursor.peek() not in _ENDS_OUTPUT):
        token = cursor.next()
        depth += (token.text == "(") - (token.text == ")")
        prepared.output.append(token)


def _spelled(token: Token, cursor: Cursor) -> list[str]:
    if token.kind is Kind.VARIABLE:
        lowered = token.text.lower()
        return [SYSTEM + lowered[2:] if lowered.startswith("@@") else lowered]
    if token.kind is Kind.STRING:
        return [token.text.lstrip("Nn")]
    if token.kind is Kind.BINARY:
        return [f"CAST('\\x{token.text[2:]}' AS VARBINARY(MAX))"]
    if token.is_name and token.name.startswith("#"):
        return [f"[{TEMPORARY}{token.name[1:]}]"]
    if token.word == "CURRENT_TIMESTAMP":
        return ["tsql_getdate()"]
    lowered = token.text.lower()
    if token.kind is Kind.WORD and cursor.peek() == "(":
        return _function(lowered, token, cursor)
    return [token.text]


def _function(name: str, token: Token, cursor: Cursor) -> list[str]:
    if name == "fn_listextendedproperty":
        arguments = ["NULL" if piece[0].word == "DEFAULT" else piece[0].text for piece in split_at_commas(cursor.inside_parentheses())]
        return [f"{name}({', '.join(arguments)})"]
    if name not in _OWN_FUNCTIONS:
        return [token.text]
    if name not in _WITH_DATE_PART:
        return [f"tsql_{name}"]
    cursor.expect("(")
    return [f"tsql_{name}(", f"'{cursor.next().text}'"]


# --- after sqlglot: the tree ---


class _Translation:
    def __init__(self, tree: exp.Expr, prepared: _Prepared) -> None:
        self.tree = tree
        self.prepared = prepared
        self.names: tuple[str, ...] | None = None
        self.assigns: tuple[str, ...] = ()
        self.databases: set[str] = set()

    def result(self) -> Translated:
        tree = self.tree
        kind = _KINDS.get(type(tree), "SELECT")
        if kind == "SELECT" and not isinstance(tree, exp.Query):
            raise SyntaxFault(tree.sql()[:30])
        if tree.find(exp.Into):
            raise NotImplementedError("SELECT INTO")
        target = self._target() if kind != "SELECT" else ()
        self._returning(kind)
        if kind == "SELECT":
            self._assignments()
            self.names = self._names_of(tree.selects if isinstance(tree, exp.Query) else [])
        reads_tables = tree.find(exp.Table) is not None
        self._functions()
        self._comparisons()
        self._types()
        self._tables()
        self._fold()
        self._orders()
        if kind in {"UPDATE", "DELETE"}:
            self._sources(kind)
        if self.prepared.top:
            self._top(kind)
        self._locks(kind)
        self._variables()
        sql = self.tree.sql(dialect="postgres", unsupported_level=ErrorLevel.IGNORE, comments=False)
        return Translated(
            kind=kind,
            parts=_parts(sql, self.prepared.lists),
            names=self.names,
            returns_rows=(kind == "SELECT" and not self.assigns) or bool(self.prepared.output),
            reads_tables=reads_tables or kind != "SELECT",
            target=target,
            databases=frozenset(self.databases),
            assigns=self.assigns,
        )

    # what is written to

    def _target(self) -> tuple[str, ...]:
        table = self.tree.this
        if isinstance(self.tree, exp.Delete) and self.tree.args.get("tables"):
            table = self.tree.args["tables"][0]
        if isinstance(table, exp.Schema):
            table = table.this
        assert isinstance(table, exp.Table)
        source = self._source_named(table.name) if not table.args.get("db") else None
        return _parts_of_table(source or table)

    def _source_named(self, name: str) -> exp.Table | None:
        """The table a target stands for that is named by an alias of the FROM clause."""
        for table in self.tree.find_all(exp.Table):
            if table.alias and fold(table.alias) == fold(name):
                return table
        return None

    def _returning(self, kind: str) -> None:
        if not self.prepared.output:
            return
        listed = _parse("SELECT " + " ".join(_spell_all(self.prepared.output)))
        assert isinstance(listed, exp.Select)
        self.names = self._names_of(listed.selects)
        owner = self.tree.this
        owner = owner.this if isinstance(owner, exp.Schema) else owner
        for column in listed.find_all(exp.Column):
            if kind == "UPDATE" and column.table.lower() == "deleted":
                raise NotImplementedError("OUTPUT deleted of an UPDATE")
            column.set("table", exp.to_identifier(owner.alias_or_name, quoted=True) if kind != "INSERT" else None)
        self.tree.set("returning", exp.Returning(expressions=listed.selects))

    def _assignments(self) -> None:
        """SELECT @a = x: the values are fetched and kept by the server."""
        selects = self.tree.selects if isinstance(self.tree, exp.Query) else []
        targets = [_assigned(item) for item in selects]
        if not selects or None in targets:
            return
        self.assigns = tuple(f"@{target.name.lower()}" for target, _ in filter(None, targets))
        for item, found in zip(selects, targets, strict=True):
            assert found is not None
            item.replace(found[1])

    def _names_of(self, selects: Sequence[exp.Expr]) -> tuple[str, ...] | None:
        names = []
        for item in selects:
            if item.is_star:
                return None
            names.append(_unfolded(item.alias_or_name if isinstance(item, exp.Alias | exp.Column) else ""))
        return tuple(names)

    # expressions

    def _functions(self) -> None:
        for node in _inner_first(self.tree, exp.Count):
            if not node.args.get("big_int"):
                outer = node.parent if isinstance(node.parent, exp.Window) else node
                _wrap(outer, lambda inner: _cast(inner, "int4"))
        for concat in _inner_first(self.tree, exp.Add):
            for side in (concat.this, concat.expression):
                other = concat.expression if side is concat.this else concat.this
                if isinstance(side, exp.Literal) and side.is_string and not (isinstance(other, exp.Literal) and not other.is_string):
                    _wrap(side, lambda inner: _cast(inner, "text"))

    def _comparisons(self) -> None:
        for node in _inner_first(self.tree, exp.Escape):
            if isinstance(node.this, exp.Like):
                node.replace(_call("tsql_like", node.this.this, node.this.expression, node.expression))
        for like in _inner_first(self.tree, exp.Like):
            like.replace(_call("tsql_like", like.this, like.expression))
        for node in [*_inner_first(self.tree, exp.EQ), *_inner_first(self.tree, exp.NEQ)]:
            if isinstance(node.this, exp.Column) and isinstance(node.expression, exp.Column) and not isinstance(node.parent, exp.Update):
                # Two columns: PostgreSQL's own operator refuses those of two collations, as SQL Server does.
                operator = "pg_catalog.=" if isinstance(node, exp.EQ) else "pg_catalog.<>"
                sides = [_call("tds.key", side) for side in (node.this, node.expression)]
                node.replace(exp.Operator(this=sides[0], operator=operator, expression=sides[1]))
        for node in _inner_first(self.tree, exp.In):
            if node.expressions:
                # Not IN itself: only so is an index used, because the operator is PostgreSQL's own again.
                values = exp.Array(expressions=[_call("tds.key", value) for value in node.expressions])
                node.replace(exp.Operator(this=_call("tds.key", node.this), operator="pg_catalog.=", expression=_call("ANY", values)))

    def _types(self) -> None:
        for cast in [*_inner_first(self.tree, exp.Cast), *_inner_first(self.tree, exp.TryCast)]:
            target = cast.args["to"]
            if isinstance(target, exp.DataType) and target.this == exp.DataType.Type.USERDEFINED:
                continue
            cast.replace(_converted(cast.this, _declared(target)))
        for collate in _inner_first(self.tree, exp.Collate):
            name = collate.expression.name
            is_default = name.lower() == "database_default"
            collate.set("expression", exp.Var(this=f"\x01{DATABASE_COLLATION}\x02" if is_default else collation_name(name)))

    # names

    def _tables(self) -> None:
        defined = {fold(cte.alias) for cte in self.tree.find_all(exp.CTE)}
        for table in list(self.tree.find_all(exp.Table)):
            if not isinstance(table.this, exp.Identifier):
                table.set("db", None)
                continue
            catalog, schema = table.catalog, table.db
            if fold(table.name).startswith(TEMPORARY):
                schema = "pg_temp"
            elif not schema and fold(table.name) not in defined and not self._is_alias_target(table):
                schema = "dbo"
            if catalog and catalog.lower() != "tempdb":
                self.databases.add(catalog)
            table.set("catalog", None)
            table.set("db", _schema(schema) if schema else None)
            table.set("hints", None)
        for column in self.tree.find_all(exp.Column):
            if column.args.get("db"):
                column.set("catalog", None)
                column.set("db", _schema(column.args["db"].name))

    def _is_alias_target(self, table: exp.Table) -> bool:
        is_target = table is self.tree.this or table in (self.tree.args.get("tables") or [])
        return is_target and self._source_named(table.name) is not None

    def _fold(self) -> None:
        for identifier in self.tree.find_all(exp.Identifier):
            name = identifier.name
            if not name.startswith("\x01"):
                identifier.set("this", fold(name) if not name.startswith(TEMPORARY) else fold("#" + name[len(TEMPORARY) :]))
                identifier.set("quoted", True)

    def _orders(self) -> None:
        """After UNION, PostgreSQL orders by the names of the result only."""
        for union in self.tree.find_all(exp.SetOperation):
            order = union.args.get("order")
            for column in order.find_all(exp.Column) if order else ():
                column.set("table", None)

    # UPDATE and DELETE with FROM

    def _sources(self, kind: str) -> None:
        tree = self.tree
        if kind == "UPDATE":
            for assignment in tree.expressions:
                assignment.this.set("table", None)
                assignment.this.set("db", None)
            source = tree.args.get("from_")
            tables = _flatten(source.this) if source else []
        else:
            named = tree.args.get("tables")
            tables = _flatten(tree.this) if named else []
            if not named:
                tables = []
        if not tables:
            return
        target = tree.args["tables"][0] if kind == "DELETE" else tree.this
        remaining, conditions, own = [], [], None
        for table, condition in tables:
            if own is None and _is_same_table(table, target):
                own = table
            else:
                remaining.append(table)
            if condition is not None:
                conditions.append(condition)
        where = tree.args.get("where")
        condition = exp.and_(*conditions, *([where.this] if where else [])) if conditions or where else None
        tree.set("where", exp.Where(this=condition) if condition is not None else None)
        tree.set("this", own or target)
        sources = _as_joins(remaining)
        if kind == "UPDATE":
            tree.set("from_", exp.From(this=sources) if sources is not None else None)
        else:
            tree.set("tables", None)
            tree.set("using", [sources] if sources is not None else None)

    def _top(self, kind: str) -> None:
        """UPDATE TOP (n) and DELETE TOP (n): PostgreSQL has no limit there."""
        if self.tree.args.get("from_") or self.tree.args.get("using"):
            raise NotImplementedError(f"{kind} TOP with FROM")
        limit = _parse("SELECT TOP (" + " ".join(_spell_all(self.prepared.top)) + ") 1").args["limit"]
        rows = exp.Select(expressions=[exp.column("ctid")]).from_(self.tree.this.copy())
        rows.set("where", self.tree.args.get("where"))
        rows.set("limit", limit)
        self.tree.set("where", exp.Where(this=exp.In(this=exp.column("ctid"), query=exp.Subquery(this=rows))))

    def _locks(self, kind: str) -> None:
        prepared = self.prepared
        if not prepared.locked or kind != "SELECT" or not isinstance(self.tree, exp.Select):
            return
        if self.tree.args.get("group") or self.tree.args.get("distinct") or self.tree.find(exp.AggFunc):
            return
        lock = exp.Lock(update=True, expressions=[exp.to_identifier(name, quoted=True) for name in prepared.locked])
        if prepared.waits:
            lock.set("wait", prepared.waits == "NOWAIT")
        self.tree.set("locks", [lock])

    def _variables(self) -> None:
        for parameter in list(self.tree.find_all(exp.Parameter)):
            parameter.replace(exp.Var(this=f"\x01@{parameter.name.lower()}\x02"))


def _assigned(item: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """Variable and value of ``@x = value``, which sqlglot may take for a comparison or for a named column."""
    target, value = (item.this, item.expression) if isinstance(item, exp.EQ) else (item.args.get("alias"), item.this)
    return (target, value) if isinstance(target, exp.Parameter) else None


def _parts_of_table(table: exp.Table) -> tuple[str, ...]:
    name = _unfolded(table.name)
    return (table.db, name) if table.db else (name,)


def _unfolded(name: str) -> str:
    return "#" + name[len(TEMPORARY) :] if name.startswith(TEMPORARY) else name


def _spell_all(tokens: list[Token]) -> list[str]:
    cursor = Cursor(tokens)
    words: list[str] = []
    while not cursor.is_at_end:
        words += _spelled(cursor.next(), cursor)
    return words


def _schema(name: str) -> exp.Identifier:
    folded = name.lower()
    return exp.to_identifier("info" if folded == "information_schema" else folded, quoted=True)


def _inner_first(tree: exp.Expr, kind: type[exp.Expr]) -> list[exp.Expr]:
    return list(tree.find_all(kind))[::-1]


def _wrap(node: exp.Expr, outer: object) -> None:
    assert callable(outer)
    inner = node.copy()
    node.replace(outer(inner))


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def _cast(inner: exp.Expr, kind: str) -> exp.Expr:
    return exp.Cast(this=inner, to=exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=kind))


def _declared(target: exp.Expr) -> SqlType:
    text = target.sql("tsql")
    if text.upper() in {"VARCHAR", "NVARCHAR", "CHAR", "NCHAR", "VARBINARY", "BINARY"}:
        text += "(30)"  # the length in CAST; in a declaration it is 1
    try:
        return parse_type(text)
    except ValueError:
        raise SyntaxFault(text) from None


def _converted(inner: exp.Expr, kind: SqlType) -> exp.Expr:
    if kind.name == "bit":
        return _call("tds.to_flag", inner)
    if kind.is_integer:
        return _cast(_call("tds.cut", inner), kind.postgres)
    if kind.is_text and kind.length > 0:
        return _cast(_cast(inner.copy(), f"varchar({kind.length})"), "text")
    return _cast(inner.copy(), kind.postgres)


def _flatten(first: exp.Expr) -> list[tuple[exp.Expr, exp.Expr | None]]:
    """Tables of a FROM clause, each with the condition it is joined on."""
    joins = first.args.get("joins") or []
    first.set("joins", None)
    found: list[tuple[exp.Expr, exp.Expr | None]] = [(first, None)]
    for join in joins:
        if join.side:
            raise NotImplementedError("outer joins in UPDATE and DELETE")
        found += _flatten(join.this)
        found[-1] = (found[-1][0], join.args.get("on"))
    return found


def _as_joins(tables: list[exp.Expr]) -> exp.Expr | None:
    if not tables:
        return None
    first, *others = tables
    first.set("joins", [exp.Join(this=other) for other in others])
    return first


def _is_same_table(table: exp.Expr, target: exp.Expr) -> bool:
    if not isinstance(table, exp.Table) or not isinstance(target, exp.Table):
        return False
    if table.alias:
        return table.alias == target.name
    return table.name == target.name and (not target.db or table.db == target.db)


def _parts(sql: str, lists: dict[str, list[str | Slot]]) -> tuple[str | Slot, ...]:
    parts: list[str | Slot] = []
    for index, piece in enumerate(_SLOT.split(sql)):
        if index % 2:
            parts += lists.get(piece) or [Slot(piece)]
        elif piece:
            parts.append(piece)
    return tuple(parts)
