"""The documents of local users, as an administrator would post them."""

from collections.abc import Mapping
from typing import Any

from akb_sync.simulators.apic.rights import ALL, WRITE

USERS_DN = "uni/userext"
ADMINISTRATOR: Mapping[str, Mapping[str, str]] = {ALL: {"admin": WRITE}}


def user_document(
    name: str, password: str, domains: Mapping[str, Mapping[str, str]] = ADMINISTRATOR
) -> dict[str, Any]:
    """The document of a user, to be posted to `uni/userext`.

    Args:
        name: the login name.
        password: the password.
        domains: for each security domain the roles and whether they may write, e.g.
            `{"DOM_A": {"tenant-admin": "writePriv"}}`; `readPriv` lets them read only.
    """
    children = [
        {
            "aaaUserDomain": {
                "attributes": {"name": domain},
                "children": [
                    {"aaaUserRole": {"attributes": {"name": role, "privType": privilege}}}
                    for role, privilege in roles.items()
                ],
            }
        }
        for domain, roles in domains.items()
    ]
    return {"aaaUser": {"attributes": {"name": name, "pwd": password}, "children": children}}
