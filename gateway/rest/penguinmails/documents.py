"""The GraphQL documents behind PenguinMails' URLs, with aliases in the vendor's spelling."""

MAIL = 'direction: ["outbound"], channel: ["email", ""]'
COUNTS = """
fragment counts on MessageMetrics {
  sent: attempted bounced opened clicked replied complaints: complained unsubscribes: unsubscribed
}
"""
CAMPAIGN = (
    """
query PenguinMailsCampaign($campaign: ID!, $window: WindowInput!, $granularity: Granularity!) {
  campaign(id: $campaign) {
    campaign_id: externalId campaign_name: name
    summary(window: $window, timezone: "UTC", clock: HAPPENED, filter: {MAIL}) {
      ...counts
      delivery_rate: acceptanceRate open_rate: acceptedOpenRate click_rate: acceptedClickRate
      click_to_open_rate: clickToOpenRate reply_rate: acceptedReplyRate bounce_rate: bounceRate
      spam_rate: complaintRate unsubscribe_rate: acceptedUnsubscribeRate
    }
    timeSeries(
      window: $window, granularity: $granularity, timezone: "UTC", clock: HAPPENED, filter: {MAIL}, clip: true
    ) { buckets { start metrics { ...counts } } }
  }
}
""".replace("MAIL", MAIL)
    + COUNTS
)
OVERVIEW = (
    """
query PenguinMailsOverview($window: WindowInput!, $until: WindowInput!) {
  overview(window: $window, timezone: "UTC") {
    messages(clock: HAPPENED, filter: {MAIL}) {
      ...counts
      delivery_rate: acceptanceRate open_rate: acceptedOpenRate click_rate: acceptedClickRate
      reply_rate: acceptedReplyRate
    }
  }
  all: campaigns(first: 1, filter: {created: $until, channels: ["email", ""]}) { totalCount }
  active: campaigns(first: 1, filter: {statuses: [SENDING], channels: ["email", ""]}) { totalCount }
  top: topCampaigns(
    metric: ACCEPTED_OPEN_RATE, ties: [ACCEPTED_REPLY_RATE], first: 5, messages: {MAIL}
    window: $window, timezone: "UTC", clock: HAPPENED
  ) {
    campaign { campaign_id: externalId campaign_name: name }
    metrics { open_rate: acceptedOpenRate reply_rate: acceptedReplyRate }
  }
}
""".replace("MAIL", MAIL)
    + COUNTS
)
DELIVERABILITY = """
query PenguinMailsDeliverability($window: WindowInput!, $campaign: ID, $domain: ID) {
  deliverability(window: $window, timezone: "UTC", campaign: $campaign, domain: $domain, filter: {MAIL}) {
    messages {
      sent: attempted bounced complained
      estimated_inbox_placement_rate: inboxPlacementRate spam_rate: complaintRate bounce_rate: bounceRate
      hard_bounces: hardBounced soft_bounces: softBounced
      hard_bounce_rate: hardBounceRate soft_bounce_rate: softBounceRate
    }
    healthScore
    bounceReasons { reason count share }
    reputation { start score }
    blacklists { any_ip_blacklisted: isAnyListed ips_checked: addressesChecked last_check: lastCheck }
  }
}
""".replace("MAIL", MAIL)
HEATMAP = """
query PenguinMailsHeatmap(
  $window: WindowInput!, $timezone: String, $campaigns: [String!], $campaign: ID!, $one: Boolean!
) {
  campaign(id: $campaign) @include(if: $one) { externalId }
  heatmap(
    metric: ENGAGEMENT_SCORE, window: $window, timezone: $timezone, resolution: DAY_PART, clock: SENT
    filter: {MAIL, campaign: $campaigns}
  ) {
    timezone
    cells {
      weekday dayPart
      metrics {
        emails_sent: attempted emails_opened: opened open_rate: attemptedOpenRate
        engagement_score: engagementScore
      }
    }
    best { weekday metrics { engagement_score: engagementScore } }
    bestHour { hour }
  }
}
""".replace("MAIL", MAIL)
COMPARE = """
query PenguinMailsCompare($campaigns: [ID!]!, $metrics: [MessageMetric!]!, $window: WindowInput!) {
  compareCampaigns(
    campaigns: $campaigns, metrics: $metrics, window: $window, timezone: "UTC", clock: HAPPENED
    filter: {MAIL}, method: Z
  ) {
    campaigns { campaign { campaign_id: externalId campaign_name: name } rates { value } }
    comparisons { winner { externalId } pValue isSignificant }
  }
}
""".replace("MAIL", MAIL)
CREATE_EXPORT = """
mutation PenguinMailsExport($input: ExportInput!) {
  createExport(input: $input) { export_id: externalId estimated_completion: estimatedCompletion }
}
"""
EXPORT = """
query PenguinMailsExportStatus($export: ID!) {
  export(id: $export) {
    export_id: externalId status format file_size_bytes: bytes created_at: createdAt completed_at: completedAt
    download_url: downloadUrl expires_at: expiresAt
  }
}
"""
