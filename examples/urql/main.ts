/** urql: typed queries over HTTP, subscriptions as server-sent events, parts of answers that come later. */
import { Client, type OperationResult, fetchExchange, mapExchange } from "@urql/core";
import { map, pipe, toAsyncIterable } from "wonka";
import {
  BucketsChanged,
  CampaignPage,
  CampaignsInParts,
  CreateExport,
  Delivered,
  ExportUpdated,
} from "../documents.ts";
import { GRAPHQL, HEADERS, growth, run } from "../gateway.ts";

const options = { url: GRAPHQL, fetchOptions: { headers: HEADERS }, fetchSubscriptions: true };
const client = new Client({ ...options, exchanges: [fetchExchange] });

/** Sends the SHA-256 of each document in its place: what `graphql-codegen` wrote into it. */
const byId = mapExchange({
  onOperation: (operation) => {
    const { __meta__ } = operation.query as { __meta__?: { hash: string } };
    return { ...operation, query: { ...operation.query, documentId: __meta__?.hash, definitions: [] } };
  },
});
const trusted = new Client({ ...options, exchanges: [byId, fetchExchange] });

/** What was asked for, or what was wrong with it. */
function data<Data>(result: OperationResult<Data>): Data {
  if (result.error || !result.data) throw result.error;
  return result.data;
}

async function delivered(asked: Client) {
  const { messageBuckets } = data(await asked.query(Delivered, {}));
  return {
    total: messageBuckets.total,
    days: messageBuckets.buckets.map((day) => day.value).filter(Boolean),
  };
}

async function campaignPage(after?: string | null) {
  const { edges, pageInfo } = data(await client.query(CampaignPage, { after })).campaigns;
  return { names: edges.map((edge) => edge.node.name), after: pageInfo.endCursor };
}

await run({
  query: () => delivered(client),

  async page() {
    const first = await campaignPage();
    const second = await campaignPage(first.after);
    return [first.names, second.names];
  },

  async export() {
    const { id } = data(await client.mutation(CreateExport, {})).createExport;
    let last;
    for await (const result of toAsyncIterable(client.subscription(ExportUpdated, { id }))) {
      last = data(result).exportUpdated;
    }
    return { status: last?.status, rows: last?.rows };
  },

  async buckets() {
    const source = client.subscription(BucketsChanged, {});
    const totals = pipe(
      source,
      map((result) => data(result).bucketsChanged.total ?? 0),
      toAsyncIterable,
    );
    return growth(totals);
  },

  async defer() {
    const parts = [];
    for await (const result of toAsyncIterable(client.query(CampaignsInParts, {}))) {
      const { edges } = data(result).campaigns;
      parts.push(Object.fromEntries(edges.map(({ node }) => [node.name, node.summary?.logged ?? null])));
      if (!result.hasNext) break;
    }
    return { first: parts.at(0), last: parts.at(-1) };
  },

  persisted: () => delivered(trusted),
});
