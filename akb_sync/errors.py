"""Every exception that leaves the library, drawn once.

An error is one sentence that says what went wrong and where, and a next step for the person who
reads it. Code that talks to a server maps that server's failures to this tree in one place
(`kube.connection`, `apic.session`), so that nothing above has to know `requests` or `urllib3`.

    AkbSyncError
    ├── SettingsError                 a setting is missing, malformed or contradicts another
    ├── OwnershipRefused              an object may not be taken over, let go or deleted as it was asked
    ├── KubernetesError
    │   ├── KubernetesConfigError     no kubeconfig, no such context
    │   ├── KubernetesUnreachable     no connection, a timeout, an untrusted certificate
    │   ├── KubernetesUnauthorized    401
    │   ├── KubernetesForbidden       403: a verb on a resource is missing from the role
    │   ├── KubernetesNotFound        404: the object, or its namespace, does not exist
    │   ├── KubernetesConflict        409: it exists already, or was changed by somebody else
    │   ├── KubernetesGone            410: the resourceVersion or continue token is too old
    │   └── KubernetesAnswerError     anything else that is not an answer
    └── ApicError
        ├── ApicUnreachable           no connection, a timeout before anything was sent
        ├── ApicCertificateError      the server's certificate is not trusted
        ├── ApicLoginRefused          wrong credentials; not tried again at once
        ├── ApicForbidden             a right is missing
        ├── ApicBusy                  503, 202, 405: try again later
        ├── ApicAnswerError           not JSON, or JSON of another shape
        ├── ApicRejected              400: the APIC's validation says no; has its code and text
        └── ApicOutcomeUnknown        sent, and no answer: it may or may not have been committed
"""

LATER = "try again later (a running engine does)"
"""The next step where nothing but patience helps."""


class AkbSyncError(Exception):
    """The root: one sentence (`message`) and what to do next (`next_step`, may be empty)."""

    def __init__(self, message: str, next_step: str = "") -> None:
        """Keep both parts; `str()` gives them as people read them."""
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        """Give the sentence, then the next step."""
        return f"{self.message}; {self.next_step}" if self.next_step else self.message


class SettingsError(AkbSyncError):
    """A setting is missing, malformed, or contradicts another."""


class OwnershipRefused(AkbSyncError):
    """An object may not be taken over, let go or deleted as it was asked; nothing was changed."""


class KubernetesError(AkbSyncError):
    """The Kubernetes API could not be read."""


class KubernetesConfigError(KubernetesError):
    """There is no usable kubeconfig, or it lacks the context."""


class KubernetesUnreachable(KubernetesError):
    """No connection, a timeout, or a certificate that is not trusted."""


class KubernetesUnauthorized(KubernetesError):
    """HTTP 401: the API server does not accept the credentials."""


class KubernetesForbidden(KubernetesError):
    """HTTP 403: the role lacks a verb on a resource."""


class KubernetesNotFound(KubernetesError):
    """HTTP 404: the object, or its namespace, does not exist."""


class KubernetesConflict(KubernetesError):
    """HTTP 409: it exists already, or somebody changed it since it was read."""


class KubernetesGone(KubernetesError):
    """HTTP 410: the resourceVersion or the continue token is too old; list again."""


class KubernetesAnswerError(KubernetesError):
    """The answer is an error of another kind, or no JSON."""


class ApicError(AkbSyncError):
    """The APIC could not be read or written."""


class ApicUnreachable(ApicError):
    """No connection to any controller; nothing was sent."""


class ApicCertificateError(ApicError):
    """The controller's certificate is not trusted."""


class ApicLoginRefused(ApicError):
    """The APIC refuses the credentials. Trying again at once would lock the user out."""


class ApicForbidden(ApicError):
    """HTTP 403 with a valid session: the user lacks a right."""


class ApicBusy(ApicError):
    """The APIC asks for patience (HTTP 503, 202, 405): the same request may pass later."""


class ApicAnswerError(ApicError):
    """The answer is not JSON, or JSON of another shape than the APIC's."""


class ApicRejected(ApicError):
    """HTTP 400: a validation of the APIC refuses the request; nothing of it was committed."""

    def __init__(self, code: str, text: str, where: str) -> None:
        """Keep the APIC's own `code` and `text`; `where` is the DN or URL asked for."""
        super().__init__(f"the APIC refuses {where}: {text} (code {code})")
        self.code = code
        self.text = text


class ApicOutcomeUnknown(ApicError):
    """The request was sent and no answer came: read again before deciding."""
