export { rehearse, type RehearsalWanted } from './rehearse.ts';
