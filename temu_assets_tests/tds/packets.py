"""Messages of a TDS connection: packets put together and taken apart, plain or inside TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from dataclasses import dataclass
from enum import IntEnum

_HEADER = struct.Struct(">BBHHBB")
_RECEIVED_AT_ONCE = 65536
END_OF_MESSAGE = 0x01
RESET_CONNECTION = 0x08
RESET_CONNECTION_KEEP_TRANSACTION = 0x10


class PacketType(IntEnum):
    """What a message is."""

    SQL_BATCH = 1
    RPC = 3
    RESPONSE = 4
    ATTENTION = 6
    BULK = 7
    TRANSACTION = 14
    LOGIN7 = 16
    PRELOGIN = 18


class Disconnected(Exception):  # noqa: N818 — an event, not a fault
    """The other side has gone, or the connection was dropped on purpose."""


@dataclass(frozen=True, slots=True)
class Message:
    """All packets of one message; ``status`` holds the flags of the first."""

    kind: int
    status: int
    payload: bytes


class Channel:
    """One client's connection. One thread reads, another writes."""

    def __init__(self, client: socket.socket) -> None:
        self.packet_size = 4096
        self._socket = client
        self._received = bytearray()
        self._tls: ssl.SSLObject | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        # OpenSSL's state is shared by reading and writing; the blocking calls of the socket stay outside.
        self._tls_lock = threading.Lock()
        self._write_lock = threading.Lock()

    @property
    def is_encrypted(self) -> bool:
        """True once TLS has been agreed on."""
        return self._tls is not None

    def read_message(self) -> Message:
        """The next whole message. Raises Disconnected at the end of the connection."""
        kind, status, payload = self._read_packet()
        parts, first_status = [payload], status
        while not status & END_OF_MESSAGE:
            _, status, payload = self._read_packet()
            parts.append(payload)
        return Message(kind, first_status, b"".join(parts))

    def write_message(self, payload: bytes, kind: PacketType = PacketType.RESPONSE, spid: int = 0) -> None:
        """Send one message, in as many packets as it takes."""
        room = self.packet_size - _HEADER.size
        pieces = [payload[start : start + room] for start in range(0, len(payload), room)] or [b""]
        packets = bytearray()
        for number, piece in enumerate(pieces, start=1):
            status = END_OF_MESSAGE if number == len(pieces) else 0
            packets += _HEADER.pack(kind, status, len(piece) + _HEADER.size, spid, number & 0xFF, 0) + piece
        with self._write_lock:
            self._send(bytes(packets))

    def start_tls(self, context: ssl.SSLContext) -> None:
        """The handshake, whose records travel inside PRELOGIN messages; everything after it is inside TLS."""
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        is_done = False
        while not is_done:
            try:
                tls.do_handshake()
                is_done = True
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as error:
                raise Disconnected from error
            if answer := self._outgoing.read():
                self.write_message(answer, PacketType.PRELOGIN)
            if not is_done:
                self._incoming.write(self.read_message().payload)
        self._tls = tls

    def close(self) -> None:
        """End the connection after what was sent has arrived."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def drop(self) -> None:
        """End the connection at once and without a word, as a cable that is pulled or a server that dies."""
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Shutting down wakes a thread that waits in recv, which closing alone does not.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read_packet(self) -> tuple[int, int, bytes]:
        kind, status, length, *_ = _HEADER.unpack(self._read(_HEADER.size))
        return kind, status, self._read(length - _HEADER.size)

    def _read(self, size: int) -> bytes:
        while len(self._received) < size:
            self._receive()
        piece = bytes(self._received[:size])
        del self._received[:size]
        return piece

    def _receive(self) -> None:
        if self._tls is not None:
            with self._tls_lock:
                try:
                    self._received += self._tls.read(_RECEIVED_AT_ONCE)
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLError as error:
                    raise Disconnected from error
                else:
                    return
        try:
            piece = self._socket.recv(_RECEIVED_AT_ONCE)
        except OSError as error:
            raise Disconnected from error
        if not piece:
            raise Disconnected
        if self._tls is None:
            self._received += piece
        else:
            self._incoming.write(piece)

    def _send(self, packets: bytes) -> None:
        if self._tls is not None:
            with self._tls_lock:
                self._tls.write(packets)
                packets = self._outgoing.read()
        try:
            self._socket.sendall(packets)
        except OSError as error:
            raise Disconnected from error
