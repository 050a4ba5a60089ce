"""What the engine takes over from what it saw and from what it wrote, between one look and the next."""

from akb_sync.model import Binding, Freshness, L3Out
from akb_sync.plan.memory import Cause
from akb_sync.simulators.apic.faults import Loss

from .stage import EPG, L3OUT, TENANT, Stage, eventually

HERE = L3Out(TENANT, L3OUT)
PREFIX = "10.244.1.1/32"


def test_what_was_committed_is_seen_without_another_read(stage: Stage) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    with stage.engine() as engine:
        engine.read()
        assert len(engine.write(engine.look()).done) == 2
        assert engine.look().settled


def test_after_a_lost_answer_the_l3out_is_not_believed_before_it_was_read_again(stage: Stage) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    with stage.engine() as engine:
        engine.read()
        plan = engine.look()
        stage.apic.faults.lose_answers(1, Loss.CLOSE)
        assert engine.write(plan).unknown == plan.actionable
        assert engine.fabric.observed().of(HERE).freshness is Freshness.STALE
        assert engine.look().actionable == ()
        engine.read()
        assert engine.look().settled
    assert stage.posts == 1


def test_a_pods_own_end_that_was_seen_on_a_live_watch_is_remembered_as_such(stage: Stage) -> None:
    pod = stage.pod(stage.workload("web"), "10.244.1.1")
    with stage.engine() as engine:
        engine.start()
        eventually("every kind was listed", lambda: engine.cluster.desired().fresh)
        engine.look()
        stage.remove(pod)
        eventually("the end was seen", lambda: not engine.cluster.desired().exposures)
        engine.look()
        assert engine.memory.cause(Binding(TENANT, L3OUT, EPG), PREFIX) is Cause.ENDED
