import { createHash } from 'node:crypto';
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import type { Graphs, Pack, Tool, Toolchain } from '#bundle';
import { componentsOf, type Part } from './components.ts';
import { dependenciesOf } from './dependencies.ts';

/** What a bill of materials is made of. */
export interface SbomSource {
  /** Of the bundle. */
  name: string;
  toolchains: readonly Toolchain[];
  packs: readonly Pack[];
  tools: readonly Tool[];
  /** By the name of their pack. */
  graphs: ReadonlyMap<string, Graphs>;
}

/**
 * The bill of materials of a bundle: CycloneDX 1.6 as JSON (https://cyclonedx.org/docs/1.6/json/). It depends on what is
 * in the bundle alone: it has no time, and its serial number follows from its text.
 */
export function makeSbom(source: SbomSource): string {
  const parts = componentsOf(source);
  const root = new Models.Component(Enums.ComponentType.File, source.name, { bomRef: ROOT });
  connect(root, parts, dependenciesOf(source));
  const bom = new Models.Bom({
    metadata: new Models.Metadata({
      component: root,
      lifecycles: new Models.LifecycleRepository([Enums.LifecyclePhase.Build]),
      tools: new Models.Tools({
        components: new Models.ComponentRepository([
          new Models.Component(Enums.ComponentType.Application, 'gofleet'),
        ]),
      }),
    }),
    components: new Models.ComponentRepository(parts.map(({ component }) => component)),
  });
  bom.serialNumber = serialNumber(write(bom));
  return write(bom);
}

/** What the bundle itself is called in its bill. */
const ROOT = 'bundle';

/** The bundle depends on what nothing else in it needs. */
function connect(
  root: Models.Component,
  parts: readonly Part[],
  edges: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  const byRef = new Map(parts.map(({ ref, component }) => [ref, component]));
  const needed = new Set<string>();
  for (const { ref, component } of parts)
    for (const to of [...(edges.get(ref) ?? [])].sort()) {
      const target = byRef.get(to);
      if (target) component.dependencies.add(target.bomRef);
      needed.add(to);
    }
  for (const { ref, component } of parts)
    if (!needed.has(ref)) root.dependencies.add(component.bomRef);
}

/** In the order that things were added in: the library would sort as the language of the machine does. */
function write(bom: Models.Bom): string {
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  const text = new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: false, space: 2 });
  return `${text}\n`;
}

/** RFC 9562, version 8: a UUID of the first half of the text's SHA-256. */
function serialNumber(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `urn:uuid:${hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}`;
}
