"""Everything that can be wrong, looked at before it is: one small check each, all at the same time."""

from .case import Case
from .checks_apic import TABLE as APIC
from .checks_engine import TABLE as ENGINE
from .checks_fabric import TABLE as FABRIC
from .checks_kubernetes import TABLE as KUBERNETES
from .checks_marks import TABLE as MARKS
from .checks_settings import TABLE as SETTINGS
from .checks_workloads import TABLE as WORKLOADS
from .examination import Examination, Result
from .finding import Finding, Verdict
from .registry import Check, Group, joined

CHECKS = joined(SETTINGS, KUBERNETES, APIC, WORKLOADS, FABRIC, MARKS, ENGINE)
"""Every check, in the order in which people read them."""

__all__ = ["CHECKS", "Case", "Check", "Examination", "Finding", "Group", "Result", "Verdict"]
