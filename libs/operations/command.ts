/** A command is a value: a POSIX sh script with its words already quoted, and what must not be logged. */
export interface Command {
  script: string;
  /** For people and logs: secrets replaced. */
  shown: string;
}

/** One word of a command; a plain string is a word too. */
export interface Word {
  text: string;
  shown: string;
}

/** A command of quoted words: `sh('mv', '-T', path(staged), path(final))`. */
export function sh(...words: (string | number | Word)[]): Command {
  const all = words.map((word) => (typeof word === 'object' ? word : plain(String(word))));
  return {
    script: all.map(({ text }) => quote(text)).join(' '),
    shown: all.map(({ shown }) => quote(shown)).join(' '),
  };
}

/** A file name: one that begins with a dash cannot be taken for an option. Throws on a NUL. */
export function path(name: string): Word {
  const text = name.startsWith('-') ? `./${name}` : name;
  return plain(text);
}

/** A word that no log may show. */
export function secret(text: string): Word {
  return { ...plain(text), shown: '********' };
}

/** `NAME=word`, for the shell itself. */
export function assign(name: string, word: string | number | Word): Command {
  const { script, shown } = sh(word);
  return { script: `${name}=${script}`, shown: `${name}=${shown}` };
}

/** Commands one after the other, whatever the earlier ones ended with. */
export function lines(...commands: Command[]): Command {
  return {
    script: commands.map((command) => command.script).join('\n'),
    shown: commands.map((command) => command.shown).join('\n'),
  };
}

/** Shell text that is written by us and has nothing from outside in it. */
export function literally(script: string): Command {
  return { script, shown: script };
}

function plain(text: string): Word {
  if (text.includes('\0')) throw new TypeError('a word of a command cannot hold a NUL');
  return { text, shown: text };
}

/** The one place that quotes. Single quotes keep everything but the single quote itself (POSIX 2.2.2). */
function quote(text: string): string {
  return /^[A-Za-z0-9_/:.,@%+-]+$/.test(text)
    ? text
    : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
