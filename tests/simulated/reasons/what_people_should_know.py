"""Scenarios of notices: nothing is to be written for them, and somebody should look."""

from akb_sync.reasons import Reason
from tests.simulated.engine.stage import ANNOTATION, binding, hosts, subnet_dn

from .said import Place
from .scenario import NOBODYS, Scenario
from .theatre import Theatre
from .what_is_done import ONE, two_pods


def an_annotation_is_no_json(theatre: Theatre) -> None:
    theatre.stage.annotate(two_pods(theatre), '{"tenant": ')


def nobody_knows_the_l3out(theatre: Theatre) -> None:
    theatre.stage.pod(theatre.stage.workload("web", annotation='{"epg": "EPG_WEB"}'), ONE)


def a_namespace_that_may_name_nothing(theatre: Theatre) -> None:
    theatre.stage.pod(theatre.stage.workload("web"), ONE)


def a_pod_outside_of_the_range(theatre: Theatre) -> None:
    theatre.stage.pod(theatre.stage.workload("web"), "203.0.113.5")


def a_pod_with_its_nodes_address(theatre: Theatre) -> None:
    theatre.stage.pod(theatre.stage.workload("web"), "192.0.2.11", hostNetwork=True)


def a_load_balancer_with_a_hostname(theatre: Theatre) -> None:
    theatre.stage.workload("web")
    theatre.stage.service("web")
    ingress = [{"hostname": "lb.example.com"}]
    status = {"status": {"loadBalancer": {"ingress": ingress}}}
    theatre.stage.cluster.patch("Service", "shop", "web", status, subresource="status")


def a_misspelt_annotation(theatre: Theatre) -> None:
    web = theatre.stage.workload("web")
    theatre.stage.annotate(web, None)
    theatre.stage.annotate(web, binding(), key=ANNOTATION.replace("l3o", "l3out"))


def an_annotation_with_a_strange_key(theatre: Theatre) -> None:
    theatre.stage.workload("web", annotation=binding(colour="red"))


def a_service_in_front_of_two_epgs(theatre: Theatre) -> None:
    theatre.stage.workload("web")
    theatre.stage.workload("web", kind="StatefulSet", epg="EPG_OTHER")
    theatre.stage.service("web", "10.0.40.7")


def many_marks_are_emptied(theatre: Theatre) -> None:
    theatre.stage.pods(theatre.stage.workload("web"), 12)
    theatre.turn()
    for prefix in hosts("10.244.1", 12):
        theatre.stage.edit(subnet_dn(prefix), "l3extSubnet", ip=prefix, annotation="")


SCENARIOS = (
    Scenario(Reason.INVALID_ANNOTATION, an_annotation_is_no_json),
    Scenario(Reason.PARENT_UNKNOWN, nobody_knows_the_l3out),
    Scenario(Reason.NOT_ALLOWED, a_namespace_that_may_name_nothing, settings={"allow": ("other=*/*/*",)}),
    Scenario(Reason.OUT_OF_RANGE, a_pod_outside_of_the_range, settings={"pod_cidrs": ("10.244.0.0/16",)}),
    Scenario(Reason.HOST_NETWORK, a_pod_with_its_nodes_address),
    Scenario(Reason.HOSTNAME_NOT_SUPPORTED, a_load_balancer_with_a_hostname),
    Scenario(Reason.NEAR_MISS, a_misspelt_annotation),
    Scenario(Reason.UNKNOWN_KEY, an_annotation_with_a_strange_key),
    Scenario(Reason.AMBIGUOUS_SERVICE, a_service_in_front_of_two_epgs),
    Scenario(Reason.MARKS_LOST, many_marks_are_emptied, silent={Place.EVENT: NOBODYS}),
)
