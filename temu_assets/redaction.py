"""What may be told of what went wrong: the one place where a secret or a buyer's data is kept out of messages and logs.

Three ways lead out, and each has its function here: an exception nobody expected (``bug``), a text of TEMU's (``harmless_words``), and
what the libraries below this program log at DEBUG (``keep_values_out_of_logs``). Errors of this program's own are written without
values to begin with (``errors.py``).
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

from temu_assets.errors import InternalError

LONGEST_QUOTE = 200
_OURS = Path(__file__).parent
_MOST_PLACES = 12
_MOST_CAUSES = 5

_WORDS_OF_AN_API = frozenset(
    """
    a about above abnormal access account active after again agreement allowed already amount an and any api app application are area
    article at authorisation authorised authorization authorized available be been before being below between blank body both buyer by call
    called can cancelled canceled cannot carrier center change changed channel check checked city clock code combination company complete
    condition confirm confirmed contact contain contains content correct could country currency current customer data date day days
    delivered delivery denied details different disabled do documented does done duplicate each edit editable either empty enabled ended
    enough entered entry error exceed exceeded exceeds exception exist existing exists expected expire expired failed failure field fields
    file filled find first for forbidden format forwarded found frequent from full fulfilled given goods greater group has have held hour
    hours id ids illegal in inactive inconsistent incomplete incorrect information inner input insufficient inside integer interface
    internal invalid invoice is it item items its label last later latest least length less limit limited line list local locked logistics
    long longer lower mall mandatory match matched max maximum may merchant message method minimum minutes missing mode more most must
    mutually name need needed network never new no none not nothing null number numbers object of off offline on once one online only open
    operate operated operation option or order orders other out outside over own package page parameter parameters parcel parent part
    partial partly pay payment pending period permission please possible post price processed processing product products prohibited
    provided provider quantity query queried range rate reached read reason receive received record refund refused region rejected relation
    remaining removed repeat repeated repeatedly request requested requests require required requires resource response result retry
    returned returns review right risk rule same save second seconds seller send sent server service set ship shipment shipped shipping
    shop short should shown sign signature signed site size sku skus some sorry status still stock stop stopped street string submit
    submitted succeeded success supported suspended system temporarily than that the their them then there they this time timeout timestamp
    to token tokens too total tracking try twice type unable unavailable unique unknown unpaid unsupported until update updated upload use
    used user valid value values variant verification verified version wait waiting warehouse was way well were when whether which while
    will with within without wrong yet you your zero
    goodsId orderSn parentOrderSn skuId trackingNumber carrierId packageSn regionId stockTarget quantity sendType requestUniqueKey
    """.split()  # noqa: SIM905 — so many words read better as a text
)
_SILENCED = {
    # Result rows are logged as they are, "hide_parameters" or not.
    "sqlalchemy.engine.Engine": logging.INFO,
    # Headers and status lines are the server's words, and a server can say our own words back.
    "httpx": logging.WARNING,
    "httpcore.connection": logging.WARNING,
    "httpcore.http11": logging.WARNING,
    "httpcore.http2": logging.WARNING,
    "httpcore.proxy": logging.WARNING,
    "httpcore.socks": logging.WARNING,
}
"""Loggers of libraries that tell values, and the lowest level at which they do not."""


def bug(error: BaseException) -> InternalError:
    """An exception nobody expected as an error of ours: kinds and places, never a message, which can quote any value (``KeyError``)."""
    told = "; its cause was ".join(f"{type(each).__name__} at {_places(each)}" for each in _chain(error))
    return InternalError(
        f"A bug of this program: {told}. What the exception says is left out, because it can hold a buyer's data.",
        remedy="report this with the message as it is. What was done before it is kept, and the work can be run again.",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what led to it, as Python would show it."""
    seen: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in seen and len(seen) < _MOST_CAUSES:
        seen.append(following)
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def _places(error: BaseException) -> str:
    """Where it was raised, then the lines of this program that led there, the innermost first."""
    places = [(Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    if not places:
        return "an unknown place"
    *callers, raised = places
    shown = [raised, *(place for place in reversed(callers) if place[0].is_relative_to(_OURS))]
    return " < ".join(f"{_short(path)}:{line}" for path, line in shown[:_MOST_PLACES])


def _short(path: Path) -> str:
    """A file of this program from its package on, any other by its name and folder: where things are installed is nobody's business."""
    return path.relative_to(_OURS.parent).as_posix() if path.is_relative_to(_OURS) else "/".join(path.parts[-2:])


def harmless_words(text: str) -> str:
    """A text of TEMU's reduced to words that error messages of an API are made of; at most 200 characters, empty if none is left.

    A list of words and not a pattern: a name in small letters looks like a word, a token without digits as well.
    """
    kept: list[str] = []
    for word in text[: LONGEST_QUOTE * 2].split():
        if word.rstrip(".,;:!?") in _WORDS_OF_AN_API:
            kept.append(word)
        elif not kept or kept[-1] != "…":
            kept.append("…")
    return " ".join(kept)[:LONGEST_QUOTE] if any(word != "…" for word in kept) else ""


class _FromLevel(logging.Filter):
    """Lets records of a level and above through."""

    def __init__(self, level: int) -> None:
        super().__init__()
        self._level = level

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= self._level


_FILTERS = {name: _FromLevel(level) for name, level in _SILENCED.items()}


def keep_values_out_of_logs() -> None:
    """Silence what libraries log of values, whichever level somebody sets. Called where databases and TEMU are opened; again is fine."""
    for name, quiet in _FILTERS.items():
        logging.getLogger(name).addFilter(quiet)
