import type { Actor } from '#api';

/** Those who ask for things in a simulation: nobody approves what he has asked for himself. */
export const PEOPLE: { requester: Actor; approvers: Actor[] } = {
  requester: { token: 'requester', name: 'requester', role: 'admin', site: null },
  approvers: Array.from({ length: 20 }, (_, number) => ({
    token: `approver-${number}`,
    name: `approver ${number}`,
    role: 'admin' as const,
    site: null,
  })),
};
