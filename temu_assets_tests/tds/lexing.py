"""T-SQL as a row of words, strings and signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<string>[Nn]?'(?:[^']|'')*')
    |(?P<name>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")
    |(?P<variable>@@?[\w@$\#]+)
    |(?P<binary>0[xX][0-9A-Fa-f]*)
    |(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d][\w@$\#]*|\#\#?[\w@$\#]+)
    |(?P<sign><>|!=|<=|>=|!<|!>|\+=|-=|::|.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Kind(Enum):
    """What a token is."""

    STRING = "string"
    NAME = "name"
    VARIABLE = "variable"
    BINARY = "binary"
    NUMBER = "number"
    WORD = "word"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it stands in the text."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The word in capital letters; empty for whatever is not a plain word."""
        return self.text.upper() if self.kind is Kind.WORD else ""

    @property
    def name(self) -> str:
        """The name meant by a word or something in brackets or quotes."""
        if self.kind is Kind.NAME:
            closing = self.text[-1]
            return self.text[1:-1].replace(closing * 2, closing)
        return self.text

    @property
    def value(self) -> str:
        """What a string says."""
        return self.text[self.text.index("'") + 1 : -1].replace("''", "'")

    @property
    def is_name(self) -> bool:
        """True for what can name a table or a column."""
        return self.kind in {Kind.NAME, Kind.WORD}


def tokens_of(sql: str) -> list[Token]:
    """The tokens without blanks and comments."""
    found = []
    for match in _TOKEN.finditer(sql):
        kind = match.lastgroup
        if kind != "blank":
            assert kind is not None
            found.append(Token(Kind(kind), match[0], match.start(), match.end()))
    return found


class Cursor:
    """A position in a row of tokens, for grammar that is read by hand."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0

    @property
    def is_at_end(self) -> bool:
        """True when no token is left."""
        return self.place >= len(self.tokens)

    def peek(self, ahead: int = 0) -> str:
        """The coming word in capital letters, or the coming sign; empty at the end and for names in brackets."""
        if self.place + ahead >= len(self.tokens):
            return ""
        token = self.tokens[self.place + ahead]
        return token.word or (token.text if token.kind is Kind.SIGN else "")

    def next(self) -> Token:
        """The coming token. Raises SyntaxFault at the end."""
        if self.is_at_end:
            raise SyntaxFault(self.tokens[-1].text if self.tokens else "")
        token = self.tokens[self.place]
        self.place += 1
        return token

    def skip(self, *words: str) -> bool:
        """Skip these words if they come next; False and nothing skipped if they do not."""
        if all(self.peek(ahead) == word for ahead, word in enumerate(words)):
            self.place += len(words)
            return True
        return False

    def expect(self, *words: str) -> None:
        """Skip these words. Raises SyntaxFault when something else comes."""
        for word in words:
            if not self.skip(word):
                raise SyntaxFault(self.tokens[min(self.place, len(self.tokens) - 1)].text)

    def name(self) -> tuple[str, ...]:
        """A name of one or more parts with dots between; parts left out are empty."""
        parts = [self.next().name]
        while self.skip("."):
            parts.append("" if self.peek() == "." else self.next().name)
        return tuple(parts)

    def inside_parentheses(self) -> list[Token]:
        """The tokens between a parenthesis and the one that closes it."""
        self.expect("(")
        depth, start = 1, self.place
        while depth:
            sign = self.next().text
            depth += (sign == "(") - (sign == ")")
        return self.tokens[start : self.place - 1]

    def rest(self) -> list[Token]:
        """Everything that is left."""
        found = self.tokens[self.place :]
        self.place = len(self.tokens)
        return found


class SyntaxFault(Exception):  # noqa: N818 — becomes SQL Server's error 102
    """T-SQL that cannot be read; says near what."""


def split_at_commas(tokens: list[Token]) -> list[list[Token]]:
    """Pieces between commas that are inside no parentheses."""
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "," and depth == 0:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return [piece for piece in pieces if piece]


def text_of(tokens: list[Token]) -> str:
    """The tokens as text again, with a blank between each two."""
    return " ".join(token.text for token in tokens)
