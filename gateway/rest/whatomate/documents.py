"""The GraphQL documents behind Whatomate's URLs, with aliases in the vendor's spelling where they fit."""

DASHBOARD = """
query WhatomateDashboard(
  $period: DashboardPeriod!, $window: WindowInput, $earlier: WindowInput, $account: ID, $some: Boolean!
) {
  dashboard(period: $period, window: $window, account: $account, timezone: "UTC") {
    contacts {
      total new_today: createdToday new_this_week: createdThisWeek atStart growth
    }
    messages { total sent: logged received }
    messagesToday { today: total }
    campaigns { total scheduled queued sending }
    campaignsCompletedThisMonth
    sessionsToday {
      conversations_today: concluded auto_resolved: autoResolved transferred_to_agent: transferred
    }
  }
  now: overview(window: $window, timezone: "UTC") @include(if: $some) {
    contacts { created } campaigns { completed sending }
  }
  before: overview(window: $earlier, timezone: "UTC") @include(if: $some) {
    contacts { created } campaigns { completed sending }
  }
  nowOfAccount: dashboard(window: $window, account: $account, timezone: "UTC") @include(if: $some) {
    messages { total } sessions { started }
  }
  beforeOfAccount: dashboard(window: $earlier, account: $account, timezone: "UTC") @include(if: $some) {
    messages { total } sessions { started }
  }
  recent_messages: recentMessages(first: 5, account: $account) @include(if: $some) {
    id contactName contactPhone contentType body direction status createdAt
  }
}
"""
MESSAGES = """
query WhatomateMessages($window: WindowInput!, $granularity: Granularity!, $account: ID) {
  messageReport(
    window: $window, granularity: $granularity, account: $account, timezone: "UTC", clip: true
  ) {
    summary { sent: logged received delivered: deliveredOrRead read failed }
    byType { contentType metrics { total } }
    timeline { buckets { start metrics { sent: logged received delivered: deliveredOrRead read } } }
  }
}
"""
CHATBOT = """
query WhatomateChatbot($window: WindowInput!, $account: ID) {
  chatbot(window: $window, account: $account, timezone: "UTC") {
    summary {
      total_conversations: concluded auto_resolved: autoResolved transferred_to_agent: transferred abandoned
      messages resolutionTimeMillis
    }
    flows { name metrics { started completed } }
    keywords(first: 10) { keyword count: hits }
    ai { requests tokens costMicros }
  }
}
"""
_TIMES = "queueTimeMillis assigned firstResponseTimeMillis answered resolutionTimeMillis resolved"
_AGENT = f"""
fragment Row on Agent {{
  agent_id: id agent_name: name isAvailable breakStartedAt
  transfers {{ handled {_TIMES} }}
  activeTransfers messagesSent breaks {{ count timeMillis }}
}}
"""
_TREND = """
  transferBuckets(
    window: $window, granularity: $granularity, filter: $trend, metric: HANDLED, timezone: "UTC", clip: true
  ) {
    buckets { start metrics { handled firstResponseTimeMillis answered } }
  }
"""
AGENTS = (
    f"""
query WhatomateAgents(
  $window: WindowInput!, $granularity: Granularity!, $agent: ID, $trend: TransferFilter, $me: ID!,
  $known: Boolean!
) {{
  agents(window: $window, timezone: "UTC", agent: $agent) {{
    transfers {{ handled {_TIMES} }}
    activeTransfers
    breaks {{ count timeMillis }}
    bySource {{ source metrics {{ transfers }} }}
    agents {{ ...Row }}
  }}{_TREND.rstrip()}
  mine: agent(id: $me, window: $window, timezone: "UTC") @include(if: $known) {{ ...Row }}
}}"""
    + _AGENT
)
AGENT = (
    f"""
query WhatomateAgent(
  $id: ID!, $window: WindowInput!, $granularity: Granularity!, $trend: TransferFilter
) {{
  agent(id: $id, window: $window, timezone: "UTC") {{ ...Row }}{_TREND.rstrip()}
}}"""
    + _AGENT
)
COMPARISON = (
    """
query WhatomateComparison($window: WindowInput!) {
  agents(window: $window, timezone: "UTC") { agents { ...Row } }
}"""
    + _AGENT
)
