import { readFileSync } from 'node:fs';

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  numPendingTests: number;
  success: boolean;
}

/** Prints `N passed, N failed` of a vitest JSON report; a file that could not be loaded counts as one failure. */
const results = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Results;
const failed = results.numFailedTests + (results.numFailedTests === 0 && !results.success ? 1 : 0);
const skipped = results.numPendingTests > 0 ? `, ${results.numPendingTests} skipped` : '';
console.log(`${results.numPassedTests} passed, ${failed} failed${skipped}`);
if (failed > 0 || results.numPassedTests === 0) process.exitCode = 1;
