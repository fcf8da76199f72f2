"""The catalogue of events: one frozen dataclass for everything that is recorded.

An event has a kind, a subject (kind, id and label, never a foreign key) and typed data: every further
field of its dataclass. A new event is one class; a released kind is never
renamed, and its fields are never removed, because old rows stay.

No personal data and no text of a plan go into `data`: ids and counts only.
"""

from foundation.ledger.events import activities, network, plans, reviewing
from foundation.ledger.events.activities import *  # noqa: F403
from foundation.ledger.events.event import NOWHERE as NOWHERE
from foundation.ledger.events.event import LedgerEvent as LedgerEvent
from foundation.ledger.events.event import Place as Place
from foundation.ledger.events.network import *  # noqa: F403
from foundation.ledger.events.plans import *  # noqa: F403
from foundation.ledger.events.reviewing import *  # noqa: F403

CATALOGUE: dict[str, type[LedgerEvent]] = {
    event.kind: event
    for module in (network, plans, activities, reviewing)
    for event in vars(module).values()
    if isinstance(event, type) and issubclass(event, LedgerEvent) and "kind" in vars(event)
}
