"""Where evidence conflicts: the default, and what an option makes of it (facts, section 8)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import FrozenInstanceError

import pytest

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.behaviour import Behaviour
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo

L3OUT = "uni/tn-TEN_K8_C1/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
SUBNET = f"{EPG}/extsubnet-[10.0.0.0/8]"
WEB = mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8"), mo("l3extSubnet", ip="11.0.0.0/8")], name="web")
TOO_BIG = "Unable to process the query, result dataset is too big"


@contextmanager
def served(how: Behaviour) -> Iterator[tuple[ApicSimulator, Client]]:
    with ApicSimulator(tls=False, behaviour=how) as apic, Client(apic) as client:
        apic.small_fabric()
        apic.post(L3OUT, WEB)
        yield apic, client.login()


def test_the_choices_of_an_apic_cannot_change_while_it_runs() -> None:
    with pytest.raises(FrozenInstanceError):
        Behaviour().too_big_status = 503  # type: ignore[misc]


@pytest.mark.parametrize("name", ["aaaLogin", "aaaRefresh"])
@pytest.mark.parametrize("suffix", ["json", "xml"])
def test_a_refresh_answers_with_aaa_login_or_aaa_refresh(name: str, suffix: str) -> None:
    how = Behaviour() if name == "aaaLogin" else Behaviour(refresh_class="aaaRefresh")
    with served(how) as (_apic, client):
        answer = client.raw_get(f"/api/aaaRefresh.{suffix}")
        assert f"<{name} token=" in answer.text or f'"{name}":{{"attributes":{{"token"' in answer.text
        assert client.get("class/fvTenant").status_code == 200


@pytest.mark.parametrize("status", [400, 503])
def test_a_result_that_is_too_big_is_400_or_503_and_is_read_in_pages(status: int) -> None:
    how = Behaviour(maximal_result=1)
    if status == 503:
        how = Behaviour(maximal_result=1, too_big_status=503)
    with served(how) as (_apic, client):
        answer = error_of(client.get("class/l3extSubnet"))
        assert (answer[0], answer[2]) == (status, TOO_BIG)
        pages = [{"page": str(number), "page-size": "1"} for number in range(2)]
        dns = {dn for page in pages for dn in client.dns("class/l3extSubnet", **page)}
        assert dns == {SUBNET, f"{EPG}/extsubnet-[11.0.0.0/8]"}


def test_one_answer_holds_a_hundred_thousand_objects_by_default() -> None:
    assert Behaviour().maximal_result == 100_000


def test_a_post_that_is_too_big_is_refused_by_the_web_server() -> None:
    with served(Behaviour(maximal_post_bytes=2_000)) as (apic, client):
        before = apic.subtree()
        children = [mo("l3extSubnet", ip=f"10.1.0.{i}/32") for i in range(100)]
        answer = client.post(f"mo/{EPG}", mo("l3extInstP", children))
        assert (answer.status_code, answer.headers["Content-Type"]) == (413, "text/html; charset=utf-8")
        chunked = client.http.post(client.url(f"mo/{EPG}"), data=iter([b"x" * 3_000]), timeout=10)
        assert chunked.status_code == 413
        assert apic.subtree() == before
        assert client.post(f"mo/{EPG}", mo("l3extInstP", children[:5])).status_code == 200


@pytest.mark.parametrize("status", [400, 200])
def test_the_refresh_of_a_dead_subscription_is_400_or_200_and_revives_nothing(status: int) -> None:
    how = Behaviour() if status == 400 else Behaviour(dead_refresh_status=200)
    with served(how) as (apic, client):
        dead = client.open_socket().subscribe("class/fvTenant")
        apic.clock.advance(61)
        assert client.get("subscriptionRefresh", id=dead).status_code == status
        assert apic.subscriptions == 0


@pytest.mark.parametrize("seconds", [60, 90])
def test_a_subscription_lives_for_sixty_or_ninety_seconds_unless_it_says_otherwise(seconds: int) -> None:
    how = Behaviour() if seconds == 60 else Behaviour(subscription_timeout=90)
    with served(how) as (apic, client):
        client.open_socket().subscribe("class/fvTenant")
        client.subscribe("class/fvBD", **{"refresh-timeout": "120"})
        apic.clock.advance(seconds - 1)
        assert apic.subscriptions == 2
        apic.clock.advance(2)
        assert apic.subscriptions == 1


@pytest.mark.parametrize("shown", [False, True])
def test_nested_children_bear_no_dn_or_bear_one(shown: bool) -> None:
    query = {"rsp-subtree": "full", "rsp-subtree-class": "l3extSubnet"}
    with served(Behaviour(nested_child_dn=shown)) as (_apic, client):
        (item,) = client.imdata(f"mo/{EPG}", **query)
        child = attributes(item["l3extInstP"]["children"][0])
        assert (child.get("dn"), child["rn"]) == (SUBNET if shown else None, "extsubnet-[10.0.0.0/8]")
        answer = client.post(f"mo/{EPG}", mo("l3extInstP"), **{"rsp-subtree": "full"}).json()
        assert ("dn" in attributes(answer["imdata"][0]["l3extInstP"]["children"][0])) is shown


@pytest.mark.parametrize("known", [True, False])
def test_allbits_is_an_operator_or_is_none(known: bool) -> None:
    query = {"query-target-filter": 'allbits(l3extSubnet.scope,"import-security")'}
    with served(Behaviour(allbits=known)) as (_apic, client):
        assert client.get("class/l3extSubnet", **query).status_code == (200 if known else 400)


def test_flags_are_read_back_by_the_alphabet_or_in_the_order_of_the_model() -> None:
    subnet = mo(
        "l3extSubnet", ip="10.0.0.0/8", scope="import-security,shared-rtctrl,import-rtctrl,export-rtctrl"
    )
    for how, expected in (
        (Behaviour(), "export-rtctrl,import-rtctrl,import-security,shared-rtctrl"),
        (Behaviour(flags_order="model"), "import-rtctrl,export-rtctrl,import-security,shared-rtctrl"),
    ):
        with served(how) as (_apic, client):
            assert client.post(f"mo/{EPG}", mo("l3extInstP", [subnet])).status_code == 200
            (item,) = client.imdata(f"mo/{SUBNET}")
            assert attributes(item)["scope"] == expected
            query = {"query-target-filter": f'eq(l3extSubnet.scope,"{expected}")'}
            assert client.dns("class/l3extSubnet", **query) == [SUBNET]


@pytest.mark.parametrize("extends", [False, True])
def test_a_token_is_not_extended_by_use_or_is(extends: bool) -> None:
    with served(Behaviour(extend_on_use=extends)) as (apic, client):
        for _ in range(3):
            apic.clock.advance(250)
            status = client.get("class/fvTenant").status_code
        assert status == (200 if extends else 403)


@pytest.mark.parametrize("code", ["400", "12"])
def test_an_unknown_class_is_400_or_code_12(code: str) -> None:
    how = Behaviour() if code == "400" else Behaviour(unknown_class_code="12")
    text = "Request failed, unresolved class for fvX"
    with served(how) as (_apic, client):
        assert error_of(client.get("class/fvX")) == (400, code, text)
        query = {"query-target": "subtree", "target-subtree-class": "fvX"}
        assert error_of(client.get("mo/uni", **query)) == (400, code, text)


@pytest.mark.parametrize(("status", "code"), [(400, "170"), (403, "403")])
def test_a_write_beyond_the_rights_is_400_with_code_170_or_403(status: int, code: str) -> None:
    how = Behaviour() if status == 400 else Behaviour(no_rights_status=403)
    with served(how) as (apic, _admin), Client(apic) as client:
        apic.add_user("reader", "pw", {"all": {"read-all": "readPriv"}})
        client.login("reader", "pw")
        answer = client.post(f"mo/{EPG}", mo("l3extInstP", descr="mine"))
        assert error_of(answer)[:2] == (status, code)
        assert (apic.get(EPG) or {})["descr"] == ""
