"""Keeps Cisco ACI external EPGs right for Kubernetes workloads behind an L3Out.

The public surface: settings in, an engine that reads, plans and writes, and the words of its answers.
Everything else is reached through these and may move.
"""

from .engine import Engine, Pass, Report, Watch
from .errors import AkbSyncError, ApicError, KubernetesError, SettingsError
from .item import Action, Hold, Item
from .model import Binding
from .plan import Plan
from .reasons import Reason
from .settings import MassDelete, Policy, Settings
from .version import __version__

__all__ = [
    "Action",
    "AkbSyncError",
    "ApicError",
    "Binding",
    "Engine",
    "Hold",
    "Item",
    "KubernetesError",
    "MassDelete",
    "Pass",
    "Plan",
    "Policy",
    "Reason",
    "Report",
    "Settings",
    "SettingsError",
    "Watch",
    "__version__",
]
