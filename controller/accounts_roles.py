"""Who may do what: the roles of staff and the table of their rights."""

from enum import StrEnum
from typing import get_args

from contract.dispatch import Action
from contract.values import Id, Value


class Role(StrEnum):
    """What somebody's work in the hall is; everybody has one."""

    VIEWER = "viewer"
    WINDOW = "window"
    DISPATCH = "dispatch"
    FACILITIES = "facilities"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """One thing that an account may allow."""

    SEE_HALL = "see-hall"
    SEE_DEVICES = "see-devices"
    SEE_RATINGS = "see-ratings"
    SEE_ROOMS = "see-rooms"
    SEE_REPORTS = "see-reports"
    SEE_AUDIT = "see-audit"
    OWN_ACCOUNT = "own-account"
    CALL = "call"
    RUN_WINDOW = "run-window"
    ISSUE_TICKET = "issue-ticket"
    PRINT_SLIP = "print-slip"
    SEE_SETTINGS = "see-settings"
    CHANGE_FOR_A_WHILE = "change-for-a-while"
    CHECK_SETTINGS = "check-settings"
    ANSWER_HELP = "answer-help"
    POST_NOTICE = "post-notice"
    SEE_TO_CASES = "see-to-cases"
    COMMAND_DEVICE = "command-device"
    CHECK_ROOM = "check-room"
    LOOK_AFTER = "look-after"
    MANAGE_ACCOUNTS = "manage-accounts"
    MANAGE_NODES = "manage-nodes"


_all = frozenset(Role)
_desk = frozenset({Role.WINDOW, Role.DISPATCH, Role.ADMINISTRATOR})
_lead = frozenset({Role.DISPATCH, Role.ADMINISTRATOR})

RIGHTS: dict[Right, frozenset[Role]] = {
    Right.SEE_HALL: _all,
    Right.SEE_DEVICES: _all,
    Right.SEE_RATINGS: _all,
    Right.SEE_ROOMS: _all,
    Right.SEE_REPORTS: _all - {Role.WINDOW},
    Right.OWN_ACCOUNT: _all,
    Right.CALL: _desk,
    Right.RUN_WINDOW: _desk,
    Right.ISSUE_TICKET: _desk,
    Right.PRINT_SLIP: _desk,
    Right.SEE_SETTINGS: _lead,
    Right.CHANGE_FOR_A_WHILE: _lead,
    Right.CHECK_SETTINGS: frozenset({Role.ADMINISTRATOR}),
    Right.ANSWER_HELP: _all - {Role.VIEWER},
    Right.POST_NOTICE: _lead,
    Right.SEE_TO_CASES: _lead,
    Right.COMMAND_DEVICE: frozenset({Role.FACILITIES, Role.DISPATCH, Role.ADMINISTRATOR}),
    Right.CHECK_ROOM: _all - {Role.VIEWER},
    Right.LOOK_AFTER: frozenset({Role.FACILITIES, Role.DISPATCH, Role.ADMINISTRATOR}),
    Right.SEE_AUDIT: frozenset({Role.ADMINISTRATOR}),
    Right.MANAGE_ACCOUNTS: frozenset({Role.ADMINISTRATOR}),
    Right.MANAGE_NODES: frozenset({Role.FACILITIES, Role.ADMINISTRATOR}),
}

ACTION_RIGHTS: dict[str, Right] = {
    "call-next": Right.CALL,
    "call-chosen": Right.CALL,
    "recall": Right.CALL,
    "no-show": Right.CALL,
    "start": Right.CALL,
    "finish": Right.CALL,
    "invite": Right.CALL,
    "park": Right.CALL,
    "sign-on": Right.RUN_WINDOW,
    "sign-off": Right.RUN_WINDOW,
    "call-parked": Right.CALL,
    "transfer": Right.CALL,
    "open-window": Right.RUN_WINDOW,
    "pause-window": Right.RUN_WINDOW,
    "close-window": Right.RUN_WINDOW,
    "issue-ticket": Right.ISSUE_TICKET,
    "return-ticket": Right.ISSUE_TICKET,
    "book-appointment": Right.ISSUE_TICKET,
    "cancel-appointment": Right.ISSUE_TICKET,
    "check-in": Right.ISSUE_TICKET,
    "print-ticket": Right.ISSUE_TICKET,
    "issue-slip": Right.PRINT_SLIP,
    "reprint-slip": Right.PRINT_SLIP,
    "set-override": Right.CHANGE_FOR_A_WHILE,
    "end-override": Right.CHANGE_FOR_A_WHILE,
    "answer-help": Right.ANSWER_HELP,
    "see-complaint": Right.ANSWER_HELP,
    "assign-case": Right.SEE_TO_CASES,
    "step-case": Right.SEE_TO_CASES,
    "appeal-case": Right.CALL,
    "decide-appeal": Right.SEE_TO_CASES,
    "post-notice": Right.POST_NOTICE,
    "withdraw-notice": Right.POST_NOTICE,
    "command-device": Right.COMMAND_DEVICE,
    "check-room": Right.CHECK_ROOM,
    "open-job": Right.CHECK_ROOM,
    "close-job": Right.LOOK_AFTER,
    "tick-off": Right.LOOK_AFTER,
    "record-upkeep": Right.LOOK_AFTER,
    "describe-device": Right.LOOK_AFTER,
    "fill-supply": Right.LOOK_AFTER,
}


class Person(Value, frozen=True, kw_only=True):
    """Somebody with an account, or a program that acts for them."""

    name: Id
    role: Role

    def may(self, right: Right) -> bool:
        """Whether this person's role has `right`."""
        return self.role in RIGHTS[right]

    def may_do(self, action: Action) -> bool:
        """Whether this person may have `action` done."""
        return self.may(right_for(action))

    @property
    def actor(self) -> str:
        """How the audit log names this person."""
        return f"web:{self.name}"


def tag_of(action: Action) -> str:
    """The action's word in the contract, such as `call-next`."""
    return str(action.__struct_config__.tag)


def right_for(action: Action) -> Right:
    """The right that `action` needs."""
    return ACTION_RIGHTS[tag_of(action)]


ACTION_TAGS: tuple[str, ...] = tuple(str(kind.__struct_config__.tag) for kind in get_args(Action))
"""Every action of the contract."""
