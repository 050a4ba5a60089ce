"""The state survives its way through text, a file and a ConfigMap; the switch is nobody's by accident."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from akb_sync.engine.shared import read_state, seen
from akb_sync.errors import SettingsError
from akb_sync.kube.state_map import DATA, PAUSED, StateMap
from akb_sync.kube.whereabouts import DEFAULT_NAMESPACE, of_instance, own_namespace
from akb_sync.settings import Settings
from akb_sync.state import LONGEST_WORDS, Pause, State, StateStore, Waiting
from akb_sync.state_file import StateFile
from tests.unit.kube.memory_api import MemoryApi

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PAUSE = Pause("joe@laptop", NOW, "CHG-1")
STATE = State(
    leader="pod-1",
    written_at=NOW,
    paused=PAUSE,
    last_success=NOW,
    items={"uni/x": Waiting("rejected", "Rejected", NOW, NOW, "no such \x1b thing")},
    omitted=3,
)
MAP = "/api/v1/namespaces/ns/configmaps/akb-sync-status"


@pytest.mark.parametrize("state", [State(), STATE])
def test_the_text_of_a_state_reads_as_the_same_state(state: State) -> None:
    assert State.parse(state.text()) == state
    assert state.text().isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '{"items": [1]}',
        '{"items": {"a": 3}, "omitted": "x", "writtenAt": "then"}',
        "[" * 100_000,
    ],
)
def test_a_text_of_another_shape_is_an_empty_state(text: str) -> None:
    assert State.parse(text) == State()


def test_long_words_are_cut() -> None:
    text = State(items={"a": Waiting("held", "Rejected", NOW, None, "x" * 10_000)}).text()
    assert len(State.parse(text).items["a"].words) == LONGEST_WORDS


@pytest.fixture(params=["file", "map"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> StateStore:
    return StateFile(tmp_path / "state") if request.param == "file" else StateMap(MemoryApi(), "ns", "s")


def test_nothing_is_there_at_first(store: StateStore) -> None:
    assert store.read() == (None, None)
    store.set_pause(None)
    assert store.read() == (None, None)


def test_state_and_switch_do_not_undo_each_other(store: StateStore) -> None:
    store.set_pause(PAUSE)
    assert store.read() == (None, PAUSE)
    store.write(STATE)
    assert store.read() == (STATE, PAUSE)
    store.set_pause(None)
    assert store.read() == (STATE, None)
    store.write(State(leader="b"))
    store.set_pause(PAUSE)
    assert store.read() == (State(leader="b"), PAUSE)


@pytest.mark.parametrize(
    ("text", "why"), [("", ""), ("{}", ""), ("upgrade", "upgrade"), ('{"why": "x"}', "x")]
)
def test_a_switch_file_made_by_hand_pauses(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "state.paused").write_text(text)
    _, pause = StateFile(tmp_path / "state").read()
    assert pause is not None
    assert (pause.by, pause.why) == ("somebody", why)


@pytest.mark.parametrize(
    ("text", "paused"),
    [("true", True), ("upgrade", True), ("{}", True), ("[1]", True), ("false", False), ("", False)],
)
def test_an_annotation_made_by_hand_pauses(text: str, paused: bool) -> None:
    api = MemoryApi()
    api.objects[MAP] = {"metadata": {"name": "akb-sync-status", "annotations": {PAUSED: text}}}
    _, pause = StateMap(api, "ns", "akb-sync-status").read()
    assert (pause is not None) is paused


def test_a_configmap_of_another_shape_is_nothing() -> None:
    api = MemoryApi()
    api.objects[MAP] = {"metadata": {"annotations": []}, "data": {DATA: 3}}
    assert StateMap(api, "ns", "akb-sync-status").read() == (None, None)


def test_two_that_make_the_configmap_at_once_both_get_their_part_in() -> None:
    api = MemoryApi()
    one, other = StateMap(api, "ns", "akb-sync-status"), StateMap(api, "ns", "akb-sync-status")

    def other_is_faster(method: str, _path: str) -> None:
        if method == "POST":
            api.fault = lambda _method, _path: None
            other.set_pause(PAUSE)

    api.fault = other_is_faster
    one.write(STATE)
    assert one.read() == (STATE, PAUSE)


def test_a_file_that_cannot_be_used_says_which_and_what_to_do(tmp_path: Path) -> None:
    store = StateFile(tmp_path / "absent" / "state")
    expected = r"--state-file: .*absent/state.* cannot be written"
    with pytest.raises(SettingsError, match=expected):
        store.write(STATE)
    with pytest.raises(SettingsError, match=expected):
        store.set_pause(PAUSE)
    (tmp_path / "folder").mkdir()
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        StateFile(tmp_path / "folder").read()
    assert list(tmp_path.glob(".*")) == []


def test_a_reader_joins_what_was_left_with_what_is_asked_for_now() -> None:
    assert seen(None, None) is None
    asked = seen(None, PAUSE)
    assert asked is not None
    assert (asked.paused, asked.leader, asked.obeyed) == (PAUSE, "", False)
    not_yet, done = seen(State(leader="a"), PAUSE), seen(STATE, PAUSE)
    assert not_yet is not None
    assert done is not None
    assert (not_yet.paused, not_yet.obeyed) == (PAUSE, False)
    assert (done.paused, done.obeyed) == (PAUSE, True)


def test_a_program_reads_the_state_by_the_settings_of_the_engine(tmp_path: Path) -> None:
    settings = Settings(state_file=tmp_path / "state")
    assert read_state(settings) is None
    StateFile(tmp_path / "state").write(STATE)
    found = read_state(settings)
    assert found is not None
    assert (found.leader, found.paused) == ("pod-1", None)
    api = MemoryApi()
    StateMap(api, "mine", "akb-sync-status-blue").write(STATE)
    found = read_state(Settings(engine_namespace="mine", instance="blue"), api)
    assert found is not None
    assert found.items == STATE.items


@pytest.mark.parametrize("instance", ["Blue", "a b", "x" * 60, "-a", "a.b", "ü"])
def test_an_instance_whose_name_is_no_label_still_has_objects_of_its_own(instance: str) -> None:
    name = of_instance("akb-sync", instance)
    assert json.dumps(name).isascii()
    assert name == name.lower()
    assert len(name) < 63
    assert name != of_instance("akb-sync", instance + "x")


def test_the_namespace_is_the_one_that_was_asked_for_or_that_of_the_guide() -> None:
    assert own_namespace("mine") == "mine"
    assert own_namespace("") == DEFAULT_NAMESPACE
