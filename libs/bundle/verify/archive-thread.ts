import { checkArchive } from './check-archive.ts';
import { serveTasks } from '#threads';

serveTasks(checkArchive);
