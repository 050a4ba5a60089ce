"""What docs/simulators.md says about the APIC: the fault script is played, the tables name what there is."""

import re
from pathlib import Path

import pytest
import requests

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.choices import choices
from akb_sync.simulators.apic.faults import read_text
from akb_sync.simulators.apic.faults.vocabulary import WORDS
from tests.simulated.apic_simulator.client import Client, error_of, mo

PAGE = (Path(__file__).parents[3] / "docs" / "simulators.md").read_text()
EPG = "uni/tn-TEN_K8_C1/out-L3O_K8_C1/instP-web"
(SCRIPT,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def subnet(ip: str) -> dict[str, object]:
    return mo("l3extInstP", [mo("l3extSubnet", ip=ip)], name="web")


def test_the_fault_script_of_the_manual_does_what_its_names_say(apic: ApicSimulator, client: Client) -> None:
    client.open_socket().subscribe("class/l3extSubnet")
    apic.load_faults(read_text(SCRIPT))
    assert [client.post(f"mo/{EPG}", subnet("10.0.0.0/8")).status_code for _ in range(2)] == [503, 503]
    assert apic.get(EPG) is None
    with pytest.raises(requests.ConnectionError):
        client.post(f"mo/{EPG}", subnet("10.0.0.0/8"))
    assert apic.get(EPG) is not None
    assert error_of(client.post(f"mo/{EPG}", subnet("192.0.2.0/24")))[1:] == ("120", "Invalid Configuration")
    for ip in ("11.0.0.0/8", "12.0.0.0/8"):
        assert client.post(f"mo/{EPG}", subnet(ip)).status_code == 200
    assert [client.event()[2]["ip"] for _ in range(2)] == ["10.0.0.0/8", "12.0.0.0/8"]
    apic.clock.advance(61)
    assert client.socket is not None
    assert client.socket.recv() == ""
    assert client.get("class/fvTenant").status_code == 403
    assert [rule.struck for rule in apic.faults.script][1:] == [2, 1, 1, 1, 1]
    assert apic.faults.script[0].struck >= 7


def test_the_manual_names_every_effect_of_a_fault_script() -> None:
    rows = PAGE.partition("| `do` | what happens |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)(?:: [^`]*)?`", rows))
    assert WORDS.keys() <= named


def test_the_manual_has_every_choice_of_behaviour_with_its_default() -> None:
    for name, (default, allowed) in choices().items():
        assert f"| `{name}` | {default} | {allowed} |" in PAGE
