/** What urql and Apollo ask: each document is typed by the schema and can be sent as its SHA-256. */
import { graphql } from "./generated/index.ts";

export const Delivered = graphql(`
  query Delivered {
    messageBuckets(
      metric: DELIVERED
      window: { last: { count: 7, unit: DAY } }
      timezone: "UTC"
      filter: { channel: ["sms"] }
    ) {
      asOf
      total
      buckets {
        start
        state
        value
      }
    }
  }
`);

export const CampaignPage = graphql(`
  query CampaignPage($after: String) {
    campaigns(first: 2, after: $after) {
      edges {
        node {
          id
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const CampaignsInParts = graphql(`
  query CampaignsInParts {
    campaigns(first: 2) {
      edges {
        node {
          id
          name
          ... @defer {
            summary {
              logged
              delivered
            }
          }
        }
      }
    }
  }
`);

export const CreateExport = graphql(`
  mutation CreateExport {
    createExport(input: { source: { campaigns: {} } }) {
      id
    }
  }
`);

export const ExportUpdated = graphql(`
  subscription ExportUpdated($id: ID!) {
    exportUpdated(id: $id) {
      id
      status
      rows
      downloadUrl
    }
  }
`);

export const BucketsChanged = graphql(`
  subscription BucketsChanged {
    bucketsChanged(
      question: { messages: { granularity: HOUR, window: { last: { count: 3, unit: HOUR } } } }
    ) {
      isWhole
      total
      buckets {
        start
        state
        value
      }
    }
  }
`);
