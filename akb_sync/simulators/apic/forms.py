"""The two forms in which the API is spoken, JSON and XML: the suffix of the URL decides, not a header."""

import json
from enum import StrEnum
from typing import Any, Self

from akb_sync.simulators.apic import errors, xml_form


class Form(StrEnum):
    """The form of a request's body and of its answer: the suffix of the URL, whatever headers say."""

    JSON = "json"
    XML = "xml"

    @classmethod
    def of(cls, url: str) -> Self:
        """The form that a URL asks for; JSON where it asks for none."""
        return cls("xml" if url.partition("?")[0].endswith(".xml") else "json")

    @property
    def media_type(self) -> str:
        """The `Content-Type` of an answer."""
        return "application/json" if self is Form.JSON else "text/xml; charset=UTF-8"

    def read(self, body: bytes) -> Any:
        """The document in a request's body; raises the APIC's error for a body of another form."""
        if self is Form.XML:
            return xml_form.read(body)
        try:
            return _read_json(body)
        except (ValueError, RecursionError) as error:
            raise errors.malformed() from error

    def write(self, envelope: dict[str, Any]) -> str:
        """An answer or an event frame, in the APIC's own key order."""
        if self is Form.XML:
            return xml_form.write(envelope)
        return json.dumps(envelope, separators=(",", ":"))


def _read_json(body: bytes) -> Any:
    """The document of a JSON body; ValueError also for text that is no Unicode, such as half a pair."""
    document = json.loads(body.decode())
    if b"\\u" in body:
        json.dumps(document, ensure_ascii=False).encode()
    return document
