/** graphql-sse: queries, mutations and subscriptions as server-sent events, each on a connection of its own. */
import { createClient } from "graphql-sse";
import { GRAPHQL, HEADERS, run } from "../gateway.ts";
import { steps } from "../iterating.ts";

const client = createClient({ url: GRAPHQL, headers: HEADERS });
await run(steps(client));
client.dispose();
