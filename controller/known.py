"""Known: what a running hall has at hand of its store beside the state: streams, pictures and the answers that were given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.draft import Draft
from controller.pictures import Key, Picture
from controller.store.store import Loaded

REMEMBERED = 50_000
"""So many answers are kept at hand for whoever asks again."""


@dataclass
class Known:
    """As it is committed: a draft that cannot be stored changes nothing here."""

    inboxes: dict[tuple[str, str], int] = field(default_factory=dict)
    """Node and epoch to the highest number that is committed."""
    epochs: dict[str, str] = field(default_factory=dict)
    """Node to the epoch that was heard last."""
    pictures: dict[Key, Picture] = field(default_factory=dict)
    versions: dict[Key, int] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    """Request to its answer, as JSON."""

    @classmethod
    def of(cls, loaded: Loaded) -> "Known":
        """What a controller continues with; pictures are drawn anew."""
        return cls(
            inboxes=dict(loaded.inboxes),
            epochs=dict(loaded.latest),
            versions=dict(loaded.pictures),
            answers=dict(loaded.requests),
        )

    def take(self, draft: Draft, drawn: Mapping[Key, Picture]) -> None:
        """A draft is stored, with these pictures drawn."""
        self.inboxes |= {stream: stored for stream, (stored, _) in draft.batch.inboxes.items()}
        self.epochs |= dict(draft.batch.inboxes.keys())
        self.pictures |= drawn
        self.versions |= draft.batch.pictures
        self.answers |= draft.answers
        while len(self.answers) > REMEMBERED:
            del self.answers[next(iter(self.answers))]

    def stored(self) -> dict[str, int]:
        """Node to the events of its present epoch that are committed."""
        return {node: self.inboxes.get((node, epoch), 0) for node, epoch in self.epochs.items()}
