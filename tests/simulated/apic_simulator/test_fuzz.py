"""Whatever is sent: an answer of the API, never a traceback, a hang or a 500, and the tree stays a tree.

The requests are always the same ones, unless `AKB_SYNC_EXAMPLES=10000` looks for that many others.
"""

import contextlib
import json
import os
import socket
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from akb_sync.simulators.apic import ApicSimulator, documents, parameters, queries
from akb_sync.simulators.apic.accounts import USERS_DN, user_document
from akb_sync.simulators.apic.api import Api
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.exchange import Reply, Request
from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.faults import Faults
from akb_sync.simulators.apic.forms import Form
from akb_sync.simulators.apic.journal import Journal
from akb_sync.simulators.apic.sessions import Session, Sessions
from akb_sync.simulators.apic.tree import Mo
from tests.simulated.apic_simulator.fuzz import BODIES, COOKIES, ODD, SCHEMA, SOME, posts, urls

EXAMPLES = int(os.environ.get("AKB_SYNC_EXAMPLES", "0"))
ANSWERS = {200, 400, 401, 403, 405}
WATCHED = ("uni", "topology")
CHANGING = frozenset({"modTs", "status", "rn", "childAction"})
ANSWER_SECONDS = 10
LIMIT = pytest.mark.timeout(max(60, EXAMPLES))


def thorough(usual: int) -> settings:
    return settings(
        max_examples=EXAMPLES or usual,
        derandomize=not EXAMPLES,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


@dataclass(eq=False)
class Recorder:
    """A websocket that plays its events over what it knows."""

    session: Session
    known: dict[str, dict[str, str]] = field(default_factory=dict)

    def push(self, frame: str, _about: Mo) -> None:
        ((_name, body),) = json.loads(frame)["imdata"][0].items()
        found = body["attributes"]
        match found["status"]:
            case "created":
                assert found["dn"] not in self.known, f"{found['dn']} was created twice"
                self.known[found["dn"]] = found
            case "modified":
                self.known[found["dn"]].update(found)
            case _:
                del self.known[found["dn"]]


class Bench:
    """A fabric behind an API, and a websocket that listens to all of it; no server."""

    def __init__(self) -> None:
        self.fabric = Fabric(Clock())
        sessions = Sessions(self.fabric.tree, self.fabric.clock)
        admin = user_document("admin", "secret")
        self.fabric.write(documents.operations(self.fabric.schema, USERS_DN, admin))
        self.session, self.token = sessions.open("admin")
        self.recorder = Recorder(self.session)
        self.api = Api(self.fabric, sessions, Faults(), Journal(), self)

    def of_session(self, _session: Session) -> Recorder:
        return self.recorder

    def listen(self) -> None:
        self.recorder.known = dict(self.snapshot())
        for dn in WATCHED:
            query = parameters.parse(queries.Target(dn=dn), {"query-target": "subtree"}, self.fabric.schema)
            self.fabric.bus.subscribe(query, self.recorder)

    def send(
        self, method: str, path: str, body: bytes = b"", cookies: list[tuple[str, str]] | None = None
    ) -> Reply:
        given = [("apic-cookie", self.token)] if cookies is None else cookies
        if f"/{SOME}" in path:
            path = self.chosen(path)
        reply = self.api.answer(Request(method, path, tuple(given), body))
        assert reply.status in ANSWERS, (reply.status, method, path, body)
        check_form(reply)
        return reply

    def chosen(self, path: str) -> str:
        """A path with a number in it, as the path of one of the objects below tenants."""
        head, _, rest = path.partition(f"/{SOME}")
        number, _, suffix = rest.partition(".")
        found = [mo.dn for mo in self.everything() if mo.dn.startswith("uni/tn-")]
        return f"{head}/{found[int(number) % len(found)]}.{suffix}"

    def everything(self) -> Iterator[Mo]:
        for name in self.fabric.schema.classes:
            yield from self.fabric.tree.of_class(name)

    def snapshot(self) -> Iterator[tuple[str, dict[str, str]]]:
        for mo in self.everything():
            if mo.schema.observable and mo.dn.partition("/")[0] in WATCHED:
                yield mo.dn, mo.attributes()


def check_form(reply: Reply) -> None:
    text = reply.text()
    if reply.form is Form.XML:
        assert ET.fromstring(text.encode()).tag == "imdata"
    else:
        assert isinstance(json.loads(text.encode())["imdata"], list)


def check_tree(bench: Bench) -> None:
    tree, schema = bench.fabric.tree, bench.fabric.schema
    seen = 0
    for mo in bench.everything():
        seen += 1
        assert tree.get(mo.dn) is mo
        walked = list(schema.walk(mo.dn))
        assert walked[-1][0] is mo.schema
        assert "/".join(rn for _item, rn in walked) == mo.dn
        naming = mo.schema.rn.read(mo.rn)
        assert naming is not None
        assert all(mo.get(prop) == value for prop, value in naming.items())
        assert all(mo.parent is not mo and each.parent is mo for each in mo.children.values())
        if mo.schema.parents:
            assert mo.parent is not None, f"{mo.dn} has no parent"
            assert tree.get(mo.parent.dn) is mo.parent
            assert mo.parent.children[mo.rn] is mo
            assert mo.dn == f"{mo.parent.dn}/{mo.rn}"
            assert mo.schema.contains(mo.parent.schema) or not mo.schema.writable
        for name in mo.schema.implies:
            assert schema[name].rn.template in mo.children
    assert seen == len(tree)


def stable(found: dict[str, str]) -> dict[str, str]:
    return {prop: value for prop, value in found.items() if prop not in CHANGING}


@LIMIT
@thorough(150)
@given(st.lists(posts(), min_size=1, max_size=6))
def test_after_any_writes_the_tree_is_whole_and_events_have_told_it_all(
    writes: list[tuple[str, str, bytes]],
) -> None:
    bench = Bench()
    bench.listen()
    for method, path, body in writes:
        before = dict(bench.snapshot())
        reply = bench.send(method, path, body)
        now = dict(bench.snapshot())
        if reply.status != 200:
            assert now == before
        check_tree(bench)
        told = {dn: stable(found) for dn, found in bench.recorder.known.items()}
        assert told == {dn: stable(found) for dn, found in now.items()}


@LIMIT
@thorough(300)
@given(st.lists(posts(), max_size=2), st.lists(urls(), min_size=1, max_size=4))
def test_any_query_gets_an_answer(writes: list[tuple[str, str, bytes]], asked: list[str]) -> None:
    bench = Bench()
    for method, path, body in writes:
        bench.send(method, path, body)
    for url in asked:
        if bench.send("GET", url).status == 403:
            return


@LIMIT
@thorough(300)
@given(
    st.sampled_from(("GET", "POST", "DELETE", "PUT", "OPTIONS", "")),
    urls(),
    BODIES,
    st.one_of(st.none(), COOKIES),
)
@example("POST", "/api/mo/uni.json", b"[" * 100_000, None)
@example("POST", "/api/mo/uni.xml", b"<a>" * 100_000, None)
@example("POST", "/api/mo/uni.json", b'{"fvTenant":{"attributes":{"name":1e999}}}', None)
@example("GET", "/api/class/fvTenant.json?query-target-filter=" + "not(" * 5_000, b"", None)
@example("GET", "/api/mo/" + "[" * 5_000 + ".json", b"", None)
@example("GET", "/api/mo/%ff%00.xml", b"", [("apic-cookie", "")])
def test_any_request_gets_an_answer(
    method: str, url: str, body: bytes, cookies: list[tuple[str, str]] | None
) -> None:
    bench = Bench()
    bench.send(method, url, body, cookies)
    check_tree(bench)


@pytest.mark.parametrize("junk", ["]-", "-", "a", "]-[", "[", "/"])
def test_a_name_of_megabytes_is_read_or_refused_at_once(junk: str) -> None:
    for item in SCHEMA.classes.values():
        item.rn.read(item.rn.prefix + junk * 100_000)


@pytest.mark.parametrize("junk", ["\x00", "1.", ":", "-", "a", ","])
def test_a_value_of_megabytes_is_taken_or_refused_at_once(junk: str) -> None:
    for item in SCHEMA.classes.values():
        for prop in item.properties.values():
            with contextlib.suppress(ValueError):
                prop.normalise(junk * 100_000 + "\x00")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("mo.json", b'{"fvTenant":{"attributes":{"dn":"uni/%s"}}}' % (b"x/" * 500_000)),
        ("mo.json", b'{"fvTenant":{"attributes":{"dn":"uni/tn-%s"}}}' % (b"[" * 500_000)),
        ("mo/uni.xml", b"<fvTenant name='a'>" + b" " * 5_000_000 + b"</fvTenant>"),
        ("mo/uni.xml", b"<a " + b" ".join(b"a%d='x'" % number for number in range(100_000)) + b"/>"),
    ],
)
def test_a_request_of_megabytes_gets_an_answer(path: str, body: bytes) -> None:
    bench = Bench()
    bench.send("POST", f"/api/{path}", body)
    check_tree(bench)


def encoded(url: str) -> str:
    """A URL as clients write it that encode all they can."""
    return quote(url.encode("utf-8", "surrogatepass"), safe="/?&=")


@pytest.fixture(scope="module")
def plain() -> Iterator[tuple[ApicSimulator, str]]:
    """A simulator without TLS, and a token."""
    with ApicSimulator(tls=False) as apic:
        apic.small_fabric()
        body = b'{"aaaUser":{"attributes":{"name":"admin","pwd":"secret"}}}'
        answer = exchanged(apic, request_text("POST", "/api/aaaLogin.json", body, ""))
        yield (
            apic,
            json.loads(answer.split(b"\r\n\r\n", 1)[1])["imdata"][0]["aaaLogin"]["attributes"]["token"],
        )


@LIMIT
@thorough(100)
@given(
    method=st.sampled_from(("GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "X", "")),
    url=st.one_of(
        urls(),
        urls().map(encoded),
        urls().map(encoded),
        ODD,
        st.sampled_from(("/", "/socket", "/socketx", "/api/", "/api", "*")),
    ),
    body=BODIES,
    cookie=st.one_of(st.none(), ODD),
)
def test_any_bytes_on_the_wire_get_an_answer_or_a_closed_connection(
    plain: tuple[ApicSimulator, str], method: str, url: str, body: bytes, cookie: str | None
) -> None:
    apic, token = plain
    answer = exchanged(apic, request_text(method, url, body, token if cookie is None else cookie))
    if answer:
        status = int(answer.split(b" ", 2)[1])
        assert status < 500, answer


def request_text(method: str, url: str, body: bytes, cookie: str) -> bytes:
    head = f"{method} {url} HTTP/1.1\r\nHost: x\r\nCookie: APIC-cookie={cookie}\r\nConnection: close\r\n"
    return head.encode("utf-8", "surrogatepass") + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


def exchanged(apic: ApicSimulator, request: bytes) -> bytes:
    """What comes back until the server closes; a server that says nothing for long fails the test."""
    host, port = apic.url.removeprefix("http://").rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=ANSWER_SECONDS) as wire:
        wire.sendall(request)
        parts = iter(lambda: wire.recv(65_536), b"")
        try:
            return b"".join(parts)
        except ConnectionResetError:
            return b""
