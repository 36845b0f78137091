"""GraphQL as clients meet it: over HTTP, as server-sent events, in multipart parts, over WebSockets."""
