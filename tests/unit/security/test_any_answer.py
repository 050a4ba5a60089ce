"""Whatever an APIC or an API server says, it is data or an error of the tree: nothing else gets out."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from akb_sync.apic.answers import read
from akb_sync.apic.channel import BrokenChannel, _frame
from akb_sync.apic.fault_records import fault_of
from akb_sync.apic.login import Login, PasswordCredential
from akb_sync.apic.options import ApicOptions
from akb_sync.apic.paging import collect
from akb_sync.apic.queries import l3outs_of
from akb_sync.apic.snapshot import Snapshot
from akb_sync.apic.wire import Call, Reply
from akb_sync.errors import ApicError, KubernetesError, SettingsError
from akb_sync.kube import failures
from akb_sync.kube.api import Params
from akb_sync.kube.facts import AnnotationKeys, resource_version
from akb_sync.kube.lease import Lease, read_leader
from akb_sync.kube.lister import Listing, list_all
from akb_sync.kube.resources import resources
from akb_sync.kube.state_map import StateMap
from akb_sync.kube.store import Store
from akb_sync.kube.stream import WatchStream
from akb_sync.kube.watcher import Watcher
from akb_sync.model import L3Out
from akb_sync.ownership.journal_file import parse_journal
from akb_sync.state import State
from tests.unit.apic.transport.scripted import FakeClock
from tests.unit.security.one_line import is_one_line
from tests.unit.security.strategies import BYTES, JSON, MOS, OBJECTS, TEXTS, as_bytes

WHERE = failures.place("https://k", "here", "/api/v1/pods", None)
KINDS = resources(AnnotationKeys("aci.haystacknetworks.com/l3o"))
STATUSES = st.sampled_from([200, 202, 400, 401, 403, 404, 405, 409, 410, 413, 500, 503])


@given(STATUSES, BYTES)
@example(200, b'{"totalCount": 1e999, "imdata": []}')
@example(200, b'{"imdata": [{"l3extInstP": {"attributes": {"dn": []}}}]}')
def test_an_apics_answer(status: int, body: bytes) -> None:
    try:
        answer = read(Call("GET", "/api/mo/uni.json"), Reply("https://apic", status, body))
    except ApicError as error:
        is_one_line(error)
        return
    assert all(
        isinstance(value, str)
        for item in answer.imdata
        for name, mo in item.items()
        if name != "error"
        for value in mo["attributes"].values()
    )


def _login(children: Any = (), **attributes: Any) -> bytes:
    body = {"attributes": {"token": "t", **attributes}, "children": children}
    return as_bytes({"imdata": [{"aaaLogin": body}]})


LOGINS = st.fixed_dictionaries(
    {"attributes": st.dictionaries(st.sampled_from(["token", "refreshTimeoutSeconds", "version"]), JSON)},
    optional={"children": JSON | st.lists(OBJECTS, max_size=3)},
).map(lambda body: as_bytes({"imdata": [{"aaaLogin": body}]}))


@given(LOGINS | BYTES)
@example(_login(refreshTimeoutSeconds=10**400))
@example(_login(children=[{"aaaUserDomain": {"attributes": None}}, {"aaaUserDomain": 5}, "aaaUserDomain", 7]))
@example(_login(children=5))
def test_a_logins_answer(body: bytes) -> None:
    options = ApicOptions(("apic",), "admin", password="pw")
    credential = PasswordCredential(
        options, FakeClock(), lambda controller, call: read(call, Reply(controller, 200, body))
    )
    try:
        login = credential.begin("https://apic")
    except ApicError as error:
        is_one_line(error)
        return
    assert isinstance(login, Login)
    assert login.refresh_at > 0
    assert login.token.isprintable()
    assert ";" not in login.token


@given(BYTES)
@example(b"[" * 5_000)
def test_a_frame_of_the_websocket(data: bytes) -> None:
    try:
        ids, events = _frame(data)
    except BrokenChannel:
        return
    assert all(isinstance(one, str) for one in ids)
    assert isinstance(events, list)


@given(st.lists(MOS, max_size=6), st.lists(MOS, max_size=8))
def test_objects_and_events_of_an_l3out(answer: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    snapshot = Snapshot(L3Out("T", "L"), answer)
    for at, event in enumerate(events):
        snapshot.apply([event], float(at))
        for epg in snapshot.epgs().values():
            assert [list(snapshot.nodes(dn)) for dn in (epg.binding.dn, *epg.subnets)]
        assert isinstance(snapshot.vrf, str)
        assert isinstance(snapshot.whole, bool)
    l3outs_of([*answer, *events])
    for item in [*answer, *events]:
        for body in item.values():
            fault_of(body["attributes"])


@given(st.lists(BYTES, min_size=1, max_size=5))
def test_pages_that_contradict_each_other_end(bodies: list[bytes]) -> None:
    asked = iter(bodies * 8)

    def page(number: int) -> Any:
        body = next(asked, b"")
        return read(Call("GET", f"/api/class/x.json?page={number}"), Reply("https://apic", 200, body))

    with suppress(ApicError):
        assert isinstance(collect(page), list)


class Chunks:
    """A response of chunks."""

    chunked = True

    def __init__(self, *parts: bytes) -> None:
        self._parts = parts

    def stream(self, _size: int, decode_content: bool) -> Iterator[bytes]:
        assert decode_content
        return iter(self._parts)

    def close(self) -> None: ...


@given(st.lists(BYTES | st.just(b"\n"), max_size=6))
def test_the_lines_of_a_watch(parts: list[bytes]) -> None:
    stream = WatchStream(Chunks(*parts), WHERE)  # type: ignore[arg-type] # a response is what it reads
    try:
        assert all(isinstance(event, dict) for event in stream)
    except KubernetesError as error:
        is_one_line(error)


class Says:
    """An API server that gives one answer to everything."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer

    def get(
        self, _path: str, _params: Params | None = None, _accept: str | None = None, read_timeout: float = 1.0
    ) -> dict[str, Any]:
        assert read_timeout
        return self._answer

    def stream(self, *_call: object) -> "Says":
        return self

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield self._answer

    def close(self) -> None: ...


ITEMS = st.fixed_dictionaries(
    {"metadata": st.fixed_dictionaries({"name": TEXTS, "uid": TEXTS}) | OBJECTS},
    optional={"spec": OBJECTS, "status": OBJECTS},
)
EVENTS = (
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]) | JSON,
            "object": ITEMS | OBJECTS | JSON,
        }
    )
    | OBJECTS
)
LISTS = st.fixed_dictionaries(
    {
        "kind": st.just("PodList") | JSON,
        "metadata": st.fixed_dictionaries(
            {"resourceVersion": st.just("5") | JSON}, optional={"continue": JSON}
        ),
        "items": st.lists(ITEMS | JSON, max_size=4) | JSON,
    }
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
@given(answer=LISTS | OBJECTS)
def test_a_list_of_the_api_server(kind: Any, answer: dict[str, Any]) -> None:
    try:
        listing = list_all(Says(answer), kind, FakeClock())
    except KubernetesError as error:
        is_one_line(error)
        return
    assert isinstance(listing, Listing)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
@given(event=EVENTS)
@example(event={"type": [], "object": {}})
@example(event={"type": "ERROR", "object": {"reason": []}})
def test_an_event_of_the_api_server(kind: Any, event: dict[str, Any]) -> None:
    clock = FakeClock()
    watcher = Watcher(Says(event), kind, Store(clock), clock)
    watcher._position.listed("5", clock.monotonic())
    try:
        watcher._take(event)
    except KubernetesError as error:
        is_one_line(error)
    resource_version(event.get("object"))


@given(STATUSES, BYTES)
def test_an_error_of_the_api_server(status: int, body: bytes) -> None:
    assert str(failures.of_status(status, body, WHERE)).isprintable()


@given(BYTES)
def test_a_document_of_the_api_server(body: bytes) -> None:
    try:
        assert isinstance(failures.decoded(body, WHERE), dict)
    except KubernetesError as error:
        is_one_line(error)


SPECS = st.dictionaries(
    st.sampled_from(
        ["holderIdentity", "leaseDurationSeconds", "renewTime", "acquireTime", "leaseTransitions"]
    ),
    JSON,
).map(lambda spec: {"spec": spec})


@given(SPECS | OBJECTS)
@example({"spec": {"holderIdentity": "h", "leaseDurationSeconds": 10**400}})
@example({"spec": {"holderIdentity": "h", "renewTime": "0001-01-01T00:00:00+14:00"}})
def test_a_lease_that_anybody_wrote(document: Mapping[str, Any]) -> None:
    clock = FakeClock()
    lease = Lease.of(document)
    lease.taken("we", 15.0, clock.now()).document("ns", "lease")
    api: Any = Says(dict(document))  # nothing is written
    read_leader(api, "ns", "lease", now=clock.now, sleep=assert_wait)


def assert_wait(seconds: float) -> None:
    """What `time.sleep` takes."""
    assert 0 <= seconds <= 86_400 / 3


MAPS = st.fixed_dictionaries(
    {
        "data": st.fixed_dictionaries({"state.json": BYTES.map(lambda body: body.decode("latin-1")) | JSON}),
        "metadata": st.fixed_dictionaries(
            {
                "annotations": st.fixed_dictionaries(
                    {"akb-sync.haystacknetworks.com/paused": JSON | JSON.map(json.dumps)}
                )
            }
        ),
    }
)


@given(MAPS | OBJECTS)
@example({"data": {"state.json": '{"items": {"dn": {"since": "0001-01-01T00:00:00+14:00"}}}'}})
def test_a_state_that_anybody_wrote(document: dict[str, Any]) -> None:
    state, pause = StateMap(Says(document), "ns", "name").read()  # type: ignore[arg-type] # nothing is written
    assert str(pause)
    if state is not None:
        assert State.parse(state.text()).items == state.items


@given(st.lists(BYTES.map(lambda body: body.decode("latin-1")) | JSON.map(json.dumps), max_size=4))
def test_a_journal_that_anybody_wrote(lines: list[str]) -> None:
    try:
        parse_journal(lines, "here")
    except SettingsError as error:
        is_one_line(error)
