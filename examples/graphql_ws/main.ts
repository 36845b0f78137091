/** graphql-ws: queries, mutations and subscriptions over one WebSocket; the key goes into its first message. */
import { createClient } from "graphql-ws";
import { GRAPHQL_WS, HEADERS, run } from "../gateway.ts";
import { steps } from "../iterating.ts";

const client = createClient({ url: GRAPHQL_WS, connectionParams: HEADERS });
await run(steps(client));
await client.dispose();
