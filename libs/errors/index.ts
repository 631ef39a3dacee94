export { CODES, type CodeFacts, type ErrorCode } from './codes.ts';
export {
  GofleetError,
  isGofleetError,
  toGofleetError,
  type ErrorOptions,
  type Fault,
} from './gofleet-error.ts';
