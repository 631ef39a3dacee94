const NOTHING = new Set(['', '~', 'null', 'Null', 'NULL']);
const BOOLEAN =
  /^(?:(yes|Yes|YES|true|True|TRUE|on|On|ON)|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const INTEGER =
  /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const TIMESTAMP =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|[-+]\d\d?(?::\d\d)?))?$/;
/** No other first letter starts anything but text. */
const SPECIAL = new Set('+-.0123456789~yYnNtTfFoO');

/** A scalar of YAML 1.1 by PyYAML's rules, which differ from the specification's: `y` is text, `1e3` too. */
export function resolveScalar(text: string): unknown {
  if (text === '') return null;
  if (!SPECIAL.has(text.charAt(0))) return text;
  if (NOTHING.has(text)) return null;
  const boolean = BOOLEAN.exec(text);
  if (boolean) return boolean[1] !== undefined;
  if (INTEGER.test(text)) return toInteger(text) ?? text;
  if (FLOAT.test(text)) return toFloat(text);
  return toTimestamp(text) ?? text;
}

/** An explicitly tagged scalar; undefined when the text is no such value. */
export function resolveTagged(tag: string, text: string): unknown {
  switch (tag) {
    case 'str':
    case 'python/unicode':
      return text;
    case 'null':
      return null;
    case 'bool':
      return { yes: true, true: true, on: true, no: false, false: false, off: false }[
        text.toLowerCase()
      ];
    case 'int':
      return /^[-+]?[0-9a-fx_:]+$/i.test(text) ? toInteger(text) : undefined;
    case 'float':
      return toFloat(text);
    case 'timestamp':
      return toTimestamp(text);
    default:
      return undefined;
  }
}

/** How Python's json writes a key that is no text; undefined when it cannot be one. */
export function keyText(value: unknown, source: string): string | undefined {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (typeof value === 'number' && /[.:]/.test(source) && Number.isInteger(value)) {
    return `${value}.0`;
  }
  const isSimple = typeof value === 'number' || typeof value === 'boolean';
  return isSimple || typeof value === 'bigint' ? value.toString() : undefined;
}

/** A number up to 2^53, beyond it a bigint. */
export function toInteger(source: string): number | bigint | undefined {
  if (/^[1-9][0-9]{0,14}$/.test(source)) return Number(source);
  const text = source.replaceAll('_', '');
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  const value = magnitude(digits);
  if (value === undefined) return undefined;
  return narrow(negative ? -value : value);
}

/** A safe integer as a number, any other as it is. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function magnitude(digits: string): bigint | undefined {
  try {
    if (digits.includes(':')) {
      return digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
    }
    if (/^0[bx]/.test(digits)) return digits.length > 2 ? BigInt(digits) : undefined;
    if (/^0./.test(digits)) return BigInt(`0o${digits.slice(1)}`);
    return digits === '' ? undefined : BigInt(digits);
  } catch {
    return undefined;
  }
}

function toFloat(source: string): number | undefined {
  const text = source.replaceAll('_', '').toLowerCase();
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  if (digits === '.inf') return sign * Infinity;
  if (digits === '.nan') return Number.NaN;
  const value = digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number.isNaN(value) || digits === '' ? undefined : sign * value;
}

/** ISO 8601 as Python's `isoformat` writes it: Ansible lists dates so. */
function toTimestamp(text: string): string | undefined {
  if (DATE.test(text)) return text;
  const match = TIMESTAMP.exec(text);
  if (!match) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute, second, fraction = '', zone] = match;
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = `${hour.padStart(2, '0')}:${minute}:${second}`;
  return `${date}T${time}${Number(micros) === 0 ? '' : `.${micros}`}${toOffset(zone)}`;
}

function toOffset(zone: string | undefined): string {
  if (zone === undefined) return '';
  if (zone === 'Z') return '+00:00';
  const [hours = '', minutes = '00'] = zone.slice(1).split(':');
  const sign = Number(hours) + Number(minutes) === 0 ? '+' : zone.charAt(0);
  return `${sign}${hours.padStart(2, '0')}:${minutes}`;
}
