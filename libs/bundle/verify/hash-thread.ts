import { hashPlace } from './hash-place.ts';
import { serveTasks } from '#threads';

serveTasks(hashPlace);
