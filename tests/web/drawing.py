"""Queues and windows as pages see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from contract.calling import WindowState
from contract.values import WaitRange
from controller.config import HallConfig
from controller.config_parts import Service, Window
from controller.view import ServiceView, TicketView


def service_view(
    config: HallConfig, service: Service, waiting: Sequence[TicketView], windows: Mapping[str, WindowState]
) -> ServiceView:
    """A service's queue; the wait is four to seven minutes for each who waits."""
    serving = [window.id for window in config.window if service.id in window.services]
    openly = sum(windows[window].state == "open" for window in serving)
    return ServiceView(
        service=service.id,
        name=service.name.text,
        zone=service.zone,
        waiting=tuple(waiting),
        count=len(waiting),
        wait=WaitRange(low=4 * len(waiting), high=4 + 7 * len(waiting)) if openly else None,
        windows_open=openly,
    )


def window_state(window: Window, at: datetime) -> WindowState:
    """A window as a new day begins."""
    return WindowState(window=window.id, name=window.name.text, at=at, state="open" if window.open else "closed", stage="idle")
