export { exportGoproxy, type Exported } from './export-goproxy.ts';
