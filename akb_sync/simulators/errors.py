"""The one exception of the simulators, so that a command can print its sentence and stop."""


class SimulatorError(Exception):
    """A simulator could not be started or fed; `str(error)` is one sentence for a person."""
