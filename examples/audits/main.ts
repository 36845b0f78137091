/** The audits of GraphQL over HTTP that npm's `graphql-http` brings, run against your gateway. */
import { serverAudits } from "graphql-http";
import { GRAPHQL, HEADERS, run } from "../gateway.ts";

await run({
  async audits() {
    const audits = serverAudits({
      url: GRAPHQL,
      fetchFn: (url: string, init?: RequestInit) =>
        fetch(url, { ...init, headers: { ...HEADERS, ...init?.headers } }),
    });
    const results = await Promise.all(audits.map((audit) => audit.fn()));
    const failed = results.filter((result) => result.status !== "ok");
    return {
      ok: results.length - failed.length,
      of: results.length,
      failed: failed.map(({ status, id, name, reason }) => `${status} ${id} ${name}: ${reason}`),
    };
  },
});
