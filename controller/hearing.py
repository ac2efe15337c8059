"""Hearing: every message that comes to the controller, checked for who may say it, and what it does to the draft."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from contract.calling import CallAnswer, PictureShown
from contract.commands import CommandAnswer
from contract.dispatch import DispatchRequest
from contract.health import DeviceState, NodeStatus
from contract.plain import plain
from contract.scanning import ScanRequest
from contract.ticketing import TicketRequest
from contract.topics import (
    ALLOTMENT_HELD,
    CALL_ANSWER,
    COMMAND_ANSWER,
    DEVICE_STATE,
    DISPATCH_REPLY,
    DISPATCH_REQUEST,
    EVENT,
    NODE_STATUS,
    PICTURE_SHOWN,
    SCAN_REPLY,
    SCAN_REQUEST,
    TICKET_REPLY,
    TICKET_REQUEST,
    Topic,
)
from controller import dispatching, inbox, scanning, slips, ticketing
from controller.draft import Draft
from controller.state import CallAnswered
from controller.upkeep import watching as upkeep
from controller.upkeep.facts import UpkeepTested
from link.hearing import Heard
from link.letter import Letter

log = logging.getLogger("hallware.controller")

HEARD: tuple[Topic[Any], ...] = (
    NODE_STATUS, DEVICE_STATE, EVENT, CALL_ANSWER, PICTURE_SHOWN, TICKET_REQUEST, COMMAND_ANSWER, DISPATCH_REQUEST,
    ALLOTMENT_HELD, SCAN_REQUEST,
)  # fmt: skip
"""What the controller listens to beside its own heartbeat."""


class Doorkeeper:
    """Lets in whom hall.toml knows; a stranger is counted, and logged once."""

    MOST = 1000

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def lets_in(self, draft: Draft, topic: Topic[Any], heard: Heard[Any]) -> bool:
        """Whether the sender may say this. Whoever owns the topic must also be who the message says it is from."""
        sender = heard.levels[topic.owner or "hall"]
        if not self._known(draft, topic, sender):
            self._complain(draft, "stranger", sender, f"a message on {topic.name} from {sender}, which is not in hall.toml")
        elif heard.retained and not topic.retain:
            self._complain(draft, "retained", sender, f"{sender} says on {topic.name} with the retain flag, which is not read")
        elif getattr(heard.message, "node", sender) != sender or _other_device(heard):
            self._complain(draft, "forged", sender, f"{sender} sends on {topic.name} what is said to be from somebody else")
        else:
            return True
        return False

    def _known(self, draft: Draft, topic: Topic[Any], sender: str) -> bool:
        return sender in draft.rules.config.dispatcher if topic.owner == "user" else draft.rules.plan.knows(sender)

    def _complain(self, draft: Draft, why: str, sender: str, sentence: str) -> None:
        draft.counts[why] += 1
        if f"{why} {sender}" not in self._seen and len(self._seen) < self.MOST:
            self._seen.add(f"{why} {sender}")
            log.warning("refused: %s", plain(sentence))


def _other_device(heard: Heard[Any]) -> bool:
    return "device" in heard.levels and getattr(heard.message, "device", None) != heard.levels["device"]


def hear(draft: Draft, topic: Topic[Any], heard: Heard[Any]) -> None:
    """Do what a message from a known sender asks for."""
    _HEARERS[topic.name](draft, heard)


def _status(draft: Draft, heard: Heard[NodeStatus]) -> None:
    said = heard.message
    before = draft.presence.nodes.get(said.node)
    if draft.presence.status(said, draft.now, retained=heard.retained):
        draft.seen = True
        if before is None or before.state != said.state:
            draft.node_turned(said.node, said.state)


def _device(draft: Draft, heard: Heard[DeviceState]) -> None:
    node = heard.levels["node"]
    if draft.rules.plan.has(node, heard.message.device):
        before = draft.presence.devices.get(node, {}).get(heard.message.device)
        if draft.presence.device(node, heard.message):
            draft.seen = True
            if before is None or (before.condition, before.code) != (heard.message.condition, heard.message.code):
                draft.turned(node, heard.message)
            draft.add(upkeep.said(draft.state, heard.message, draft.now, draft.rules))
    else:
        draft.counts["foreign-device"] += 1


def _call_answer(draft: Draft, heard: Heard[CallAnswer]) -> None:
    answer = heard.message
    made = next((made for made in draft.state.calls if made.call.call == answer.call), None)
    if made is None or not draft.rules.plan.has(answer.node, answer.device):
        draft.counts["foreign-call-answer"] += 1
    elif not any((a.node, a.device) == (answer.node, answer.device) for a in made.answers):
        draft.add((CallAnswered(at=draft.now, answer=answer),))


def _picture_shown(draft: Draft, heard: Heard[PictureShown]) -> None:
    if draft.rules.plan.has(heard.levels["node"], heard.message.device):
        draft.seen |= draft.presence.boards.hear(heard.message)
    else:
        draft.counts["foreign-device"] += 1


def _ticket_request(draft: Draft, heard: Heard[TicketRequest]) -> None:
    node = heard.levels["node"]
    if not draft.rules.plan.has(node, heard.message.kiosk):
        draft.counts["foreign-device"] += 1
        return
    draft.letters.append(Letter(TICKET_REPLY, ticketing.grant(draft, heard.message), {"node": node}))


def _scan(draft: Draft, heard: Heard[ScanRequest]) -> None:
    node, request = heard.levels["node"], heard.message
    if not draft.rules.plan.has(node, request.scanner):
        draft.counts["foreign-device"] += 1
        return
    reply = scanning.answer(draft, request)
    draft.letters.append(Letter(SCAN_REPLY, reply, {"node": node}))
    if (paper := scanning.on_paper(draft, request, reply)) is not None:
        draft.letters.append(paper)


def _command_answer(draft: Draft, heard: Heard[CommandAnswer]) -> None:
    answer = heard.message
    print_ = draft.state.slips.prints.get(answer.id)
    if print_ is not None and print_.sent.device == answer.device:
        _printed(draft, print_, answer)
        return
    actor = draft.presence.commands.pop(answer.id, None)
    if actor is None:
        draft.counts["unasked-answer"] += 1
        return
    draft.note(actor, f"{answer.device}: {answer.what.zh} · {answer.what.en}", answer.outcome)
    if (record := draft.presence.tests.pop(answer.id, None)) is not None:
        draft.add((UpkeepTested(at=draft.now, record=record, outcome=answer.outcome, what=answer.what),))
    log.info("%s on %s: %s", answer.device, heard.levels["node"], plain(answer.what.en))


_PRINTED: Mapping[str, slips.PrintOutcome] = {"done": "printed", "failed": "failed", "refused": "refused", "late": "late"}


def _printed(draft: Draft, print_: slips.Print, answer: CommandAnswer) -> None:
    """What became of a slip or a ticket on paper."""
    facts = slips.answered(draft.state.slips, answer.id, _PRINTED[answer.outcome], answer.what, draft.now)
    if facts:
        draft.add(facts)
        sent = print_.sent
        draft.note(
            sent.by, f"{sent.template} {sent.number}, {answer.device}: {answer.what.zh} · {answer.what.en}", answer.outcome
        )


def _dispatch(draft: Draft, heard: Heard[DispatchRequest]) -> None:
    user = heard.levels["user"]
    reply = dispatching.ask(draft, heard.message, f"mqtt:{user}")
    draft.letters.append(Letter(DISPATCH_REPLY, reply, {"user": user}))


_HEARERS: Mapping[str, Callable[[Draft, Heard[Any]], None]] = {
    NODE_STATUS.name: _status,
    DEVICE_STATE.name: _device,
    EVENT.name: inbox.take,
    CALL_ANSWER.name: _call_answer,
    PICTURE_SHOWN.name: _picture_shown,
    TICKET_REQUEST.name: _ticket_request,
    SCAN_REQUEST.name: _scan,
    COMMAND_ANSWER.name: _command_answer,
    DISPATCH_REQUEST.name: _dispatch,
}
