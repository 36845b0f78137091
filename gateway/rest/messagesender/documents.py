"""The GraphQL documents behind MessageSender's URLs, with aliases in the vendor's spelling."""

OVERVIEW = """
query MessageSenderOverview($window: WindowInput, $some: Boolean!) {
  overview(window: $window, timezone: "UTC") @include(if: $some) {
    campaigns { total completed sending scheduled failed }
    messages { total: logged sent: handedOff delivered: confirmed failed }
  }
  contacts { counts { total textable optedOut } }
}
"""
TRENDS = """
query MessageSenderTrends($window: WindowInput, $messages: Boolean!, $campaigns: Boolean!, $some: Boolean!) {
  trends(window: $window, timezone: "UTC", granularity: DAY, clip: true) @include(if: $some) {
    messages @include(if: $messages) {
      buckets { start metrics { total: logged sent: handedOff delivered: confirmed failed } }
    }
    campaigns @include(if: $campaigns) { buckets { start metrics { total completed sending failed } } }
  }
}
"""
TOP_CAMPAIGNS = """
query MessageSenderTopCampaigns($window: WindowInput, $first: Int!, $some: Boolean!) {
  topCampaigns(
    metric: DELIVERY_RATE, first: $first, filter: {created: $window, statuses: [COMPLETED]}
  ) @include(if: $some) {
    campaign { id: externalId name createdAt }
    metrics { totalCount: logged sentCount: handedOff deliveredCount: confirmed failedCount: failed }
  }
}
"""
BEST_SEND_TIMES = """
query MessageSenderBestSendTimes($window: WindowInput, $some: Boolean!) {
  bestSendTimes(window: $window) @include(if: $some) {
    byHour { hour metrics { totalSent: handedOff delivered: confirmed } }
    byWeekday { weekday metrics { totalSent: handedOff delivered: confirmed } }
  }
}
"""
BILLING_STATUS = """
query MessageSenderBillingStatus {
  billingStatus {
    brand billing_status: status pricing_model: pricingModel
    subscription {
      id plan_type: planType billing_interval: billingInterval status paid_through: paidThrough
      current_period_end: currentPeriodEnd next_billing_date: nextBillingDate provider
    }
    credits { available: purchased included total }
    customer_portal: customerPortalUrl subscription_management: subscriptionManagementUrl
    available_credit_products: creditProducts {
      id name credits_amount: credits price_cents: priceCents
    }
  }
}
"""
CREDIT_BALANCE = "query MessageSenderCreditBalance { credits { balance: purchased } }"
EXPORT = """
query MessageSenderExport($window: WindowInput, $after: String) {
  campaigns(first: 100, after: $after, filter: {created: $window}) {
    edges {
      node {
        name status audienceSize createdAt completedAt summary { handedOff delivered: confirmed failed }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
