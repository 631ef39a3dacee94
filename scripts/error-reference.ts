import { CODES, type CodeFacts } from '#errors';

const HEAD = `# Error codes

Every error names its code, the place, the reason and the remedy. Over HTTP it is a problem document (RFC 9457); a host that failed carries the
same codes. \`retried\` says whether gofleet tries again by itself. This page is made from the table in \`libs/errors/codes.ts\`
by \`npm run docs\`.

| code | meaning | HTTP | exit code | retried |
| --- | --- | --- | --- | --- |
`;

/** The page docs/errors.md. */
export function errorReference(): string {
  const rows = Object.entries<CodeFacts>(CODES).map(
    ([code, { title, http, exit, retryable }]) =>
      `| \`${code}\` | ${title} | ${http} | ${exit} | ${retryable ? 'yes' : 'no'} |\n`,
  );
  return HEAD + rows.join('');
}
