export { formatBytes, parseBytes } from './bytes.ts';
export { formatDuration, parseDuration, type Milliseconds } from './duration.ts';
export { parseQuantity, quantityOf, type Quantity } from './quantity.ts';
export { parseRate, type BytesPerSecond } from './rate.ts';
