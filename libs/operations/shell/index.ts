import { BASE } from './base.ts';
import { CHANGE } from './change.ts';
import { CHECKS } from './checks.ts';
import { EXCHANGE } from './exchange.ts';
import { FACTS } from './facts.ts';
import { OWNERSHIP } from './ownership.ts';
import { PLACES } from './places.ts';
import { text } from './text.ts';

/** Every function that scripts on a host may call, in POSIX sh. */
export const FUNCTIONS = [BASE, OWNERSHIP, PLACES, FACTS, CHANGE, EXCHANGE, CHECKS]
  .map((part) => part.replaceAll(/^ *# .*\n/gm, ''))
  .join('');

/** The first script: asks for everything, claims the host where it is fit, and leaves the lock. */
export const PROBE = text`
where
say_platform
say_fault_of_root || { say_space; say end; exit 0; }
say_space
mkdir -p "$ROOT" || give_up unwritable "$ROOT"
claim
tidy
say_facts
exec 9>&-
`;

/** The only script of a reading: what is there, as it is. */
export const READ = text`
where
say_platform
say_fault_of_root || :
say_space
read_state
say_trees
say_places
`;

/** Every script after the first begins so. */
export const ENTER = text`
where
enter
`;
