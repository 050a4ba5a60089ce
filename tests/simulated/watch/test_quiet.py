"""A quiet system is left in peace: no request but what keeps the views alive, no turn without a reason."""

import time
from collections import Counter

from akb_sync.engine import watch
from tests.simulated.engine.stage import Json, Stage, eventually, hosts

from .running import Running

A_WHILE = 2.0
"""Seconds of quiet that are looked at."""


def asked(stage: Stage) -> Counter[str]:
    """Every request so far, of both sides, but those that only keep what is there alive."""
    kept_alive = ("subscription_refreshes", "refreshes")
    counts = Counter({kind: count for kind, count in stage.apic.counts.items() if kind not in kept_alive})
    counts["kubernetes"] = stage.cluster.counts.snapshot().total()
    return counts


def at_rest(stage: Stage, running: Running) -> None:
    """Wait until two looks in a row find no request in between."""

    def quiet() -> bool:
        before = asked(stage)
        running.turned()
        return asked(stage) == before

    eventually("it is quiet", quiet)


def test_nothing_is_asked_and_little_is_done_while_nothing_happens(
    stage: Stage, story: Running, web: Json
) -> None:
    at_rest(stage, story)
    requests, turns = asked(stage), story.watch.turns
    cpu, began = time.thread_time(), time.monotonic()
    process = time.process_time()
    while time.monotonic() - began < A_WHILE:
        time.sleep(0.1)
    spent = time.process_time() - process - (time.thread_time() - cpu)
    assert asked(stage) == requests
    assert story.watch.turns - turns <= A_WHILE / watch.IDLE + 1
    assert spent < A_WHILE / 4
    stage.pod(web, "10.244.1.4")
    eventually("it is still awake", lambda: stage.prefixes() == hosts("10.244.1", 4))


def test_a_burst_of_events_costs_few_turns_and_few_writes(stage: Stage, story: Running, web: Json) -> None:
    at_rest(stage, story)
    turns, posts = story.watch.turns, stage.posts
    pods = 60
    for index in range(4, pods + 1):
        stage.pod(web, f"10.244.1.{index}")
    eventually("all are there", lambda: stage.prefixes() == hosts("10.244.1", pods))
    assert story.watch.turns - turns <= 4 * pods
    assert stage.posts - posts <= pods


def test_an_apic_that_is_down_is_not_asked_in_a_tight_loop(stage: Stage, story: Running, web: Json) -> None:
    stage.apic.stop()
    stage.pod(web, "10.244.1.4")
    turns, began = story.watch.turns, time.monotonic()
    while time.monotonic() - began < A_WHILE:
        time.sleep(0.1)
    assert story.watch.turns - turns < 10
    stage.apic.start()
    eventually("it is caught up with", lambda: stage.prefixes() == hosts("10.244.1", 4), 15.0)
