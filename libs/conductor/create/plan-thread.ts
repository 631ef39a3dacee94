import { parentPort } from 'node:worker_threads';
import { openDraft } from './draft.ts';
import type { Drawing } from './drawing.ts';
import { receiveError, sendError, type Answered, type Asked, type Calls } from './thread-calls.ts';

/** Draws one plan up in a thread of its own, so that nobody waits for it but who asked. */
const draft = openDraft();
let drawing: Drawing | undefined;

parentPort?.on('message', (asked: Asked) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  void answer(asked).then((answered) => parentPort?.postMessage(answered));
});

async function answer(asked: Asked): Promise<Answered> {
  const { number } = asked;
  try {
    return { number, answer: await carryOut(asked) };
  } catch (error) {
    return { number, error: sendError(error) };
  }
}

async function carryOut(asked: Asked): Promise<Calls[keyof Calls][1]> {
  switch (asked.call) {
    case 'read':
      return draft.read(asked.given);
    case 'drawUp': {
      drawing = await draft.drawUp(asked.given);
      const { hosts: _, digest: __, ...head } = drawing;
      return head;
    }
    case 'hosts':
      return drawn().hosts(asked.given.from, asked.given.most);
    case 'digest':
      return drawn().digest();
    case 'locate':
      return sendError(await draft.locate(receiveError(asked.given)));
    default:
      throw new TypeError(asked satisfies never);
  }
}

function drawn(): Drawing {
  if (drawing) return drawing;
  throw new Error('a plan is drawn up before its hosts are asked for');
}
