/** Reads the binary format of SSH (RFC 4251, section 5): lengths and numbers are big-endian. Throws `RangeError` past the end. */
export interface WireReader {
  /** A length of four bytes and so many bytes. */
  string(): Buffer;
  text(): string;
  uint32(): number;
  uint64(): bigint;
  byte(): number;
  bytes(length: number): Buffer;
  readonly left: number;
}

export function readWire(buffer: Buffer): WireReader {
  let at = 0;
  function bytes(length: number): Buffer {
    if (length > buffer.length - at) throw new RangeError('it ends in the middle of a field');
    at += length;
    return buffer.subarray(at - length, at);
  }
  const reader: WireReader = {
    bytes,
    byte: () => bytes(1).readUInt8(),
    uint32: () => bytes(4).readUInt32BE(),
    uint64: () => bytes(8).readBigUInt64BE(),
    string: () => bytes(reader.uint32()),
    text: () => reader.string().toString('utf8'),
    get left() {
      return buffer.length - at;
    },
  };
  return reader;
}

/** The same format, written. */
export function wireString(value: string | Buffer): Buffer {
  const body = typeof value === 'string' ? Buffer.from(value) : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}
