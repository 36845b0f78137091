// Our name in the corner. It also watches the headers: once a key was typed there, the schema can be read.
import { useEffect } from 'react';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';

export function Brand() {
  const { introspect } = useGraphiQLActions();
  const { headerEditor, schema } = useGraphiQL(({ headerEditor, schema }) => ({ headerEditor, schema }));
  useEffect(() => {
    if (schema) return;
    const watch = headerEditor?.onDidBlurEditorText(introspect);
    return () => watch?.dispose();
  }, [headerEditor, introspect, schema]);
  return <span className="heliograph">Heliograph</span>;
}
