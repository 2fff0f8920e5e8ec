"""A batch taken apart into statements, which T-SQL lets follow each other without any sign between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from temu_assets_tests.tds.lexing import Cursor, SyntaxFault, Token, tokens_of

_ALWAYS_START = {
    "DECLARE", "EXEC", "EXECUTE", "IF", "BEGIN", "COMMIT", "ROLLBACK", "SAVE", "CREATE", "DROP", "TRUNCATE", "USE", "PRINT", "RAISERROR",
    "THROW", "KILL", "ALTER", "INSERT", "UPDATE", "DELETE", "GRANT", "DENY", "REVOKE", "WAITFOR", "RETURN", "DBCC",
}  # fmt: skip
_JOINS_SELECTS = {"UNION", "ALL", "EXCEPT", "INTERSECT", "AS"}
_TRANSACTION = {"TRAN", "TRANSACTION", "DISTRIBUTED"}


@dataclass(frozen=True)
class Statement:
    """One statement as it was written."""

    text: str
    tokens: tuple[Token, ...]

    @property
    def first(self) -> str:
        """Its first word."""
        return self.tokens[0].word or self.tokens[0].text


@dataclass(frozen=True)
class Condition:
    """IF with what follows it."""

    condition: str
    then: tuple[Statement | Condition, ...]
    otherwise: tuple[Statement | Condition, ...]


Node = Statement | Condition


@lru_cache(maxsize=4096)
def statements_of(sql: str) -> tuple[Node, ...]:
    """The statements of a batch. Raises SyntaxFault."""
    reader = _BatchReader(sql)
    found: list[Node] = []
    while not reader.cursor.is_at_end:
        found += reader.node()
    return tuple(found)


class _BatchReader:
    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.cursor = Cursor(tokens_of(sql))

    def node(self) -> list[Node]:
        cursor = self.cursor
        if cursor.skip(";"):
            return []
        if cursor.peek() == "BEGIN" and cursor.peek(1) not in _TRANSACTION:
            return self._block()
        if cursor.peek() == "IF":
            return [self._condition()]
        if cursor.peek() in {"END", "ELSE"}:
            raise SyntaxFault(cursor.peek())
        return [self._statement()]

    def _block(self) -> list[Node]:
        self.cursor.expect("BEGIN")
        found: list[Node] = []
        while not self.cursor.skip("END"):
            if self.cursor.is_at_end:
                raise SyntaxFault("BEGIN")
            found += self.node()
        return found

    def _condition(self) -> Condition:
        cursor = self.cursor
        cursor.expect("IF")
        start = cursor.place
        depth = 0
        while not (depth == 0 and cursor.place > start and cursor.peek() in _ALWAYS_START | {"SELECT", "SET", "WITH"}):
            text = cursor.next().text
            depth += (text == "(") - (text == ")")
        condition = self.sql[cursor.tokens[start].start : cursor.tokens[cursor.place - 1].end]
        then = self._branch()
        while cursor.peek() == ";" and cursor.peek(1) == "ELSE":
            cursor.skip(";")
        otherwise = self._branch() if cursor.skip("ELSE") else []
        return Condition(condition, tuple(then), tuple(otherwise))

    def _branch(self) -> list[Node]:
        found: list[Node] = []
        while not found and not self.cursor.is_at_end:
            found = self.node()
        return found

    def _statement(self) -> Statement:
        cursor = self.cursor
        start = cursor.place
        first = cursor.next().word
        depth = 0
        while not cursor.is_at_end:
            if depth == 0 and self._starts_another(first, start):
                break
            text = cursor.next().text
            depth += (text == "(") - (text == ")")
        tokens = tuple(cursor.tokens[start : cursor.place])
        return Statement(self.sql[tokens[0].start : tokens[-1].end], tokens)

    def _starts_another(self, first: str, start: int) -> bool:
        cursor = self.cursor
        word = cursor.peek()
        if word == ";" or (word in {"ELSE", "END"} and not self._is_in_case(start)):
            return True
        if first in {"GRANT", "DENY", "REVOKE"} or (first == "CREATE" and self._is_view(start)):
            return False
        previous = cursor.tokens[cursor.place - 1].word or cursor.tokens[cursor.place - 1].text
        seen = self._outer_words(start)
        if word == "SELECT":
            return not (previous in _JOINS_SELECTS or (first in {"INSERT", "WITH"} and "SELECT" not in seen and "VALUES" not in seen))
        if word == "SET":
            return not ("UPDATE" in seen and "SET" not in seen) and first != "ALTER"
        if word not in _ALWAYS_START or previous in {".", "FOR"} or (previous == "ON" and first in {"CREATE", "ALTER"}):
            return False
        if first == "ALTER" and word in {"ALTER", "DROP"}:
            # A second ALTER TABLE starts with both words; ALTER COLUMN and DROP CONSTRAINT belong to the first.
            return cursor.peek(1) in {"TABLE", "INDEX", "VIEW", "SCHEMA", "DATABASE"}
        if first == "WITH" and word in {"INSERT", "UPDATE", "DELETE"}:
            return bool(seen & {"INSERT", "UPDATE", "DELETE", "SELECT"})
        return not (first == "INSERT" and word in {"EXEC", "EXECUTE"})

    def _is_view(self, start: int) -> bool:
        return any(token.word == "VIEW" for token in self.cursor.tokens[start : start + 4])

    def _is_in_case(self, start: int) -> bool:
        words = [token.word for token in self.cursor.tokens[start : self.cursor.place]]
        return words.count("CASE") > words.count("END")

    def _outer_words(self, start: int) -> set[str]:
        words, depth = set(), 0
        for token in self.cursor.tokens[start : self.cursor.place]:
            depth += (token.text == "(") - (token.text == ")")
            if depth == 0:
                words.add(token.word)
        return words
