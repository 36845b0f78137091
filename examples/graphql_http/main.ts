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
    if (failed.length > 0) {
      throw new Error(
        failed.map(({ status, id, name, reason }) => `${status} ${id} ${name}: ${reason}`).join("; "),
      );
    }
    return { ok: results.length, of: audits.length };
  },
});
