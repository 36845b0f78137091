// Bundles GraphiQL into ../static/graphiql; a built file is named by its content, so browsers may keep it.
import { build } from 'esbuild';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { licences } from './licences.mjs';

const root = import.meta.dirname;
const out = join(root, '../static/graphiql');

// graphiql/style.css holds Monaco's styles already: those its scripts import would only come twice.
// Without Roboto and Fira Code the system's own fonts are used, and 430 kB are saved.
const styles = {
  name: 'styles',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /monaco-editor[\\/].*\.css$/ }, () => ({ contents: '', loader: 'empty' }));
    onLoad({ filter: /graphiql[\\/]dist[\\/]style\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/@font-face\s*\{[^}]*(Roboto|Fira Code)[^}]*\}/g, ''),
      loader: 'css',
    }));
    onResolve({ filter: /^data:font\// }, ({ path: pluginData }) => ({
      namespace: 'font',
      path: 'codicon.ttf',
      pluginData,
    }));
    onLoad({ filter: /./, namespace: 'font' }, ({ pluginData }) => ({
      contents: Buffer.from(pluginData.split(',')[1], 'base64'),
      loader: 'file',
    }));
  },
};

/** Builds the entry points, given as name and source file. */
async function bundle(entryPoints, define) {
  const { metafile } = await build({
    absWorkingDir: root,
    alias: {
      'prettier/parser-babel': './json-printer.js',
      'prettier/parser-graphql': 'prettier/plugins/graphql',
      'prettier/plugins/estree': './json-printer.js',
    },
    assetNames: '[name]-[hash]',
    bundle: true,
    chunkNames: 'chunks/[hash]',
    define: { 'process.env.NODE_ENV': '"production"', ...define },
    entryNames: '[name]-[hash]',
    entryPoints,
    format: 'esm',
    jsx: 'automatic',
    legalComments: 'eof',
    logLevel: 'warning',
    metafile: true,
    minify: true,
    outdir: out,
    plugins: [styles],
    splitting: true,
    target: 'es2022',
  });
  return metafile;
}

/** The built file of each entry point with this ending, such as `{ json: 'json-3ZKQ7WXB.js' }`. */
function files({ outputs }, ending) {
  const paths = Object.keys(outputs).filter((path) => !path.includes('/chunks/') && path.endsWith(ending));
  return Object.fromEntries(paths.map((path) => [basename(path).split('-')[0], basename(path)]));
}

await rm(out, { recursive: true, force: true });
const workers = await bundle({
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
});
const page = await bundle({ graphiql: 'main.jsx' }, { WORKERS: JSON.stringify(files(workers, '.js')) });
const manifest = { script: files(page, '.js').graphiql, style: files(page, '.css').graphiql };
await writeFile(join(out, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
await writeFile(join(out, 'licences.txt'), await licences(root, [workers, page]));
