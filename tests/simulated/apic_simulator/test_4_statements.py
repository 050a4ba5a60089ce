"""What else is known about subscriptions, one test for each statement (facts, section 4)."""

import xml.etree.ElementTree as ET

import pytest
import websocket

from akb_sync.simulators.apic import ApicSimulator, sockets
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo, until

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
SUBNET = f"{EPG}/extsubnet-[10.0.0.0/8]"


def subnets(*ips: str, **given: str) -> dict[str, object]:
    return mo("l3extInstP", [mo("l3extSubnet", ip=ip, **given) for ip in ips], name="web")


# ---- 4.1 set-up


def test_a_websocket_with_an_unknown_token_is_refused_with_403(client: Client) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        client.open_socket("nonsense")
    assert refused.value.status_code == 403


def test_the_snapshot_has_pages_and_events_have_none(apic: ApicSimulator, listener: Client) -> None:
    apic.post(L3OUT, subnets("10.0.0.0/8", "11.0.0.0/8"))
    query = {"page": "0", "page-size": "1", "order-by": "l3extSubnet.ip|desc"}
    answer = listener.get("class/l3extSubnet", subscription="yes", **query).json()
    assert answer["totalCount"] == "2"
    assert [attributes(item)["ip"] for item in answer["imdata"]] == ["11.0.0.0/8"]
    apic.post(L3OUT, subnets("12.0.0.0/8", "13.0.0.0/8"))
    assert [listener.event()[2]["ip"] for _ in range(2)] == ["12.0.0.0/8", "13.0.0.0/8"]


def test_a_subtree_subscription_with_rsp_subtree_has_a_nested_snapshot_and_flat_events(
    apic: ApicSimulator, listener: Client
) -> None:
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    query = {
        "refresh-timeout": "1800",
        "query-target": "subtree",
        "rsp-subtree": "full",
        "target-subtree-class": "l3extInstP,l3extSubnet",
    }
    answer = listener.get(f"mo/{L3OUT}", subscription="yes", **query).json()
    assert {next(iter(item)) for item in answer["imdata"]} == {"l3extInstP", "l3extSubnet"}
    assert any("children" in body for item in answer["imdata"] for body in item.values())
    apic.post(L3OUT, subnets("11.0.0.0/8"))
    (item,) = listener.frame()["imdata"]
    assert list(item["l3extSubnet"]) == ["attributes"]


def test_a_wrong_query_is_no_subscription(apic: ApicSimulator, listener: Client) -> None:
    query = {"query-target-filter": 'eq(l3extSubnet.none,"x")'}
    assert error_of(listener.get("class/l3extSubnet", subscription="yes", **query))[1] == "121"
    assert apic.subscriptions == 0


def test_each_session_has_its_own_websocket_and_subscriptions(apic: ApicSimulator, listener: Client) -> None:
    mine = listener.subscribe("class/fvTenant")
    with Client(apic) as other:
        other.login().open_socket()
        theirs = other.subscribe("class/fvTenant")
        assert mine != theirs
        apic.post("uni", mo("fvTenant", name="n"))
        assert listener.frame()["subscriptionId"] == [mine]
        assert other.frame()["subscriptionId"] == [theirs]


# ---- 4.1 filters


def test_an_object_enters_a_filtered_subscription_by_a_sparse_modified(
    apic: ApicSimulator, listener: Client
) -> None:
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    query = {"query-target-filter": 'eq(l3extSubnet.name,"in")'}
    assert listener.get("class/l3extSubnet", subscription="yes", **query).json()["imdata"] == []
    apic.post(L3OUT, subnets("10.0.0.0/8", name="in"))
    _name, status, found = listener.event()
    assert (status, found["dn"], "scope" in found) == ("modified", SUBNET, False)


def test_an_object_leaves_a_filtered_subscription_without_a_word(
    apic: ApicSimulator, listener: Client
) -> None:
    apic.post(L3OUT, subnets("10.0.0.0/8", name="in"))
    listener.subscribe("class/l3extSubnet", **{"query-target-filter": 'eq(l3extSubnet.name,"in")'})
    apic.post(L3OUT, subnets("10.0.0.0/8", name="out"))
    apic.delete(SUBNET)
    apic.post(L3OUT, subnets("11.0.0.0/8", name="in"))
    _name, status, found = listener.event()
    assert (status, found["ip"]) == ("created", "11.0.0.0/8")


def test_the_filter_of_nested_children_says_nothing_about_events(
    apic: ApicSimulator, listener: Client
) -> None:
    query = {"rsp-subtree": "children", "rsp-subtree-filter": 'eq(l3extSubnet.name,"none")'}
    listener.subscribe("class/l3extInstP", **query)
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    assert listener.event()[:2] == ("l3extInstP", "created")


# ---- 4.2 frames


def test_a_subscription_in_xml_is_answered_and_told_in_xml(apic: ApicSimulator, listener: Client) -> None:
    answer = listener.raw_get("/api/class/l3extSubnet.xml?subscription=yes")
    first = ET.fromstring(answer.text).attrib
    assert list(first) == ["totalCount", "subscriptionId"]
    second = ET.fromstring(
        listener.raw_get(
            f"/api/mo/{L3OUT}.xml?subscription=yes&query-target=subtree&target-subtree-class=l3extSubnet"
        ).text
    ).attrib
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    assert listener.socket is not None
    text = listener.socket.recv()
    assert str(text).startswith('<?xml version="1.0" encoding="UTF-8"?><imdata subscriptionId="')
    frame = ET.fromstring(str(text))
    assert frame.attrib == {"subscriptionId": f"{first['subscriptionId']},{second['subscriptionId']}"}
    (element,) = frame
    assert (element.tag, element.attrib["dn"], element.attrib["status"]) == ("l3extSubnet", SUBNET, "created")


def test_subscriptions_in_both_forms_get_a_frame_each(apic: ApicSimulator, listener: Client) -> None:
    known = listener.subscribe("class/l3extSubnet")
    listener.raw_get("/api/class/l3extSubnet.xml?subscription=yes")
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    assert listener.frame()["subscriptionId"] == [known]
    assert listener.socket is not None
    assert str(listener.socket.recv()).startswith("<?xml")


def test_a_post_of_several_objects_is_a_frame_for_each_parents_first(
    apic: ApicSimulator, listener: Client
) -> None:
    query = {"query-target": "subtree", "target-subtree-class": "l3extInstP,l3extSubnet"}
    listener.subscribe(f"mo/{L3OUT}", **query)
    apic.post(L3OUT, subnets("10.0.0.0/8", "11.0.0.0/8"))
    dns = [listener.event()[2]["dn"] for _ in range(3)]
    assert dns == [EPG, SUBNET, f"{EPG}/extsubnet-[11.0.0.0/8]"]


# ---- 4.3 lifetime


def test_a_refresh_of_several_refreshes_the_living_ones_though_one_is_dead(
    apic: ApicSimulator, listener: Client
) -> None:
    dead = listener.subscribe("class/fvBD")
    apic.clock.advance(40)
    living = listener.subscribe("class/fvTenant")
    apic.clock.advance(40)
    assert listener.get("subscriptionRefresh", id=f"{dead},{living}").status_code == 400
    apic.clock.advance(40)
    assert apic.subscriptions == 1


def test_a_refresh_may_name_another_timeout(apic: ApicSimulator, listener: Client) -> None:
    known = listener.subscribe("class/fvTenant")
    answer = listener.get("subscriptionRefresh", id=known, **{"refresh-timeout": "300"})
    assert answer.status_code == 200
    apic.clock.advance(200)
    assert apic.subscriptions == 1


def test_subscription_no_ends_nothing(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe("class/fvTenant")
    answer = listener.get("class/fvTenant", subscription="no").json()
    assert "subscriptionId" not in answer
    assert apic.subscriptions == 1


def test_the_same_query_again_is_another_subscription(apic: ApicSimulator, listener: Client) -> None:
    ids = [listener.subscribe("class/fvTenant") for _ in range(2)]
    assert len(set(ids)) == 2
    apic.post("uni", mo("fvTenant", name="n"))
    assert listener.frame()["subscriptionId"] == ids


def test_a_session_that_reaches_its_absolute_end_loses_its_websocket() -> None:
    with ApicSimulator(tls=False, maximum_lifetime=900) as apic, Client(apic) as client:
        client.login().open_socket().subscribe("class/fvTenant")
        apic.clock.advance(500)
        assert client.get("aaaRefresh").status_code == 200
        apic.clock.advance(450)
        until(lambda: apic.subscriptions == 0)
        assert client.get("aaaRefresh").status_code == 403


def test_a_client_that_does_not_read_its_events_loses_the_websocket(
    apic: ApicSimulator, listener: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MOST_WAITING", 10)
    apic.faults.event_latency = 60  # as if no frame got away
    listener.subscribe("class/l3extSubnet")
    apic.post(L3OUT, subnets(*(f"10.{number}.0.0/16" for number in range(10))))
    assert apic.subscriptions == 1
    apic.post(L3OUT, subnets("11.0.0.0/8"))
    until(lambda: apic.subscriptions == 0)


def test_what_happens_while_no_websocket_is_open_is_never_told(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe("class/l3extSubnet")
    listener.drop_socket()
    apic.post(L3OUT, subnets("10.0.0.0/8"))
    listener.open_socket()
    answer = listener.get("class/l3extSubnet", subscription="yes").json()
    assert answer["totalCount"] == "1"
    apic.post(L3OUT, subnets("11.0.0.0/8"))
    assert listener.event()[2]["ip"] == "11.0.0.0/8"
