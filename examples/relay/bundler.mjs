/** What your bundler does for Relay, done for Node: `graphql` tags become imports of what relay-compiler wrote. */
import { registerHooks } from "node:module";
import { transformSync } from "@babel/core";

const options = {
  plugins: [["relay", { eagerEsModules: true, artifactDirectory: "relay/generated" }]],
  parserOpts: { plugins: ["typescript"] },
};

registerHooks({
  resolve: (specifier, context, next) => next(specifier.replace(/\.graphql$/, ".graphql.ts"), context),
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith("/relay/main.ts")) return loaded;
    return {
      ...loaded,
      source: transformSync(String(loaded.source), { ...options, filename: new URL(url).pathname }).code,
    };
  },
});
