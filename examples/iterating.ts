/** What graphql-ws and graphql-sse have in common: clients whose answers are iterated over, whatever was asked. */
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { type FormattedExecutionResult, print } from "graphql";
import { BucketsChanged, CampaignPage, CreateExport, Delivered, ExportUpdated } from "./documents.ts";
import { growth } from "./gateway.ts";

type Variables = Record<string, unknown>;
type Result<Data> = Pick<FormattedExecutionResult<Data>, "data" | "errors">;
type Client = {
  iterate<Data>(asked: { query: string; variables?: Variables }): AsyncIterable<Result<Data>>;
};

/** The steps of such a client. */
export function steps(client: Client) {
  /** Answers as they come; the first error ends them. */
  async function* answers<Data, Asked extends Variables>(
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
  ) {
    for await (const { data, errors } of client.iterate<Data>({ query: print(document), variables })) {
      if (errors || !data) throw new Error(errors?.map(({ message }) => message).join(" "));
      yield data;
    }
  }

  /** The only answer to what is no subscription, or the last one. */
  async function last<Data, Asked extends Variables>(
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
  ) {
    let told: Data | undefined;
    for await (const data of answers(document, variables)) told = data;
    return told!;
  }

  async function campaignPage(after?: string | null) {
    const { edges, pageInfo } = (await last(CampaignPage, { after })).campaigns;
    return { names: edges.map((edge) => edge.node.name), after: pageInfo.endCursor };
  }

  async function* totals() {
    for await (const { bucketsChanged } of answers(BucketsChanged, {})) yield bucketsChanged.total ?? 0;
  }

  return {
    async query() {
      const { total, buckets } = (await last(Delivered, {})).messageBuckets;
      return { total, days: buckets.map((day) => day.value).filter(Boolean) };
    },

    async page() {
      const first = await campaignPage();
      const second = await campaignPage(first.after);
      return [first.names, second.names];
    },

    async export() {
      const { id } = (await last(CreateExport, {})).createExport;
      const { status, rows } = (await last(ExportUpdated, { id })).exportUpdated;
      return { status, rows };
    },

    buckets: () => growth(totals()),
  };
}
