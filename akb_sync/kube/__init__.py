"""What the cluster wants: connection, list and watch, annotation, exposures.

`ClusterView` is the door. It joins a `KubeConnection` (raw JSON), one `Watcher` per kind that writes
projected facts into the `Store`, and `desire`, the pure function that makes `akb_sync.model.Desired`.
"""

from .connection import KubeConnection
from .home import Home
from .limits import Limits
from .view import ClusterOptions, ClusterView

__all__ = ["ClusterOptions", "ClusterView", "Home", "KubeConnection", "Limits"]
