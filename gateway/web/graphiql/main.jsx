// GraphiQL with our questions, talking to our own host only.
import { createRoot } from 'react-dom/client';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';
import { Brand } from './brand.jsx';
import { gallery } from './gallery.jsx';
import { storage } from './storage.js';

const TABS = 4;
const settings = JSON.parse(document.getElementById('settings').textContent);
const here = new URL(settings.endpoint, location.href);

globalThis.MonacoEnvironment = {
  getWorker(_, label) {
    const file = WORKERS[label] ?? WORKERS.editor;
    return new Worker(new URL(file, import.meta.url), { type: 'module' });
  },
};

const ask = createGraphiQLFetcher({ url: here.href, subscriptionUrl: here.href.replace(/^http/, 'ws') });

/** GraphiQL reads the schema before its headers editor is there, so without the key: we add it. */
function fetcher(params, options) {
  const early = params.operationName === 'IntrospectionQuery' && !options?.headers;
  return ask(params, early ? { ...options, headers: settings.headers } : options);
}

// Until someone moves the bars: a narrow list, and more room to write than to read.
const shelf = storage(`heliograph:${here.pathname}:`);
if (!shelf.length) {
  shelf.setItem('graphiql:docExplorerFlex', '0.28');
  shelf.setItem('graphiql:editorFlex', '1.25');
}

const questions = gallery(settings);
const plugins = [questions, HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];
const isDemo = settings.vendors.some(({ headers }) => headers); // its keys are no secret, and a tab needs its own
const headers = JSON.stringify(settings.headers, null, 2);
const first = settings.themes.flatMap((theme) => theme.questions).slice(0, TABS);
const tabs = first.map(({ document, variables }) => ({ headers, query: document, variables }));

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    defaultEditorToolsVisibility="headers"
    defaultHeaders={headers}
    defaultTabs={tabs.length ? tabs : undefined}
    fetcher={fetcher}
    plugins={plugins}
    shouldPersistHeaders={isDemo || undefined}
    storage={shelf}
    visiblePlugin={questions}
  >
    <GraphiQL.Logo>
      <Brand />
    </GraphiQL.Logo>
  </GraphiQL>,
);
