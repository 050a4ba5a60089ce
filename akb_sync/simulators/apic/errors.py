"""What the APIC answers when it refuses, each code and text in one place.

Texts follow recorded answers of real APICs where there are any: tests of clients match on them, and a
client that was written against the real thing must find what it looks for.
"""

from typing import Any


class ApicError(Exception):
    """A refusal as the APIC words it.

    Attributes:
        code: the `code` attribute of the error object, e.g. "103".
        text: its `text` attribute.
        status: the HTTP status that carries it.
    """

    def __init__(self, code: str, text: str, status: int = 400) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.status = status

    def body(self) -> dict[str, Any]:
        """The JSON envelope of the answer."""
        error = {"error": {"attributes": {"code": self.code, "text": self.text}}}
        return {"totalCount": "1", "imdata": [error]}


def not_found(dn: str) -> ApicError:
    """The parent of a new object, or the object of a `modified`, is not there."""
    return ApicError("102", f"configured object ((Dn0)) not found Dn0={dn}, ")


def already_exists(label: str, name: str, dn: str) -> ApicError:
    """`created` for an object that exists."""
    return ApicError("103", f"Cannot create {label} ({name}); object {dn} already exists.")


def unknown_value(value: str, prop: str, name: str) -> ApicError:
    """A value outside a property's enumeration, flags or range; recorded texts name no object after Dn0."""
    return ApicError("120", f"unknown property value {value}, , name {prop}, class {name} [(Dn0)] Dn0=, ")


def invalid_dn(dn: str, name: str) -> ApicError:
    """A dn that the class cannot have: malformed prefix, wrong parent, or a disagreement with the URL."""
    return ApicError("120", f"unknown property value {dn}, name dn, class {name} [(Dn0)] Dn0=, ")


def failed_validation(prop: str, dn: str, value: str) -> ApicError:
    """A value against the property's pattern or length."""
    return ApicError("801", f"property {prop} of {dn} failed validation for value '{value}'")


def wrong_child(rn: str, parent_dn: str) -> ApicError:
    """A child in a body stands under an object that cannot contain it."""
    return ApicError("400", f"Invalid request. Can not contain child '{rn}' under parent '{parent_dn}'")


def wrong_rn(dn: str, rn: str, position: int) -> ApicError:
    """A dn with a relative name that no class has at that place."""
    return ApicError("400", f"Invalid DN {dn}, wrong rn prefix {rn} at position {position}")


def read_only(name: str, prop: str) -> ApicError:
    """A property that the system keeps was in a POST, as when a GET's answer is posted back."""
    return ApicError("170", f"Admin implicit props cannot be modified, class={name}, prop={prop}")


def unknown_attribute(prop: str, name: str) -> ApicError:
    """A POST names a property that the class does not have."""
    return ApicError("400", f"unknown attribute '{prop}' in element '{name}'")


def malformed(detail: str = "incomplete attribute value at line: 1") -> ApicError:
    """The body is not the JSON of an object tree."""
    return ApicError("400", f"JSON parsing failed - {detail}")


def malformed_xml(detail: str) -> ApicError:
    """The body is not well-formed XML, or more than the API needs of it. The real text is not on record."""
    return ApicError("400", f"XML parsing failed - {detail}")


def attributes_missing() -> ApicError:
    """An object without `attributes`, or with `children` before them."""
    return ApicError(
        "400",
        "invalid data at line '1'. Attributes are missing, "
        "tag 'attributes' must be specified first, before any other tag",
    )


def unresolved_class(name: str, code: str = "400") -> ApicError:
    """A query names a class that this APIC does not have."""
    return ApicError(code, f"Request failed, unresolved class for {name}")


def bad_argument(name: str, options: str) -> ApicError:
    """A query parameter has a value that it cannot have."""
    return ApicError("8", f"{name} argument is incorrect (possible options: {options})")


def bad_filter(text: str) -> ApicError:
    """A filter that cannot be read."""
    return ApicError("301", f"Incorrect filter format '{text}'")


def too_big(status: int = 400) -> ApicError:
    """A result of more objects than one answer may have; clients ask again, page by page."""
    return ApicError("1", "Unable to process the query, result dataset is too big", status)


def renamed(name: str, prop: str) -> ApicError:
    """A naming property differs from the name in the dn: an object keeps its name for life."""
    return ApicError(
        "120",
        f"Create-only and naming props cannot be modified after creation, class={name}, prop={prop}",
    )


def not_deletable(dn: str) -> ApicError:
    """An object that belongs to the system."""
    return ApicError("107", f"Cannot delete object {dn}")


def router_id(vrf: str, dn: str, ids: tuple[str, str]) -> ApicError:
    """A node has another router id already, in the same VRF."""
    return ApicError(
        "100",
        f"Invalid Configuration - VRF Validation failed for VRF = {vrf}: Different RouterId exists for node "
        f"in {dn}; conflicting router ids are: {ids[0]} and {ids[1]} "
        "If this was an attempt to modify, consider deletion followed by addition",
    )


def token_invalid(reason: str = "Token timeout") -> ApicError:
    """The request bears no valid token; 403 tells clients to log in again."""
    return ApicError("403", f"Token was invalid (Error: {reason})", 403)


def not_subscribable() -> ApicError:
    """A subscription was asked for and the session has no websocket open."""
    return ApicError(
        "405",
        "Subscription request failed, unable to locate opened web socket. Please re-login to the application",
        405,
    )
