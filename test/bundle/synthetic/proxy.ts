import { createWriteStream } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { escapePath } from '#gomod';

/** Texts by path. */
export type Files = Record<string, string>;

/** A module at a version; without a go.mod it gets the one that proxies give those. */
export interface Published {
  /** `path@version` */
  module: string;
  files: Files;
}

const TIME = new Date('2024-01-01T00:00:00Z');

/** Puts modules into a folder that can be named as `GOPROXY=file://…`. */
export async function publishTo(proxy: string, modules: readonly Published[]): Promise<void> {
  for (const { module, files } of modules) {
    const [path = '', version = ''] = module.split('@');
    const folder = join(proxy, escapePath(path), '@v');
    await mkdir(folder, { recursive: true });
    await appendFile(join(folder, 'list'), `${version}\n`);
    const info = { Version: version, Time: TIME.toISOString(), Origin: { VCS: 'git', URL: proxy } };
    await writeFile(join(folder, `${version}.info`), JSON.stringify(info));
    await writeFile(join(folder, `${version}.mod`), files['go.mod'] ?? `module ${path}\n`);
    const zip = new ZipFile();
    for (const [name, text] of Object.entries(files))
      zip.addBuffer(Buffer.from(text), `${module}/${name}`, { mtime: TIME });
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(join(folder, `${version}.zip`)));
  }
}

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}
