export { checkValue, parseDocument } from './parse-document.ts';
export { NOT_YET, notYet, supportedOnly } from './not-yet.ts';
export type { DocumentOptions } from './text.ts';
