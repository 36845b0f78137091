/** Apollo Client: typed queries into its cache, subscriptions over WebSocket, parts of answers that come later. */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import {
  concatMap,
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  pairwise,
  takeWhile,
  tap,
  toArray,
} from "rxjs";
import {
  BucketsChanged,
  CampaignPage,
  CampaignsInParts,
  CreateExport,
  Delivered,
  ExportUpdated,
} from "../documents.ts";
import { GRAPHQL, GRAPHQL_WS, HEADERS, run, sendMessage } from "../gateway.ts";

const socket = createClient({ url: GRAPHQL_WS, connectionParams: HEADERS });
const http = new HttpLink({ uri: GRAPHQL, headers: HEADERS });
const client = new ApolloClient({
  link: ApolloLink.split(
    ({ operationType }) => operationType === "subscription",
    new GraphQLWsLink(socket),
    http,
  ),
  cache: new InMemoryCache(),
  incrementalHandler: new GraphQL17Alpha9Handler(),
});

/** Sends the SHA-256 of each document in its place: what `graphql-codegen` wrote into it. */
const byId = new PersistedQueryLink({
  generateHash: (document) => (document as { __meta__?: { hash: string } }).__meta__?.hash ?? "",
});
const trusted = new ApolloClient({ link: byId.concat(http), cache: new InMemoryCache() });

/** What is wrong with a result ends an observable. */
const sound = <Result extends { error?: unknown }>() =>
  tap<Result>(({ error }) => {
    if (error) throw error;
  });

async function delivered(asked: ApolloClient) {
  const { data } = await asked.query({ query: Delivered });
  const { total, buckets } = data!.messageBuckets;
  return { total, days: buckets.map((day) => day.value).filter(Boolean) };
}

async function campaignPage(after?: string | null) {
  const { data } = await client.query({ query: CampaignPage, variables: { after } });
  const { edges, pageInfo } = data!.campaigns;
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
    const { data } = await client.mutate({ mutation: CreateExport });
    const { id } = data!.createExport;
    const steps = client.subscribe({ query: ExportUpdated, variables: { id } });
    const last = await lastValueFrom(steps.pipe(sound()));
    const { status, rows } = last.data!.exportUpdated;
    return { status, rows };
  },

  async buckets() {
    const grown = client.subscribe({ query: BucketsChanged }).pipe(
      sound(),
      map(({ data }) => data!.bucketsChanged.total ?? 0),
      concatMap(async (total, index) => {
        if (index === 0) await sendMessage();
        return total;
      }),
      pairwise(),
      map(([before, after]) => ({ grewBy: after - before })),
    );
    return firstValueFrom(grown.pipe(filter(({ grewBy }) => grewBy > 0)));
  },

  async defer() {
    const watched = client.watchQuery({ query: CampaignsInParts }).pipe(
      takeWhile(({ loading }) => loading, true),
      sound(),
      filter((result) => result.dataState === "streaming" || result.dataState === "complete"),
      map(({ data }) => data.campaigns.edges.map(({ node }) => [node.name, node.summary?.logged ?? null])),
      toArray(),
    );
    const parts = (await lastValueFrom(watched)).map((part) => Object.fromEntries(part));
    return { first: parts.at(0), last: parts.at(-1) };
  },

  persisted: () => delivered(trusted),
});
client.stop();
await socket.dispose();
