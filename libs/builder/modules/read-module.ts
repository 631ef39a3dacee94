import { hashModule, type ModuleHashes, type ProxyModule } from '#gomod';
import { isLicenceFile } from '../licenses/index.ts';

/** A module as a piece of work; `size` in bytes of its zip. */
export interface ModuleTask {
  module: ProxyModule;
  size: number;
}

/** What one look at all bytes of a module tells. */
export interface ModuleReading extends ModuleHashes {
  licenceFiles: Uint8Array[];
}

/** Reads a module whole. Throws `bundle_invalid`. */
export async function readModule({ module }: ModuleTask): Promise<ModuleReading> {
  const licenceFiles: Uint8Array[] = [];
  const taker = { wants: isLicenceFile, take: (bytes: Buffer) => void licenceFiles.push(bytes) };
  return { ...(await hashModule(module, taker)), licenceFiles };
}
