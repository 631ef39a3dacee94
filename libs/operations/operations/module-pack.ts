import { ModulePack } from '../playbook/schema.ts';
import type { Wanted } from '../wanted.ts';
import type { Operation } from './operation.ts';
import { uploadOf } from './upload.ts';

/** Modules: a file:// GOPROXY tree. Which one is active is the generation's business, so undo has nothing to do. */
export const modulePack: Operation<Wanted> = {
  schema: ModulePack,
  facts: ['trees', 'parts'],
  steps({ modules }, found) {
    if (!modules?.archive || found.trees.modules.includes(modules.tree)) return [];
    return [{ step: 'stageModules', tree: modules.tree, upload: uploadOf(modules.archive, found) }];
  },
  undo: () => [],
};
