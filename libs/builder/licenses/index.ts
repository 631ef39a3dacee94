export { isLicenceFile } from './licence-files.ts';
export { NONE, openLicences, type Licences } from './licenses.ts';
export { NOASSERTION } from './recognise.ts';
