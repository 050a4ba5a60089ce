"""The simulator as a program of its own: serve until somebody presses Ctrl-C or sends SIGTERM."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path

from akb_sync.simulators.kubernetes.simulator import KubernetesSimulator


def serve_forever(
    simulator: KubernetesSimulator,
    kubeconfig: Path | None = None,
    on_ready: Callable[[KubernetesSimulator], None] = lambda _simulator: None,
) -> None:
    """Start, write the kubeconfig, call `on_ready`, and serve until SIGINT or SIGTERM; then stop cleanly.

    To be called in the main thread, where signals arrive. A second signal is not waited for. The signal
    handlers that were there before are put back.

    Raises:
        SimulatorError: when the port or the kubeconfig cannot be had; nothing is left running then.
    """
    done = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: done.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        with simulator:
            if kubeconfig is not None:
                simulator.write_kubeconfig(kubeconfig)
            on_ready(simulator)
            done.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
