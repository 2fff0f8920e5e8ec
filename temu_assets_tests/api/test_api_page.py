"""``docs/api.md``: every line of it is run, in the page's order, and what it should bring about has come about."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager, nullcontext

import httpx
import pytest

from temu_assets_tests.api.looks import LOOKS, assert_whole_log
from temu_assets_tests.api.page import KEPT, RUN, SHOWN, blocks, unexplained
from temu_assets_tests.api.reader import Reader
from temu_assets_tests.api.server import free_port, until, webserver

BLOCKS = blocks()
SECTIONS = list(dict.fromkeys(block.section for block in BLOCKS))
CHANGES = re.compile(r"mutation|job execute|asset materialize|schedule st|start\(")
PROXY = "Through a proxy with a login"

has_programs = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="the page's lines need curl and bash, and one of them is not here"
)


@has_programs
@pytest.mark.parametrize("section", SECTIONS)
def test_every_line_of_a_section_works(section: str, reader: Reader) -> None:
    for each in SECTIONS[: SECTIONS.index(section) + 1]:
        follow(each, reader)


def follow(section: str, reader: Reader) -> None:
    """A section's blocks in their order, unless they were followed already: later sections go on with what earlier ones left."""
    if section in reader.followed:
        return
    reader.followed.add(section)
    for block in (block for block in BLOCKS if block.section == section):
        with contextmanager(LOOKS[section])(reader) if section in LOOKS and block.language in RUN else nullcontext():
            reader.follow(block)


@has_programs
def test_the_proxy_lets_nobody_in_without_the_login_and_the_live_log_with_it(reader: Reader) -> None:
    for section in SECTIONS[: SECTIONS.index(PROXY) + 1]:
        follow(section, reader)
    assert httpx.get(f"{reader.proxy_url}/server_info", trust_env=False).status_code == 401
    assert_whole_log(reader, str(reader.python["run"]))


def test_who_may_only_look_changes_nothing(reader: Reader) -> None:
    port = free_port()
    with webserver(reader.server, port, "--read-only"):
        viewer = reader.server.at(f"http://127.0.0.1:{port}")
        until(viewer.is_well, "the second webserver to be well")
        assert viewer.ask("mutation { reloadWorkspace { __typename } }")["reloadWorkspace"]["__typename"] == "UnauthorizedError"


def test_no_line_of_the_page_is_left_untried() -> None:
    assert len(BLOCKS) > 60
    assert unexplained() == []
    assert {block.language for block in BLOCKS} == RUN | SHOWN | KEPT.keys()


def test_what_changes_something_is_looked_at() -> None:
    assert {block.section for block in BLOCKS if block.language in RUN and CHANGES.search(block.code)} - set(LOOKS) == set()
    assert set(LOOKS) <= set(SECTIONS)


def test_what_is_shown_is_the_answer_of_the_block_before() -> None:
    assert {BLOCKS[index - 1].language for index, block in enumerate(BLOCKS) if block.language in SHOWN} <= RUN
