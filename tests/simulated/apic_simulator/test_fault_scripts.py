"""Fault scripts: what each effect does to a client, when it strikes, and what is said about a broken one."""

import contextlib
import json
import ssl
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket

from akb_sync.simulators import SimulatorError
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.faults import RequestOccasion, Rule, read_file, read_text
from tests.simulated.apic_simulator.client import Client, error_of, mo, until

EPG = "uni/tn-TEN_K8_C1/out-L3O_K8_C1/instP-web"
WEB = mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")], name="web")


def load(apic: ApicSimulator, text: str) -> list[Rule]:
    apic.load_faults(read_text(textwrap.dedent(text), controllers=len(apic.urls)))
    return apic.faults.script


def posted(client: Client, ip: str) -> requests.Response:
    return client.post(f"mo/{EPG}", mo("l3extInstP", [mo("l3extSubnet", ip=ip)]))


# ---- requests


@pytest.mark.parametrize(
    ("do", "status", "part"),
    [
        ("{answer: busy}", 503, "<center>nginx</center>"),
        ("{answer: queue-full}", 202, "slow down"),
        ("{answer: not-allowed}", 405, "405 Not Allowed"),
        ("{answer: html}", 200, "<html>"),
        ("{answer: empty}", 200, '{"totalCount":"1","imdata":[]}'),
        (
            "{error: {code: 503, text: 'Unable to deliver the message, destination is not available'}}",
            503,
            "is not",
        ),
        ("{error: {code: 1, text: 'no', status: 400}}", 400, '"code":"1"'),
    ],
)
def test_an_answer_comes_in_place_of_the_apic_as_often_as_it_is_told_to(
    apic: ApicSimulator, client: Client, do: str, status: int, part: str
) -> None:
    load(apic, f"faults: [{{do: {do}, match: {{method: POST, class: l3extSubnet}}, when: {{times: 2}}}}]")
    for _ in range(2):
        answer = client.post(f"mo/{EPG}", WEB)
        assert (answer.status_code, part in answer.text) == (status, True)
    assert apic.get(EPG) is None
    assert client.post(f"mo/{EPG}", WEB).status_code == 200


def test_a_rule_waits_until_enough_requests_have_passed(apic: ApicSimulator, client: Client) -> None:
    (rule,) = load(
        apic, "faults: [{do: {answer: busy}, match: {path: fvTenant}, when: {after: 2, times: 1}}]"
    )
    client.get("class/fvBD")
    assert [client.get("class/fvTenant").status_code for _ in range(4)] == [200, 200, 503, 200]
    assert (rule.seen, rule.struck) == (3, 1)


def test_a_rule_has_its_time(apic: ApicSimulator, client: Client) -> None:
    load(apic, "faults: [{do: {answer: busy}, when: {from: 10, until: 20}}]")
    seen = []
    for _ in range(3):
        seen.append(client.get("class/fvTenant").status_code)
        apic.clock.advance(11)
    assert seen == [200, 503, 200]


def test_a_probability_strikes_the_same_requests_with_the_same_seed_and_others_with_another() -> None:
    def struck(seed: int, others: str = "") -> list[bool]:
        text = f"{{seed: {seed}, faults: [{{do: {{answer: busy}}, when: {{probability: 0.5}}}}{others}]}}"
        rule = read_text(text).rules()[0]
        return [rule.strikes(RequestOccasion("GET", "/api/class/fvTenant.json"), 0.0) for _ in range(64)]

    assert struck(7) == struck(7) == struck(7, ", {do: hang, when: {probability: 0.5}}")
    assert struck(7) != struck(8)
    assert 16 < sum(struck(7)) < 48


def test_the_first_rule_that_answers_wins_and_the_others_do_not_count(
    apic: ApicSimulator, client: Client
) -> None:
    first, second = load(
        apic, "faults: [{do: {answer: busy}, when: {times: 1}}, {do: {answer: queue-full}, when: {times: 1}}]"
    )
    assert client.get("class/fvTenant").status_code == 503
    assert (first.struck, second.seen) == (1, 0)
    assert client.get("class/fvTenant").status_code == 202


@pytest.mark.parametrize(
    "seconds", ["0.3", "{uniform: [0.3, 0.4]}", "{normal: [0.3, 0]}", "{exponential: 2}"]
)
def test_a_delay_is_drawn_from_its_distribution(apic: ApicSimulator, client: Client, seconds: str) -> None:
    load(apic, f"{{seed: 3, faults: [{{do: {{delay: {seconds}}}, when: {{times: 1}}}}]}}")
    start = time.monotonic()
    assert client.get("class/fvTenant").status_code == 200
    assert time.monotonic() - start >= 0.29


def test_a_slow_query_times_out_with_503_as_on_a_real_apic(apic: ApicSimulator, client: Client) -> None:
    load(apic, "faults: [{do: {slow-query: {seconds: 90, limit: 0.2}}, match: {class: l3extSubnet}}]")
    assert client.get("class/fvTenant").status_code == 200
    answer = client.get(
        "class/fvTenant", **{"query-target": "subtree", "target-subtree-class": "l3extSubnet"}
    )
    assert error_of(answer) == (503, "503", "Unable to deliver the message, Resolve timeout")


def test_a_throttle_lets_a_burst_through_and_then_its_rate(apic: ApicSimulator, client: Client) -> None:
    load(apic, "faults: [{do: {throttle: {rate: 0.5, burst: 3}}, match: {method: GET}}]")
    assert [client.get("class/fvBD").status_code for _ in range(5)] == [200, 200, 200, 503, 503]
    apic.clock.advance(4)
    assert [client.get("class/fvBD").status_code for _ in range(3)] == [200, 200, 503]


def test_a_cut_connection_and_a_hanging_request_do_nothing(apic: ApicSimulator, client: Client) -> None:
    load(apic, "faults: [{do: cut, when: {times: 1}}, {do: hang, when: {times: 1}}]")
    with pytest.raises(requests.ConnectionError):
        client.post(f"mo/{EPG}", WEB)
    with pytest.raises(requests.Timeout):
        client.http.post(client.url(f"mo/{EPG}"), json=WEB, timeout=0.3)
    assert apic.get(EPG) is None


def test_a_session_ends_early_for_the_request_that_matches(apic: ApicSimulator, client: Client) -> None:
    load(apic, "faults: [{do: end-session, match: {path: instP}, when: {times: 1}}]")
    with Client(apic) as other:
        other.login()
        assert client.post(f"mo/{EPG}", WEB).status_code == 403
        assert client.get("class/fvTenant").status_code == 403
        assert other.get("class/fvTenant").status_code == 200


# ---- commits and writes


def test_a_commit_whose_answer_is_lost_is_carried_out(apic: ApicSimulator, client: Client) -> None:
    load(apic, "faults: [{do: lose-answer, match: {class: l3extInstP}, when: {times: 1}}]")
    assert client.post("mo/uni", mo("fvTenant", name="other")).status_code == 200
    with pytest.raises(requests.ConnectionError):
        client.post(f"mo/{EPG}", WEB)
    assert apic.get(EPG) is not None


def test_a_child_is_rejected_by_class_and_dn_and_nothing_of_the_request_is_done(
    apic: ApicSimulator, client: Client
) -> None:
    load(
        apic,
        r"""
        faults:
          - do: {reject: {code: 100, text: "Validation failed: no"}}
            match: {class: l3extSubnet, dn: 'extsubnet-\[10\.'}
        """,
    )
    assert error_of(client.post(f"mo/{EPG}", WEB)) == (400, "100", "Validation failed: no")
    assert apic.get(EPG) is None
    assert posted(client, "11.0.0.0/8").status_code == 200


# ---- events


def test_events_are_dropped_doubled_and_late_by_what_they_are_about(
    apic: ApicSimulator, client: Client
) -> None:
    client.open_socket().subscribe("class/l3extSubnet")
    load(
        apic,
        r"""
        faults:
          - {do: drop-event, match: {dn: '\[11\.'}}
          - {do: double-event, match: {dn: '\[12\.', class: l3extSubnet}}
          - {do: {late-event: 0.3}, match: {dn: '\[13\.'}}
        """,
    )
    for ip in ("13.0.0.0/8", "11.0.0.0/8", "12.0.0.0/8", "14.0.0.0/8"):
        apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip=ip)]))
    seen = [client.event()[2]["ip"] for _ in range(4)]
    assert seen == ["12.0.0.0/8", "12.0.0.0/8", "14.0.0.0/8", "13.0.0.0/8"]


def test_a_silent_websocket_says_nothing_from_an_event_on_and_answers_no_ping(
    apic: ApicSimulator, client: Client
) -> None:
    client.open_socket().subscribe("class/l3extSubnet")
    load(apic, "faults: [{do: {silence-socket: 30}, when: {after: 1, times: 1}}]")
    apic.post(EPG, WEB)
    assert client.event()[2]["ip"] == "10.0.0.0/8"
    apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip="11.0.0.0/8")]))
    assert client.socket is not None
    client.socket.ping("x")
    client.socket.settimeout(0.3)
    with pytest.raises(websocket.WebSocketTimeoutException):
        client.socket.recv_data(control_frame=True)
    apic.clock.advance(31)
    client.socket.settimeout(10)
    apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip="12.0.0.0/8")]))
    assert client.event()[2]["ip"] == "12.0.0.0/8"


# ---- moments


def test_all_sessions_end_at_their_second_without_any_request(apic: ApicSimulator, client: Client) -> None:
    client.open_socket()
    load(apic, "faults: [{do: end-sessions, when: {from: 30}}]")
    assert client.get("class/fvTenant").status_code == 200
    apic.clock.advance(31)
    assert client.socket is not None
    assert client.socket.recv() == ""
    assert client.get("class/fvTenant").status_code == 403
    assert client.login().get("class/fvTenant").status_code == 200


def test_websockets_are_closed_when_a_request_brings_it_about(apic: ApicSimulator, client: Client) -> None:
    client.open_socket().subscribe("class/l3extSubnet")
    load(apic, "faults: [{do: close-sockets, match: {path: fvBD}, when: {times: 1}}]")
    assert client.get("class/fvBD").status_code == 200
    assert client.socket is not None
    assert client.socket.recv() == ""
    until(lambda: apic.subscriptions == 0)


def test_a_certificate_changes_and_old_connections_end(apic: ApicSimulator, client: Client) -> None:
    host, port = apic.url.removeprefix("https://").split(":")
    before = ssl.get_server_certificate((host, int(port)))
    load(apic, "faults: [{do: change-certificate, match: {path: fvBD}, when: {times: 1}}]")
    answer = client.get("class/fvBD")
    assert answer.headers.get("Connection") == "close"
    assert client.get("class/fvTenant").headers.get("Connection") != "close"
    assert ssl.get_server_certificate((host, int(port))) != before


def presented(host: str, port: int) -> str | None:
    """The certificate that a new connection is shown; None while the change cuts connections."""
    try:
        return ssl.get_server_certificate((host, port))
    except OSError:
        return None


def test_a_certificate_of_a_stranger_is_not_verified(apic: ApicSimulator, client: Client) -> None:
    load(apic, "faults: [{do: {change-certificate: stranger}, when: {from: 5}}]")
    assert client.get("class/fvTenant").status_code == 200
    host, port = apic.url.removeprefix("https://").split(":")
    before = ssl.get_server_certificate((host, int(port)))
    apic.clock.advance(6)
    until(lambda: presented(host, int(port)) not in {before, None})
    until(lambda: refused(client))  # an old connection still has an answer or two


def refused(client: Client) -> bool:
    """Whether a client does not trust what it is shown."""
    try:
        client.get("class/fvTenant")
    except requests.exceptions.SSLError:
        return True
    return False


@pytest.fixture
def cluster() -> Iterator[ApicSimulator]:
    with ApicSimulator(controllers=3) as simulator:
        yield simulator


def test_a_controller_stops_and_comes_back_by_script(cluster: ApicSimulator) -> None:
    load(
        cluster,
        """
        faults:
          - {do: {stop-controller: 2}, when: {from: 10}}
          - {do: {start-controller: 2}, when: {from: 20}}
        """,
    )
    cluster.clock.advance(11)
    until(lambda: cluster.running_controllers == [1, 3])
    cluster.clock.advance(10)
    until(lambda: cluster.running_controllers == [1, 2, 3])


def test_a_request_may_bring_its_own_controller_down(cluster: ApicSimulator) -> None:
    load(cluster, "faults: [{do: {stop-controller: 3}, match: {controller: 3}}]")
    options: dict[str, Any] = {"verify": str(cluster.ca_file), "timeout": 10}
    with contextlib.suppress(requests.ConnectionError):  # it may answer before it goes
        requests.get(f"{cluster.urls[2]}/api/aaaListDomains.json", **options)
    until(lambda: cluster.running_controllers == [1, 2])
    assert requests.get(f"{cluster.urls[1]}/api/aaaListDomains.json", **options).status_code == 200


def test_a_fault_may_be_of_one_controller(cluster: ApicSimulator) -> None:
    load(cluster, "faults: [{do: {answer: busy}, match: {controller: 2}}]")
    answers = [
        requests.get(f"{url}/api/aaaListDomains.json", verify=str(cluster.ca_file), timeout=10).status_code
        for url in cluster.urls
    ]
    assert answers == [200, 503, 200]


def test_a_script_is_taken_out_of_force_and_loaded_anew(apic: ApicSimulator, client: Client) -> None:
    script = read_text("faults: [{do: {answer: busy}, when: {times: 1}}]")
    for _ in range(2):
        apic.load_faults(script)
        assert [client.get("class/fvBD").status_code for _ in range(2)] == [503, 200]
    apic.load_faults(read_text("faults: [{do: {answer: busy}}]"))
    apic.faults.unload()
    assert client.get("class/fvBD").status_code == 200


# ---- broken scripts


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the script is empty; write 'faults:' and a list."),
        (
            "faults: [",
            "line 1: this is not YAML, expected the node content, but found '<stream end>'; mend it there.",
        ),
        ("- x", "line 1: a mapping belongs here; write some of faults, seed."),
        ("seed: 1", "line 1: 'faults' is missing; add it."),
        ("faults: x", "line 1, faults: a list belongs here; begin each entry with '- '."),
        ("faults:\n- {when: {}}", "line 2, faults[0]: 'do' is missing; add it."),
        (
            "faults:\n- do: {anser: busy}",
            "line 2, faults[0].do.anser: 'anser' is not known; write one of answer, ",
        ),
        (
            "faults:\n- do: {answer: bus}",
            "faults[0].do.answer: 'bus' is not known; write one of busy, empty, html, ",
        ),
        ("faults:\n- do: delay", "line 2, faults[0].do: this needs a value; write it after the colon."),
        (
            "faults:\n- do: {hang: 5}",
            "line 2, faults[0].do.hang: nothing belongs here; write the word alone.",
        ),
        ("faults:\n- do: {hang: , cut: }", "faults[0].do: write exactly one effect; make several entries"),
        (
            "faults:\n- do: {delay: {uniform: [2, 1]}}",
            "uniform: 2 is more than 1; write the smaller one first.",
        ),
        ("faults:\n- do: {delay: {uniform: 1}}", "faults[0].do.delay.uniform: a list belongs here;"),
        (
            "faults:\n- do: {delay: -1}",
            "line 2, faults[0].do.delay: -1 does not do; write a number from 0 up.",
        ),
        ("faults:\n- do: {delay: .inf}", "faults[0].do.delay: inf does not do; write a number from 0 up."),
        (
            "faults:\n- do: hang\n  when:\n    probability: 1.5",
            "line 4, faults[0].when.probability: 1.5 does not do; write a number from 0 to 1.",
        ),
        ("faults:\n- do: hang\n  when: {times: 0}", "times: 0 does not do; write a whole number from 1 up."),
        (
            "faults:\n- do: hang\n  when: {from: 5, until: 5}",
            "5 is not after 'from', 5; write a later second.",
        ),
        (
            "faults:\n- do: hang\n  match: {dn: '['}",
            "'[' is no regular expression (unterminated character set at",
        ),
        (
            "faults:\n- do: hang\n  match: {class: [fvTenant, l3extsubnet]}",
            "line 3, faults[0].match.class[1]: 'l3extsubnet' is no class that the simulator has; mind",
        ),
        (
            "faults:\n- do: hang\n  match: {method: PUT}",
            "'PUT' is not known; write one of DELETE, GET, OPTIONS",
        ),
        (
            "faults:\n- do: drop-event\n  match: {path: x}",
            "'drop-event' cannot be matched by 'path'; use class, ",
        ),
        (
            "faults:\n- do: hang\n  match: {controller: 2}",
            "there is no controller 2; write a number up to 1.",
        ),
        ("faults:\n- do: {stop-controller: 2}", "there is no controller 2; write a number up to 1."),
        (
            "faults:\n- do: end-sessions\n  when: {times: 2}",
            "this happens once, at 'from'; add a 'match' to let",
        ),
        (
            "faults:\n- do: hang\n  do: cut",
            "line 3, faults[0].do: 'do' stands here twice; leave one of them out.",
        ),
    ],
)
def test_a_broken_script_is_one_sentence_with_the_place_and_how_to_mend_it(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    with pytest.raises(SimulatorError) as caught:
        read_file(path)
    assert str(caught.value).startswith(f"{path} line ")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_script_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match=r"none.yaml cannot be read: No such file or directory\.$"):
        read_file(tmp_path / "none.yaml")
    (tmp_path / "latin").write_bytes(b"faults: \xff")
    with pytest.raises(SimulatorError, match=r"latin cannot be read: it is not UTF-8 at byte 8\.$"):
        read_file(tmp_path / "latin")


def test_json_is_yaml_too() -> None:
    script = read_text(json.dumps({"faults": [{"do": {"answer": "busy"}, "when": {"times": 1}}]}))
    assert [rule.name for rule in script.rules()] == ["faults[0] answer"]
