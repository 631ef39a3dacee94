import { checkArchive } from './check-archive.ts';
import { serveTasks } from './in-threads.ts';

serveTasks(checkArchive);
