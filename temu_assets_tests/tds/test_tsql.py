"""T-SQL as SQLAlchemy writes it and as people write it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Unicode,
    delete,
    exists,
    false,
    func,
    insert,
    inspect,
    select,
    true,
    update,
)
from sqlalchemy.dialects.mssql import DATETIME2
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from temu_assets_tests.tds.conftest import Connect
from temu_assets_tests.tds.control import TsqlServer

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901)
metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"})
things = Table(
    "Things",
    metadata,
    Column("shop", Unicode(40), primary_key=True),
    Column("Nr", Integer, primary_key=True, autoincrement=False),
    Column("isHeld", Boolean, nullable=False, comment="why not"),
    Column("at", DATETIME2(6)),  # type: ignore[no-untyped-call]
    Column("cents", BigInteger),
    Column("amount", Numeric(18, 4)),
    Column("name", Unicode(200)),
    Index(None, "shop", "isHeld"),
    comment="things",
)
keyed = Table("Keyed", metadata, Column("kKey", Integer, primary_key=True), Column("cText", Unicode(20)))


def row(number: int, **more: Any) -> dict[str, Any]:
    base = {"shop": "temu", "Nr": number, "isHeld": False, "at": NOW, "cents": 2**40, "amount": Decimal("1.5"), "name": f"n{number}"}
    return base | more


@pytest.fixture
def tables(engine: Engine) -> Engine:
    metadata.create_all(engine)
    return engine


def test_tables_are_made_once_and_described(tables: Engine) -> None:
    metadata.create_all(tables)
    inspector = inspect(tables)
    assert set(inspector.get_table_names()) == {"Things", "Keyed"}
    assert inspector.has_table("THINGS")
    assert not inspector.has_table("nothing")
    columns = {column["name"]: column for column in inspector.get_columns("things")}
    assert list(columns) == ["shop", "Nr", "isHeld", "at", "cents", "amount", "name"]
    assert str(columns["shop"]["type"]) == 'NVARCHAR(40) COLLATE "Latin1_General_CI_AS"'
    assert (columns["shop"]["nullable"], columns["at"]["nullable"]) == (False, True)
    assert inspector.get_pk_constraint("Things")["name"] == "pk_Things"
    assert inspector.get_pk_constraint("Things")["constrained_columns"] == ["shop", "Nr"]
    assert [(index["name"], index["column_names"]) for index in inspector.get_indexes("Things")] == [
        ("ix_Things_shop_isHeld", ["shop", "isHeld"])
    ]
    assert inspector.get_foreign_keys("Things") == []


def test_many_rows_go_in_and_come_out(tables: Engine) -> None:
    rows = [row(number) for number in range(700)] + [row(1000, at=None, cents=None, amount=None, name=None, isHeld=True)]
    with tables.begin() as connection:
        connection.execute(insert(things), rows)
        found = connection.execute(select(things).where(things.c.shop == "TEMU  ").order_by(things.c.Nr)).all()
    assert len(found) == 701
    assert found[3]._mapping == row(3)
    assert tuple(found[-1]) == ("temu", 1000, True, None, None, None, None)


def test_the_first_row_may_be_all_null(tables: Engine) -> None:
    with tables.begin() as connection:
        connection.execute(insert(things), [row(1, at=None, cents=None, amount=None, name=None), row(2)])
        assert connection.execute(select(things.c.at).order_by(things.c.Nr)).scalars().all() == [None, NOW]


def test_keys_come_back_in_the_order_of_the_rows(tables: Engine) -> None:
    with tables.begin() as connection:
        inserted = insert(keyed).returning(keyed.c.kKey, sort_by_parameter_order=True)
        keys = connection.execute(inserted, [{"cText": f"t{number}"} for number in range(50)]).scalars().all()
        texts = dict(connection.execute(select(keyed.c.kKey, keyed.c.cText)).all())
        assert [texts[key] for key in keys] == [f"t{number}" for number in range(50)]
        one = connection.execute(insert(keyed).values(cText="x")).inserted_primary_key
        assert one is not None
        assert one[0] == max(keys) + 1


def test_a_key_of_ones_own_needs_identity_insert_and_is_followed(tables: Engine) -> None:
    with tables.begin() as connection:
        connection.execute(insert(keyed), [{"kKey": 500, "cText": "own"}])
        following = connection.execute(insert(keyed).values(cText="next")).inserted_primary_key
    assert following is not None
    assert following[0] == 501
    with tables.begin() as connection, pytest.raises(DBAPIError, match="IDENTITY_INSERT is set to OFF"):
        connection.exec_driver_sql("INSERT INTO Keyed (kKey) VALUES (1)")


def test_update_and_delete_tell_how_many_rows(tables: Engine) -> None:
    with tables.begin() as connection:
        connection.execute(insert(things), [row(number) for number in range(10)])
        held = update(things).where(things.c.Nr < 4, ~things.c.isHeld).values(isHeld=true(), cents=things.c.cents + 1)
        assert connection.execute(held).rowcount == 4
        assert connection.execute(update(things).where(things.c.Nr == 99).values(isHeld=false())).rowcount == 0
        assert connection.execute(delete(things).where(things.c.Nr.in_([1, 2, 77]))).rowcount == 2
        assert connection.execute(select(func.count()).select_from(things)).scalar_one() == 8
        changed = update(things).where(things.c.Nr == 0).values(cents=1).returning(things.c.Nr, things.c.cents)
        assert connection.execute(changed).all() == [(0, 1)]


def staged() -> Table:
    return Table(
        "#staged_1_Things",
        MetaData(),
        Column("shop", Unicode(40, collation="database_default"), primary_key=True),
        Column("Nr", Integer, primary_key=True, autoincrement=False),
        Column("isHeld", Boolean),
        Column("at", DATETIME2(6)),  # type: ignore[no-untyped-call]
        Column("name", Unicode(200, collation="database_default")),
    )


def test_rows_are_staged_in_a_temporary_table_and_written_from_there(tables: Engine) -> None:
    source = staged()
    names = ["shop", "Nr", "isHeld", "at", "name"]
    same = (things.c.shop == source.c.shop) & (things.c.Nr == source.c.Nr)
    with tables.begin() as connection:
        connection.execute(insert(things), [row(1)])
        source.create(connection)
        new = {"shop": "Temu", "Nr": 2, "isHeld": True, "at": None, "name": "x" * 200}
        connection.execute(insert(source), [new | {"Nr": 1, "name": "changed"}, new])
        assert inspect(connection).has_table("#staged_1_Things")
        changed = connection.execute(update(things).where(same).values({name: source.c[name] for name in names[2:]}))
        assert changed.rowcount == 1
        missing = select(*(source.c[name] for name in names)).where(~exists().where(same))
        connection.execute(insert(things).from_select(names, missing))
        source.drop(connection)
        assert not inspect(connection).has_table("#staged_1_Things")
    with tables.begin() as connection:
        assert connection.execute(select(things.c.Nr, things.c.name).order_by(things.c.Nr)).all() == [(1, "changed"), (2, "x" * 200)]


def test_a_temporary_table_is_its_sessions_own(tables: Engine) -> None:
    with tables.begin() as one, tables.begin() as other:
        staged().create(one)
        staged().create(other)
        one.execute(insert(staged()), [{"shop": "a", "Nr": 1}])
        assert other.exec_driver_sql("SELECT COUNT(*) FROM #staged_1_Things").scalar_one() == 0


def test_a_temporary_table_has_another_collation_than_the_database(tables: Engine) -> None:
    with tables.begin() as connection:
        connection.execute(insert(things), [row(1)])
        connection.exec_driver_sql("CREATE TABLE #other (shop NVARCHAR(40))")
        connection.exec_driver_sql("INSERT INTO #other VALUES ('temu')")
        with pytest.raises(DBAPIError, match="Cannot resolve the collation conflict"):
            connection.exec_driver_sql("SELECT 1 FROM Things JOIN #other ON Things.shop = #other.shop").all()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'a ' = v", 1), ("v = 'A'", 1), ("v IN ('x', 'A')", 1), ("v = 'ä'", 0), ("v LIKE '[A-C]%'", 1), ("v <> 'A '", 0),
        ("exact = 'A'", 0), ("exact = 'a '", 1), ("exact IN ('A')", 0), ("exact LIKE 'A%'", 0),
    ],
)  # fmt: skip
def test_text_is_compared_as_its_collation_says(engine: Engine, expression: str, expected: int) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (v NVARCHAR(10), exact NVARCHAR(10) COLLATE Latin1_General_BIN2)")
        connection.exec_driver_sql("INSERT INTO t VALUES ('a', 'a')")
        assert connection.exec_driver_sql(f"SELECT COUNT(*) FROM t WHERE {expression}").scalar_one() == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 / 2", 0), ("CAST(2.7 AS INT)", 2), ("ISNULL(NULL, 3)", 3), ("COALESCE(NULL, 4)", 4), ("CHARINDEX('L', 'hallo')", 3),
        ("LEN('ab  ')", 2), ("CASE WHEN 1 = 1 THEN 'y' ELSE 'n' END", "y"), ("N'a' + N'b'", "ab"), ("IIF(1 > 2, 1, 0)", 0),
        ("DATEDIFF(day, '2026-01-01 23:00', '2026-01-02 01:00')", 1), ("DB_NAME()", "test"), ("SCHEMA_NAME()", "dbo"),
        ("DATABASEPROPERTYEX(DB_NAME(), 'Collation')", "Latin1_General_CI_AS"), ("HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE')", 1),
        ("REPLACE('HaLlo', 'l', 'x')", "Haxxo"), ("SUBSTRING('hallo', 2, 3)", "all"), ("CAST('5' AS INT) + 1", 6),
        ("CAST(1 AS BIT)", True), ("CAST('2026-01-02' AS DATETIME2(0))", datetime(2026, 1, 2)), ("@@TRANCOUNT", 1),
    ],
)  # fmt: skip
def test_expressions_mean_what_they_mean_in_tsql(engine: Engine, expression: str, expected: object) -> None:
    with engine.begin() as connection:
        assert connection.exec_driver_sql(f"SELECT {expression}").scalar_one() == expected


def test_tables_are_changed(engine: Engine) -> None:
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE t (a NVARCHAR(10) NOT NULL, b INT NULL CONSTRAINT df_b DEFAULT 7, CONSTRAINT pk_t PRIMARY KEY (a))",
            "INSERT INTO t (a) VALUES ('x')",
            "ALTER TABLE t ADD c NVARCHAR(5) NOT NULL CONSTRAINT df_c DEFAULT ('q')",
            "ALTER TABLE t ALTER COLUMN b BIGINT NOT NULL",
            "ALTER TABLE t DROP CONSTRAINT pk_t",
            "ALTER TABLE t ALTER COLUMN a NVARCHAR(20) NOT NULL",
            "ALTER TABLE t ADD CONSTRAINT pk_t2 PRIMARY KEY (a, b)",
            "CREATE UNIQUE INDEX ix ON t (c) WHERE c IS NOT NULL",
            "DROP INDEX ix ON t",
            "EXEC sp_rename 't.c', 'd', 'COLUMN'",
            "EXEC sp_rename 't', 'u'",
            "CREATE SCHEMA Verkauf",
            "CREATE TABLE Verkauf.tAuftrag (kAuftrag INT IDENTITY(1,1) PRIMARY KEY, cNr NVARCHAR(50) NULL)",
            "INSERT INTO Verkauf.tAuftrag (cNr) VALUES ('a'), ('b')",
        ):
            connection.exec_driver_sql(statement)
        # CREATE VIEW stands alone in its batch.
        connection.exec_driver_sql("CREATE VIEW dbo.vAuftrag AS SELECT kAuftrag AS kKey, cNr FROM Verkauf.tAuftrag")
        assert connection.exec_driver_sql("SELECT * FROM u").mappings().one() == {"a": "x", "b": 7, "d": "q"}
        assert connection.exec_driver_sql("SELECT TOP 1 * FROM vAuftrag ORDER BY kKey DESC").mappings().one() == {"kKey": 2, "cNr": "b"}
        columns = connection.exec_driver_sql(
            "SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, IS_NULLABLE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'U' "
            "ORDER BY ORDINAL_POSITION"
        ).all()
        assert columns == [("a", "nvarchar", 20, "NO"), ("b", "bigint", None, "NO"), ("d", "nvarchar", 5, "NO")]


def test_a_column_of_a_key_cannot_be_altered(tables: Engine) -> None:
    with tables.begin() as connection, pytest.raises(DBAPIError, match="'pk_Things' is dependent on column 'shop'"):
        connection.exec_driver_sql("ALTER TABLE Things ALTER COLUMN shop NVARCHAR(80) NOT NULL")


@pytest.mark.parametrize(
    ("statement", "kind", "message"),
    [
        (
            "INSERT INTO Things (shop, Nr, isHeld) VALUES ('TEMU ', 1, 0)", IntegrityError,
            "PRIMARY KEY constraint 'pk_Things'.*dbo.Things.*TEMU, 1",
        ),
        (
            "INSERT INTO Things (shop, Nr) VALUES ('x', 1)", IntegrityError,
            "NULL into column 'isHeld', table 'test.dbo.Things'.*INSERT fails",
        ),
        (
            "INSERT INTO Keyed (cText) VALUES ('123456789012345678901')", ProgrammingError,
            "table 'test.dbo.Keyed', column 'cText'. Truncated value: '12345678901234567890'",
        ),
        ("SELECT * FROM Nowhere", ProgrammingError, "Invalid object name 'Nowhere'"),
        ("SELECT Nothing FROM Things", ProgrammingError, "Invalid column name 'Nothing'"),
        ("SELECT CAST('abc' AS INT)", DataError, "converting the n?varchar value 'abc' to data type int"),
        ("UPDATE Things SET Nr = Nr * 2147483647 * 2", DBAPIError, "Arithmetic overflow"),
        ("SELECT 1 / 0", DBAPIError, "Divide by zero"),
        ("CREATE TABLE things (a INT)", ProgrammingError, "already an object named 'things'"),
        ("DROP TABLE Nowhere", ProgrammingError, "Cannot drop the table 'Nowhere'"),
        ("SELECT FROM WHERE", ProgrammingError, "Incorrect syntax"),
    ],
)  # fmt: skip
def test_errors_are_sql_servers(tables: Engine, statement: str, kind: type[Exception], message: str) -> None:
    with tables.begin() as connection:
        connection.execute(insert(things), [row(1)])
    with tables.connect() as connection:
        with pytest.raises(kind, match=message):
            connection.exec_driver_sql(statement).all()
        # FreeTDS would roll back once more what the server has rolled back already.
        connection.invalidate()


def test_an_error_leaves_the_transaction_usable(tables: Engine) -> None:
    with tables.begin() as connection:
        connection.execute(insert(things), [row(1)])
        with pytest.raises(IntegrityError):
            connection.execute(insert(things).values(row(1)))
        connection.execute(insert(things).values(row(2)))
    with tables.begin() as connection:
        assert connection.execute(select(func.count()).select_from(things)).scalar_one() == 2


def test_a_savepoint_undoes_what_came_after_it(tables: Engine) -> None:
    with tables.begin() as connection:
        connection.execute(insert(things).values(row(1)))
        nested = connection.begin_nested()
        connection.execute(insert(things).values(row(2)))
        with pytest.raises(IntegrityError):
            connection.execute(insert(things).values(row(1)))
        nested.rollback()
        connection.execute(insert(things).values(row(3)))
    with tables.begin() as connection:
        assert connection.execute(select(things.c.Nr).order_by(things.c.Nr)).scalars().all() == [1, 3]


def test_rows_of_a_transaction_that_was_rolled_back_are_gone(tables: Engine) -> None:
    with tables.connect() as connection:
        connection.execute(insert(things).values(row(1)))
        connection.rollback()
        assert connection.execute(select(things)).all() == []


def test_a_statement_takes_two_thousand_parameters(tables: Engine) -> None:
    with tables.begin() as connection:
        connection.execute(insert(things), [row(number) for number in range(10)])
        assert len(connection.execute(select(things.c.Nr).where(things.c.Nr.in_(list(range(2000))))).all()) == 10


def test_a_batch_decides_and_a_procedure_returns(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "IF OBJECT_ID('dbo.t') IS NULL BEGIN CREATE TABLE t (a INT) INSERT INTO t VALUES (1) END ELSE DROP TABLE t"
        )
        assert connection.exec_driver_sql("SELECT a FROM t").scalar_one() == 1
        locked = (
            "SET NOCOUNT ON DECLARE @r INT EXEC @r = sp_getapplock @Resource = 'x', @LockMode = 'Exclusive', @LockTimeout = 1000 SELECT @r"
        )
        assert connection.exec_driver_sql(locked).scalar_one() == 0


def test_a_login_without_the_right_is_refused(connect: Connect, server: TsqlServer) -> None:
    with connect().begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INT)")
    server.add_login("reader", "only", {"SELECT"})
    with connect(user="reader").connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM t").all() == []
        with pytest.raises(DBAPIError, match="The INSERT permission was denied on the object 't', database 'test', schema 'dbo'"):
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")


def test_comments_are_kept(tables: Engine) -> None:
    inspector = inspect(tables)
    assert inspector.get_table_comment("Things") == {"text": "things"}
    assert {column["name"]: column["comment"] for column in inspector.get_columns("Things")}["isHeld"] == "why not"
