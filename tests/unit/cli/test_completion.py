"""What a Tab offers, and that it comes from a private file only."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from akb_sync.item import Action
from akb_sync.model import Binding, Notice, ObjectRef
from akb_sync.reasons import Reason
from cli import completion
from cli.completion_in_bash import answering
from tests.unit.engine.items import epg, held, plan, subnet

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


def test_more_epgs_than_those_of_the_plan_can_be_offered() -> None:
    completion.remember(plan(epg()), [OTHER, API])
    assert completion.epgs("") == ["API", "T/L/API", "T/L/WEB", "T2/L/WEB"]


def test_what_can_be_explained_is_offered_as_it_is_typed() -> None:
    workload = ObjectRef("Deployment", "shop", "web")
    completion.remember(plan(subnet(workloads=(workload,))))
    assert completion.objects("") == ["10.0.0.1/32", "deployment/shop/web", "pod/shop/web-1"]
    assert completion.objects("pod/") == ["pod/shop/web-1"]
    assert completion.workloads("") == ["shop/web"]


def test_the_id_of_removals_that_wait_is_offered() -> None:
    found = plan(held(subnet(action=Action.DELETE), Reason.MASS_DELETE))
    completion.remember(found)
    assert completion.approvals("") == [found.approval_id]


def test_words_that_never_change_are_offered() -> None:
    offer = completion.completed(["Held", "InSync", "Held-Up"])
    assert offer("H") == ["Held", "Held-Up"]
    assert offer("") == ["Held", "Held-Up", "InSync"]


def test_a_name_that_a_shell_could_take_for_more_is_not_offered(cache: Path) -> None:
    evil = Binding("T", "L", "$(touch x)")
    completion.remember(plan(epg(evil), epg(API)))
    assert completion.epgs("") == ["API", "T/L/API"]
    cache.write_text('{"epgs": ["`id`", "a b", "API"]}')
    assert completion.epgs("") == ["API"]


def test_the_private_file_has_no_secret_in_it(cache: Path) -> None:
    completion.remember(plan(subnet()))
    assert set(json.loads(cache.read_text())) == {
        "epgs",
        "namespaces",
        "prefixes",
        "objects",
        "workloads",
        "approvals",
    }


ASKED = {"_AKB_SYNC_COMPLETE": "complete_bash"}


@pytest.mark.parametrize(
    ("typed", "joined", "answer"),
    [
        (["akb-sync", "explain", "fd00", "::", "1"], "fd00::1", "1/128"),
        (["akb-sync", "explain", "fd00", "::"], "fd00::", "1/128"),
        (["akb-sync", "explain", "fd00", ":"], "fd00:", ":1/128"),
        (["akb-sync", "explain", "fd"], "fd", "fd00::1/128"),
        (["akb-sync", "explain", ""], "", "fd00::1/128"),
    ],
)
def test_bash_is_answered_where_it_takes_words_apart_at_colons(
    capsys: pytest.CaptureFixture[str], typed: list[str], joined: str, answer: str
) -> None:
    environment = {**ASKED, "COMP_WORDS": "\n".join(typed), "COMP_CWORD": str(len(typed) - 1)}
    with answering(environment):
        assert environment["COMP_WORDS"].split("\n") == ["akb-sync", "explain", joined]
        assert environment["COMP_CWORD"] == "2"
        sys.stdout.write("fd00::1/128\n")
    assert capsys.readouterr().out == f"{answer}\n"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"_AKB_SYNC_COMPLETE": "complete_zsh", "COMP_WORDS": "a\n:", "COMP_CWORD": "1"},
        ASKED,
        {**ASKED, "COMP_WORDS": "a\n:", "COMP_CWORD": "x"},
        {**ASKED, "COMP_WORDS": "a :", "COMP_CWORD": "1"},
    ],
)
def test_who_asks_otherwise_is_left_alone(environment: dict[str, str]) -> None:
    before = dict(environment)
    with answering(environment):
        assert environment == before
