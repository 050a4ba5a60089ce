"""What the login tells of the user and the controller, for who looks whether all is well."""

from akb_sync.apic import ApicOptions, ApicSession
from akb_sync.apic.login import Grant
from akb_sync.clock import SystemClock
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.accounts import user_document


def test_the_login_tells_the_release_and_the_roles_of_the_user() -> None:
    with ApicSimulator(users={"admin": "secret"}) as apic:
        apic.post("uni/userext", user_document("reader", "secret", {"all": {"read-all": "readPriv"}}))
        for user, grant in (
            ("admin", Grant("all", ("admin",), ("admin",))),
            ("reader", Grant("all", ("read-all",), ())),
        ):
            options = ApicOptions((apic.url,), user, password="secret", ca_file=apic.ca_file)
            with ApicSession(options, SystemClock(), upkeep=False) as session:
                login = session.login()
                assert login.version == "6.0(9c)"
                assert login.grants == (grant,)
        assert apic.counts["logins"] == 2
