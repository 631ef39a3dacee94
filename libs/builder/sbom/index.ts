export { makeSbom, type SbomSource } from './make-sbom.ts';
