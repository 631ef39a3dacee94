export { makeSbom, type SbomSource } from './make-sbom.ts';
export { sbomOf } from './sbom-of.ts';
