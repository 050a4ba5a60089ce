"""Objects that the apiserver lets through and nobody expects."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.controlplane.polling import eventually
from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.fabric import Dump, mo
from tests.e2e.matrix.judge import OPEN, SYNCED, judge
from tests.e2e.matrix.oracle import ANNOTATION, subnet_dn
from tests.e2e.matrix.play import begin
from tests.e2e.matrix.stage import Stage
from tests.e2e.matrix.stories.annotations import MALFORMED
from tests.e2e.matrix.views import Views

MOST_ANNOTATION_BYTES = 256 * 1024  # of all keys and values together (Kubernetes API concepts, "Annotations")
BY_HAND = "e2e.akb-sync.test/by-hand"
WEB = "deployment/web"

pytestmark = pytest.mark.timeout(600)


class Input:
    """A cell with a Deployment of two Pods in EPG A, exact, into which bad input comes."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.views = Views(cell)
        self.before: Dump = {}

    def begin(self) -> None:
        self.cell.create(manifests.deployment("web", 2, self.cell.binding("A")))
        self.cell.until_pods(2)
        self.views.until_exact()
        self.before = self.cell.fabric.dump()

    def judge(self, code: int = SYNCED) -> None:
        """The fabric becomes exact, and then everything is true that is true of a story."""
        self.views.until_exact()
        judge(self.cell, self.views, self.before, code)

    def patch(self, kind: str, name: str, patch: dict[str, Any], *words: str) -> None:
        self.cell.kubectl("patch", kind, name, "--type=merge", f"--patch={json.dumps(patch)}", *words)

    def load_balancer(self, name: str, *points: dict[str, str], site: int = 0, **spec: Any) -> None:
        """A Service whose status nobody but the test writes."""
        chosen = {"loadBalancerClass": BY_HAND, "selector": {"app": "web"}} | spec
        self.cell.create(manifests.service(name, **chosen), self.cell.sites[site])
        self.ingress(name, *points, site=site)

    def ingress(self, name: str, *points: dict[str, str], site: int = 0) -> None:
        status = {"status": {"loadBalancer": {"ingress": list(points)}}}
        words = ("patch", "service", name, "--type=merge", f"--patch={json.dumps(status)}")
        self.cell.kubectl(*words, "--subresource=status", site=self.cell.sites[site])

    def pod_addresses(self, pod: str, *addresses: str) -> None:
        status = {"podIP": addresses[0], "podIPs": [{"ip": one} for one in addresses]}
        self.patch("pod", pod, {"status": status}, "--subresource=status")

    def pods(self, label: str = "web") -> list[str]:
        pods = self.cell.sites[0].pods(self.cell.namespace)
        return [
            pod["metadata"]["name"] for pod in pods if pod["metadata"].get("labels", {}).get("app") == label
        ]

    def prefixes(self, epg: str = "A", site: int = 0) -> set[str]:
        return set(self.cell.managed(self.cell.sites[site])[self.cell.epg(epg)])

    def says(self, site: int = 0) -> str:
        return self.cell.sites[site].engine.log()


@pytest.fixture
def given(stage: Stage) -> Iterator[Input]:
    with Cell("bad input", stage.fabric, begin(stage, 0)) as cell:
        given = Input(cell)
        given.begin()
        yield given


def test_the_largest_annotation_changes_nothing_until_it_is_mended(
    given: Input,
) -> None:
    before = given.prefixes()
    room = MOST_ANNOTATION_BYTES - 2000  # the Deployment controller keeps its revision there too
    path = f"/apis/apps/v1/namespaces/{given.cell.namespace}/deployments/web"
    large = given.cell.binding("A")[:-1] + " " * (room - len(given.cell.binding("A"))) + "}"
    cluster = given.cell.sites[0].cluster
    answer = cluster.api.request(
        "PATCH",
        path,
        json={"metadata": {"annotations": {ANNOTATION: large}}},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    assert answer.ok, answer.text[:500]
    assert len(answer.json()["metadata"]["annotations"][ANNOTATION]) == room
    eventually("word of it", lambda: f"it has {room} characters" in given.says())
    given.cell.scale(WEB, 4)
    given.cell.until_pods(4)
    assert given.prefixes() == before
    assert max(map(len, given.says().splitlines())) < 2000
    given.cell.annotate(WEB, given.cell.binding("A"))
    given.judge()


def test_what_people_do_to_protected_addresses_stands_until_the_annotation_is_mended(given: Input) -> None:
    cell, people = given.cell, given.cell.fabric.people
    deleted, edited = sorted(given.prefixes())
    said = given.says().count("InvalidAnnotation")
    cell.annotate(WEB, MALFORMED)
    eventually("word of it", lambda: given.says().count("InvalidAnnotation") > said)
    people.delete(subnet_dn(cell.epg("A"), deleted))
    people.post(subnet_dn(cell.epg("A"), edited), mo("l3extSubnet", status="modified", name="edited"))
    # The engine has looked at the fabric since, when something else that came later is done.
    cell.create(manifests.deployment("api", 1, cell.binding("B")))
    cell.until("the next workload's EPG", lambda: cell.managed(cell.sites[0]).get(cell.epg("B")))
    assert cell.managed(cell.sites[0])[cell.epg("A")] == {edited: "edited"}
    cell.annotate(WEB, cell.binding("A"))
    given.judge()


def test_names_of_63_characters_are_cut_where_the_apic_wants_them_shorter(given: Input) -> None:
    name, cell = "n" * 63, given.cell
    epg = f"EPG_{cell.key}_".ljust(63, "X")
    annotation = json.dumps({"tenant": cell.tenants[0], "l3out": "L3O", "epg": epg})
    cell.create(manifests.deployment(name, 2, annotation))
    cell.create(manifests.service(name))
    cell.until_addresses(name, 1)
    cell.until_pods(4)
    given.judge()
    (long,) = [subnets for dn, subnets in cell.managed(cell.sites[0]).items() if dn.endswith(epg)]
    assert {len(text) for text in long.values()} == {63}
    assert len(long) == 3


def test_services_that_select_nothing_belong_to_nobody(given: Input) -> None:
    before = given.prefixes()
    for name, selector in (("empty", {}), ("none", None)):
        given.cell.create(manifests.service(name, selector=selector))
        given.cell.until_addresses(name, 1)
    given.cell.scale(WEB, 3)
    given.cell.until_pods(3)
    given.judge()
    assert len(given.prefixes() - before) == 1


def test_a_pod_without_an_owner_belongs_to_nobody(given: Input) -> None:
    before = given.prefixes()
    container = {"name": "web", "image": "registry.example/web:1"}
    metadata = {"name": "stray", "labels": {"app": "web"}}
    given.cell.create({"kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}})
    given.cell.until_pods(3)
    given.judge()
    assert given.prefixes() == before


def test_an_address_that_two_pods_have_is_the_younger_ones(given: Input) -> None:
    cell = given.cell
    first = cell.sites[0].pods(cell.namespace)[0]
    created = max(pod["metadata"]["creationTimestamp"] for pod in cell.sites[0].pods(cell.namespace))
    second = dt.datetime.fromisoformat(created) + dt.timedelta(seconds=1)
    cell.until("a Pod made now to be younger", lambda: dt.datetime.now(dt.UTC) >= second)
    cell.create(manifests.deployment("api", 1, cell.binding("B")))
    cell.until_pods(3)
    given.views.until_exact()
    (young,) = given.pods("api")
    given.pod_addresses(young, first["status"]["podIP"])
    given.judge()
    assert given.prefixes("B") == {f"{first['status']['podIP']}/32"}
    assert f"{first['status']['podIP']}/32" not in given.prefixes("A")


def test_addresses_of_a_pod_that_change_in_place_are_followed(given: Input) -> None:
    pod = given.pods()[0]
    for addresses in (("10.244.250.1",), ("10.244.250.2", "fd00:10:244::250"), ("10.244.250.1",)):
        given.pod_addresses(pod, *addresses)
        given.views.until_exact()
        assert {f"{addresses[0]}/32"} <= given.prefixes()
    given.judge()
    assert len(given.prefixes()) == 2


def test_a_load_balancer_with_a_hostname_only_gives_no_subnet_and_one_with_both_gives_its_address(
    given: Input,
) -> None:
    before = given.prefixes()
    given.load_balancer("named", {"hostname": "web.example.com"})
    given.load_balancer("both", {"hostname": "web.example.com"}, {"ip": "203.0.113.77"})
    given.judge()
    assert given.prefixes() - before == {"203.0.113.77/32"}
    assert "HostnameNotSupported" in given.says()


def test_addresses_that_nobody_can_be_reached_at_are_refused_and_the_others_go_on(given: Input) -> None:
    before = given.prefixes()
    points = [{"ip": one} for one in ("127.0.0.9", "169.254.7.7", "224.0.0.9", "203.0.113.78")]
    given.load_balancer("odd", *points)
    given.judge(OPEN)
    assert given.prefixes() - before == {"203.0.113.78/32"}
    assert "OutOfRange" in given.says()


def test_addresses_outside_the_ranges_of_the_operator_are_refused(given: Input, stage: Stage) -> None:
    """Asked of `plan`, since the engine beside it has no ranges set."""
    given.load_balancer("inside", {"ip": "203.0.113.79"})
    given.load_balancer("outside", {"ip": "192.0.2.79"})
    given.views.until_exact()
    pods = sorted(given.prefixes() - {"203.0.113.79/32", "192.0.2.79/32"})
    ranges = ("--pod-cidrs", pods[0], "--service-cidrs", "203.0.113.0/24")
    done = stage.site(0).run("plan", "--namespace", given.cell.namespace, "-o", "json", *ranges)
    document = json.loads(done.stdout)
    deletes = {item["prefix"] for item in document["items"] if item["action"] == "delete"}
    assert deletes == {pods[1], "192.0.2.79/32"}
    assert {notice["reason"] for notice in document["notices"]} == {"OutOfRange"}
    given.judge()


def test_an_address_that_two_clusters_want_is_the_first_ones_until_it_gives_it_up(stage: Stage) -> None:
    with Cell("same address", stage.fabric, begin(stage, 0, 1)) as cell:
        given = Input(cell)
        for number, (name, l3out) in enumerate((("A", "L3O"), ("B", "L3O_OTHER"))):
            site = cell.sites[number]
            cell.create(manifests.deployment("web", 1, cell.binding(name, l3out=l3out)), site)
        given.views.until_exact()
        given.before = cell.fabric.dump()
        given.load_balancer("web", {"ip": "203.0.113.80"})
        given.views.until_exact()
        given.load_balancer("web", {"ip": "203.0.113.80"}, site=1)
        theirs = cell.epg("B", l3out="L3O_OTHER")
        said = "subnet 203.0.113.80/32 in {}/L3O_OTHER/{}: Conflict".format(
            cell.tenants[0], theirs.rpartition("instP-")[2]
        )
        eventually("word of the conflict", lambda: said in given.says(1))
        assert "203.0.113.80/32" not in cell.managed(cell.sites[1])[theirs]
        cell.kubectl("delete", "service", "web")
        given.judge()
        assert "203.0.113.80/32" in cell.managed(cell.sites[1])[theirs]
