"""The curl lines in the help of `akb-sync simulate apic` work as they stand."""

import json
import re
import shlex
import shutil
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import requests

from .program import Program

READY = "The APIC simulator is ready at "
Curl = Callable[[list[str]], str]


def lines_of_help(akb: Program) -> tuple[str, list[str]]:
    """The line that starts the simulator, and the curl lines with those that go on at their end."""
    shown = akb.run("simulate", "apic", "--help").out
    examples, _, rest = shown.partition("With curl, while it runs:")
    start = next(
        line.strip() for line in examples.splitlines() if line.strip().startswith("akb-sync simulate")
    )
    curl = rest.partition("╭")[0].replace("\\\n", " ")
    curl = re.sub(r" \\ +\n", " ", curl)
    return start, [line.strip() for line in curl.splitlines() if line.strip()]


def by_curl(arguments: list[str]) -> str:
    """What curl prints."""
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=True)
    return done.stdout


def by_hand(arguments: list[str]) -> str:
    """What a machine without curl makes of the same line."""
    config = Path(arguments[arguments.index("-K") + 1])
    options = dict(re.findall(r'^(\S+) = "(.*)"$', config.read_text(), re.MULTILINE))
    url = next(word for word in arguments[1:] if word.startswith("https://"))
    data = arguments[arguments.index("-d") + 1] if "-d" in arguments else None
    jar = Path(options["cookie-jar"])
    headers = dict([options["header"].split(": ", 1)]) if "header" in options else {}
    if known := jar.read_text():
        headers["Cookie"] = known
    answer = requests.request(
        "GET" if data is None else "POST",
        url,
        data=data,
        headers=headers,
        verify=options["cacert"],
        timeout=20,
    )
    if cookie := answer.headers.get("Set-Cookie"):
        jar.write_text(cookie.partition(";")[0])
    return answer.text


@pytest.mark.parametrize(
    "curl",
    [
        pytest.param(by_curl, marks=pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")),
        by_hand,
    ],
)
def test_the_curl_lines_of_the_help_work_as_they_stand(tmp_path: Path, curl: Curl) -> None:
    akb = Program(tmp_path)
    start, (source, *lines) = lines_of_help(akb)
    folder = tmp_path / "apic"

    def here(line: str) -> str:
        return line.replace("/tmp/apic", str(folder)).replace("127.0.0.1:8443", "127.0.0.1:0")

    with akb.start(*shlex.split(here(start))[1:]) as running:
        running.until(READY)
        assert source == ". /tmp/apic/env"
        shell = akb.shell(f"{here(source)} && env")
        variables = dict(line.split("=", 1) for line in shell.out.splitlines() if "=" in line)
        printed = []
        for line in lines:
            arguments = shlex.split(_filled(here(line), variables))
            assert arguments[0] == "curl"
            printed.append(curl(arguments))
        running.stop()
    assert stat.S_IMODE((folder / "cookies").stat().st_mode) == 0o600
    login, tenants, written, snapshot = printed
    assert "<aaaLogin " in login
    assert "TEN_K8_C1" in tenants
    assert json.loads(written) == {"totalCount": "0", "imdata": []}
    state = json.loads(snapshot)["imdata"]
    assert any(item.get("fvTenant", {}).get("attributes", {}).get("descr") == "by curl" for item in state)


def _filled(line: str, variables: Mapping[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda match: variables[match[1]], line)
