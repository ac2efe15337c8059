"""What can go wrong with a machine.

CannotStart     something that must be there before it can be built or started is not
MachineEnded    it has ended while somebody wanted something of it
CommandFailed   a command in it ended with another code than 0
"""


class CannotStart(Exception):
    """The text says what is missing and what to do."""


class MachineEnded(Exception):
    """It has ended, or does not answer."""


class CommandFailed(Exception):
    """A command in the machine has failed; the text is what it said."""
