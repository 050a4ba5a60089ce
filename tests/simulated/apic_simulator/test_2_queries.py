"""URL forms, parameters and refusals of queries (facts, sections 2.1, 2.2 and 2.4)."""

from collections.abc import Iterator

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
SUBNET = f"{EPG}/extsubnet-[10.0.0.0/8]"


@pytest.fixture(autouse=True)
def _web(apic: ApicSimulator) -> None:
    subnets = [mo("l3extSubnet", ip="10.0.0.0/8", name="ten"), mo("l3extSubnet", ip="2001:db8::/32")]
    apic.post(L3OUT, mo("l3extInstP", subnets, name="web"))


@pytest.mark.parametrize(
    "path",
    [
        f"/api/mo/{SUBNET}.json",
        f"/api/node/mo/{SUBNET}.json",
        f"/api/mo/{SUBNET.replace('[', '%5B').replace(']', '%5D')}.json",
        f"/api/mo/{SUBNET.replace('/', '%2F').replace('[', '%5B').replace(']', '%5D')}.json",
    ],
)
def test_a_dn_with_brackets_and_slashes_is_found_raw_and_encoded(client: Client, path: str) -> None:
    (found,) = client.raw_get(path).json()["imdata"]
    assert attributes(found)["dn"] == SUBNET


def test_a_name_that_ends_in_json_is_not_cut_twice(apic: ApicSimulator, client: Client) -> None:
    apic.post(L3OUT, mo("l3extInstP", name="a.json"))
    assert client.dns(f"mo/{L3OUT}/instP-a.json") == [f"{L3OUT}/instP-a.json"]


@pytest.mark.parametrize("path", ["class/l3extSubnet", "node/class/l3extSubnet"])
def test_a_class_query_gives_all_objects_of_a_class(client: Client, path: str) -> None:
    assert len(client.imdata(path)) == 2


def test_a_class_query_below_a_dn_gives_those_below_it(client: Client) -> None:
    assert len(client.imdata(f"node/class/{L3OUT}/l3extSubnet")) == 2
    assert client.imdata("node/class/uni/tn-common/l3extSubnet") == []


def test_an_absent_dn_is_an_empty_answer_of_thirty_bytes(client: Client) -> None:
    answer = client.get("mo/uni/tn-nobody")
    assert (answer.status_code, answer.content) == (200, b'{"totalCount":"0","imdata":[]}')
    assert answer.headers["Content-Length"] == "30"


def test_an_object_is_read_with_all_its_attributes_in_alphabetical_order(client: Client) -> None:
    (item,) = client.imdata(f"mo/{SUBNET}")
    found = attributes(item)
    expected = (
        "aggregate annotation childAction descr dn extMngdBy ip lcOwn modTs monPolDn name nameAlias "
        "scope status uid userdom"
    )
    assert " ".join(found) == expected
    assert (found["lcOwn"], found["status"], found["childAction"]) == ("local", "", "")


def test_query_target_children_gives_the_children_flat(client: Client) -> None:
    found = client.dns(f"mo/{EPG}", **{"query-target": "children"})
    assert set(found) == {f"{EPG}/rscustQosPol", SUBNET, f"{EPG}/extsubnet-[2001:db8::/32]"}


def test_query_target_subtree_with_classes_gives_these_flat(client: Client) -> None:
    query = {"query-target": "subtree", "target-subtree-class": "l3extInstP,l3extSubnet"}
    for path in ("mo/uni", f"mo/{TENANT}"):
        found = client.imdata(path, **query)
        assert sorted(next(iter(item)) for item in found) == ["l3extInstP", "l3extSubnet", "l3extSubnet"]
        assert all("rn" not in attributes(item) for item in found)


def test_nested_children_bear_rn_and_no_dn(client: Client) -> None:
    (item,) = client.imdata(f"mo/{EPG}", **{"rsp-subtree": "children", "rsp-subtree-class": "l3extSubnet"})
    children = [attributes(child) for child in item["l3extInstP"]["children"]]
    assert [child["rn"] for child in children] == ["extsubnet-[10.0.0.0/8]", "extsubnet-[2001:db8::/32]"]
    assert all("dn" not in child for child in children)


def test_rsp_subtree_full_keeps_the_way_to_a_wanted_class(client: Client) -> None:
    (item,) = client.imdata(f"mo/{L3OUT}", **{"rsp-subtree": "full", "rsp-subtree-class": "l3extSubnet"})
    (epg,) = item["l3extOut"]["children"]
    assert len(epg["l3extInstP"]["children"]) == 2


def test_a_result_without_matching_children_stays_unless_they_are_required(
    apic: ApicSimulator, client: Client
) -> None:
    apic.post(L3OUT, mo("l3extInstP", name="empty"))
    query = {"rsp-subtree": "children", "rsp-subtree-class": "l3extSubnet"}
    assert len(client.imdata("class/l3extInstP", **query)) == 2
    query["rsp-subtree-include"] = "required"
    assert client.dns("class/l3extInstP", **query) == [EPG]


def test_an_rsp_subtree_filter_restricts_nested_children(client: Client) -> None:
    query = {"rsp-subtree": "children", "rsp-subtree-filter": 'wcard(l3extSubnet.name, "ten")'}
    (item,) = client.imdata(f"mo/{EPG}", **query)
    assert [attributes(child)["ip"] for child in item["l3extInstP"]["children"]] == ["10.0.0.0/8"]


def test_naming_only_and_config_only_leave_the_other_properties_out(client: Client) -> None:
    (naming,) = client.imdata(f"mo/{SUBNET}", **{"rsp-prop-include": "naming-only"})
    assert set(attributes(naming)) == {"dn", "ip"}
    (config,) = client.imdata(f"mo/{SUBNET}", **{"rsp-prop-include": "config-only"})
    assert "modTs" not in attributes(config)
    assert attributes(config)["scope"] == "import-security"


def test_a_count_is_one_mo_count(client: Client) -> None:
    (item,) = client.imdata("class/l3extSubnet", **{"rsp-subtree-include": "count"})
    assert item == {"moCount": {"attributes": {"childAction": "", "count": "2", "dn": "", "status": ""}}}


def test_order_by_sorts_both_ways(client: Client) -> None:
    ascending = client.dns("class/l3extSubnet", **{"order-by": "l3extSubnet.ip|asc"})
    assert client.dns("class/l3extSubnet", **{"order-by": "l3extSubnet.ip|desc"}) == ascending[::-1]


def test_order_by_takes_several_keys_with_directions_of_their_own(
    apic: ApicSimulator, client: Client
) -> None:
    subnets = [
        mo("l3extSubnet", ip=f"{n}.0.0.0/8", name=name) for n, name in ((11, "b"), (12, "a"), (13, "b"))
    ]
    apic.post(EPG, mo("l3extInstP", subnets))
    query = {
        "order-by": "l3extSubnet.name|desc,l3extSubnet.ip|asc",
        "query-target-filter": 'or(eq(l3extSubnet.name,"a"),eq(l3extSubnet.name,"b"))',
    }
    found = [attributes(item)["ip"] for item in client.imdata("class/l3extSubnet", **query)]
    assert found == ["11.0.0.0/8", "13.0.0.0/8", "12.0.0.0/8"]


def test_numbers_are_ordered_by_size(apic: ApicSimulator, client: Client) -> None:
    for name, order in (("nine", "9"), ("one", "1"), ("five", "5")):
        apic.post(f"{TENANT}/prof-p", mo("rtctrlProfile", [mo("rtctrlCtxP", name=name, order=order)]))
    found = client.imdata("class/rtctrlCtxP", **{"order-by": "rtctrlCtxP.order|desc"})
    assert [attributes(item)["order"] for item in found] == ["9", "5", "1"]


def test_order_comes_before_the_page(client: Client) -> None:
    query = {"order-by": "l3extSubnet.ip|desc", "page": "0", "page-size": "1"}
    assert client.dns("class/l3extSubnet", **query) == [f"{EPG}/extsubnet-[2001:db8::/32]"]


def test_target_subtree_class_matters_only_beyond_self(client: Client) -> None:
    query = {"target-subtree-class": "l3extSubnet"}
    assert client.dns(f"mo/{EPG}", **query) == [EPG]
    assert len(client.dns(f"mo/{EPG}", **query, **{"query-target": "children"})) == 2


def test_a_query_target_filter_is_about_the_flat_results(client: Client) -> None:
    query = {"query-target": "subtree", "query-target-filter": 'eq(l3extSubnet.name,"ten")'}
    assert client.dns(f"mo/{TENANT}", **query) == [SUBNET]


@pytest.mark.parametrize("name", ["time-range", "target-node", "target-path", "include-relns", "_dc"])
def test_parameters_of_the_gui_are_taken_and_ignored(client: Client, name: str) -> None:
    assert client.dns(f"mo/{EPG}", **{name: "x"}) == [EPG]


def test_pages_count_from_zero_and_tell_the_total(apic: ApicSimulator, client: Client) -> None:
    apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip=f"10.1.0.{i}/32") for i in range(5)], name="web"))

    def pages() -> Iterator[list[str]]:
        number = 0
        while True:
            answer = client.get("class/l3extSubnet", **{"page": str(number), "page-size": "3"}).json()
            assert answer["totalCount"] == "7"
            yield [attributes(item)["dn"] for item in answer["imdata"]]
            number += 1

    first, second, third, beyond, *_ = (page for page, _ in zip(pages(), range(4), strict=False))
    assert [len(page) for page in (first, second, third, beyond)] == [3, 3, 1, 0]
    assert len({*first, *second, *third}) == 7


def test_a_page_without_a_size_shows_everything(client: Client) -> None:
    assert len(client.imdata("class/l3extSubnet", page="1")) == 2


# ---- refusals


@pytest.mark.parametrize(
    ("path", "query", "code", "text"),
    [
        ("class/faultInf", {}, "400", "Request failed, unresolved class for faultInf"),
        (
            "mo/uni",
            {"query-target": "subtree", "target-subtree-class": "fvX"},
            "400",
            "Request failed, unresolved class for fvX",
        ),
        (
            "class/faultInst",
            {"query-target-filter": 'eq(faultIns.code,"F1")'},
            "122",
            "class faultIns not found",
        ),
        (
            "class/faultInst",
            {"query-target-filter": 'eq(faultInst.cod,"F1")'},
            "121",
            "Prop 'cod' not found in class 'faultInst' property table",
        ),
        (
            "class/l3extInstP",
            {"query-target-filter": 'eq(l3extInstP.prefGrMemb,"maybe")'},
            "301",
            "Incorrect filter format for l3extInstP.prefGrMemb, value 'maybe' is not valid",
        ),
        (
            "class/fvTenant",
            {"rsp-subtree": "all"},
            "8",
            "rsp-subtree argument is incorrect (possible options: _no_|children|full)",
        ),
        (
            "class/fvTenant",
            {"query-target": "all"},
            "8",
            "query-target argument is incorrect (possible options: _self_|children|subtree)",
        ),
        (
            "class/fvTenant",
            {"order-by": "fvTenant.nme|asc"},
            "121",
            "Prop 'nme' not found in class 'fvTenant' property table",
        ),
        (
            "class/fvTenant",
            {"order-by": "fvTenant.name|up"},
            "8",
            "order-by argument is incorrect (possible options: _asc_|desc)",
        ),
        (
            "class/fvTenant",
            {"rsp-subtree": "full", "rsp-subtree-class": "fvX"},
            "400",
            "Request failed, unresolved class for fvX",
        ),
        (
            "mo/uni/tn-TEN_K8_C1/instP-x",
            {},
            "400",
            "Invalid DN uni/tn-TEN_K8_C1/instP-x, wrong rn prefix instP-x at position 17",
        ),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused_with_its_code(
    client: Client, path: str, query: dict[str, str], code: str, text: str
) -> None:
    assert error_of(client.get(path, **query)) == (400, code, text)


@pytest.mark.parametrize("query", [{"page": "x", "page-size": "1"}, {"page": "0", "page-size": "0"}])
def test_a_page_that_is_no_number_is_refused(client: Client, query: dict[str, str]) -> None:
    assert client.get("class/fvTenant", **query).status_code == 400
