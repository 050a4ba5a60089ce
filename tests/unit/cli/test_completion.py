"""What a Tab offers, and that it comes from a private file only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from akb_sync.model import Binding, Notice, ObjectRef
from akb_sync.reasons import Reason
from cli import completion
from tests.unit.engine.items import epg, plan, subnet

OTHER = Binding("T2", "L", "WEB")
API = Binding("T", "L", "API")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "akb-sync" / "words.json"


def test_epgs_are_offered_in_full_and_by_name_where_the_name_is_the_only_one() -> None:
    completion.remember(plan(epg(), epg(OTHER), epg(API)))
    assert completion.epgs("") == ["API", "T/L/API", "T/L/WEB", "T2/L/WEB"]
    assert completion.epgs("T2") == ["T2/L/WEB"]


def test_namespaces_of_sources_and_of_notices_are_offered() -> None:
    notice = Notice(Reason.INVALID_ANNOTATION, ObjectRef("Deployment", "shadow", "x"), "no")
    completion.remember(plan(subnet(), notices=(notice,)))
    assert completion.namespaces("sh") == ["shadow", "shop"]
    assert completion.namespaces("sho") == ["shop"]


def test_prefixes_are_offered() -> None:
    completion.remember(plan(subnet("10.0.0.1/32"), subnet("10.0.1.1/32"), subnet("fd00::1/128")))
    assert completion.prefixes("10.0.1") == ["10.0.1.1/32"]


def test_the_words_of_the_last_look_replace_the_older_ones() -> None:
    completion.remember(plan(epg()))
    completion.remember(plan(epg(API)))
    assert completion.epgs("") == ["API", "T/L/API"]


def test_only_the_owner_may_read_the_words(cache: Path) -> None:
    completion.remember(plan(epg()))
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.parent.stat().st_mode) == 0o700


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(cache: Path) -> None:
    cache.parent.write_text("a file where the folder should be")
    completion.remember(plan(epg()))
    assert completion.epgs("") == []


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", '{"epgs": 3}', '{"epgs": [1, "API"]}'])
def test_whatever_stands_in_the_file_is_survived(cache: Path, text: str) -> None:
    cache.parent.mkdir()
    cache.write_text(text)
    assert completion.epgs("A") in ([], ["API"])
