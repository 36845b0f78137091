"""What SlickText answers: for its OpenAPI document; tests hold real answers against it."""

from __future__ import annotations

from pydantic import Field

from gateway.rest.typed import Told
from gateway.rest.vendor import CHOICE

Number = int | float


class Failure(Told):
    """An error. Our choice: the vendor documents none."""

    status: int
    title: str
    detail: str


class CountTotals(Told):
    """All of them."""

    total: int


class CountGroup(Told):
    """One group."""

    name: str
    total: int


class ContactCounts(Told):
    """`…/analytics/contacts`."""

    totals: CountTotals
    groups: list[CountGroup]


class ComparedTotals(Told):
    """The earlier window."""

    total: int
    average: Number
    change: int
    change_percent: Number | None = Field(description="Null when there was nothing before.")


class SeriesTotals(Told):
    """All groups."""

    total: int
    average: Number = Field(description="Over every period of every group.")
    compare: ComparedTotals | None = Field(None, json_schema_extra=CHOICE)


class ComparedGroup(Told):
    """The earlier window of one group."""

    total: int
    average: Number
    period: dict[str, int]


class SeriesGroup(Told):
    """One group."""

    name: str
    total: int
    average: Number = Field(description="Over its periods.")
    period: dict[str, int]
    compare: ComparedGroup | None = Field(None, json_schema_extra=CHOICE)


class Series(Told):
    """A series with averages and periods."""

    totals: SeriesTotals
    groups: list[SeriesGroup]


class Engagement(Told):
    """What people did; rates are fractions, 0 of nothing."""

    clicks: int
    click_rate: Number
    unique_clicks: int
    unique_click_rate: Number
    unsubscribes: int
    unsubscribe_rate: Number
    orders: int
    revenue: Number
    average_order_value: Number


class CampaignNumbers(Engagement):
    """A campaign's numbers."""

    contacts: int = Field(description="Recipients.")
    revenue_per_message: Number


class CampaignTotals(CampaignNumbers):
    """A campaign's numbers, and those of the earlier window when `compare` is asked for."""

    compare: CampaignNumbers | None = Field(None, json_schema_extra=CHOICE)


class CampaignGroup(CampaignTotals):
    """A campaign's numbers of the contacts of one source. Our choice of shape."""

    name: str
    period: dict[str, CampaignNumbers] | None = None


class CampaignResource(Told):
    """The campaign."""

    campaign_id: int | str
    brand_id: int | str = Field(alias="_brand_id")
    created_by_user_id: int | str | None = Field(alias="_created_by_user_id")
    name: str
    body: str
    media_url: str | None
    audience_size: int
    status: str
    status_detail: str | None
    status_date: str | None
    completion_percentage: int
    created: str
    scheduled: str | None
    started: str | None
    finished: str | None
    last_updated: str


class Audience(Told):
    """A list, a segment or everybody."""

    campaign_audience_id: int | str
    campaign_id: int | str = Field(alias="_campaign_id")
    all_contacts: int
    contact_list_id: int | str | None = Field(alias="_contact_list_id")
    segment_id: int | str | None = Field(alias="_segment_id")
    size: int
    created: str


class Link(Told):
    """A link and its clicks. Our choice: the vendor shows no example."""

    link_id: int | str | None = Field(description="Null for a URL that was clicked and never told of.")
    brand_id: int | str = Field(alias="_brand_id")
    contact_id: int | str | None = Field(alias="_contact_id")
    name: str | None
    url: str
    type: str | None
    source: str | None
    source_id: int | str | None = Field(alias="_source_id")
    sub_source: str | None
    sub_source_id: int | str | None = Field(alias="_sub_source_id")
    clicks: int | None = Field(description="Null where retention has taken some.")
    unique_clicks: int | None
    bot_clicks: int | None
    active: int | None
    created: str | None
    expires: str | None


class Campaign(Told):
    """`…/analytics/campaigns/{id}`."""

    totals: CampaignTotals
    groups: list[CampaignGroup] | None = Field(None, json_schema_extra=CHOICE)
    period: dict[str, CampaignNumbers] | None = Field(None, json_schema_extra=CHOICE)
    campaign: CampaignResource
    audiences: dict[str, Audience]
    links: list[Link]


class WorkflowTotals(Engagement):
    """A workflow's numbers; rates are per entrance."""

    entrances: int
    current: int
    exits: int
    messages: int
    revenue_per_entrance: Number


class WorkflowResource(Told):
    """The workflow."""

    workflow_id: int | str
    brand_id: int | str = Field(alias="_brand_id")
    name: str
    description: str | None
    entry_rule: str
    entry_rule_time_value: int | None
    entry_rule_time_unit: str | None
    active: int
    created: str
    last_updated: str
    last_activated: str | None
    last_deactivated: str | None
    last_cleared: str | None


class Workflow(Told):
    """`…/analytics/workflows/{id}`."""

    totals: WorkflowTotals
    workflow: WorkflowResource
    links: list[Link]


class Times(Told):
    """How long things took on average, in seconds."""

    closures: int
    average_first_response_time: Number
    average_resolution_time: Number
    average_handle_time: Number


class UserWork(Times):
    """What a user did."""

    assignments: int


class TagWork(Times):
    """What happened under a tag."""

    additions: int


class InboxUser(UserWork):
    """One user."""

    compare: UserWork | None = Field(None, json_schema_extra=CHOICE)
    user_id: int | str
    name: str
    avatar_content: str


class InboxUsers(Told):
    """`…/analytics/inbox/users`."""

    data: list[InboxUser]


class InboxTag(TagWork):
    """One tag."""

    compare: TagWork | None = Field(None, json_schema_extra=CHOICE)
    inbox_tag_id: int | str
    name: str
    color: str


class Paging(Told):
    """Where the page lies; null unless `page` was asked for."""

    prevPage: int | None  # noqa: N815  the vendor's spelling
    currentPage: int | None  # noqa: N815
    nextPage: int | None  # noqa: N815
    currentPageString: str | None  # noqa: N815
    hasMore: bool  # noqa: N815


class InboxTags(Told):
    """`…/analytics/inbox/tags`."""

    data: list[InboxTag]
    pagingData: Paging  # noqa: N815
