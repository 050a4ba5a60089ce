"""What `--namespace` and `--selector` keep of a plan."""

from types import SimpleNamespace
from typing import Any

import pytest

from akb_sync.errors import SettingsError
from akb_sync.model import Binding, Notice, ObjectRef
from akb_sync.reasons import Reason
from cli.narrowing import narrowed, narrowing
from cli.status import of_epg

from .shown import DEPLOYMENT, epg, leaving, plan, right, subnet

OTHER = ObjectRef("Deployment", "other", "db", "uid-db")


def engine(*uids: str) -> Any:
    return SimpleNamespace(cluster=SimpleNamespace(select=lambda _selector: frozenset(uids)))


def test_nothing_asked_keeps_everything() -> None:
    keep = narrowing(engine(), "", "")
    assert keep(subnet())
    assert keep(leaving("10.0.0.9/32"))


def test_a_namespace_keeps_what_its_objects_want() -> None:
    keep = narrowing(engine(), "shop", "")
    assert keep(subnet())
    assert keep(epg(workloads=(OTHER, DEPLOYMENT)))
    assert not keep(epg(workloads=(OTHER,)))


def test_of_a_subnet_that_nobody_wants_any_more_its_name_tells_the_namespace() -> None:
    assert narrowing(engine(), "shop", "")(leaving("10.0.0.9/32", "shop::web-9"))
    assert not narrowing(engine(), "sho", "")(leaving("10.0.0.9/32", "shop::web-9"))


def test_a_selector_keeps_what_the_workloads_that_it_means_want() -> None:
    keep = narrowing(engine("uid-web"), "", "app=web")
    assert keep(right("10.0.0.1/32"))
    assert not keep(epg(workloads=(OTHER,)))
    assert not keep(leaving("10.0.0.9/32"))


def test_both_narrow_together() -> None:
    assert not narrowing(engine("uid-web"), "other", "app=web")(right("10.0.0.1/32", sources=()))


def test_notices_of_other_namespaces_are_left_out() -> None:
    notices = tuple(Notice(Reason.HOST_NETWORK, ref, "") for ref in (DEPLOYMENT, OTHER))
    found = plan(subnet(), notices=notices)
    assert narrowed(found, lambda _item: True, "shop").notices == notices[:1]
    assert narrowed(found, lambda _item: False, "").notices == notices
    assert narrowed(found, lambda _item: False, "").items == ()


def test_one_epg_is_meant_by_name_path_or_dn() -> None:
    api = Binding("T", "L", "API")
    found = plan(epg(), subnet(), epg(api))
    for asked in ("API", "T/L/API", api.dn):
        assert [item.binding for item in of_epg(found, asked).items] == [api]


def test_a_name_of_several_epgs_or_of_none_is_an_error_that_names_them() -> None:
    found = plan(epg(), epg(Binding("T2", "L", "WEB")))
    with pytest.raises(SettingsError, match=r"T/L/WEB, T2/L/WEB"):
        of_epg(found, "WEB")
    with pytest.raises(SettingsError, match=r"there are: T/L/WEB, T2/L/WEB"):
        of_epg(found, "NONE")
    with pytest.raises(SettingsError, match=r"there are: none"):
        of_epg(plan(), "NONE")
