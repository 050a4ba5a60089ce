"""`akb-sync simulate`: a simulator as a server of its own, for people's own tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from akb_sync.errors import AkbSyncError, SettingsError

from .exits import one_sentence
from .logs import set_up_logging

if TYPE_CHECKING:
    from akb_sync.simulators.kubernetes import KubernetesSimulator

simulate = typer.Typer(
    name="simulate",
    no_args_is_help=True,
    help="""
Serve a simulated APIC or Kubernetes API until stopped.

For tests of your own: each is a server on this machine that behaves as the real one.

Examples:
    akb-sync simulate apic --output /tmp/apic

    akb-sync simulate kubernetes --kubeconfig /tmp/kubeconfig
""",
)

ListenOption = Annotated[
    str, typer.Option("--listen", metavar="HOST:PORT", help="Where to listen; port 0 takes a free one.")
]
DebugOption = Annotated[bool, typer.Option("--debug", help="Log everything, and show tracebacks.")]


@simulate.command()
@one_sentence
def apic(
    output: Annotated[
        Path, typer.Option("--output", help="The folder for ca.pem, env and curl (made if missing).")
    ],
    listen: ListenOption = "127.0.0.1:0",
    load: Annotated[
        Path | None, typer.Option("--load", help="An APIC document (JSON or XML), or a saved state.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", help="Write the state to this file at the end.")
    ] = None,
    faults: Annotated[Path | None, typer.Option("--faults", help="A fault script (YAML).")] = None,
    controllers: Annotated[
        int,
        typer.Option(
            "--controllers",
            min=1,
            max=7,
            help="How many controllers listen, a port each; ACI_APIC lists them.",
        ),
    ] = 1,
    admin: Annotated[
        bool, typer.Option("--admin", help="Open the admin endpoint, on 127.0.0.1 and with a token.")
    ] = False,
    admin_port: Annotated[
        int, typer.Option("--admin-port", min=0, max=65535, help="Its port; 0 takes a free one.")
    ] = 0,
    pods: Annotated[int, typer.Option("--pods", help="Pods of the fabric.")] = 1,
    spines: Annotated[int, typer.Option("--spines", help="Spines of each pod.")] = 2,
    leafs: Annotated[int, typer.Option("--leafs", help="Leafs of each pod.")] = 4,
    behaviour: Annotated[
        list[str] | None,
        typer.Option(
            "--behaviour",
            metavar="NAME=VALUE",
            help="What to do where the evidence about real APICs conflicts; may be repeated.",
        ),
    ] = None,
    debug: DebugOption = False,
) -> None:
    r"""Serve a simulated APIC: REST, websocket and the policy model behind them.

    Without --load there is a small fabric: tenant TEN_K8_C1 with its VRF and the L3Out L3O_K8_C1.

    Examples:
        akb-sync simulate apic --listen 127.0.0.1:8443 --output /tmp/apic --admin

        . /tmp/apic/env && akb-sync plan

    With curl, while it runs:
        . /tmp/apic/env

        curl -K /tmp/apic/curl $ACI_APIC/api/aaaLogin.xml \
          -d '<aaaUser name="admin" pwd="secret"/>'

        curl -K /tmp/apic/curl $ACI_APIC/api/class/fvTenant.json

        curl -K /tmp/apic/curl $ACI_APIC/api/mo/uni/tn-TEN_K8_C1.json \
          -d '{"fvTenant": {"attributes": {"descr": "by curl"}}}'

        curl -K /tmp/apic/curl-admin $AKB_SYNC_APIC_ADMIN/snapshot
    """
    set_up_logging(debug=debug)
    _address(listen)
    with _told():
        from akb_sync.simulators.apic.command import Order, serve_forever  # noqa: PLC0415 (an extra)

        order = Order(
            listen=listen,
            output=output,
            load=load,
            save=save,
            faults=faults,
            controllers=controllers,
            admin=admin,
            admin_port=admin_port,
            behaviour=behaviour or (),
            pods=pods,
            spines=spines,
            leafs=leafs,
        )
        serve_forever(order, lambda apic: _say(f"The APIC simulator is ready at {', '.join(apic.urls)}"))


@simulate.command()
@one_sentence
def kubernetes(
    kubeconfig: Annotated[Path, typer.Option("--kubeconfig", help="The kubeconfig to write.")],
    listen: ListenOption = "127.0.0.1:0",
    debug: DebugOption = False,
) -> None:
    """Serve a simulated Kubernetes API with controllers that make Pods and give Services addresses.

    The kubeconfig that is written has one context, akb-sync-simulator.

    Examples:
        akb-sync simulate kubernetes --kubeconfig /tmp/kubeconfig

        kubectl --kubeconfig /tmp/kubeconfig create deployment web --image=web
    """
    set_up_logging(debug=debug)
    host, port = _address(listen)
    with _told():
        from akb_sync.simulators.kubernetes import (  # noqa: PLC0415 (the simulators are an extra)
            KubernetesSimulator,
            serve_forever,
        )

        serve_forever(KubernetesSimulator(host=host, port=port), kubeconfig, on_ready=_kubernetes_ready)


@contextmanager
def _told() -> Iterator[None]:
    """Tell what a simulator cannot do, or that it is not installed, as the library tells its own errors."""
    try:
        from akb_sync.simulators import SimulatorError  # noqa: PLC0415 (an extra)

        try:
            yield
        except SimulatorError as error:
            raise AkbSyncError(str(error).rstrip(".")) from error
    except ModuleNotFoundError as error:
        raise AkbSyncError(f"the simulators need {error.name}", "install akb-sync[simulators]") from error


def _kubernetes_ready(simulator: KubernetesSimulator) -> None:
    _say(f"The Kubernetes simulator is ready at {simulator.url}")


def _address(listen: str) -> tuple[str, int]:
    host, colon, port = listen.rpartition(":")
    if not (colon and host and port.isdigit() and int(port) < 1 << 16):
        raise SettingsError(f"--listen {listen!r} is no HOST:PORT", "write it as 127.0.0.1:8443")
    return host.strip("[]"), int(port)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
