import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { EvidenceReport } from '#api';
import { canonicalJson } from '#rollout';
import { failed } from './fake-worker.ts';
import { createStand, type Stand } from './stand.ts';

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  return (await Array.fromAsync(pieces)).join('');
}

const evidence = async ({ conductor }: Stand, id: string, format: 'json' | 'html') =>
  textOf(await conductor.evidence(id, format));

/** A rollout that tripped once, was answered, and ended with one failure that was accepted. */
async function ended(stand: Stand) {
  await stand.importBundle();
  stand.worker.behave = ({ name, task }) =>
    task === 'forward' && name === 'h1' ? failed('disk', `<b>${name}</b>: full & "done"`) : {};
  const { id } = await stand.create({
    name: 'a <rollout>',
    notify: [{ webhook: 'https://127.0.0.1:9/secret-path', on: ['finished'] }],
  });
  const { reason } = await stand.runUntil(id, 'paused');
  const acknowledge = reason?.decision ?? 0;
  await stand.act(id, { kind: 'resume', mode: 'continue', acknowledge, note: 'known' });
  return stand.runUntil(id, 'completed_with_errors');
}

it('says everything that happened, with a digest that anybody can make anew', async () => {
  await using stand = await createStand();
  const { id, planDigest } = await ended(stand);
  const { report, sha256 } = EvidenceReport.parse(JSON.parse(await evidence(stand, id, 'json')));
  expect(sha256).toBe(createHash('sha256').update(canonicalJson(report)).digest('hex'));
  expect(report.about.rollout).toMatchObject({
    id,
    planDigest,
    requester: 'olga',
    bundle: { name: 'go-1.21.5' },
    counts: { planned: 12, succeeded: 11, failed: 1 },
  });
  expect(report.audit.map(({ who, verb, note }) => [who, verb, note])).toEqual([
    ['olga', 'create', null],
    ['olga', 'resume', 'known'],
  ]);
  expect(report.audit[1]).toMatchObject({
    before: { state: 'paused' },
    after: { state: 'running' },
  });
  const kinds = report.decisions.map(({ kind }) => kind);
  expect(kinds).toContain('trip');
  expect(kinds.at(-1)).toBe('finish');
  expect(report.failures).toMatchObject([{ code: 'disk', count: 1, hosts: ['h1'] }]);
  expect(report.hosts.map(({ number }) => number)).toEqual([...Array(12).keys()]);
  expect(report.hosts[0]).toMatchObject({
    state: 'succeeded',
    attempts: [{ task: 'forward', outcome: 'succeeded', worker: 'worker-default' }],
    before: { go: null },
    after: { go: '1.21.5' },
  });
});

it('is the same whenever it is asked for once the rollout has ended, also after a restart', async () => {
  await using stand = await createStand();
  const { id } = await ended(stand);
  const first = EvidenceReport.parse(JSON.parse(await evidence(stand, id, 'json')));
  stand.clock.stall(3_600_000);
  await stand.restart();
  const second = EvidenceReport.parse(JSON.parse(await evidence(stand, id, 'json')));
  expect(second.generatedAt).not.toBe(first.generatedAt);
  expect(second.sha256).toBe(first.sha256);
});

it('keeps the secret path of a webhook to itself', async () => {
  await using stand = await createStand();
  const { id } = await ended(stand);
  const json = await evidence(stand, id, 'json');
  expect(json).toContain('https://127.0.0.1:9');
  expect(json).not.toContain('secret-path');
});

it('is one page to print: no script, nothing from elsewhere, every text escaped, the same digest', async () => {
  await using stand = await createStand();
  const { id } = await ended(stand);
  const html = await evidence(stand, id, 'html');
  const { sha256 } = EvidenceReport.parse(JSON.parse(await evidence(stand, id, 'json')));
  expect(html).toContain(`<code>${sha256}</code>`);
  expect(html).toContain('Evidence of a &#60;rollout&#62;');
  expect(html).toContain('&#60;b&#62;h1&#60;/b&#62;: full &#38; &#34;done&#34;');
  expect(html).not.toMatch(/<script|<link|<img|src=|@import|url\(/i);
  const tags = ['table', 'tbody', 'tr', 'td', 'pre', 'dl', 'body', 'html'];
  for (const tag of tags) {
    const opened = html.match(new RegExp(`<${tag}[ >]`, 'g'))?.length;
    expect([tag, html.match(new RegExp(`</${tag}>`, 'g'))?.length]).toEqual([tag, opened]);
  }
});

it('is read a page at a time: other readers get their turn, and a host more is a piece more', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({ hosts: 1500, batches: [{ size: 1500 }] });
  let longest = 0;
  let pieces = 0;
  let turns = 0;
  const turning = setInterval(() => turns++, 1);
  for await (const piece of await stand.conductor.evidence(id, 'json')) {
    longest = Math.max(longest, piece.length);
    pieces++;
  }
  clearInterval(turning);
  expect(pieces).toBeGreaterThan(1500);
  expect(longest).toBeLessThan(20_000);
  expect(turns).toBeGreaterThan(3);
});

it('is not begun for a rollout that is not there', async () => {
  await using stand = await createStand();
  await expect(stand.conductor.evidence('nothing', 'html')).rejects.toMatchObject({
    code: 'not_found',
  });
});
