import { stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildBundle } from '#builder';
import { blobsIn, haveOf, importBundle, openBundle, storeReceiver, verifyBundle } from '#bundle';
import { openStore } from '#store';

/**
 * What has to be carried of Go 1.21.6 with the modules of the sample project to a side that has 1.21.5 with the same:
 * bytes of the differential bundle beside those of the full one. It is imported there and verified as a whole.
 */
export async function differential(folder: string) {
  const before = await build(folder, '1.21.5', 'before.gofleet');
  const have = await haveOf(blobsIn(await openBundle(before)));
  const full = await build(folder, '1.21.6', 'full.gofleet');
  const small = await build(folder, '1.21.6', 'differential.gofleet', have);
  const store = await openStore(join(folder, 'store'));
  await importBundle(await openBundle(before), storeReceiver(store));
  const start = performance.now();
  await importBundle(await openBundle(small), storeReceiver(store));
  const seconds = (performance.now() - start) / 1000;
  const { good } = await verifyBundle(small);
  const missing = (await openBundle(full)).manifest.blobs.map(({ sha256 }) => store.has(sha256));
  if (!good || (await Promise.all(missing)).includes(false)) throw new Error('it is not whole');
  const [all, carried] = [(await stat(full)).size, (await stat(small)).size];
  const result = {
    full: all,
    differential: carried,
    share: carried / all,
    have: JSON.stringify(have).length,
    importSeconds: seconds,
  };
  console.log(
    `1.21.6 beside 1.21.5: ${mb(carried)} of ${mb(all)} MB, ${Math.round(result.share * 100)} % (wanted < 60 %); ` +
      `have.json ${mb(result.have)} MB; put together in ${seconds.toFixed(1)} s`,
  );
  return result;
}

async function build(
  folder: string,
  version: string,
  name: string,
  against?: Awaited<ReturnType<typeof haveOf>>,
): Promise<string> {
  const file = join(folder, `${version}.yaml`);
  const text = [
    'kind: Bundle',
    'name: differential',
    `toolchains: [{ version: '${version}', platforms: [linux/amd64] }]`,
    `packs: [{ name: default, projects: ['${resolve('examples/sample')}'] }]`,
    'sources: [proxy]',
  ];
  await writeFile(file, `${text.join('\n')}\n`);
  const cache = join(folder, 'cache');
  const out = join(folder, name);
  await buildBundle({ file, out, cache, env: process.env, rehearse: false, against });
  return out;
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
