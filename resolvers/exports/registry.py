"""Everything that can be exported. A new source is a file beside this one and a line here."""

from __future__ import annotations

from models import FACTS, VIEWS
from resolvers.exports.buckets import buckets_of
from resolvers.exports.campaign_performance import CAMPAIGN_PERFORMANCE
from resolvers.exports.campaigns import CAMPAIGN_LIST
from resolvers.exports.deliverability import DELIVERABILITY, DOMAIN_HEALTH
from resolvers.exports.messages import RAW_MESSAGES
from resolvers.exports.overall_performance import OVERALL_PERFORMANCE
from resolvers.exports.source import Source
from resolvers.exports.workspace_summary import WORKSPACE_SUMMARY

_ALL: tuple[Source, ...] = (
    CAMPAIGN_PERFORMANCE,
    OVERALL_PERFORMANCE,
    WORKSPACE_SUMMARY,
    DELIVERABILITY,
    DOMAIN_HEALTH,
    CAMPAIGN_LIST,
    RAW_MESSAGES,
    *(buckets_of(fact) for fact in (*FACTS, *VIEWS)),
)
SOURCES: dict[str, Source] = {source.name: source for source in _ALL}
