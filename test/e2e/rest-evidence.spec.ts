import { afterAll, beforeAll, expect, it } from 'vitest';
import { EvidenceReport, verifyAudit, type AuditEntry, type Page, type Rollout } from '#api';
import { planDigest } from '#rollout';
import { startLab, type Lab } from '../lab/index.ts';
import { cli, plan, startStack, syntheticBundle, type Stack } from '../stack/index.ts';

let lab: Lab;
let stack: Stack;
let id: string;

beforeAll(async () => {
  lab = await startLab({ hosts: ['a', 'b'].map((name) => ({ name, diskMb: 96 })) });
  stack = await startStack({ lab });
  await stack.import(await syntheticBundle({ versions: ['1.21.5'] }));
  const created = await stack.api.post<Rollout>('/v1/rollouts', plan({ name: 'evidence' }));
  ({ id } = created.body);
  await stack.api.untilState(id, 'succeeded');
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
});

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const authorization = `Bearer ${stack.api.token}`;
  return fetch(`${stack.api.url}${path}`, { headers: { authorization, ...headers } });
}

it('gives the evidence as JSON by default, with what was read on real hosts', async () => {
  const answer = await get(`/v1/rollouts/${id}/report`);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  const { report, sha256 } = EvidenceReport.parse(await answer.json());
  expect(`sha256:${sha256}`).toBe(planDigest(report));
  expect(report.hosts.map(({ name, state }) => [name, state])).toEqual([
    ['a', 'succeeded'],
    ['b', 'succeeded'],
  ]);
  expect(report.hosts[0]).toMatchObject({
    before: { kernel: expect.any(String), goVersion: null },
    after: { goVersion: expect.stringContaining('1.21.5') },
  });
});

it('gives a browser a page, and whoever asks for a format that one', async () => {
  const page = await get(`/v1/rollouts/${id}/report`, { accept: 'text/html,*/*;q=0.8' });
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await page.text()).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
  const asked = await get(`/v1/rollouts/${id}/report?format=html`);
  expect(asked.headers.get('content-type')).toBe('text/html; charset=utf-8');
});

it('answers a problem document for a rollout that is not there, and for a format that nobody knows', async () => {
  expect((await get('/v1/rollouts/nothing/report')).status).toBe(404);
  expect((await get(`/v1/rollouts/${id}/report?format=pdf`)).status).toBe(400);
});

it('audits what a token may not do, and the audit can be verified', async () => {
  const made = await stack.api.post<{ secret: string }>('/v1/tokens', {
    role: 'viewer',
    name: 'eve',
  });
  const headers = { authorization: `Bearer ${made.body.secret}` };
  const refused = await fetch(`${stack.api.url}/v1/rollouts/${id}/rollback`, {
    method: 'POST',
    headers,
  });
  expect(refused.status).toBe(403);
  const audit = async () =>
    (await stack.api.get<Page<AuditEntry>>('/v1/audit?order=asc&limit=1000')).body.items;
  await expect
    .poll(audit)
    .toContainEqual(expect.objectContaining({ who: 'eve', verb: 'refused', rollout: id }));
  expect(await verifyAudit(await audit())).toMatchObject({ unchained: 0, fault: null });
  const env = { GOFLEET_URL: stack.api.url, GOFLEET_TOKEN: stack.api.token };
  const verified = await cli(['audit', 'verify'], env);
  expect(verified.stdout).toMatch(/^\d+ entries verified\nhead \d+:[\da-f]{64}\n$/);
});

it('explains itself on the command line', async () => {
  const env = { GOFLEET_URL: stack.api.url, GOFLEET_TOKEN: stack.api.token };
  const { stdout } = await cli(['rollout', 'explain', id], env);
  expect(stdout).toContain('Batch 1 starts.');
  expect(stdout).toContain('The rollout has ended: succeeded.');
});
