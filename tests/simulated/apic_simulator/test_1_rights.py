"""Users with roles in security domains (facts, sections 1.1, 1.3 and 7)."""

from collections.abc import Iterator, Mapping

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo

WRITER = {"DOM_A": {"tenant-admin": "writePriv"}}
READER = {"DOM_A": {"tenant-admin": "readPriv"}}


@pytest.fixture
def tenants(apic: ApicSimulator) -> ApicSimulator:
    """TEN_A belongs to DOM_A, TEN_B to nobody in particular."""
    apic.post("uni", mo("fvTenant", [mo("aaaDomainRef", name="DOM_A"), mo("fvBD", name="bd")], name="TEN_A"))
    apic.post("uni", mo("fvTenant", [mo("fvBD", name="bd")], name="TEN_B"))
    return apic


class Doors:
    """Clients of users with the rights that are asked for."""

    def __init__(self, apic: ApicSimulator) -> None:
        self._apic = apic
        self._open: list[Client] = []

    def enter(self, domains: Mapping[str, Mapping[str, str]]) -> Client:
        name = f"user{len(self._open)}"
        self._apic.add_user(name, "pw", domains)
        client = Client(self._apic)
        self._open.append(client)
        return client.login(name, "pw")

    def close(self) -> None:
        for client in self._open:
            client.__exit__()


@pytest.fixture
def doors(tenants: ApicSimulator) -> Iterator[Doors]:
    doors = Doors(tenants)
    yield doors
    doors.close()


def test_a_user_of_a_domain_sees_its_tenants_and_no_others(doors: Doors) -> None:
    client = doors.enter(READER)
    assert client.dns("class/fvTenant") == ["uni/tn-TEN_A"]
    assert client.dns("class/fvBD") == ["uni/tn-TEN_A/BD-bd"]
    assert client.imdata("mo/uni/tn-TEN_B") == []
    assert client.imdata("mo/uni/tn-TEN_B", **{"query-target": "subtree"}) == []


def test_what_a_user_may_not_see_is_in_no_subtree_and_in_no_count(doors: Doors) -> None:
    client = doors.enter(READER)
    (top,) = client.imdata("mo/uni", **{"rsp-subtree": "children", "rsp-subtree-class": "fvTenant"})
    assert [attributes(child)["name"] for child in top["polUni"]["children"]] == ["TEN_A"]
    below = client.dns("mo/uni", **{"query-target": "subtree", "target-subtree-class": "fvTenant,fvBD"})
    assert sorted(below) == ["uni/tn-TEN_A", "uni/tn-TEN_A/BD-bd"]
    (count,) = client.imdata("class/fvTenant", **{"rsp-subtree-include": "count"})
    assert attributes(count)["count"] == "1"


def test_the_domain_common_is_the_tenant_common(doors: Doors) -> None:
    client = doors.enter({"common": {"tenant-admin": "readPriv"}})
    assert client.dns("class/fvTenant") == ["uni/tn-common"]


def test_the_domain_all_is_every_tenant(doors: Doors) -> None:
    client = doors.enter({"all": {"tenant-admin": "readPriv"}})
    assert {"uni/tn-TEN_A", "uni/tn-TEN_B", "uni/tn-common"} <= set(client.dns("class/fvTenant"))
    assert client.imdata("class/aaaUser") != [], "a user's own object"
    assert len(client.imdata("class/aaaUser")) == 1


def test_a_user_without_any_domain_logs_in_and_sees_nothing(doors: Doors) -> None:
    client = doors.enter({})
    assert client.imdata("class/fvTenant") == []


def test_a_user_with_read_rights_only_is_refused_to_write_with_code_170(doors: Doors) -> None:
    client = doors.enter(READER)
    status, code, text = error_of(client.post("mo/uni/tn-TEN_A", mo("fvBD", name="new")))
    assert (status, code) == (400, "170")
    assert text.startswith("user user0 does not have domain access to config Mo, class fvBD")
    assert error_of(client.delete("mo/uni/tn-TEN_A/BD-bd"))[:2] == (400, "170")


def test_read_all_reads_everything_and_writes_nothing(doors: Doors, tenants: ApicSimulator) -> None:
    client = doors.enter({"all": {"read-all": "writePriv"}})
    assert len(client.imdata("class/fvTenant")) == len(tenants.of_class("fvTenant"))
    assert client.imdata("class/fabricNode") != []
    assert error_of(client.post("mo/uni", mo("fvTenant", name="new")))[:2] == (400, "170")


def test_a_user_with_write_rights_writes_in_the_tenants_of_the_domain_and_nowhere_else(
    doors: Doors, tenants: ApicSimulator
) -> None:
    client = doors.enter(WRITER)
    assert client.post("mo/uni/tn-TEN_A", mo("fvBD", name="new")).status_code == 200
    assert client.delete("mo/uni/tn-TEN_A/BD-bd").status_code == 200
    for dn in ("uni/tn-TEN_B", "uni/tn-common"):
        assert error_of(client.post(f"mo/{dn}", mo("fvBD", name="new")))[:2] == (400, "170")
    assert error_of(client.post("mo/uni", mo("fvTenant", name="TEN_C")))[:2] == (400, "170")
    assert tenants.get("uni/tn-TEN_C") is None


def test_a_request_of_which_one_object_is_beyond_the_rights_does_nothing(
    doors: Doors, tenants: ApicSimulator
) -> None:
    client = doors.enter(WRITER)
    answer = client.post("mo/uni", mo("fvTenant", [mo("fvBD", name="new")], name="TEN_B"))
    assert error_of(answer)[:2] == (400, "170")
    assert tenants.get("uni/tn-TEN_B/BD-new") is None


@pytest.mark.parametrize(
    ("role", "allowed", "refused"),
    [
        ("tenant-admin", ("uni", "fvTenant"), ("uni/userext", "aaaUser")),
        ("aaa", ("uni/userext", "aaaUser"), ("uni", "fvTenant")),
        ("access-admin", ("uni", "l3extDomP"), ("uni", "fvTenant")),
        ("no-such-role", None, ("uni", "fvTenant")),
    ],
)
def test_a_role_is_about_a_part_of_the_tree(
    doors: Doors, role: str, allowed: tuple[str, str] | None, refused: tuple[str, str]
) -> None:
    client = doors.enter({"all": {role: "writePriv"}})
    if allowed is not None:
        assert client.post(f"mo/{allowed[0]}", mo(allowed[1], name="new")).status_code == 200
    assert error_of(client.post(f"mo/{refused[0]}", mo(refused[1], name="new")))[:2] == (400, "170")


def test_a_role_that_somebody_made_is_what_its_privileges_are(doors: Doors, tenants: ApicSimulator) -> None:
    tenants.post("uni/userext", mo("aaaRole", name="bd-keeper", priv="tenant-connectivity"))
    client = doors.enter({"DOM_A": {"bd-keeper": "writePriv"}, "all": {"bd-keeper": "readPriv"}})
    assert client.post("mo/uni/tn-TEN_A", mo("fvBD", name="new")).status_code == 200
    assert client.imdata("mo/uni/tn-TEN_B") != []
    assert client.imdata("class/fabricNode") == []


def test_what_a_user_creates_bears_the_users_domains(doors: Doors, tenants: ApicSimulator) -> None:
    client = doors.enter(WRITER | {"common": {"tenant-admin": "readPriv"}})
    client.post("mo/uni/tn-TEN_A", mo("fvBD", name="new"))
    assert (tenants.get("uni/tn-TEN_A/BD-new") or {})["userdom"] == ":DOM_A:common:"
    with Client(tenants) as admin:
        admin.login().post("mo/uni", mo("fvTenant", name="by_admin"))
    assert (tenants.get("uni/tn-by_admin") or {})["userdom"] == ":all:"


def test_events_tell_a_user_nothing_about_what_they_may_not_see(doors: Doors, tenants: ApicSimulator) -> None:
    client = doors.enter(READER).open_socket()
    client.subscribe("class/fvBD")
    tenants.post("uni/tn-TEN_B", mo("fvBD", name="hidden"))
    tenants.post("uni/tn-TEN_A", mo("fvBD", name="seen"))
    assert client.event()[2]["dn"] == "uni/tn-TEN_A/BD-seen"
    tenants.delete("uni/tn-TEN_A")
    assert {client.event()[2]["dn"] for _ in range(2)} == {"uni/tn-TEN_A/BD-seen", "uni/tn-TEN_A/BD-bd"}


def test_rights_that_are_taken_away_are_gone_with_the_next_request(
    doors: Doors, tenants: ApicSimulator
) -> None:
    client = doors.enter(WRITER)
    assert client.dns("class/fvTenant") == ["uni/tn-TEN_A"]
    tenants.delete("uni/userext/user-user0/userdomain-DOM_A")
    assert client.imdata("class/fvTenant") == []
    assert error_of(client.post("mo/uni/tn-TEN_A", mo("fvBD", name="new")))[:2] == (400, "170")


def test_the_audit_log_shows_a_user_the_changes_of_visible_objects_only(
    doors: Doors, tenants: ApicSimulator
) -> None:
    client = doors.enter(READER)
    for name in ("TEN_A", "TEN_B"):
        tenants.post(f"uni/tn-{name}", mo("fvBD", name="new"), user="admin")
    affected = [attributes(item)["affected"] for item in client.imdata("class/aaaModLR")]
    assert affected == ["uni/tn-TEN_A/BD-new"]
