"""The XML form of what the API otherwise says in JSON: `<fvTenant name="x"><fvCtx name="y"/></fvTenant>`.

The rest of the simulator knows one form only, so both ways are a translation. A body may not have a document
type: without one there are no entities to expand and no files to fetch, whatever a client sends.
"""

import re
from typing import Any
from xml.parsers import expat

from akb_sync.simulators.apic.errors import malformed_xml

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
ENVELOPE = "imdata"
MAX_DEPTH = 100
Json = dict[str, Any]

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_SPECIAL = re.compile("""[&<>"\n\r\t]""")
# What XML 1.0 cannot hold even as a reference; some properties take any text.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(body: bytes) -> Json:
    """The JSON document that an XML body stands for; raises the APIC's error for what is not well-formed."""
    reader = _Reader()
    # The encoding is fixed: a document that declares another one would choose its own decoder.
    parser = expat.ParserCreate("UTF-8")
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no keyword
    except expat.ExpatError as error:
        raise malformed_xml(f"{expat.ErrorString(error.code)} at line: {error.lineno}") from error
    except RecursionError as error:
        raise malformed_xml("nested too deeply") from error
    return reader.root


def write(envelope: Json) -> str:
    """The XML of an answer or of an event frame: `imdata` with the other keys as its attributes."""
    heading = {name: value for name, value in envelope.items() if name != ENVELOPE}
    if isinstance(ids := heading.get("subscriptionId"), list):
        heading["subscriptionId"] = ",".join(ids)
    content = "".join(_element(item) for item in envelope[ENVELOPE])
    return f"{DECLARATION}<{ENVELOPE}{_attributes(heading)}>{content}</{ENVELOPE}>"


class _Reader:
    """Builds the document while the parser goes through the text."""

    def __init__(self) -> None:
        self.root: Json = {}
        self._open: list[list[Any]] = []

    def doctype(self, *_declared: object) -> None:
        raise malformed_xml("a document type is not allowed")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise malformed_xml("nested too deeply")
        children: list[Any] = []
        if not self._open and name == ENVELOPE:
            self.root = {"totalCount": attributes.get("totalCount", ""), ENVELOPE: children}
        else:
            element = {name: {"attributes": attributes, "children": children}}
            if self._open:
                self._open[-1].append(element)
            else:
                self.root = element
        self._open.append(children)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        if text.strip():
            raise malformed_xml("text between elements")


def _element(item: Json) -> str:
    ((name, body),) = item.items()
    children = "".join(_element(child) for child in body.get("children", ()))
    opening = f"<{name}{_attributes(body['attributes'])}"
    return f"{opening}>{children}</{name}>" if children else f"{opening}/>"


def _attributes(values: dict[str, Any]) -> str:
    return "".join(f' {name}="{_quoted(str(value))}"' for name, value in values.items())


def _quoted(value: str) -> str:
    possible = _IMPOSSIBLE.sub("\ufffd", value)
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], f"&#{ord(match[0])};"), possible)
