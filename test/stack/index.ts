export { api, expectToAddUp, type Answer, type Api } from './api.ts';
export { install, plan } from './plan.ts';
export { cli, MAIN, startStack, type CliResult, type Stack, type StackOptions } from './stack.ts';
