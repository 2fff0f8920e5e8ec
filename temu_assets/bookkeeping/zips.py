"""ZIP files, opened in memory. Nothing is ever written under a name a ZIP gives, and one bad member refuses all of it."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass

MOST_MEMBERS = 1_000
_PIECE = 1 << 20
_CENTRAL_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_OF_MACS = "__MACOSX/"
"""What Macs put beside the files; it is passed over."""
_AGAIN = "Bitte die Dateien ohne Ordner und ohne Kennwort neu packen oder einzeln ablegen."


class RefusedZipError(Exception):
    """A ZIP of which nothing is taken. ``why``: a German sentence that says what is wrong with it and what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a ZIP: its name, which is no path, and its content."""

    name: str
    content: bytes


def open_zip(content: bytes, *, most_bytes: int, endings: tuple[str, ...] = (".csv",), setting: str = "DATEV_MAX_MB") -> list[Member]:
    """All files of a ZIP, in its order. ``most_bytes``: how large they may be together, counted while they are unpacked.

    ``endings``: how their names may end, in small letters; ``setting``: the one that says how large they may be.
    Raises RefusedZipError for what is no ZIP, damaged, encrypted, or holds anything but such files side by side, each name once.
    """
    # Before the directory is read: an entry without content takes a hundred bytes of the file, and ten times that in memory.
    if content.count(_CENTRAL_ENTRY) > MOST_MEMBERS:
        raise RefusedZipError(f"Das ZIP enthält mehr als {MOST_MEMBERS} Dateien. Bitte auf mehrere ZIPs verteilen.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.orig_filename.startswith(_OF_MACS)]
            _require_harmless(members, endings)
            left, too_large = most_bytes, f"Ausgepackt wäre das ZIP größer als {most_bytes // 1_000_000} MB ({setting})."
            unpacked: list[Member] = []
            for member in members:
                unpacked.append(Member(member.filename, _unpack(archive, member, left, too_large)))
                left -= len(unpacked[-1].content)
            return unpacked
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError):
        raise RefusedZipError("Das ZIP ist beschädigt oder unvollständig. Bitte neu packen oder die Dateien einzeln ablegen.") from None


def _require_harmless(members: list[zipfile.ZipInfo], endings: tuple[str, ...]) -> None:
    if not members:
        raise RefusedZipError("Das ZIP ist leer. Bitte die Dateien hineinpacken oder einzeln ablegen.")
    names: set[str] = set()
    for member in members:
        _require_plain_file(member, endings)
        # Windows and Macs take names that differ only by case for one.
        if member.filename.casefold() in names:
            raise RefusedZipError(f"Das ZIP enthält zwei Dateien mit dem Namen „{_shown(member)}“. {_AGAIN}")
        names.add(member.filename.casefold())


def _require_plain_file(member: zipfile.ZipInfo, endings: tuple[str, ...]) -> None:
    # ``filename`` ends at a NUL and has the slashes of this system; ``orig_filename`` is what the ZIP says.
    name = member.orig_filename
    if any(each in name for each in "/\\:\0") or name in ("", ".", ".."):
        raise RefusedZipError(f"Das ZIP enthält einen Ordner oder Pfad („{_shown(member)}“). {_AGAIN}")
    mode = stat.S_IFMT(member.external_attr >> 16)
    if mode not in (0, stat.S_IFREG):
        raise RefusedZipError(f"„{_shown(member)}“ im ZIP ist keine gewöhnliche Datei, sondern ein Verweis oder Gerät. {_AGAIN}")
    if member.flag_bits & _ENCRYPTED:
        raise RefusedZipError(f"Das ZIP ist mit einem Kennwort geschützt. {_AGAIN}")
    if name.casefold().endswith(".zip"):
        raise RefusedZipError(f"Das ZIP enthält ein weiteres ZIP („{_shown(member)}“). {_AGAIN}")
    if not name.casefold().endswith(endings):
        kinds = " oder ".join(f"{ending[1:].upper()}-Datei" for ending in endings)
        raise RefusedZipError(f"Das ZIP enthält „{_shown(member)}“, das keine {kinds} ist. {_AGAIN}")
    if member.compress_type not in _METHODS:
        raise RefusedZipError(f"Das ZIP ist mit einem unüblichen Verfahren gepackt. {_AGAIN}")


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int, too_large: str) -> bytes:
    """The content; what the ZIP says about its size is not believed."""
    pieces = []
    with archive.open(member) as file:
        while piece := file.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise RefusedZipError(f"{too_large} Bitte auf mehrere ZIPs verteilen.")
            pieces.append(piece)
    return b"".join(pieces)


def _shown(member: zipfile.ZipInfo) -> str:
    return "".join(each if each.isprintable() else "?" for each in member.orig_filename[:80])
