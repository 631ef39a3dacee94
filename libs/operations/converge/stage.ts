import { GofleetError, isGofleetError } from '#errors';
import { formatBytes } from '#units';
import { runScript, type Session } from '../host/session.ts';
import { stageScript } from '../render.ts';
import type { StageStep } from '../steps.ts';
import type { Payload } from '../transport.ts';
import type { Deps } from './deps.ts';
import { safePoint, step, type Progress } from './progress.ts';

/** Carries out one step that switches nothing. Wrong bytes are thrown away and sent once more, whole; a blob
 * that is broken on our side is made good first, if it can be. */
export async function stage(
  session: Session,
  wanted: StageStep,
  deps: Deps,
  progress: Progress,
): Promise<void> {
  try {
    await send(session, wanted, deps, progress);
  } catch (error) {
    if (!('upload' in wanted) || !isGofleetError(error)) throw error;
    if (error.code === 'blob_corrupt') throw await renewed(error, wanted.upload.blob, deps);
    if (error.code !== 'checksum') throw error;
    await deps.blobs.verify?.(wanted.upload.blob);
    await send(session, fromTheStart(wanted), deps, progress);
  }
}

/** Worth another attempt only where the blob could be made good. */
async function renewed(error: GofleetError, blob: string, deps: Deps): Promise<GofleetError> {
  const again = (retryable: boolean, cause: unknown) =>
    new GofleetError('blob_corrupt', error.message, { remedy: error.remedy, retryable, cause });
  if (!deps.blobs.verify) return again(false, error);
  return deps.blobs.verify(blob).then(
    () => again(true, error),
    (reason: unknown) => again(false, reason),
  );
}

async function send(
  session: Session,
  wanted: StageStep,
  deps: Deps,
  progress: Progress,
): Promise<void> {
  safePoint(progress, deps);
  const payload = 'upload' in wanted ? await open(wanted.upload, deps, progress) : undefined;
  const blake2b = await payload?.blake2b?.('upload' in wanted ? wanted.upload.blob : '');
  const already = 'upload' in wanted && wanted.upload.offset > 0;
  await step(
    nameOf(wanted),
    deps,
    () =>
      runScript(session, stageScript(wanted, blake2b), {
        payload,
        timeout: session.task.timeouts.step,
        signal: AbortSignal.any([progress.deadline, deps.signal]),
      }),
    () =>
      payload &&
      `${formatBytes(payload.size)} sent${already ? `, ${formatBytes(wanted.upload.offset)} were there` : ''}`,
  );
}

function fromTheStart<S extends StageStep>(wanted: S): S {
  return 'upload' in wanted ? { ...wanted, upload: { ...wanted.upload, offset: 0 } } : wanted;
}

async function open(
  upload: Extract<StageStep, { upload: unknown }>['upload'],
  deps: Deps,
  progress: Progress,
): Promise<Payload | undefined> {
  if (upload.offset >= upload.size) return undefined;
  const blob = await deps.blobs.open(upload.blob, upload.offset);
  let counted = 0;
  return {
    size: upload.size - upload.offset,
    read: () => blob.read(),
    blake2b: blob.blake2b,
    progress(sent) {
      progress.bytesSent += sent - counted;
      deps.report.sent?.(sent - counted);
      counted = sent;
    },
  };
}

function nameOf(wanted: StageStep): string {
  switch (wanted.step) {
    case 'stageGo':
      return `stage go ${wanted.tree}`;
    case 'linkGo':
      return `link go ${wanted.tree}`;
    case 'stageModules':
      return `stage modules ${wanted.tree}`;
    case 'fetchSource':
      return `send source of ${wanted.project}`;
    default:
      return wanted satisfies never;
  }
}
