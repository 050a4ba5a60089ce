"""What `--namespace` and `--selector` keep of a plan."""

from types import SimpleNamespace
from typing import Any

import pytest

from akb_sync.errors import SettingsError
from akb_sync.model import Binding, Notice, ObjectRef
from akb_sync.reasons import Reason
from cli.narrowing import narrowed, narrowing
from cli.status import of_epg, of_workload

from .shown import DEPLOYMENT, epg, leaving, plan, right, subnet

OTHER = ObjectRef("Deployment", "other", "db", "uid-db")


def engine(*uids: str) -> Any:
    there = {ref.uid: SimpleNamespace(ref=ref) for ref in (DEPLOYMENT, OTHER)}
    snapshot = SimpleNamespace(workloads=there, pods={}, services={})
    cluster = SimpleNamespace(select=lambda _selector: frozenset(uids), snapshot=lambda: snapshot)
    return SimpleNamespace(cluster=cluster)


def test_a_namespace_in_which_nothing_is_is_said_with_the_near_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    narrowing(engine(), "shpo", "")
    assert capsys.readouterr().err == "note: nothing is in the namespace 'shpo'; did you mean shop?\n"
    narrowing(engine(), "shop", "")
    assert capsys.readouterr().err == ""


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


def test_one_epg_is_shown_with_the_notices_about_its_workloads() -> None:
    api = Binding("T", "L", "API")
    about = Notice(Reason.HOST_NETWORK, DEPLOYMENT, "skipped")
    other = Notice(Reason.HOST_NETWORK, OTHER, "skipped")
    found = plan(epg(workloads=(OTHER,)), subnet(), epg(api, workloads=(DEPLOYMENT,)), notices=(about, other))
    part = of_epg(found, api)
    assert [item.binding for item in part.items] == [api]
    assert part.notices == (about,)


def test_one_workload_is_meant_by_its_name_alone_or_with_its_namespace() -> None:
    found = plan(right("10.0.0.1/32"), subnet("10.0.0.2/32", workloads=(OTHER,)))
    for asked in ("db", "other/db"):
        assert [item.prefix for item in of_workload(found, asked).items] == ["10.0.0.2/32"]


def test_a_workload_that_is_behind_nothing_is_an_error_with_the_near_ones() -> None:
    found = plan(right("10.0.0.1/32"), subnet("10.0.0.2/32", workloads=(OTHER,)))
    with pytest.raises(SettingsError, match=r"did you mean shop/web\?"):
        of_workload(found, "shop/wbe")
    with pytest.raises(SettingsError, match=r"there are other/db, shop/web"):
        of_workload(found, "zzzzzzz")
    with pytest.raises(SettingsError, match="there is none"):
        of_workload(plan(), "web")
