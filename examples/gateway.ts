/** What all examples share: where the gateway is, what opens it, and a way to run their steps. */

// from the environment; without it the demo that `make run` serves
export const BASE = process.env.HELIOGRAPH_URL ?? "http://127.0.0.1:8000";
export const KEY = process.env.HELIOGRAPH_KEY ?? "hg_live_DEMOseFnTkGh8bPCDAOmuJx4Vjxe84e0z2QZUhx0gbQ";

export const GRAPHQL = `${BASE}/graphql`;
export const GRAPHQL_WS = GRAPHQL.replace(/^http/, "ws");
export const HEADERS = { Authorization: `Bearer ${KEY}` };

/** Run the steps that the command line names, or all, and print what each found out, as JSON behind its name. */
export async function run(steps: Record<string, () => Promise<unknown>>): Promise<void> {
  const named = process.argv.slice(2);
  for (const [name, step] of Object.entries(steps)) {
    if (named.length > 0 && !named.includes(name)) continue;
    try {
      console.log(name, JSON.stringify(await step()));
    } catch (error) {
      const [first] = [error].flat() as { message?: string }[]; // graphql-ws throws lists
      const said = first?.message || String(error);
      console.error(`${name}: ${said.replace(/\s+/g, " ")}`);
      process.exitCode = 1;
    }
  }
}

/** A message sent just now, told as your own systems would tell it. */
export async function sendMessage(): Promise<void> {
  const now = new Date().toISOString();
  const message = {
    type: "message",
    id: crypto.randomUUID(),
    channel: "chat",
    created_at: now,
    sent_at: now,
  };
  const response = await fetch(`${BASE}/v1/events`, {
    method: "POST",
    headers: { ...HEADERS, "Content-Type": "application/x-ndjson" },
    body: JSON.stringify(message),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** Send a message when the first total is there, and how much a later one has grown by it. */
export async function growth(totals: AsyncIterable<number>): Promise<{ grewBy: number } | undefined> {
  let before: number | undefined;
  for await (const total of totals) {
    if (before === undefined) await sendMessage();
    else if (total > before) return { grewBy: total - before };
    before = total;
  }
}
