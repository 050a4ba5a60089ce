"""Websocket, subscriptions, frames and lifetimes (facts, section 4)."""

import re

import pytest
import websocket

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo, until

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
SUBNET = f"{EPG}/extsubnet-[10.0.0.0/8]"
END = f"{EPG}/extsubnet-[99.0.0.0/8]"
BELOW = {"query-target": "subtree", "target-subtree-class": "l3extInstP,l3extSubnet"}


def subnets(*ips: str, **given: str) -> dict[str, object]:
    return mo("l3extInstP", [mo("l3extSubnet", ip=ip, **given) for ip in ips], name="web")


# ---- set-up


def test_a_subscription_without_an_open_websocket_is_refused_with_405(client: Client) -> None:
    text = (
        "Subscription request failed, unable to locate opened web socket. Please re-login to the application"
    )
    assert error_of(client.get("class/fvTenant", subscription="yes")) == (405, "405", text)


def test_a_subscription_answers_with_an_id_and_the_current_objects(listener: Client) -> None:
    answer = listener.get(f"mo/{TENANT}", subscription="yes").json()
    assert list(answer) == ["totalCount", "subscriptionId", "imdata"]
    assert isinstance(answer["subscriptionId"], str)
    assert answer["subscriptionId"].isdecimal()
    assert attributes(answer["imdata"][0])["dn"] == TENANT


def test_an_absent_dn_can_be_subscribed_to_and_its_creation_is_told(
    apic: ApicSimulator, listener: Client
) -> None:
    answer = listener.get(f"mo/{EPG}", subscription="yes").json()
    assert (answer["totalCount"], answer["imdata"]) == ("0", [])
    apic.post(L3OUT, mo("l3extInstP", name="web"))
    name, status, found = listener.event()
    assert (name, status, found["dn"]) == ("l3extInstP", "created", EPG)


# ---- frames


def test_a_frame_has_a_list_of_ids_and_one_object_and_no_count(apic: ApicSimulator, listener: Client) -> None:
    first = listener.subscribe("class/l3extSubnet")
    second = listener.subscribe(f"mo/{L3OUT}", **BELOW)
    listener.subscribe("class/fvBD")
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    assert listener.frame()["subscriptionId"] == [second]
    frame = listener.frame()
    assert list(frame) == ["subscriptionId", "imdata"]
    assert frame["subscriptionId"] == [first, second]
    assert len(frame["imdata"]) == 1


def test_a_created_event_has_all_attributes(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe("class/l3extSubnet")
    apic.post(L3OUT, subnets("10.0.0.0/8", name="x"))
    _name, status, found = listener.event()
    read = apic.get(SUBNET)
    assert read is not None
    assert status == "created"
    assert found == read | {"rn": "", "status": "created"}
    assert list(found) == sorted(found)


def test_a_modified_event_has_only_what_changed(apic: ApicSimulator, listener: Client) -> None:
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    listener.subscribe("class/l3extSubnet")
    apic.post(L3OUT, subnets("10.0.0.0/8", name="new"))
    _name, _status, found = listener.event()
    assert found.pop("modTs")
    assert found == {"childAction": "", "dn": SUBNET, "name": "new", "rn": "", "status": "modified"}


def test_a_deleted_subtree_pushes_one_event_per_object_with_its_identity_only(
    apic: ApicSimulator, listener: Client
) -> None:
    apic.post(L3OUT, subnets("10.0.0.0/8", "11.0.0.0/8"))
    listener.subscribe(f"mo/{L3OUT}", **BELOW)
    apic.delete(EPG)
    events = [listener.event() for _ in range(3)]
    assert [found["dn"] for _name, _status, found in events] == [EPG, SUBNET, f"{EPG}/extsubnet-[11.0.0.0/8]"]
    assert {tuple(found) for _name, _status, found in events} == {
        ("childAction", "dn", "modTs", "rn", "status")
    }


def test_the_system_adds_a_modified_event_after_the_creation_of_an_external_epg(
    apic: ApicSimulator, listener: Client
) -> None:
    listener.subscribe("class/l3extInstP")
    listener.post(f"mo/{EPG}", mo("l3extInstP"))
    assert listener.event()[1] == "created"
    _name, status, found = listener.event()
    assert status == "modified"
    assert found["configSt"] == "applied"
    assert found["pcTag"].isdecimal()
    vrf = apic.get(f"{TENANT}/ctx-VRF_K8_C1")
    assert vrf is not None
    assert found["scope"] == vrf["scope"]


def test_an_identical_post_is_no_event(apic: ApicSimulator, listener: Client) -> None:
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    listener.subscribe("class/l3extSubnet")
    listener.post(f"mo/{L3OUT}", subnets("10.0.0.0/8"))
    apic.post(L3OUT, subnets("99.0.0.0/8"))
    assert listener.events_until(END) == []


def test_a_refused_post_is_no_event(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe(f"mo/{L3OUT}", **BELOW)
    assert listener.post(f"mo/{L3OUT}", subnets("10.0.0.0/8", "10.0.0.0/80")).status_code == 400
    apic.post(L3OUT, subnets("99.0.0.0/8"))
    assert listener.event()[2]["dn"] == EPG
    assert ("created", SUBNET) not in listener.events_until(END)


# ---- what belongs to a subscription


def test_a_subscription_to_an_object_is_about_itself_only(apic: ApicSimulator, listener: Client) -> None:
    apic.post(L3OUT, subnets())
    listener.subscribe(f"mo/{EPG}")
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    apic.post(EPG, mo("l3extInstP", descr="x"))
    assert listener.event()[2]["descr"] == "x"


def test_a_subscription_to_children_is_about_these_only(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe(f"mo/{L3OUT}", **{"query-target": "children"})
    apic.post(L3OUT, mo("l3extOut", descr="x"))
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    assert [listener.event()[2]["dn"] for _ in range(2)] == [EPG, EPG]
    apic.delete(EPG)
    assert listener.event()[:2] == ("l3extInstP", "deleted")


def test_a_class_subscription_is_fabric_wide(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe("class/l3extInstP")
    apic.small_fabric("TEN_OTHER")
    apic.post("uni/tn-TEN_OTHER/out-L3O_OTHER", mo("l3extInstP", name="e"))
    assert listener.event()[2]["dn"] == "uni/tn-TEN_OTHER/out-L3O_OTHER/instP-e"


def test_a_query_filter_holds_for_events_too(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe("class/l3extSubnet", **{"query-target-filter": 'wcard(l3extSubnet.ip,"11.")'})
    apic.post(L3OUT, subnets("10.0.0.0/8", "11.0.0.0/8"))
    assert listener.event()[2]["ip"] == "11.0.0.0/8"
    apic.delete(EPG)
    assert listener.event()[2]["dn"] == f"{EPG}/extsubnet-[11.0.0.0/8]"


def test_a_config_only_subscription_never_tells_anything(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe("class/l3extSubnet", **{"rsp-prop-include": "config-only"})
    listener.subscribe("class/l3extInstP")
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    apic.delete(EPG)
    assert [listener.event()[1] for _ in range(3)] == ["created", "modified", "deleted"]


def test_annotation_objects_are_not_observable_and_the_annotation_attribute_is(
    apic: ApicSimulator, listener: Client
) -> None:
    listener.subscribe(f"mo/{L3OUT}", **{"query-target": "subtree"})
    apic.post(L3OUT, mo("l3extOut", [mo("tagAnnotation", key="k", value="v")], name="L3O_K8_C1"))
    apic.post(L3OUT, mo("l3extOut", annotation="orchestrator:x"))
    assert listener.event()[2]["annotation"] == "orchestrator:x"


# ---- lifetime


def test_a_subscription_ends_after_sixty_seconds(apic: ApicSimulator, listener: Client) -> None:
    dead = listener.subscribe("class/l3extSubnet")
    apic.clock.advance(61)
    listener.subscribe("class/l3extInstP")
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    assert listener.event()[0] == "l3extInstP"
    status, code, text = error_of(listener.get("subscriptionRefresh", id=dead))
    assert (status, code, text) == (400, "400", "Subscription refresh timeout")


def test_a_refresh_gives_a_list_of_subscriptions_a_new_minute(apic: ApicSimulator, listener: Client) -> None:
    ids = [listener.subscribe("class/l3extSubnet"), listener.subscribe("class/fvBD")]
    for _ in range(3):
        apic.clock.advance(40)
        answer = listener.get("subscriptionRefresh", id=",".join(ids))
        assert (answer.status_code, answer.json()) == (200, {"imdata": []})
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    assert listener.event()[1] == "created"


def test_a_refresh_timeout_makes_it_longer(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe("class/l3extSubnet", **{"refresh-timeout": "300"})
    apic.clock.advance(290)
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    assert listener.event()[1] == "created"
    apic.clock.advance(11)
    assert apic.subscriptions == 0


@pytest.mark.parametrize("identity", ["1", "", "x", "72057594037927937x9"])
def test_only_a_known_id_is_refreshed_and_garbage_after_it_is_ignored(
    listener: Client, identity: str
) -> None:
    known = listener.subscribe("class/fvTenant")
    expected = 200 if identity.startswith(known) else 400
    assert listener.get("subscriptionRefresh", id=identity).status_code == expected


def test_another_sessions_subscription_cannot_be_refreshed(apic: ApicSimulator, listener: Client) -> None:
    known = listener.subscribe("class/fvTenant")
    with Client(apic) as other:
        assert other.login().get("subscriptionRefresh", id=known).status_code == 400


def test_a_new_token_needs_no_new_websocket(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe("class/l3extSubnet")
    assert listener.get("aaaRefresh").status_code == 200
    listener.subscribe("class/fvBD")
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    assert listener.event()[0] == "l3extSubnet"


def test_a_new_login_has_no_websocket_yet(listener: Client) -> None:
    listener.login()
    assert listener.get("class/fvTenant", subscription="yes").status_code == 405


def test_subscriptions_are_gone_when_the_websocket_closes(apic: ApicSimulator, listener: Client) -> None:
    dead = listener.subscribe("class/fvTenant")
    assert listener.socket is not None
    listener.socket.close()
    until(lambda: apic.subscriptions == 0)
    assert listener.get("subscriptionRefresh", id=dead).status_code == 400
    assert listener.get("class/fvTenant", subscription="yes").status_code == 405


def test_the_end_of_the_session_closes_the_websocket(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe("class/fvTenant")
    apic.clock.advance(601)
    assert closes(listener)
    assert apic.subscriptions == 0


def test_a_ping_is_answered(listener: Client) -> None:
    assert listener.socket is not None
    listener.socket.ping("x")
    assert listener.socket.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"x")


def test_a_thousand_events_arrive_in_order_and_none_is_lost(apic: ApicSimulator, listener: Client) -> None:
    ids = [listener.subscribe("class/l3extSubnet") for _ in range(20)]
    ips = [f"10.0.{i // 250}.{i % 250}/32" for i in range(1000)]
    for start in range(0, 1000, 100):
        apic.post(L3OUT, subnets(*ips[start : start + 100]))
    frames = [listener.frame() for _ in range(1000)]
    assert all(frame["subscriptionId"] == ids for frame in frames)
    assert [attributes(frame["imdata"][0])["ip"] for frame in frames] == ips


def closes(client: Client) -> bool:
    assert client.socket is not None
    try:
        while client.socket.recv():
            pass
    except (websocket.WebSocketConnectionClosedException, ConnectionError):
        return True
    return not client.socket.connected


def test_the_frame_is_compact_json_as_text(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe("class/fvTenant")
    apic.post("uni", mo("fvTenant", name="n"))
    assert listener.socket is not None
    text = listener.socket.recv()
    assert isinstance(text, str)
    assert re.match(r'\{"subscriptionId":\["\d+"\],"imdata":\[\{"fvTenant":\{"attributes":\{', text)
