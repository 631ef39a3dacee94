import { buffer } from 'node:stream/consumers';
import { join } from 'node:path';
import type { Build } from '../build.ts';
import type { Project } from '../projects/project.ts';
import { findProgram } from './find-program.ts';
import type { NewestGo } from './newest-go.ts';
import type { Obstacle } from './preflight.ts';

/** A project with C in it that cannot be compiled here: hosts need a C compiler, and the rehearsal cannot try it. */
export async function needsC(
  { folder, name, files }: Project,
  _: NewestGo,
  { env }: Build,
): Promise<Obstacle[]> {
  const compilers = env['CC'] ? [env['CC'].split(' ', 1)[0] ?? ''] : ['gcc', 'clang'];
  for (const compiler of compilers) if (await findProgram(compiler, env)) return [];
  for (const file of files) {
    const below = file.path.slice(name.length + 1);
    if (file.kind !== 'file' || !below.endsWith('.go') || below.startsWith('vendor/')) continue;
    const text = (await buffer(file.read())).toString('utf8');
    if (!/^\s*(?:import\s+)?"C"\s*$/m.test(text)) continue;
    return [
      {
        file: join(folder, below),
        message: `it has C in it, and there is no ${compilers.join(' or ')} here to compile it`,
        remedy: 'Hosts need a C compiler to build it; install one here to see it rehearsed.',
      },
    ];
  }
  return [];
}
