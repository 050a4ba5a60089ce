"""Why an object is as it is: one prefix, Pod, Service or workload followed through both views."""

from .evidence import Evidence
from .explain import explain
from .story import Explanation, Step, Verdict

__all__ = ["Evidence", "Explanation", "Step", "Verdict", "explain"]
