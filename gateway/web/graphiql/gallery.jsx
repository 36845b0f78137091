// The sidebar: a field for a vendor's URL, then questions by theme and every vendor's URLs; a click opens one.
import { Fragment, useId, useState } from 'react';
import { explain, headersIn } from './explain.js';
import { useTabs } from './tabs.js';

function Icon() {
  return (
    <svg height="1em" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5">
      <circle cx="12" cy="12" r="10" />
      <path d="M9 9.2a3 3 0 1 1 4.3 2.7c-.8.4-1.3 1-1.3 1.8v.6M12 17.4v.1" />
    </svg>
  );
}

/** A sentence about what went wrong, read out as it comes. */
function Wrong({ id, children }) {
  return (
    <p className="gallery-wrong" id={id} role="status" aria-live="polite">
      {children}
    </p>
  );
}

/** The field for a vendor's URL. Enter opens, Shift+Enter is a new line. */
function Paste({ onOpen, wrong }) {
  const [text, setText] = useState('');
  const id = useId();
  const send = (event) => {
    event.preventDefault();
    onOpen(text);
  };
  return (
    <form className="gallery-paste" onSubmit={send}>
      <label htmlFor={id}>Paste a vendor’s URL or curl line</label>
      <textarea
        aria-describedby={`${id}-wrong`}
        aria-invalid={Boolean(wrong)}
        id={id}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) send(event);
        }}
        placeholder="GET /api/analytics/trends?metric=campaigns"
        rows="2"
        spellCheck="false"
        value={text}
      />
      <button type="submit" className="graphiql-button">
        Show the GraphQL
      </button>
      <Wrong id={`${id}-wrong`}>{wrong}</Wrong>
    </form>
  );
}

/** A URL that breaks only between its parts. */
function Address({ method, text }) {
  return (
    <code>
      <i>{method}</i>&nbsp;
      {text.split(/(?<=[/?&])/).map((part, at) => (
        <Fragment key={at}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </code>
  );
}

/** One entry of a group. */
function Entry({ children, onClick, wrong }) {
  return (
    <li>
      <button type="button" className="graphiql-un-styled" onClick={onClick}>
        {children}
      </button>
      {wrong && <Wrong>{wrong}</Wrong>}
    </li>
  );
}

/** A group that can be folded. */
function Group({ children, isOpen, title }) {
  return (
    <details className="gallery-group" open={isOpen}>
      <summary>
        {title} <small>{children.length}</small>
      </summary>
      <ol>{children}</ol>
    </details>
  );
}

/** An example with the day that so many days ago was, UTC. */
const dated = (text) =>
  text.replace(/\{(\d+) days ago\}/g, (_, days) => new Date(Date.now() - days * 864e5).toISOString().slice(0, 10));

/** Keeps what has every word of the filter somewhere in it. */
function sifted(groups, filter, texts) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const keeps = (title, one) => words.every((word) => `${title} ${texts(one)}`.toLowerCase().includes(word));
  return groups
    .map((group) => ({ ...group, items: group.items.filter((one) => keeps(group.title, one)) }))
    .filter(({ items }) => items.length);
}

/** The plugin with the questions and vendors of the page's settings. */
export function gallery({ explain: url, headers, themes, vendors }) {
  const lent = vendors.map((vendor) => vendor.headers).filter(Boolean);
  const asked = themes.map(({ title, questions }) => ({ title, items: questions }));
  const offered = vendors.map(({ title, headers, urls }) => ({
    title,
    items: urls.map((one) => ({ ...one, address: dated(one.address), headers, request: dated(one.request) })),
  }));

  function Gallery() {
    const [filter, setFilter] = useState('');
    const [wrong, setWrong] = useState({});
    const { open, typed } = useTabs(headers, lent);

    async function openUrl(request, at, lentHeaders) {
      try {
        const headers = lentHeaders ?? headersIn(typed());
        const twin = await explain(url, request, headers);
        setWrong({});
        open({ ...twin, headers }, true);
      } catch (error) {
        setWrong({ [at]: error.message });
      }
    }

    const isSifting = Boolean(filter.trim());
    const questions = sifted(asked, filter, ({ about, title }) => `${title} ${about}`);
    const urls = sifted(offered, filter, ({ request, summary }) => `${request} ${summary}`);
    const found = [...questions, ...urls].reduce((sum, { items }) => sum + items.length, 0);
    return (
      <section className="gallery" aria-label="Questions">
        <Paste onOpen={(text) => openUrl(text, 'pasted')} wrong={wrong.pasted} />
        <input
          aria-label="Filter questions and URLs"
          className="gallery-filter"
          onChange={(event) => setFilter(event.target.value)}
          placeholder="Filter questions and URLs"
          type="search"
          value={filter}
        />
        <p className="gallery-found" role="status" aria-live="polite">
          {isSifting && (found ? `${found} found` : 'Nothing has all of these words.')}
        </p>
        {questions.length > 0 && <h2>Questions</h2>}
        {questions.map(({ title, items }) => (
          <Group isOpen={isSifting || title === asked[0].title} key={`${title} ${isSifting}`} title={title}>
            {items.map((one) => (
              <Entry key={one.title} onClick={() => open(one)}>
                <b>{one.title}</b>
                <span>{one.about}</span>
              </Entry>
            ))}
          </Group>
        ))}
        {urls.length > 0 && <h2>Vendors’ URLs and their GraphQL</h2>}
        {urls.map(({ title, items }) => (
          <Group isOpen={isSifting} key={`${title} ${isSifting}`} title={title}>
            {items.map((one) => (
              <Entry
                key={one.request}
                onClick={() => openUrl(one.request, one.request, one.headers)}
                wrong={wrong[one.request]}
              >
                <Address method={one.method} text={one.address} />
                <span>{one.summary}</span>
              </Entry>
            ))}
          </Group>
        ))}
      </section>
    );
  }
  return { content: Gallery, icon: Icon, title: 'Questions' };
}
