/** Looks into the files of an archive while it is unpacked. */
export interface Contents extends AsyncDisposable {
  /** Where the bytes of a file go; undefined where nothing is to be looked at. */
  open(path: string, size: number): ContentSink | undefined;
  /** Whatever can only be said when everything has been seen. */
  end(): void | Promise<void>;
}

export interface ContentSink {
  write(chunk: Buffer): void;
  /** Is told the SHA-256 of the whole file, in hex. */
  end(sha256: string): void | Promise<void>;
}

/** Keeps the bytes of a small file for `use`. */
export function keepBytes(use: (bytes: Buffer) => void | Promise<void>): ContentSink {
  const chunks: Buffer[] = [];
  return {
    write: (chunk) => void chunks.push(Buffer.from(chunk)),
    end: () => use(Buffer.concat(chunks)),
  };
}
