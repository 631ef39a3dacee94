export { api, expectToAddUp, type Answer, type Api } from './api.ts';
export { install, plan } from './plan.ts';
export { cli, MAIN, startStack, type CliResult, type Stack, type StackOptions } from './stack.ts';
export { watchSwitches } from './switches.ts';
export { syntheticBundle } from './synthetic-bundle.ts';
export { atWork, footprint, traffic, trafficOf, type Traffic } from './traffic.ts';
