"""Those who are told of the engine's turns cannot stop its work."""

from collections.abc import Mapping

from akb_sync.engine.observer import Audience, Look
from akb_sync.engine.report import Report

from .looks import look


class Listener:
    """Remembers what it was told, or fails."""

    def __init__(self, *, broken: bool = False, **troubles: str) -> None:
        self.broken, self.told = broken, list[object]()
        self.troubles: Mapping[str, str] = troubles

    def looked(self, look: Look) -> None:
        self._hear(look)

    def wrote(self, report: Report, seconds: float) -> None:
        self._hear((report, seconds))

    def _hear(self, what: object) -> None:
        if self.broken:
            raise KeyError("surprise")
        self.told.append(what)


def test_everybody_is_told_although_one_fails() -> None:
    broken, well = Listener(broken=True), Listener()
    audience = Audience([broken])
    audience.add(well)
    audience.looked(look())
    audience.wrote(Report(), 0.5)
    assert well.told == [look(), (Report(), 0.5)]
    assert "Listener fails with KeyError: 'surprise'" in audience.troubles["Listener"]
    broken.broken = False
    audience.looked(look())
    assert audience.troubles == {}


def test_the_troubles_of_all_are_put_together() -> None:
    audience = Audience([Listener(events="no right"), Listener(state="no file")])
    assert audience.troubles == {"events": "no right", "state": "no file"}
