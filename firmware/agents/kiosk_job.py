"""A ticket on its way to paper: all that is printed on it, kept whole so that it can be printed again after a power cut."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contract.ticketing import KioskOffer, Priority, ServiceOffer, TicketClass, TicketGrant
from contract.values import Moment, Number, Text, Token, Value, WaitRange
from devices.receipt import Ticket


class TicketJob(Value, frozen=True, kw_only=True):
    """One ticket to print."""

    ticket: Token
    number: Number
    service: str
    priority: TicketClass
    at: Moment
    hall: Text
    service_name: Text
    then: tuple[Text, ...] = ()
    """Names of the services that follow on the same ticket."""
    zone: Text
    rules: Text
    qr: str
    ahead: int | None = None
    wait: WaitRange | None = None
    request: Token | None = None
    boot: str = ""
    """The start of the machine in which it was begun, for what `tick` means."""
    tick: float = 0.0
    """Monotonic seconds when it was begun."""

    def age(self, boot: str, tick: float, now: datetime) -> timedelta:
        """How old it is: by the monotonic clock; by the hall's time only when the machine was started anew in between."""
        return timedelta(seconds=tick - self.tick) if boot == self.boot else now - self.at

    def printed(self, timezone: ZoneInfo, *, reprint: bool, large_print: bool) -> Ticket:
        """The ticket as the printer takes it."""
        return Ticket(
            hall=self.hall,
            service=self.service_name,
            then=self.then,
            number=self.number,
            zone=self.zone,
            at=self.at.astimezone(timezone),
            ahead=self.ahead,
            wait=self.wait,
            rules=self.rules,
            qr=self.qr,
            priority=self.priority == "priority",
            appointment="" if self.priority == "appointment" else None,
            reprint=reprint,
            large_print=large_print,
        )


def from_grant(grant: TicketGrant, offer: KioskOffer) -> TicketJob:
    """The ticket that the controller granted."""
    return TicketJob(
        ticket=grant.ticket,
        number=grant.number,
        service=grant.service,
        priority=grant.priority,
        at=grant.at,
        hall=offer.hall_name,
        service_name=grant.service_name,
        then=grant.then,
        zone=grant.zone_name,
        rules=offer.rules,
        qr=offer.ticket_link + grant.ticket,
        ahead=grant.ahead,
        wait=grant.wait,
        request=grant.request,
    )


def from_lease(
    ticket: Token,
    number: Number,
    service: ServiceOffer,
    offer: KioskOffer,
    *,
    then: tuple[Text, ...] = (),
    priority: Priority,
    at: datetime,
    request: Token | None,
) -> TicketJob:
    """A ticket with a leased number: nobody could be asked how many are ahead."""
    return TicketJob(
        ticket=ticket,
        number=number,
        service=service.service,
        priority=priority,
        at=at,
        hall=offer.hall_name,
        service_name=service.name,
        then=then,
        zone=service.zone_name,
        rules=offer.rules,
        qr=offer.ticket_link + ticket,
        request=request,
    )
