/** Types for `documents.ts` from the committed schema, and its persisted documents by their SHA-256. */
import type { CodegenConfig } from "@graphql-codegen/cli";
import { addTypenameSelectionDocumentTransform } from "@graphql-codegen/client-preset";

const config: CodegenConfig = {
  schema: "../schema/schema.graphql",
  documents: "documents.ts",
  generates: {
    "./generated/": {
      preset: "client",
      documentTransforms: [addTypenameSelectionDocumentTransform], // Apollo's cache wants them in what is sent
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { hashAlgorithm: "sha256" },
      },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        importExtension: ".ts",
        scalars: { BigInt: "number", Date: "string", DateTime: "string", Number: "number" },
      },
    },
  },
};
export default config;
