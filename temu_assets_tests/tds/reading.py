"""Reading the fields of a message one after the other."""

from __future__ import annotations

import struct


class Reader:
    """A position in the bytes of a message."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data = data
        self.position = position

    @property
    def is_at_end(self) -> bool:
        """True when nothing is left."""
        return self.position >= len(self.data)

    def take(self, size: int) -> bytes:
        """The next bytes. Raises EOFError when there are fewer."""
        piece = self.data[self.position : self.position + size]
        if len(piece) < size:
            raise EOFError("the message is shorter than it says")
        self.position += size
        return piece

    def number(self, layout: str) -> int:
        """One number in the notation of ``struct``, for instance ``<H``."""
        return int(struct.unpack(layout, self.take(struct.calcsize(layout)))[0])

    def byte(self) -> int:
        """One unsigned byte."""
        return self.take(1)[0]

    def peek(self) -> int:
        """The next byte, left where it is."""
        return self.data[self.position]

    def text(self, layout: str) -> str:
        """Text that follows its length in characters."""
        return self.take(self.number(layout) * 2).decode("utf-16-le")

    def skip_all_headers(self) -> None:
        """The headers every request starts with: nothing in them is needed here."""
        self.position += int.from_bytes(self.data[self.position : self.position + 4], "little")
