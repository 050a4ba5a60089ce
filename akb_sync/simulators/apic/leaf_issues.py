"""What leafs report when they cannot do what a policy says: F0467 there, and a copy of it at the policy.

The fault stands below the leaf's own view of the policy, `topology/pod-1/node-101/local/…/nwissues`, where
clients look for it by a wildcard of its dn; the copy, a fault delegate, stands below the policy that people
look at (ACI-Pre-Upgrade-Validation-Script; Cisco document 220876).
"""

from dataclasses import dataclass

from akb_sync.simulators.apic.fault_book import FaultBook
from akb_sync.simulators.apic.schema import Schema
from akb_sync.simulators.apic.transactions import Transaction
from akb_sync.simulators.apic.tree import Tree

CODE = "F0467"
LOCAL = "local/svc-policyelem-id-0/"


@dataclass(frozen=True, slots=True)
class View:
    """How leafs keep a kind of policy.

    Attributes:
        container: rn of what holds these policies, below the node.
        name: class of the leaf's object for one policy, named by the policy's dn.
    """

    container: str
    name: str


EXTERNAL_EPGS = View(f"{LOCAL}uni/epp", "fvRtdEpP")
L3OUTS = View(f"{LOCAL}resPolCont/rtdOutCont", "l3extRtdOutDef")


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong: the word for it, the words of people for it, and the leaf's own message."""

    quality: str
    title: str
    detail: str


class LeafIssues:
    """Raises and clears the faults of leafs about one kind of policy."""

    def __init__(self, schema: Schema, tree: Tree, faults: FaultBook, view: View) -> None:
        self._tree = tree
        self._faults = faults
        self._view = view
        self._schema = schema
        self._raised: dict[str, dict[str, None]] = {}  # nodes by dn of the policy

    def report(self, transaction: Transaction, policy: str, issues: dict[str, Issue]) -> None:
        """Let the leafs among these nodes have these issues with a policy, and all others none."""
        before = self._raised.pop(policy, {})
        now: dict[str, None] = {}
        for node, issue in issues.items():
            if self._raise(transaction, node, policy, issue):
                now[node] = None
        for node in before:
            if node not in now:
                self._clear(transaction, node, policy)
        if now:
            self._raised[policy] = now
        elif before and (owner := self._tree.get(policy)) is not None:
            self._faults.undelegate(transaction, owner, self._affected(policy), CODE)

    def _raise(self, transaction: Transaction, node: str, policy: str, issue: Issue) -> bool:
        container = self._tree.get(f"{node}/{self._view.container}")
        owner = self._tree.get(policy)
        if container is None or owner is None:
            return False
        item = self._schema[self._view.name]
        naming = item.rn.naming[0]
        seen = container.children.get(item.rn.build({naming: policy}))
        if seen is None:
            dn = f"{container.dn}/{item.rn.build({naming: policy})}"
            seen = transaction.create(item, container, dn, {naming: policy})
        issues = seen.children.get("nwissues")
        if issues is None:
            issues = transaction.create(self._schema["fvNwIssues"], seen, f"{seen.dn}/nwissues", {})
        fault = self._faults.raise_on(transaction, issues, CODE, _words(policy, issue), "minor")
        self._faults.delegate(transaction, fault, owner, self._affected(policy))
        return True

    def _clear(self, transaction: Transaction, node: str, policy: str) -> None:
        naming = self._schema[self._view.name].rn
        seen = self._tree.get(f"{node}/{self._view.container}/{naming.build({naming.naming[0]: policy})}")
        issues = None if seen is None else seen.children.get("nwissues")
        if seen is None or issues is None:
            return
        self._faults.clear_on(transaction, issues, CODE)
        if not issues.children:
            transaction.delete(seen)

    def _affected(self, policy: str) -> str:
        rn = self._schema[self._view.name].rn
        container = self._view.container.removeprefix(LOCAL)
        return f"{container}/{rn.build({rn.naming[0]: policy})}/nwissues"


def _words(policy: str, issue: Issue) -> dict[str, str]:
    debug = f"{issue.quality}: {issue.detail};"
    return {
        "cause": "configuration-failed",
        "changeSet": f"configQual:{issue.quality}, configSt:failed-to-apply, debugMessage:{debug}, "
        "temporaryError:no",
        "delegated": "yes",
        "descr": f"Configuration failed for {policy} due to {issue.title}, debug message: {debug}",
        "rule": "fv-nw-issues-config-failed",
        "subject": "management",
    }
