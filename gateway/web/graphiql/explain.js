// Asks our own host what GraphQL answers a vendor's URL.
import { parse, print } from 'graphql';

const KEY = 'Type your key into the headers below the editor.';

/** What a person wrote into the headers editor, as an object. Throws an Error to be read. */
export function headersIn(typed) {
  try {
    return JSON.parse(typed.trim() || '{}');
  } catch {
    throw new Error('The headers below the editor are not JSON.');
  }
}

/** The twin of a request: `{ document, variables }` as the editors show them. Throws an Error to be read. */
export async function explain(url, request, headers) {
  const asked = {
    body: JSON.stringify({ request }),
    headers: { ...headers, 'Content-Type': 'application/json' },
    method: 'POST',
  };
  const response = await fetch(url, asked).catch(() => {
    throw new Error('The gateway does not answer.');
  });
  const told = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error([told.title ?? 'Something went wrong.', response.status === 401 ? KEY : ''].join(' ').trim());
  }
  const about = [`${told.method} ${told.path}`, told.summary, `documentId: ${told.documentId}`];
  return {
    document: `${about.map((line) => `# ${line}\n`).join('')}\n${print(parse(told.document))}\n`,
    variables: JSON.stringify(told.variables, null, 2),
  };
}
