import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  success: boolean;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: {
      fullName: string;
      status: string;
      duration?: number;
      failureMessages: string[];
    }[];
  }[];
}

/** As much of a failure as names it: what was compared stands in its first lines, its stack is in the log above. */
const shownLines = 12;

/**
 * Prints what failed in a vitest JSON report, each below a line that starts with `FAILED: `, and then
 * `N passed, N failed`; a file that could not be loaded counts as one failure.
 */
const results = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Results;
const failed = results.numFailedTests + (results.numFailedTests === 0 && !results.success ? 1 : 0);
const skipped = results.numPendingTests > 0 ? `, ${results.numPendingTests} skipped` : '';
for (const file of results.testResults) {
  const tests = file.assertionResults.filter((test) => test.status === 'failed');
  for (const test of tests)
    tell(file.name, test.fullName, test.failureMessages.join('\n'), test.duration);
  if (file.status === 'failed' && tests.length === 0)
    tell(file.name, 'the file itself', file.message);
}
console.log(`${results.numPassedTests} passed, ${failed} failed${skipped}`);
if (failed > 0 || results.numPassedTests === 0) process.exitCode = 1;

function tell(file: string, name: string, message: string, duration = 0): void {
  console.log(`FAILED: ${relative('', file)}: ${name} (after ${Math.round(duration)} ms)`);
  for (const line of message.split('\n').slice(0, shownLines)) console.log(`  | ${line}`);
}
