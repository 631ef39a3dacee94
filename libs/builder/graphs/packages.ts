import type { GraphModule, GraphPackage, ProjectGraph } from '#bundle';
import { pairs } from './pairs.ts';

/**
 * The package graph from `go list -deps -test`, a line a package with tabs: import path, the package it is compiled for
 * the tests of, module, imports with a comma after each. What a package is compiled anew for, as in `b [a.test]`, is
 * one with `b`; of its own tests, `a [a.test]` and `a_test [a.test]`, the imports that `a` does not make itself stay.
 */
export function packageGraph(
  listed: string,
  modules: readonly GraphModule[],
): Pick<ProjectGraph, 'packages' | 'imports' | 'testImports'> {
  const lines = listed.split('\n').filter(Boolean).map(readLine);
  const names = new Set(lines.map(({ name }) => name));
  const own = lines.filter(({ name, forTest }) => forTest === '' && !isTestMain(name, names));
  const tests = lines.filter(
    ({ name, forTest }) => forTest !== '' && (name === forTest || name === `${forTest}_test`),
  );
  const packages = ownPackages(own, modules);
  const places = new Map(packages.map(({ path }, place) => [path, place]));
  const imports = pairs(own.flatMap(edgesOf), places);
  const made = new Set(imports.map(String));
  const tested = pairs(
    tests.flatMap(({ forTest, imports: some }) => edgesOf({ name: forTest, imports: some })),
    places,
  );
  return {
    packages,
    imports,
    testImports: tested.filter(([from, to]) => from !== to && !made.has(String([from, to]))),
  };
}

interface Listed {
  name: string;
  forTest: string;
  module: string;
  imports: string[];
}

function readLine(line: string): Listed {
  const [path = '', forTest = '', module = '', imports = ''] = line.split('\t');
  return {
    name: withoutVariant(path),
    forTest,
    module,
    imports: imports.split(',').filter(Boolean).map(withoutVariant),
  };
}

/** `b [a.test]` is `b`. */
function withoutVariant(path: string): string {
  return path.replace(/ \[.*$/, '');
}

/** go makes a program `a.test` of the tests of `a`; a package of a project may have such a name too, without an `a`. */
function isTestMain(name: string, names: ReadonlySet<string>): boolean {
  return name.endsWith('.test') && names.has(name.slice(0, -'.test'.length));
}

function ownPackages(own: readonly Listed[], modules: readonly GraphModule[]): GraphPackage[] {
  const selected = new Map(
    modules.flatMap(({ path, selected: is }, place) => (is ? [[path, place] as const] : [])),
  );
  const found = new Map(
    own.map(({ name, module }) => [name, { path: name, module: selected.get(module) ?? null }]),
  );
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function edgesOf({ name, imports }: Pick<Listed, 'name' | 'imports'>): string[][] {
  return imports.map((to) => [name, to]);
}
