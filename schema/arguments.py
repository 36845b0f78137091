"""Arguments that many fields take, described once."""

from typing import Annotated

import strawberry

from schema.families import MESSAGE
from schema.time import Clock, Comparison, WindowInput

Last30Days = Annotated[
    WindowInput | None, strawberry.argument(description="Over which time; the last 30 days when absent.")
]
Last90Days = Annotated[
    WindowInput | None, strawberry.argument(description="Over which time; the last 90 days when absent.")
]
AllTime = Annotated[
    WindowInput | None, strawberry.argument(description="Over which time; all time when absent.")
]
Zone = Annotated[
    str | None,
    strawberry.argument(description="IANA zone of days and hours; the organization's own when absent."),
]
Clipped = Annotated[
    bool,
    strawberry.argument(
        description="Cut the first and the last bucket at the window's ends, not widening it."
    ),
]
Against = Annotated[
    Comparison | None,
    strawberry.argument(description="An earlier window to hold it against; wants a window."),
]
WindowClock = Annotated[Clock, strawberry.argument(description="Which moment must lie in the window.")]
WhichMessages = Annotated[
    MESSAGE.filter | None, strawberry.argument(description="Which messages count; all when absent.")
]
WhichRates = Annotated[
    list[MESSAGE.metric] | None,
    strawberry.argument(description="Which rates; all when absent, sums are passed over."),
]
