"""The simulator as a program of its own: serve until somebody presses Ctrl-C or sends SIGTERM."""

from collections.abc import Callable
from pathlib import Path

from akb_sync.simulators.kubernetes.simulator import KubernetesSimulator
from akb_sync.simulators.stopping import stop_signals, wait_until


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
    with stop_signals() as stopped, simulator:
        if kubeconfig is not None:
            simulator.write_kubeconfig(kubeconfig)
        on_ready(simulator)
        wait_until(stopped)
