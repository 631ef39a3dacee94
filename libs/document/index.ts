export { checkValue, parseDocument } from './parse-document.ts';
export { notYet, supportedOnly } from './not-yet.ts';
export type { DocumentOptions } from './text.ts';
