"""One call to TEMU: sign, wait for a free moment, send, read, judge, and repeat where that can help.

The loop is here; the HTTP is in ``exchange.py``, the rules are in ``retry.py``, ``codes.py`` and ``limiter.py``.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable

import httpx

from temu_assets.temu.answers import Answer, Envelope
from temu_assets.temu.call_log import CallLog
from temu_assets.temu.codes import Reaction, facts_of
from temu_assets.temu.connection import TemuConnection
from temu_assets.temu.exchange import Exchange, Failed, Received
from temu_assets.temu.failures import (
    TemuConfiguration,
    TemuFailure,
    TemuOutcomeUnknown,
    TemuTransient,
    describe_code,
    failure_of,
)
from temu_assets.temu.limiter import Limiter
from temu_assets.temu.retry import Trouble, is_outcome_unknown, pause_before, should_retry
from temu_assets.temu.signing import Params, signed_body

ATTEMPT_S = 20.0
CALL_S = 40.0
SHORTEST_ATTEMPT_S = 5.0
"""No attempt is begun with less time than this left: cut short, it would only make an outcome unknown."""

_RETRIED_REACTIONS = {
    Reaction.SLOW_DOWN: Trouble.TOO_FREQUENT,
    Reaction.RETRY: Trouble.TEMPORARY,
    Reaction.RETRY_ONCE: Trouble.SERVICE_ERROR,
}

logger = logging.getLogger(__name__)


class Transport:
    """Sends signed calls of one connection. Thread-safe; ``close()`` ends its connections."""

    def __init__(
        self,
        connection: TemuConnection,
        limiter: Limiter,
        calls: CallLog,
        *,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._limiter = limiter
        self._calls = calls
        self._pause = pause
        self._clock = clock
        self._monotonic = monotonic
        self.clock_offset_s = 0.0
        self.clock_difference_s: float | None = None
        self._random = random.SystemRandom()
        self._exchange = Exchange(connection.endpoint, transport=transport, clock=clock, monotonic=monotonic)

    def close(self) -> None:
        """Close the connections."""
        self._exchange.close()

    def call(
        self,
        endpoint: str,
        params: Params,
        *,
        at_most_once: bool = False,
        per_attempt: Callable[[], Params] | None = None,
    ) -> Answer:
        """Call ``endpoint`` (TEMU's ``type``) and return its result; takes at most CALL_S seconds.

        ``at_most_once`` is for effects: they are repeated only if TEMU surely did not act. ``per_attempt`` gives
        parameters that have to differ from attempt to attempt. Raises one of the classes of ``failures.py``.
        """
        end = self._monotonic() + CALL_S
        attempt, clock_corrected = 1, False
        failed: Failed | None = None
        while True:
            moment = self._free_moment(end - SHORTEST_ATTEMPT_S)
            if moment is None:
                raise self._given_up(endpoint, failed, attempt - 1, at_most_once=at_most_once)
            self._calls.record(endpoint, is_retry=attempt > 1 or clock_corrected)
            body = {**params, **(per_attempt() if per_attempt else {})}
            outcome = self._attempt(endpoint, body, min(ATTEMPT_S, end - self._monotonic()))
            if isinstance(outcome, Received):
                if outcome.envelope.success:
                    return Answer(outcome.envelope.result, outcome.envelope.request_id)
                if self._correct_clock(endpoint, outcome, again=clock_corrected):
                    clock_corrected = True
                    continue
                outcome = _failed_by(endpoint, outcome.envelope)
            failed = outcome
            wait_s = pause_before(attempt + 1, failed.trouble, retry_after_s=failed.retry_after_s, draw=self._random.random())
            if failed.trouble is Trouble.TOO_FREQUENT:
                self._limiter.slow_down(sent_at=moment, now=self._monotonic(), hold_s=wait_s)
                wait_s = 0.0
            too_late = self._monotonic() + wait_s > end - SHORTEST_ATTEMPT_S
            if too_late or not should_retry(failed.trouble, attempt=attempt, at_most_once=at_most_once):
                raise self._given_up(endpoint, failed, attempt, at_most_once=at_most_once)
            logger.info("%s Attempt %d; trying again.", failed.said, attempt)
            self._wait(wait_s)
            attempt += 1

    def _free_moment(self, latest: float) -> float | None:
        """Wait until a call may go out and return that moment; None, without waiting, if it would be after ``latest``."""
        while True:
            now = self._monotonic()
            moment = self._limiter.reserve(now, latest=latest)
            if moment is None:
                return None
            self._wait(moment - now)
            if self._limiter.is_still_free(moment):
                return moment

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._pause(seconds)

    def _attempt(self, endpoint: str, params: Params, seconds: float) -> Received | Failed:
        common: Params = {
            "type": endpoint,
            "app_key": self._connection.app_key,
            "access_token": self._connection.access_token.get_secret_value(),
            "timestamp": int(self._clock() + self.clock_offset_s),
            "data_type": "JSON",
            "version": "V1",
        }
        content = signed_body({**common, **params}, self._connection.app_secret)
        outcome = self._exchange.send(endpoint, content, seconds)
        if isinstance(outcome, Received) and outcome.temu_time is not None:
            self.clock_difference_s = self._clock() - outcome.temu_time
        return outcome

    def _correct_clock(self, endpoint: str, received: Received, *, again: bool) -> bool:
        """Whether to repeat the call with TEMU's time, after it refused ours. Raises if that has been tried."""
        envelope = received.envelope
        if facts_of(envelope.code, envelope.text).reaction is not Reaction.CORRECT_CLOCK:
            return False
        if received.temu_time is None:
            raise failure_of(endpoint, envelope)
        skew_s = round(self._clock() - received.temu_time)
        if again:
            raise TemuConfiguration(
                f"{describe_code(endpoint, envelope)} This machine's clock differs from TEMU's by {skew_s} seconds, "
                "and a second attempt with TEMU's time was refused as well.",
                remedy="Set this machine's clock (time synchronisation).",
                endpoint=endpoint,
                code=envelope.code,
                request_id=envelope.request_id,
            )
        self.clock_offset_s = float(-skew_s)
        logger.warning("This machine's clock differs from TEMU's by %d seconds; TEMU's time is used.", skew_s)
        return True

    def _given_up(self, endpoint: str, failed: Failed | None, attempts: int, *, at_most_once: bool) -> TemuFailure:
        if failed is None:
            return TemuTransient(
                f"{endpoint}: not sent, the rate limit left no free moment within {CALL_S:.0f} seconds.",
                remedy="The next run tries again. If it stays, other calls use up the limit.",
                endpoint=endpoint,
            )
        if at_most_once and is_outcome_unknown(failed.trouble):
            return TemuOutcomeUnknown(
                f"{failed.said} Whether TEMU acted on the call is unknown; it was not repeated.",
                remedy="Nothing to do: the next run reads at TEMU what happened before it sends again.",
                endpoint=endpoint,
                code=failed.code,
                request_id=failed.request_id,
            )
        return TemuTransient(
            f"{failed.said} Given up for now after {attempts} attempt(s); the work stays pending.",
            remedy=(
                "Check the internet connection; the next run tries again. If it stays, look at TEMU's status."
                if failed.code is None
                else facts_of(failed.code, "").remedy
            ),
            endpoint=endpoint,
            code=failed.code,
            request_id=failed.request_id,
        )


def _failed_by(endpoint: str, envelope: Envelope) -> Failed:
    """The failure in ``envelope`` if repeating can help; raises it otherwise."""
    kind = _RETRIED_REACTIONS.get(facts_of(envelope.code, envelope.text).reaction)
    if kind is None:
        raise failure_of(endpoint, envelope)
    return Failed(kind, describe_code(endpoint, envelope), code=envelope.code, request_id=envelope.request_id)
