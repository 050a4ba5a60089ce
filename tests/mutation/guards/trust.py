"""Channels are verified, names stay names, and secrets are shown nowhere."""

from __future__ import annotations

from tests.mutation.cut import drops, gives, never, swaps
from tests.mutation.guard import Guard

TLS = "akb_sync.apic.tls"
SESSION = "akb_sync.apic.session"
WIRE = "akb_sync.apic.wire"
QUERY = "akb_sync.apic.query"
ANSWERS = "akb_sync.apic.answers"
OPTIONS = "akb_sync.apic.options"
LOGIN = "akb_sync.apic.login"
WEBSOCKETS = "akb_sync.apic.websockets"
SETTINGS = "akb_sync.settings"
IN_TRUST = "tests/simulated/apic/transport/test_trust.py::"
IN_TLS = "tests/simulated/security/test_tls.py::"
IN_REQUESTS_ON_THE_WIRE = "tests/unit/apic/transport/test_requests_on_the_wire.py::"
IN_WRITES = "tests/unit/apic/transport/test_writes.py::"
IN_NOTHING_IS_SHOWN = "tests/unit/apic/transport/test_nothing_is_shown.py::"
IN_INJECTION = "tests/unit/security/test_injection.py::"
IN_CLI_OPTIONS = "tests/unit/cli/test_options.py::"
IN_CONFIG = "tests/unit/cli/test_config.py::"
IN_RENDER = "tests/unit/cli/test_render.py::"
IN_LOG_FORMATS = "tests/unit/cli/test_log_formats.py::"
IN_OPTIONS = "tests/unit/apic/transport/test_options.py::"

ROWS = (
    Guard(
        "certificates-are-verified",
        "The APIC's certificate is verified, on both channels.",
        (
            swaps(
                TLS,
                "_trusting",
                "ssl.create_default_context(cafile=str(options.ca_file))",
                "ssl._create_unverified_context()",
            ),
        ),
        (f"{IN_TRUST}test_a_certificate_for_another_host_is_not_trusted",),
    ),
    Guard(
        "machines-cas",
        "Without a CA file the machine's CAs are trusted, and nobody else.",
        (swaps(TLS, "_trusting", "ssl.create_default_context()", "ssl._create_unverified_context()"),),
        (
            f"{IN_TRUST}test_an_unknown_ca_is_told_with_the_option_that_mends_it",
            f"{IN_TRUST}test_the_websocket_verifies_by_itself",
        ),
    ),
    Guard(
        "tls-1-2",
        "TLS 1.2 is the least.",
        (swaps(TLS, "tls_context", "ssl.TLSVersion.TLSv1_2", "ssl.TLSVersion.TLSv1"),),
        (f"{IN_TLS}test_a_server_that_speaks_tls_1_1_only_is_told_nothing",),
    ),
    Guard(
        "insecure-is-said",
        "A certificate that is not verified, and a fabric without TLS, are warned of.",
        (gives(SESSION, "_warn_of", "None"),),
        (
            f"{IN_TRUST}test_insecure_is_an_option_that_is_warned_of_once",
            f"{IN_TRUST}test_a_fabric_without_tls_works_and_is_warned_of",
        ),
    ),
    Guard(
        "no-environment",
        "Proxies and `.netrc` of the environment change neither the way nor the credential.",
        (swaps(WIRE, "Wire.__init__", "self._http.trust_env = False", "self._http.trust_env = True"),),
        (f"{IN_REQUESTS_ON_THE_WIRE}test_proxies_and_netrc_of_the_environment_are_left_alone",),
    ),
    Guard(
        "no-redirects",
        "A redirect is not followed, least of all with the cookie.",
        (
            swaps(
                WIRE,
                "Wire.send",
                "self._http.send(request, timeout=(self._connect_timeout, patience), allow_redirects=False)",
                "self._http.send(request, timeout=(self._connect_timeout, patience))",
            ),
        ),
        (f"{IN_WRITES}test_each_answer_says_what_became_of_the_write_and_it_is_sent_once",),
    ),
    Guard(
        "one-cookie",
        "A second cookie of the APIC's own never goes beside ours.",
        (
            drops(
                WIRE,
                "Wire.__init__",
                "self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))",
            ),
        ),
        (f"{IN_NOTHING_IS_SHOWN}test_a_second_login_bears_no_cookie_of_the_session_before",),
    ),
    Guard(
        "target-is-one-line",
        "No name changes the request line.",
        (gives(QUERY, "_escape", "text"),),
        (f"{IN_REQUESTS_ON_THE_WIRE}test_only_what_would_change_the_request_line_is_escaped",),
    ),
    Guard(
        "their-words-are-one-line",
        "The APIC's words are one printable line.",
        (gives(ANSWERS, "_line", "text[:longest]"),),
        (f"{IN_INJECTION}test_the_apics_own_words_are_one_line_of_an_error",),
    ),
    Guard(
        "password-is-not-shown",
        "The password is in no text of the options.",
        (swaps(OPTIONS, "ApicOptions.password", 'field(default="", repr=False)', 'field(default="")'),),
        (f"{IN_OPTIONS}test_secrets_are_not_in_the_repr",),
    ),
    Guard(
        "key-is-not-shown",
        "The key is in no text of the options.",
        (swaps(OPTIONS, "ApicOptions.key_pem", "field(default=None, repr=False)", "field(default=None)"),),
        (f"{IN_OPTIONS}test_secrets_are_not_in_the_repr",),
    ),
    Guard(
        "cookie-is-not-shown",
        "A request does not show its cookie.",
        (swaps(WIRE, "Call.cookie", 'field(default="", repr=False)', 'field(default="")'),),
        (f"{IN_REQUESTS_ON_THE_WIRE}test_a_call_does_not_show_its_cookie_or_its_body",),
    ),
    Guard(
        "body-is-not-shown",
        "A request does not show its body, which may be a login.",
        (swaps(WIRE, "Call.body", 'field(default=b"", repr=False)', 'field(default=b"")'),),
        (f"{IN_REQUESTS_ON_THE_WIRE}test_a_call_does_not_show_its_cookie_or_its_body",),
    ),
    Guard(
        "token-is-not-shown",
        "A login does not show its token.",
        (swaps(LOGIN, "Login.token", "field(repr=False)", "field()"),),
        (f"{IN_NOTHING_IS_SHOWN}test_a_login_does_not_show_its_token",),
    ),
    Guard(
        "handshake-is-not-shown",
        "The websocket's error does not show its path, which has the token.",
        (swaps(WEBSOCKETS, "_refusal", "error.status_code", "str(error)"),),
        (f"{IN_NOTHING_IS_SHOWN}test_a_refused_handshake_does_not_show_the_path_that_it_asked_for",),
    ),
    Guard(
        "settings-do-not-show-the-password",
        "The settings do not show the password.",
        (swaps(SETTINGS, "Settings.apic_password", "False", "True"),),
        (f"{IN_CLI_OPTIONS}test_lists_become_tuples_and_the_password_comes_from_the_environment",),
    ),
    Guard(
        "config-masks",
        "`config show` masks secrets.",
        (never("cli.config", "_shown", "not setting.flag"),),
        (f"{IN_CONFIG}test_secrets_are_masked",),
    ),
    Guard(
        "terminal-text",
        "Text of others reaches a terminal without what it would obey.",
        (gives("cli.text", "harmless", "text"),),
        (f"{IN_RENDER}test_no_control_character_survives",),
    ),
    Guard(
        "log-lines",
        "Text of others forges no line of a log.",
        (gives("cli.log_formats", "_quoted", "value"),),
        (f"{IN_LOG_FORMATS}test_a_line_stays_one_line_whatever_is_in_it",),
    ),
)
