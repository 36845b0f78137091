// Opens documents as tabs of GraphiQL.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';

const VARIABLES = '.graphiql-editor-tools [data-name=variables]';
const ACTIVE = '.graphiql-tab-active';
const json = (data) => JSON.stringify(data, null, 2);

/**
 * Two functions: `open` shows a document in its tab if it has one, here if this tab is empty, else in a new
 * tab; `typed` says what is in the headers editor. `own` are the headers of the page, `lent` those that only
 * came with a document: the next document does not inherit them.
 */
export function useTabs(own, lent) {
  const { addTab, changeTab } = useGraphiQLActions();
  const { headerEditor, queryEditor, tabs, variableEditor } = useGraphiQL(
    ({ headerEditor, queryEditor, tabs, variableEditor }) => ({ headerEditor, queryEditor, tabs, variableEditor }),
  );
  const typed = () => headerEditor?.getValue() ?? json(own);

  function open({ document: text, headers, variables }, isFresh) {
    const known = lent.some((one) => json(one) === typed()) ? json(own) : typed();
    const found = tabs.findIndex(({ query }) => query === text);
    if (found >= 0) changeTab(found);
    else if (queryEditor.getValue().trim()) addTab();
    if (found < 0 || isFresh) {
      queryEditor.setValue(text);
      variableEditor.setValue(variables);
    }
    if (found < 0 || headers) headerEditor?.setValue(headers ? json(headers) : known);
    if (variables) document.querySelector(VARIABLES)?.click();
    queryEditor.focus();
    // once the tab knows its name
    setTimeout(() => document.querySelector(ACTIVE)?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), 250);
  }
  return { open, typed };
}
