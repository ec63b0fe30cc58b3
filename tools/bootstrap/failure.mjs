/** Says in one sentence what went wrong and what to do, as one JSON object more where `--json` was asked for, and ends. */
export function fail(code, sentence) {
  process.stderr.write(`${sentence}\n`);
  if (process.argv.includes('--json'))
    process.stdout.write(`${JSON.stringify({ verdict: 'failed', error: { code, message: sentence } })}\n`);
  process.exit(1);
}
