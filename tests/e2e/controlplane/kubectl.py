"""kubectl as the people who use a cluster use it.

Why: what application teams and operators type is `kubectl scale`, `annotate`, `rollout restart`. The tests
type the same, with nothing of the account that runs them playing a part.
"""

import os
import subprocess
from pathlib import Path

KUBECTL_SECONDS = 180.0


class KubectlError(AssertionError):
    """kubectl ended with an error; the text is the command and what it wrote to stderr."""


class Kubectl:
    """Runs one kubectl binary.

    Args:
        binary: the program.
        cache: the folder where it keeps what it learned of the apiserver's kinds.
    """

    def __init__(self, binary: Path, cache: Path) -> None:
        self._binary = binary
        self._cache = cache

    def run(self, *arguments: str, kubeconfig: Path, stdin: str | None = None) -> str:
        """What kubectl prints for `arguments`.

        Raises:
            KubectlError: it ended with an error.
            subprocess.TimeoutExpired: it did not end within a minute.
        """
        done = subprocess.run(
            [str(self._binary), *arguments],
            input=stdin,
            env=self._environment(kubeconfig),
            capture_output=True,
            text=True,
            timeout=KUBECTL_SECONDS,
            check=False,
        )
        if done.returncode:
            command = " ".join(arguments)
            raise KubectlError(f"kubectl {command}: exit {done.returncode}\n{done.stderr.strip()}")
        return done.stdout

    def _environment(self, kubeconfig: Path) -> dict[str, str]:
        """KUBERC is the file of a person's preferences, which may change what a command does."""
        own = {"KUBECONFIG": str(kubeconfig), "KUBECACHEDIR": str(self._cache), "KUBERC": "off"}
        return {**os.environ, **own}
