"""What goes over the wire: a request, the answer to it, and who stands behind the request."""

import time
from dataclasses import dataclass, field

from akb_sync.simulators.apic.forms import Form
from akb_sync.simulators.apic.rendering import Json
from akb_sync.simulators.apic.rights import Rights
from akb_sync.simulators.apic.sessions import Session

TOKEN_COOKIE = "apic-cookie"  # noqa: S105 - the cookie's name


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: the path raw with its query string, cookies in order with names in lower case.

    `challenge` is the `APIC-challenge` header, `arrived` when its head had come (monotonic seconds).
    """

    method: str
    path: str
    cookies: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    challenge: str = ""
    arrived: float = field(default_factory=time.monotonic)

    def tokens(self) -> list[str]:
        """The values of all token cookies."""
        return [value for name, value in self.cookies if name == TOKEN_COOKIE]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `token` goes into a cookie, `committed` says that a write was carried out."""

    status: int
    body: Json = field(default_factory=dict)
    token: str | None = None
    committed: bool = False
    form: Form = Form.JSON

    def text(self) -> str:
        """The body as it goes over the wire."""
        return self.form.write(self.body)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the user, and the session if there is one (a signed request may have none)."""

    user: str
    session: Session | None
    user_dn: str
    rights: Rights
