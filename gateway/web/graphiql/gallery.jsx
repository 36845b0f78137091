// The sidebar's list of example questions; a click opens one in its own tab.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';

function Icon() {
  return (
    <svg height="1em" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5">
      <circle cx="12" cy="12" r="10" />
      <path d="M9 9.2a3 3 0 1 1 4.3 2.7c-.8.4-1.3 1-1.3 1.8v.6M12 17.4v.1" />
    </svg>
  );
}

/** Opens a question: in its tab if it has one, here if this tab is empty, else in a new tab. */
function useOpen() {
  const { addTab, changeTab } = useGraphiQLActions();
  const { queryEditor, tabs, variableEditor } = useGraphiQL(({ queryEditor, tabs, variableEditor }) => ({
    queryEditor,
    tabs,
    variableEditor,
  }));
  return ({ document, variables }) => {
    const found = tabs.findIndex(({ query }) => query === document);
    if (found >= 0) return changeTab(found);
    if (queryEditor.getValue().trim()) addTab();
    queryEditor.setValue(document);
    variableEditor.setValue(variables);
    queryEditor.focus();
  };
}

/** The plugin with these questions. */
export function gallery(questions) {
  function Questions() {
    const open = useOpen();
    return (
      <section aria-label="Questions">
        <h2 className="questions-title">Questions</h2>
        <p className="questions-about">Ready to run. Open one, press play, then change it.</p>
        <ol className="questions">
          {questions.map((question) => (
            <li key={question.title}>
              <button type="button" className="graphiql-un-styled" onClick={() => open(question)}>
                <b>{question.title}</b>
                <span>{question.about}</span>
              </button>
            </li>
          ))}
        </ol>
      </section>
    );
  }
  return { content: Questions, icon: Icon, title: 'Questions' };
}
