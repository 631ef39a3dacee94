export { plainKey, readConnection, type FindHost, type MergedHost } from './connection.ts';
export { duplicatesAmong } from './duplicates.ts';
export { toHost } from './host.ts';
export { isSecret, isSecretRef } from './known-variables.ts';
export {
  lookUpPins,
  parseKnownHosts,
  pinnedKeys,
  type KnownHosts,
  type Pins,
} from './known-hosts.ts';
export { lintInventory } from './lint.ts';
export { graphText, listJson } from './list.ts';
export { loadInventory } from './load.ts';
export {
  inventoryFromValue,
  parseInventory,
  type ParseOptions,
  type ValueOptions,
} from './parse.ts';
export { matchHosts, type Matched, type PatternOptions } from './pattern.ts';
export {
  selectAll,
  selectHosts,
  selectNames,
  type Selection,
  type SelectOptions,
} from './select.ts';
export type {
  Connection,
  Host,
  Inventory,
  InventoryGroup,
  InventoryHost,
  Jump,
  Position,
  SecretRef,
  Vars,
  VarsSource,
  Warning,
} from './types.ts';
