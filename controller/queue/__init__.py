"""The queue: pure rules over frozen values. `decide` says what happens, `apply` what it changes; neither does any I/O."""

from controller.queue.apply import apply
from controller.queue.decide import decide
from controller.queue.refusals import Refusal
from controller.queue.rules import Rules
from controller.queue.values import QueueState

__all__ = ["QueueState", "Refusal", "Rules", "apply", "decide"]
