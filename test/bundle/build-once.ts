import { buildBundle } from '#builder';

/** Builds one bundle in a process of its own, so that a test can kill it: FILE OUT CACHE. */
const [file = '', out = '', cache = ''] = process.argv.slice(2);
await buildBundle({
  file,
  out,
  cache,
  env: process.env,
  progress: ({ step, message }) => console.log(`${step} ${message}`),
});
