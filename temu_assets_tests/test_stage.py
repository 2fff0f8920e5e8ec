"""What Dagster shows of an error of ours."""

from __future__ import annotations

import traceback

import dagster as dg
import pytest

from temu_assets import errors
from temu_assets.stage import told_plainly

OURS = [
    errors.ConfigurationError,
    errors.TransientError,
    errors.AuthorisationError,
    errors.StopError,
    errors.RecordError,
    errors.InternalError,
]


@pytest.mark.parametrize("kind", OURS)
def test_a_failure_says_what_happened_and_what_to_do_and_only_a_passing_one_is_tried_again(kind: type[errors.TemuAssetsError]) -> None:
    with pytest.raises(dg.Failure) as caught, told_plainly():
        raise kind("JTL did not answer.", remedy="check that it runs.") from ValueError("a detail of the driver")

    assert caught.value.description == "JTL did not answer. What to do: check that it runs."
    assert {name: value.value for name, value in caught.value.metadata.items()} == {
        "what_happened": "JTL did not answer.",
        "what_to_do": "check that it runs.",
    }
    assert caught.value.allow_retries is (kind is errors.TransientError)
    assert "a detail of the driver" not in "".join(traceback.format_exception(caught.value))


def test_a_bug_is_passed_on_with_its_traceback() -> None:
    """Fault 10: nothing is swallowed."""
    with pytest.raises(ZeroDivisionError), told_plainly():
        _ = 1 / 0


def test_the_tree_of_errors_is_the_one_that_is_drawn() -> None:
    drawn = {line.split()[1] for line in (errors.__doc__ or "").splitlines() if line.strip().startswith(("├", "└"))}
    assert drawn == {kind.__name__ for kind in errors.TemuAssetsError.__subclasses__() if kind.__module__ == errors.__name__}
    assert drawn == {kind.__name__ for kind in OURS}
