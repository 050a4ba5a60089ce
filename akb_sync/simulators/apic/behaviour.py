"""Where the evidence about real APICs conflicts: what the simulator does, and what it can do instead.

Each field has the better-founded claim as its default. A client that must work with every APIC is tested
with the other value too.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The choices of one simulated APIC.

    Attributes:
        refresh_class: the class in the answer to aaaRefresh. Six clients, Cisco's own among them, read
            `aaaLogin`; go-aci and a fixture of niwaki have `aaaRefresh`.
        too_big_status: the HTTP status of "result dataset is too big". Six clients look for 400; the REST
            API Configuration Guide names 503.
        maximal_result: objects that one answer may have before it is too big. 100,000 on a real APIC.
        maximal_post_bytes: a larger body is refused with 413 by the web server; None for no limit. No figure
            is published, but some fabrics reject very large envelopes (niwaki's documentation).
        maximal_request_line: bytes of path and query that the web server takes, 414 for more. A query
            string of 10.7 KB was refused by a real APIC, one of 4 KB was not.
        dead_refresh_status: what the refresh of a dead subscription answers. Clients of real APICs see 400
            (k8-aci-sync, niwaki's live test); aci-sim always answers 200.
        subscription_timeout: seconds that a subscription lives without `refresh-timeout`. 60 by IBM's
            guide, pyaci, AIM and niwaki; aci-sim has 90.
        nested_child_dn: nested children bear `dn` beside `rn`. Absent in most captures, and clients rebuild
            it; present in a newer one (Cisco's pre-upgrade validation script).
        allbits: the filter operator exists. IBM's table of operators has it; niwaki found none on 6.0(9c).
        flags_order: the order in which sets of flags are read back. Alphabetical in a configuration export
            and in the assertions of cisco.aci; `model` is the order of the class's row, bit by bit.
        extend_on_use: every request prolongs its token. IBM and apicapi say so; the guide wants a refresh.
        unknown_class_code: the code of "unresolved class". 400 in the pre-upgrade validation script; AIM
            takes code 12 for it.
        no_rights_status: what a write beyond the user's rights answers. 400 with code 170 by
            aci-integration-module's error handler; the REST API Configuration Guide names 403.
    """

    refresh_class: Literal["aaaLogin", "aaaRefresh"] = "aaaLogin"
    too_big_status: Literal[400, 503] = 400
    maximal_result: int = 100_000
    maximal_post_bytes: int | None = None
    maximal_request_line: int = 8_000
    dead_refresh_status: Literal[400, 200] = 400
    subscription_timeout: float = 60.0
    nested_child_dn: bool = False
    allbits: bool = True
    flags_order: Literal["alphabetical", "model"] = "alphabetical"
    extend_on_use: bool = False
    unknown_class_code: Literal["400", "12"] = "400"
    no_rights_status: Literal[400, 403] = 400


DEFAULT = Behaviour()
