"""What a property accepts, and the form in which the APIC gives it back.

Every value travels as text. Flag sets come back in alphabetical order, booleans as yes and no, IPv6
addresses in compressed lower-case form (configuration exports of real APICs; model reference 6.0).
"""

import ipaddress
import re
from dataclasses import dataclass

PREFIX_CHARACTERS = re.compile(r"[0-9a-fA-F.:/ ]+")
MOST_DIGITS = 20
# acitoolkit writes 0 and 1.
TRUE = frozenset({"yes", "true", "1"})
FALSE = frozenset({"no", "false", "0"})


class PatternError(ValueError):
    """The value breaks a pattern or a length (error 801)."""


class UnknownValueError(ValueError):
    """The value is none that the property can have (error 120)."""


class AddressError(ValueError):
    """The value is no address; since addresses name objects the APIC blames the dn (error 120)."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a class.

    Attributes:
        kind: text, enum, flags, int, bool, prefix (address/length), network (host or prefix), address.
        options: the words of an enum or of a flag set.
        words: words that an int or a flag set takes beside its own values.
        low, high: length of a text, range of an int.
        secret: accepted, kept, never shown.
        rank: the order of a flag set's words; empty for the alphabetical one.
    """

    name: str
    kind: str = "text"
    default: str = ""
    options: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    low: int | None = None
    high: int | None = None
    readonly: bool = False
    secret: bool = False
    rank: tuple[str, ...] = ()

    def normalise(self, value: str) -> str:
        """The value as the APIC stores it; raises one of this module's errors when it is refused."""
        if value == self.default and self.kind != "text":
            return value
        return _NORMALISERS[self.kind](self, value)


def whole(value: str) -> int:
    """The whole number that a text is, and 0 for any other text."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < MOST_DIGITS else 0


def _text(prop: Property, value: str) -> str:
    if len(value) < (prop.low or 0) or (prop.high is not None and len(value) > prop.high):
        raise PatternError(value)
    if value and prop.pattern is not None and not prop.pattern.fullmatch(value):
        raise PatternError(value)
    return value


def _enum(prop: Property, value: str) -> str:
    if value not in prop.options:
        raise UnknownValueError(value)
    return value


def _flags(prop: Property, value: str) -> str:
    if value in prop.words:
        return value
    flags = {flag.strip() for flag in value.split(",")} - {""}
    if not flags <= prop.options:
        raise UnknownValueError(value)
    return ",".join(sorted(flags, key=prop.rank.index if prop.rank else None))


def _int(prop: Property, value: str) -> str:
    if value in prop.words:
        return value
    if not (value.isascii() and value.isdigit() and len(value) < MOST_DIGITS):
        raise UnknownValueError(value)
    number = int(value)
    if (prop.low is not None and number < prop.low) or (prop.high is not None and number > prop.high):
        raise UnknownValueError(value)
    return str(number)


def _bool(_prop: Property, value: str) -> str:
    if value in TRUE:
        return "yes"
    if value in FALSE:
        return "no"
    raise UnknownValueError(value)


def _prefix(prop: Property, value: str) -> str:
    if "/" not in value:
        raise AddressError(value)
    return _network(prop, value)


def _network(_prop: Property, value: str) -> str:
    # Host bits stay as they are written: 10.0.0.1/8 and 10.0.0.0/8 are two objects (acceptance tests of
    # the Terraform provider on real APICs).
    if not PREFIX_CHARACTERS.fullmatch(value):
        raise AddressError(value)
    text, slash, length = value.partition("/")
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise AddressError(value) from error
    if slash and not (length.isdigit() and len(length) < 4 and int(length) <= address.max_prefixlen):
        raise AddressError(value)
    if address.version == 6:
        text = str(address)
    return f"{text}/{int(length)}" if slash else text


def _address(_prop: Property, value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError as error:
        raise AddressError(value) from error


_NORMALISERS = {
    "text": _text,
    "enum": _enum,
    "flags": _flags,
    "int": _int,
    "bool": _bool,
    "prefix": _prefix,
    "network": _network,
    "address": _address,
}
