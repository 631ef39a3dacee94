export { addBackup } from './backup.ts';
export { addRecover } from './recover.ts';
export { addRestore } from './restore.ts';
