import { serveTasks } from '#threads';
import { readModule } from './read-module.ts';

serveTasks(readModule);
