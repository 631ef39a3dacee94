import { hashPlace } from './hash-place.ts';
import { serveTasks } from './in-threads.ts';

serveTasks(hashPlace);
