"""What every record is made of: ids, labels, moments and counts, strictly."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

# Past the last one no window reaches, and a moment of year 9999 west of Greenwich is one no store gives back.
FIRST_MOMENT, END_OF_MOMENTS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MAX_COUNT = 10**12  # nine million such numbers fit into one total; one that overflows would stop the counting

Id = Annotated[str, Field(min_length=1, max_length=200)]
Label = Annotated[str, Field(max_length=200)]
CAUSES = frozenset({"campaign", "workflow", "api", "inbox", "keyword"})


def _one_case(source: str) -> str:
    """'Workflow' as 'workflow': what we know by name is written in one way, the rest as it was told."""
    return lower if (lower := source.lower()) in CAUSES else source


Source = Annotated[Label, AfterValidator(_one_case)]
Moment = Annotated[AwareDatetime, Field(strict=True, ge=FIRST_MOMENT, lt=END_OF_MOMENTS)]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Channel = Literal["sms", "mms", "email", "whatsapp", "chat"]


class BaseRecord(BaseModel):
    """What every record may say."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    organization: Id | None = Field(
        None, description="Slug of the organization it belongs to; the sender's own when absent."
    )
