"""No name, text or address from a cluster or a fabric means anything to what it is put into.

Each sink is held against texts that would mean something there: DNs, filters, URLs, JSON bodies, terminals,
logs of three formats, metrics, Events and the path under which an Event is written.
"""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from akb_sync.apic.answers import read
from akb_sync.apic.body import body
from akb_sync.apic.query import mo_path, plain, target_of
from akb_sync.apic.wire import Call, Reply
from akb_sync.errors import ApicError
from akb_sync.item import Action, Item
from akb_sync.kube.annotation import AnnotationError, parse
from akb_sync.kube.events import Announcement, EventWriter
from akb_sync.kube.facts import AnnotationKeys, pod_facts, service_facts, workload_facts
from akb_sync.kube.near_miss import near_miss
from akb_sync.kube.prose import one_line, shown
from akb_sync.model import Binding, Exposure, ObjectRef, Workload
from akb_sync.prefix import canonical, host_prefix
from akb_sync.reasons import Reason
from cli.log_formats import JsonFormatter, LogfmtFormatter
from cli.logs import HarmlessFormatter
from cli.text import harmless
from tests.unit.kube.memory_api import MemoryApi
from tests.unit.security.one_line import is_one_line
from tests.unit.security.strategies import NASTY

NAME = re.compile(r"[a-zA-Z0-9_.:-]{1,63}")
KEY = "aci.haystacknetworks.com/l3o"
FORMATTERS = [HarmlessFormatter(), JsonFormatter(), LogfmtFormatter()]


# What is asked for: an annotation, its names and the addresses.


@given(st.dictionaries(st.sampled_from(["tenant", "l3out", "epg", "x"]), NASTY | st.just("T")))
def test_names_of_an_annotation_are_names_of_the_apic_or_refused(names: dict[str, str]) -> None:
    try:
        binding = parse(json.dumps(names)).binding
    except AnnotationError as error:
        is_one_line(error)
        return
    assert all(NAME.fullmatch(name) for name in (binding.tenant, binding.l3out, binding.epg) if name)
    assert binding.tenant or not binding.l3out
    if binding.tenant:
        assert Binding.of_dn(binding.dn) == binding
        assert re.fullmatch(r"uni/tn-[^/\[\]]+/out-[^/\[\]]+/instP-[^/\[\]]+", binding.dn)


@given(NASTY)
def test_what_is_no_address_is_no_prefix_and_what_is_one_has_no_more_in_it(text: str) -> None:
    for read_as in (canonical, host_prefix):
        try:
            prefix = read_as(text)
        except ValueError:
            continue
        assert re.fullmatch(r"[0-9a-f.:]*(/\d{1,3})?", prefix), prefix


@given(NASTY, NASTY)
def test_projected_addresses_are_canonical_whatever_the_status_says(ip: str, name: str) -> None:
    meta = {"name": name or "n", "namespace": "ns", "uid": "u"}
    pod = pod_facts({"metadata": meta, "status": {"podIPs": [{"ip": ip}], "podIP": ip}})
    service = service_facts(
        {"metadata": meta, "status": {"loadBalancer": {"ingress": [{"ip": ip, "hostname": name}]}}}
    )
    assert pod is not None
    assert service is not None
    for prefix in (*pod.prefixes, *service.prefixes):
        assert canonical(prefix) == prefix


@given(NASTY, NASTY)
def test_a_near_miss_is_told_in_one_printable_sentence(key: str, value: str) -> None:
    annotations = {f"{KEY}{key}": value, f"aci.haystacknetworks.com/{key}": value, key: value}
    assert near_miss(annotations, KEY, "aci.haystacknetworks.com/paused").isprintable()
    facts = workload_facts(
        {"metadata": {"name": "n", "uid": "u", "annotations": annotations}}, "Deployment", AnnotationKeys(KEY)
    )
    assert facts is not None
    assert facts.near_miss.isprintable()


# What is written to the APIC.


@given(NASTY, NASTY)
def test_the_name_of_a_subnet_fits_the_apics_alphabet(namespace: str, name: str) -> None:
    workload = Workload(ObjectRef("Deployment", "ns", "w", "u"), Binding("T", "L", "E"), "")
    exposure = Exposure("10.0.0.1/32", workload, ObjectRef("Pod", namespace, name, "u"), "", frozenset())
    assert re.fullmatch(r"[a-zA-Z0-9_.:-]{0,63}", exposure.subnet_name)


@given(NASTY)
def test_a_text_in_a_body_stays_the_value_of_its_attribute(text: str) -> None:
    binding = Binding("T", "L", "E")
    item = Item(
        Action.CREATE,
        binding,
        binding.subnet_dn("10.0.0.1/32"),
        Reason.WANTED,
        prefix="10.0.0.1/32",
        name=text,
    )
    made = json.loads(json.dumps(body(binding.parent.dn, [item])))
    (epg,) = made["l3extOut"]["children"]
    (subnet,) = epg["l3extInstP"]["children"]
    assert list(subnet) == ["l3extSubnet"]
    assert subnet["l3extSubnet"]["attributes"] == {"ip": "10.0.0.1/32", "name": text}


@given(NASTY, NASTY)
def test_a_request_line_is_one_line_and_its_path_and_parameters_stay_apart(dn: str, value: str) -> None:
    assume("\ud800" not in dn + value)
    target = target_of(mo_path(dn), {"query-target-filter": value, "page": "0"})
    assert re.fullmatch(r"[!-~]+", target)
    path, _, query = target.partition("?")
    assert plain(path) == mo_path(dn)
    names = [part.partition("=")[0] for part in query.split("&")]
    assert names == ["query-target-filter", "page"]
    assert "#" not in target


# What people and their programs read.


@given(NASTY)
def test_what_is_shown_is_printable_and_says_nothing_else(text: str) -> None:
    for made in (harmless(text), shown(text), one_line(text)):
        assert made.isprintable()
    assert len(one_line("x" * 10_000)) < 400


def record(text: str) -> logging.LogRecord:
    made = logging.LogRecord("akb_sync.engine", logging.WARNING, "x.py", 1, "%s said", (text,), None)
    made.fields = {"reason": text, "dn": text}
    return made


@pytest.mark.parametrize("formatter", FORMATTERS, ids=lambda one: type(one).__name__)
@given(text=NASTY)
def test_a_log_line_is_one_printable_line(formatter: logging.Formatter, text: str) -> None:
    assert formatter.format(record(text)).isprintable()


@pytest.mark.parametrize("formatter", FORMATTERS, ids=lambda one: type(one).__name__)
@given(text=NASTY)
def test_a_traceback_forges_no_line(formatter: logging.Formatter, text: str) -> None:
    made = record("x")
    error = ValueError(text)
    made.exc_info = (ValueError, error, None)
    lines = formatter.format(made).split("\n")
    assert all(line.isprintable() for line in lines)
    assert len(lines) <= 2 + text.count("\n")


_PAIR = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s"=\\]*)(?: |$)')


@given(NASTY)
def test_a_text_adds_no_field_to_a_logfmt_line(text: str) -> None:
    line = LogfmtFormatter().format(record(text))
    names = [match[1] for match in _PAIR.finditer(line)]
    assert "".join(match[0] for match in _PAIR.finditer(line)) == line
    assert names == ["time", "level", "message", "reason", "dn", "logger"]


@given(NASTY)
def test_a_json_line_gives_the_text_back_and_nothing_more(text: str) -> None:
    document = json.loads(JsonFormatter().format(record(text)))
    assert document["reason"] == text
    assert list(document) == ["time", "level", "message", "reason", "dn", "logger"]


@given(NASTY, NASTY)
def test_the_apics_own_words_are_one_line_of_an_error(code: str, text: str) -> None:
    answer = {"imdata": [{"error": {"attributes": {"code": code, "text": text}}}]}
    reply = Reply("https://apic", 400, json.dumps(answer).encode())
    with pytest.raises(ApicError) as caught:
        read(Call("POST", "/api/mo/uni.json"), reply)
    assert str(caught.value).isprintable()


# Events.

DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
OBJECT_NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", fullmatch=True).filter(
    DNS_SUBDOMAIN.fullmatch
)


def written(name: str, namespace: str, message: str) -> tuple[list[str], dict[str, Any]]:
    """The paths that were asked for, and the Event."""
    api = MemoryApi()
    about = ObjectRef("Deployment", namespace, name, "uid")
    said = Announcement(about, Reason.CONFLICT, message)
    EventWriter(api, "engine").write(said, datetime(2026, 1, 1, tzinfo=UTC))
    (document,) = api.objects.values()
    return [path for _, path in api.asked], document


@given(OBJECT_NAMES | st.sampled_from(["a" * 199 + "-" + "b" * 53, "a" * 199 + "." + "b" * 53, "x" * 253]))
def test_the_name_of_an_event_is_one_that_the_api_server_takes(name: str) -> None:
    _, document = written(name, "shop", "m")
    assert len(document["metadata"]["name"]) <= 253
    assert DNS_SUBDOMAIN.fullmatch(document["metadata"]["name"])


@given(NASTY, NASTY)
def test_no_name_leads_an_event_to_another_place(name: str, namespace: str) -> None:
    assume(name and namespace)
    paths, _ = written(name, namespace, "m")
    assert paths
    for path in paths:
        assert re.fullmatch(r"/api/v1/namespaces/[^/?#\s]+/events(/[^/?#\s]+)?", path)
        assert path.isascii()
        assert not {".", ".."} & set(path.split("/"))


@given(NASTY)
def test_the_note_of_an_event_is_printable_and_short_enough(message: str) -> None:
    _, document = written("web", "shop", message * 100)
    assert document["message"].isprintable()
    assert len(document["message"].encode()) <= 1024
