"""Passwords and tokens stay out of every log record, at any level, and out of every error."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

import pytest

from akb_sync.apic.query import mo_path
from akb_sync.apic.session import ApicSession
from akb_sync.errors import ApicError
from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic.transport.inbox import FakeClock, Inbox, Losses

Connect = Callable[..., ApicSession]
PASSWORD = "correct-horse-battery"
PATH = mo_path("uni")


class Tokens(list[str]):
    """Every token that a session had."""

    def note(self, session: ApicSession) -> None:
        login = session._courier.access._login
        assert login is not None
        self.append(login.token)


def test_a_whole_life_at_debug_level_shows_no_secret(
    connect: Connect, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens, losses, shown = Tokens(), Losses(), list[str]()
    with ApicSimulator(users={"admin": PASSWORD}, tls=False) as apic:
        session = connect(apic.url, password=PASSWORD, ca_file=None)
        session.on_lost = losses
        session.subscribe(PATH, {}, Inbox())[0].ready()
        tokens.note(session)
        clock.turn(300)
        session.maintain()
        tokens.note(session)
        apic.faults.refuse_logins = True
        apic.faults.expire_sessions()
        losses.wait()
        for attempt in (lambda: session.subscribe(PATH, {}, Inbox()), lambda: session.get(PATH)):
            try:
                attempt()
            except ApicError as error:
                shown += [repr(error), str(error), "".join(traceback.format_exception(error))]
        session.close()
    shown += [record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp")]
    assert len(set(tokens)) == 2
    assert len(shown) > 6
    assert not [text for text in shown for secret in (PASSWORD, *tokens) if secret in text]
