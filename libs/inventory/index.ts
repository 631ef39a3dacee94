export type {
  Connection,
  Host,
  Inventory,
  InventoryGroup,
  InventoryHost,
  Position,
  SecretRef,
  Vars,
} from './types.ts';
