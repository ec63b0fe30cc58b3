// Ends with 0 while the service in this container can do its work.
const port = process.env.TRUC__PORT ?? '8080';
const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(4_000) }).catch(() => null);
process.exit(response?.status === 200 ? 0 : 1);
