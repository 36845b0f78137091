/** Relay: compiled and persisted operations, a connection that grows page by page, subscriptions over WebSocket. */
import { createClient } from "graphql-ws";
import {
  type FetchFunction,
  type SubscribeFunction,
  Environment,
  Network,
  Observable,
  commitMutation,
  createOperationDescriptor,
  fetchQuery,
  getFragment,
  getRequest,
  getSingularSelector,
  graphql,
  requestSubscription,
} from "relay-runtime";
import { GRAPHQL, GRAPHQL_WS, HEADERS, run, sendMessage } from "../gateway.ts";
import type { mainBucketsChangedSubscription } from "./generated/mainBucketsChangedSubscription.graphql.ts";
import type { mainCampaignsPageQuery } from "./generated/mainCampaignsPageQuery.graphql.ts";
import type { mainCampaignsQuery } from "./generated/mainCampaignsQuery.graphql.ts";
import type { mainCampaigns_page$data } from "./generated/mainCampaigns_page.graphql.ts";
import type { mainCreateExportMutation } from "./generated/mainCreateExportMutation.graphql.ts";
import type { mainDeliveredQuery } from "./generated/mainDeliveredQuery.graphql.ts";
import type { mainExportUpdatedSubscription } from "./generated/mainExportUpdatedSubscription.graphql.ts";

const Delivered = graphql`
  query mainDeliveredQuery {
    messageBuckets(
      metric: DELIVERED
      window: { last: { count: 7, unit: DAY } }
      timezone: "UTC"
      filter: { channel: ["sms"] }
    ) {
      total
      buckets {
        value
      }
    }
  }
`;

const Campaigns = graphql`
  query mainCampaignsQuery {
    ...mainCampaigns_page
  }
`;

const Page = graphql`
  fragment mainCampaigns_page on Query
  @refetchable(queryName: "mainCampaignsPageQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "String" }) {
    campaigns(first: $first, after: $after) @connection(key: "mainCampaigns_campaigns") {
      edges {
        node {
          name
        }
      }
      pageInfo {
        endCursor
      }
    }
  }
`;

const CreateExport = graphql`
  mutation mainCreateExportMutation {
    createExport(input: { source: { campaigns: {} } }) {
      id
    }
  }
`;

const ExportUpdated = graphql`
  subscription mainExportUpdatedSubscription($id: ID!) {
    exportUpdated(id: $id) {
      status
      rows
    }
  }
`;

const BucketsChanged = graphql`
  subscription mainBucketsChangedSubscription {
    bucketsChanged(
      question: { messages: { granularity: HOUR, window: { last: { count: 3, unit: HOUR } } } }
    ) {
      total
      buckets {
        value
      }
    }
  }
`;

// relay-compiler keeps the texts in generated/persisted-relay.json; the gateway is asked by their SHA-256
const ask: FetchFunction = async ({ id }, variables) => {
  const response = await fetch(GRAPHQL, {
    method: "POST",
    headers: { ...HEADERS, "Content-Type": "application/json" },
    body: JSON.stringify({ documentId: `sha256:${id}`, variables }),
  });
  return response.json();
};

const socket = createClient({ url: GRAPHQL_WS, connectionParams: HEADERS });
const subscribe: SubscribeFunction = ({ id }, variables) => {
  const asked = { query: "", documentId: `sha256:${id}`, variables }; // graphql-ws sends nothing without a query
  return Observable.create((sink) => socket.subscribe(asked, sink as never));
};

const environment = new Environment({ network: Network.create(ask, subscribe) });

/** The campaigns that Relay's store knows: all pages that were loaded, as one connection. */
function known() {
  const query = environment.lookup(createOperationDescriptor(getRequest(Campaigns), {}).fragment).data;
  const { campaigns } = environment.lookup(getSingularSelector(getFragment(Page), query)!)
    .data as mainCampaigns_page$data;
  return { names: campaigns.edges.map((edge) => edge.node.name), after: campaigns.pageInfo.endCursor };
}

await run({
  async query() {
    const { messageBuckets } = (await fetchQuery<mainDeliveredQuery>(
      environment,
      Delivered,
      {},
    ).toPromise())!;
    return {
      total: messageBuckets.total,
      days: messageBuckets.buckets.map((day) => day.value).filter(Boolean),
    };
  },

  async page() {
    await fetchQuery<mainCampaignsQuery>(environment, Campaigns, {}).toPromise();
    const { names, after } = known();
    const next = getFragment(Page).metadata!.refetch!.operation as never;
    await fetchQuery<mainCampaignsPageQuery>(environment, next, { first: 2, after }).toPromise();
    return [names, known().names.slice(names.length)];
  },

  async export() {
    const id = await new Promise<string>((resolve, reject) =>
      commitMutation<mainCreateExportMutation>(environment, {
        mutation: CreateExport,
        variables: {},
        onCompleted: ({ createExport }) => resolve(createExport.id),
        onError: reject,
      }),
    );
    return new Promise((resolve, reject) => {
      let last: unknown;
      requestSubscription<mainExportUpdatedSubscription>(environment, {
        subscription: ExportUpdated,
        variables: { id },
        onNext: (told) => (last = told?.exportUpdated),
        onError: reject,
        onCompleted: () => resolve(last),
      });
    });
  },

  buckets: () =>
    new Promise((resolve, reject) => {
      let before: number | undefined;
      const subscription = requestSubscription<mainBucketsChangedSubscription>(environment, {
        subscription: BucketsChanged,
        variables: {},
        onNext: (told) => {
          const total = told?.bucketsChanged.total ?? 0;
          if (before === undefined) sendMessage().catch(reject);
          else if (total > before) {
            subscription.dispose();
            resolve({ grewBy: total - before });
          }
          before = total;
        },
        onError: reject,
      });
    }),
});
await socket.dispose();
