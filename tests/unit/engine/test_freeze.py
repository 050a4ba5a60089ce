"""The switch of the freeze: what is not known is not taken for "go on"."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from akb_sync.engine.freeze import UNKNOWN, Freeze
from akb_sync.errors import AkbSyncError, KubernetesForbidden, KubernetesUnreachable, SettingsError
from akb_sync.state import Pause, State

PAUSE = Pause("joe@laptop", datetime(2026, 1, 1, tzinfo=UTC), "CHG-1")


@dataclass
class Store:
    place = "a test"
    pause: Pause | None = None
    error: AkbSyncError | None = None

    def read(self) -> tuple[State | None, Pause | None]:
        if self.error:
            raise self.error
        return None, self.pause

    def write(self, state: State) -> None:
        raise NotImplementedError

    def set_pause(self, pause: Pause | None) -> None:
        self.pause = pause


def test_nothing_may_be_written_before_the_switch_was_read() -> None:
    freeze = Freeze(Store())
    assert freeze.why == UNKNOWN
    freeze.look()
    assert freeze.why == ""


def test_it_is_in_force_while_the_switch_is_on_and_each_change_is_told_once() -> None:
    store, told = Store(), list[str]()
    freeze = Freeze(store, lambda: told.append(freeze.why))
    for pause in (None, None, PAUSE, PAUSE, None):
        store.pause = pause
        freeze.look()
    paused = "paused by joe@laptop at 2026-01-01 00:00:00 UTC: CHG-1"
    assert told == ["", paused, ""]


@pytest.mark.parametrize("error", [KubernetesUnreachable("no way", "x"), SettingsError("no file", "x")])
def test_a_switch_that_was_never_read_holds_and_says_why(error: AkbSyncError) -> None:
    freeze = Freeze(Store(error=error))
    freeze.look()
    assert freeze.why == str(error)
    assert freeze.troubles == {"pause": str(error)}


@pytest.mark.parametrize("pause", [None, PAUSE])
def test_what_was_read_last_stays_in_force_when_it_cannot_be_read_any_more(pause: Pause | None) -> None:
    store = Store(pause=pause)
    freeze = Freeze(store)
    freeze.look()
    why = freeze.why
    store.error = KubernetesUnreachable("no way", "x")
    freeze.look()
    assert (freeze.pause, freeze.why) == (pause, why)
    assert freeze.troubles
    store.error = None
    freeze.look()
    assert not freeze.troubles


def test_a_missing_right_is_said_and_holds_nothing() -> None:
    freeze = Freeze(Store(error=KubernetesForbidden("no", "add the verb get on configmaps")))
    freeze.look()
    assert freeze.why == ""
    assert "add the verb" in freeze.troubles["pause"]
