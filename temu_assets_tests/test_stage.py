"""What Dagster shows of an error of ours."""

from __future__ import annotations

import re
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
        "kind": kind.__name__,
        "may_pass_by_itself": kind is errors.TransientError,
    }
    assert caught.value.allow_retries is (kind is errors.TransientError)
    assert "a detail of the driver" not in "".join(traceback.format_exception(caught.value))


def _stumble() -> None:
    try:
        nothing: dict[str, str] = {}
        _ = nothing["Erika Mustermann"]
    except KeyError as error:
        raise ValueError("Musterweg 1") from error


def test_a_bug_is_told_by_kind_and_place_and_not_by_what_it_says() -> None:
    """Fault 21: a KeyError says its key, and Dagster stores it. Fault 10: nothing is swallowed."""
    with pytest.raises(dg.Failure) as caught, told_plainly():
        _stumble()

    description = caught.value.description or ""
    here = r"temu_assets_tests/test_stage\.py:\d+"
    raised, cause = f"ValueError at {here}", f"KeyError at {here}"
    assert re.match(rf"A bug of this program: {raised} < temu_assets/stage\.py:\d+; its cause was {cause}\.", description)
    assert caught.value.allow_retries is False
    shown = description + "".join(traceback.format_exception(caught.value)) + str(caught.value.metadata)
    assert "Erika Mustermann" not in shown.replace('_ = nothing["Erika Mustermann"]', "")
    assert "Musterweg 1" not in shown.replace('raise ValueError("Musterweg 1") from error', "")


def test_what_dagster_itself_asks_for_passes() -> None:
    for asked in (dg.Failure("as it is"), dg.RetryRequested()):
        with pytest.raises(type(asked)) as caught, told_plainly():
            raise asked
        assert caught.value is asked


def test_the_tree_of_errors_is_the_one_that_is_drawn() -> None:
    drawn = {line.split()[1] for line in (errors.__doc__ or "").splitlines() if line.strip().startswith(("├", "└"))}
    assert drawn == {kind.__name__ for kind in errors.TemuAssetsError.__subclasses__() if kind.__module__ == errors.__name__}
    assert drawn == {kind.__name__ for kind in OURS}
