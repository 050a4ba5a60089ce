"""Jobs: Pods that run once. Here for what they are to an address list: Pods that belong to no workload."""

from typing import Any

from akb_sync.simulators.kubernetes.controllers.desk import Desk, with_condition
from akb_sync.simulators.kubernetes.controllers.pods import is_active, owner_key, pod_from_template
from akb_sync.simulators.kubernetes.objects import at_path, is_deleting, is_true, owner_reference

Json = dict[str, Any]


class JobController:
    """Runs `parallelism` Pods at a time until `completions` have succeeded."""

    name = "jobs"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.interests = {"jobs.batch": lambda change: [change.record.key], "pods": owner_key("Job")}

    def reconcile(self, key: str) -> None:
        """Start what is missing, then report."""
        job = self._desk.get("jobs", key)
        if job is None:
            return
        pods = self._desk.controlled(job, "pods")
        succeeded = sum(at_path(pod, "status.phase") == "Succeeded" for pod in pods)
        active = [pod for pod in pods if is_active(pod)]
        completions = at_path(job, "spec.completions", 1)
        if not is_deleting(job) and not is_true(job, "Complete") and not at_path(job, "spec.suspend"):
            room = min(job["spec"]["parallelism"], completions - succeeded) - len(active)
            active += [self._desk.create("pods", self._new_pod(job)) for _ in range(room)]
        self._report(job, active, succeeded, done=succeeded >= completions)

    def _new_pod(self, job: Json) -> Json:
        base, owners = job["metadata"]["name"] + "-", [owner_reference(job)]
        return pod_from_template(job, job["spec"]["template"], {}, generateName=base, ownerReferences=owners)

    def _report(self, job: Json, active: list[Json], succeeded: int, *, done: bool) -> None:
        now = self._desk.now()
        status = {"startTime": now, **job.get("status", {})}
        counts = {
            "active": len(active),
            "ready": sum(is_true(pod, "Ready") for pod in active),
            "succeeded": succeeded,
        }
        status = {name: value for name, value in {**status, **counts}.items() if value or name == "ready"}
        if done:
            status = with_condition(status, now, "SuccessCriteriaMet", "True", "CompletionsReached")
            status = with_condition(status, now, "Complete", "True", "CompletionsReached")
            status.setdefault("completionTime", now)
        self._desk.set_status(job, "jobs", status)
