from __future__ import annotations

import pytest

from akb_sync.errors import KubernetesAnswerError, KubernetesGone
from akb_sync.kube.lister import list_all
from akb_sync.model import Source
from tests.unit.kube.builders import RESOURCES, HandClock, Json, WrittenApi, page, pod

PODS = RESOURCES[Source.PODS]
GONE = KubernetesGone("the continue token is too old")


@pytest.fixture
def api() -> WrittenApi:
    return WrittenApi()


def test_pages_are_joined_and_asked_for_with_the_token(api: WrittenApi) -> None:
    api.answers = [page(pod("a", None), following="next"), page(pod("b", None, version=7), version=120)]
    listing = list_all(api, PODS, HandClock(), 500)
    assert [(facts.ref.name, version) for facts, version in listing.items] == [("a", 1), ("b", 7)]
    assert listing.version == "120"
    assert listing.began_at == 1000.0
    assert api.lists == [{"limit": "500"}, {"limit": "500", "continue": "next"}]


def test_no_resource_version_is_sent_so_that_no_cache_may_answer(api: WrittenApi) -> None:
    api.answers = [page()]
    list_all(api, PODS, HandClock())
    assert "resourceVersion" not in api.lists[0]


def test_a_token_that_expires_on_the_way_starts_the_list_again(api: WrittenApi) -> None:
    api.answers = [page(pod("a", None), following="next"), GONE, page(pod("b", None))]
    listing = list_all(api, PODS, HandClock())
    assert [facts.ref.name for facts, _ in listing.items] == ["b"]
    assert "continue" not in api.lists[2]


def test_a_token_that_keeps_expiring_is_an_error_after_three_attempts(api: WrittenApi) -> None:
    api.answers = [page(following="next"), GONE] * 3
    with pytest.raises(KubernetesGone):
        list_all(api, PODS, HandClock())
    assert api.answers == []


def test_a_list_that_does_not_end_is_an_error(api: WrittenApi) -> None:
    api.answers = [page(following="same"), page(following="same")]
    with pytest.raises(KubernetesAnswerError, match="does not end"):
        list_all(api, PODS, HandClock())


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"kind": "Status", "metadata": {"resourceVersion": "1"}},
        {"kind": "PodList", "items": []},
        {"kind": "PodList", "metadata": {}, "items": []},
        {"kind": "PodList", "metadata": {"resourceVersion": ""}, "items": []},
        {"kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": {}},
    ],
)
def test_what_is_no_list_does_not_pass_for_an_empty_one(api: WrittenApi, answer: Json) -> None:
    api.answers = [answer]
    with pytest.raises(KubernetesAnswerError):
        list_all(api, PODS, HandClock())


def test_a_null_for_items_is_empty(api: WrittenApi) -> None:
    api.answers = [{"kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": None}]
    assert list_all(api, PODS, HandClock()).items == ()


def test_an_object_of_another_shape_is_left_out(api: WrittenApi) -> None:
    api.answers = [{"kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": ["x", pod("a", None)]}]
    assert len(list_all(api, PODS, HandClock()).items) == 1
