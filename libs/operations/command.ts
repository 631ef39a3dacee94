/** A command is a value: a POSIX sh script with its words already quoted, and what must not be logged. */
export interface Command {
  script: string;
  /** For people and logs: secrets replaced. */
  shown: string;
}
