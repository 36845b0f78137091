"""The GraphQL documents behind SlickText's URLs."""

SERIES = """
fragment Series on Columns { start value groups { key value } }
"""
SHAPE = "{ columns { ...Series } priorColumns { ...Series } }"
ARGUMENTS = """window: $window, timezone: $timezone, granularity: $granularity, groupBy: $groupBy,
    filter: $filter, compareTo: $compareTo, clip: $clip"""
VARIABLES = """$window: WindowInput, $timezone: String, $granularity: Granularity!,
  $compareTo: Comparison, $clip: Boolean!"""

CONTACTS = """
query SlickTextContacts($groupBy: [ContactDimension!], $filter: ContactFilter) {
  breakdown {
    contacts(metric: TOTAL, groupBy: $groupBy, filter: $filter, first: 10000) { total groups { key value } }
  }
}
"""
GROWTH = f"""
query SlickTextContactGrowth({VARIABLES}, $groupBy: [ContactDimension!], $filter: ContactFilter) {{
  contacts {{ growth({ARGUMENTS}) {{ ...Growth prior {{ ...Growth }} }} }}
}}
fragment Growth on ContactGrowth {{ start totals before change groups {{ key totals before change }} }}
"""
EVENTS = f"""
query SlickTextContactEvents({VARIABLES}, $groupBy: [ContactDimension!], $filter: ContactFilter,
  $creations: Boolean!, $deletions: Boolean!) {{
  contacts {{
    creations: events(metric: CREATED, {ARGUMENTS}) @include(if: $creations) {SHAPE}
    deletions: events(metric: DELETED, {ARGUMENTS}) @include(if: $deletions) {SHAPE}
  }}
}}
{SERIES}"""
OPT_INS = f"""
query SlickTextOptIns({VARIABLES}, $groupBy: [OptInDimension!], $filter: OptInFilter) {{
  contacts {{ series: optIns(metric: CHANGES, {ARGUMENTS}) {SHAPE} }}
}}
{SERIES}"""
CAMPAIGNS = f"""
query SlickTextCampaigns({VARIABLES}, $groupBy: [CampaignDimension!], $filter: CampaignFilter) {{
  series: campaignBuckets(metric: STARTED, clock: HAPPENED, {ARGUMENTS}) {SHAPE}
}}
{SERIES}"""
MESSAGES = f"""
query SlickTextMessages({VARIABLES}, $groupBy: [MessageDimension!], $filter: MessageFilter) {{
  series: messageBuckets(metric: TOTAL, {ARGUMENTS}) {SHAPE}
}}
{SERIES}"""
CREDITS = f"""
query SlickTextMessageCredits({VARIABLES}, $groupBy: [MessageDimension!], $filter: MessageFilter) {{
  series: messageBuckets(metric: CREDITS, {ARGUMENTS}) {SHAPE}
}}
{SERIES}"""

NUMBERS = """
fragment Numbers on EngagementNumbers {
  contacts: reached messages clicks unique_clicks: uniqueClicks unsubscribes orders revenueMicros
}
"""
LINKS = """
fragment Links on Link {
  externalId name url kind contactId source sourceId subSource subSourceId isActive createdAt expiresAt
  clicks uniqueClicks machineClicks
}
"""
CAMPAIGN = f"""
query SlickTextCampaign($id: ID!, $window: WindowInput, $timezone: String, $granularity: Granularity,
  $groupBy: EngagementSplit, $compareTo: Comparison, $clip: Boolean!) {{
  campaign(id: $id) {{
    externalId createdBy name body mediaUrl audienceSize status statusDetail statusAt completionPercent
    createdAt scheduledAt startedAt completedAt updatedAt
    engagement(
      window: $window, timezone: $timezone, granularity: $granularity, groupBy: $groupBy,
      compareTo: $compareTo, clip: $clip
    ) {{
      total {{ ...Numbers }}
      buckets {{ start engagement {{ ...Numbers }} }}
      groups {{ key total {{ ...Numbers }} buckets {{ start engagement {{ ...Numbers }} }} }}
      prior {{ total {{ ...Numbers }} groups {{ key total {{ ...Numbers }} }} }}
    }}
    audiences {{ externalId isEverybody listId segmentId size createdAt }}
    links {{ ...Links }}
  }}
}}
{NUMBERS}{LINKS}"""
WORKFLOW = f"""
query SlickTextWorkflow($id: ID!) {{
  workflow(id: $id) {{
    externalId name description entryRule entryRuleTimeValue entryRuleTimeUnit isActive
    createdAt updatedAt activatedAt deactivatedAt clearedAt
    entries {{ entrances current exits }}
    engagement {{ total {{ ...Numbers }} }}
    links {{ ...Links }}
  }}
}}
{NUMBERS}{LINKS}"""
USERS = """
query SlickTextInboxUsers($window: WindowInput, $timezone: String, $compareTo: Comparison,
  $filter: InboxWorkFilter) {
  inbox(window: $window, timezone: $timezone, compareTo: $compareTo) {
    items: users(filter: $filter) {
      externalId name metrics { ...Work } priorMetrics { ...Work }
    }
  }
}
fragment Work on InboxWorkMetrics {
  assignments closures averageFirstResponseTime averageResolutionTime averageHandleTime
}
"""
TAGS = """
query SlickTextInboxTags($window: WindowInput, $timezone: String, $compareTo: Comparison,
  $filter: InboxTagWorkFilter) {
  inbox(window: $window, timezone: $timezone, compareTo: $compareTo) {
    items: tags(filter: $filter) {
      externalId name color metrics { ...Work } priorMetrics { ...Work }
    }
  }
}
fragment Work on InboxTagWorkMetrics {
  additions closures averageFirstResponseTime averageResolutionTime averageHandleTime
}
"""
