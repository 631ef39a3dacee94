import { GofleetError } from '#errors';
import { buildBundle, type BuildOptions } from '#builder';

/** Builds one bundle in a process of its own, so that a test can kill it; options as JSON. */
const options = JSON.parse(process.argv[2] ?? '') as BuildOptions;
const progress: BuildOptions['progress'] = ({ step, message, done = 0 }) =>
  console.log(`${step} ${message} ${done}`);
try {
  const { digest } = await buildBundle({ ...options, env: process.env, progress });
  console.log(`built ${digest}`);
} catch (error) {
  console.log(`failed ${error instanceof GofleetError ? error.code : 'internal'}`);
  process.exitCode = 1;
}
