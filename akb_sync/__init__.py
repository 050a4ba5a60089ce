"""Keeps Cisco ACI external EPGs right for Kubernetes workloads behind an L3Out.

The public surface: settings in, an engine that reads, plans and writes, and the words of its answers.
Everything else is reached through these and may move.

A name is fetched when it is asked for: who imports `akb_sync.testing` for a simulator gets no engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .engine import Engine, Pass, Report, Watch
    from .errors import AkbSyncError, ApicError, KubernetesError, OwnershipRefused, SettingsError
    from .item import Action, Hold, Item
    from .model import Binding
    from .ownership import Ownership, Terms
    from .plan import Plan
    from .reasons import Reason
    from .settings import MassDelete, Policy, Settings
    from .version import __version__

_HOMES = {
    "engine": ("Engine", "Pass", "Report", "Watch"),
    "errors": ("AkbSyncError", "ApicError", "KubernetesError", "OwnershipRefused", "SettingsError"),
    "item": ("Action", "Hold", "Item"),
    "model": ("Binding",),
    "ownership": ("Ownership", "Terms"),
    "plan": ("Plan",),
    "reasons": ("Reason",),
    "settings": ("MassDelete", "Policy", "Settings"),
    "version": ("__version__",),
}

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
    "Ownership",
    "OwnershipRefused",
    "Pass",
    "Plan",
    "Policy",
    "Reason",
    "Report",
    "Settings",
    "SettingsError",
    "Terms",
    "Watch",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Fetch a public name from the module that it lives in."""
    for home, names in _HOMES.items():
        if name in names:
            found = getattr(import_module(f"{__name__}.{home}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
